"""Points by quarter; overtime periods summed."""

from backcourt.engine.declare.table import AFTER_GAME, Relation
from backcourt.sources.current import PLAYED, current, listed

_PERIODS = tuple(f"{side}_points_{period}" for side in ("home", "away") for period in ("q1", "q2", "q3", "q4", "ot"))

relation = Relation(
    grain=("game_id",),
    known=AFTER_GAME,
    sql=current("raw_line_scores", f"s.game_date, s.game_id, {listed(*_PERIODS)}", PLAYED),
)
