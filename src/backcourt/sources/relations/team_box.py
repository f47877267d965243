"""Team boxes of all games, the player-credited counts."""

from backcourt.engine.declare.table import AFTER_GAME, Relation
from backcourt.field.statistics import COUNTING_STATS
from backcourt.sources.current import dated, listed

relation = Relation(
    grain=("game_id", "team_id"),
    known=AFTER_GAME,
    games="final",
    sql=dated("raw_team_box", listed("game_id", "team_id", *COUNTING_STATS, "minutes_reported", "plus_minus")),
)
