"""A player's position by season, as the feed words it."""

from backcourt.engine.declare.table import ALWAYS, Relation
from backcourt.sources.current import current, listed

relation = Relation(
    grain=("season", "player_id"),
    known=ALWAYS,
    dated=False,
    sql=current("raw_player_positions", listed("season", "player_id", "position")),
)
