"""Every player seen in a box or a bio: name as last spelled, position group, height, weight."""

from backcourt.engine.declare.table import ALWAYS, Relation
from backcourt.sources.current import current, listed

relation = Relation(
    grain=("player_id",),
    known=ALWAYS,
    dated=False,
    sql=f"""
    with boxes as ({current("raw_player_box", listed("player_id", "player_name", "game_id"))}),
    named as (
        select player_id, player_name, row_number() over (partition by player_id order by max(game_id) desc, player_name) as choice
        from boxes group by player_id, player_name
    ),
    bios as ({current("raw_players", listed("player_id", "position_group", "height_inches", "weight_lb"))}),
    ids as (select player_id from named union select player_id from bios)
    select i.player_id, n.player_name as full_name, k.normalised as name_normalised, b.position_group, b.height_inches, b.weight_lb
    from ids i
    left join named n on n.player_id = i.player_id and n.choice = 1
    left join raw_player_names k on k.name = n.player_name
    left join bios b on b.player_id = i.player_id
    """,
)
