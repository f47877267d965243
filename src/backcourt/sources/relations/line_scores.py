"""Points by quarter; overtime periods summed."""

from backcourt.engine.table import AFTER_GAME, Relation
from backcourt.sources.current import current, listed

_PERIODS = tuple(f"{side}_points_{period}" for side in ("home", "away") for period in ("q1", "q2", "q3", "q4", "ot"))

relation = Relation(
    grain=("game_id",),
    known=AFTER_GAME,
    sql=current("raw_line_scores", f"s.game_date, s.game_id, {listed(*_PERIODS)}")
    + " join schedule s on s.game_date = r.game_date and s.home_team_id = r.home_team_id and s.away_team_id = r.away_team_id",
)
