"""Moves to and from the injured list; without an hour, so known from the next day on. No derived column reads them."""

from backcourt.engine.declare.table import AFTER_GAME, Relation
from backcourt.sources.current import current, listed

relation = Relation(
    grain=("source_move_id",),
    known=AFTER_GAME,
    sql=current(
        "raw_il_moves", "r.move_date as game_date, " + listed("source_move_id", "player_id", "player_name_raw", "team_id", "move", "notes")
    ),
)
