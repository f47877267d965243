"""Who won, once it is final."""

from backcourt.engine.declare.table import AFTER_GAME, Relation
from backcourt.sources.current import dated, listed
from backcourt.sources.game_checks import OF_NO_SEASON

relation = Relation(
    grain=("game_id",),
    known=AFTER_GAME,
    may_lack_date=OF_NO_SEASON,
    sql=dated("raw_results", listed("game_id", "is_final", "is_live", "home_points", "away_points")),
)
