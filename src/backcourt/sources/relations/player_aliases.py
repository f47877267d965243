"""Names under which other feeds know a player: normalised spelling -> the NBA's number."""

from backcourt.engine.declare.table import ALWAYS, Relation

relation = Relation(
    grain=("name_normalised",),
    known=ALWAYS,
    dated=False,
    sql="""
    select a.name_normalised, min(p.player_id) as player_id, min(a.method) as method
    from raw_player_aliases a
    join players p on p.name_normalised = a.box_name_normalised
    group by a.name_normalised
    having count(distinct p.player_id) = 1
    """,
)
