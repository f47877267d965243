"""One consensus line a game without a capture time: for checks and grading, never for features."""

from backcourt.engine.declare.table import AFTER_GAME, Relation
from backcourt.sources.current import PLAYED, current, listed

relation = Relation(
    grain=("game_id",),
    known=AFTER_GAME,
    sql=current(
        "raw_consensus_lines", f"s.game_date, s.game_id, {listed('home_spread', 'total', 'home_moneyline', 'away_moneyline')}", PLAYED
    ),
)
