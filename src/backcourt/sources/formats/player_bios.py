"""Height, weight and position by player."""

from backcourt.sources.feed import POSSIBLE_ID, Feed, Field, Fill, columns, possible

# The first word counts: a Forward-Center is a forward.
_GROUP = """case lower(split_part("POSITION", '-', 1))
    when 'guard' then 'guard' when 'g' then 'guard' when 'forward' then 'forward' when 'f' then 'forward'
    when 'center' then 'center' when 'c' then 'center' end"""
_INCHES = """case when regexp_full_match("HEIGHT", '[4-8]-[0-9]{1,2}')
    then cast(split_part("HEIGHT", '-', 1) as bigint) * 12 + cast(split_part("HEIGHT", '-', 2) as bigint) end"""

feed = Feed(
    name="player bios",
    columns=columns("PLAYER_ID", "POSITION", "HEIGHT", "WEIGHT"),
    fills=[
        Fill(
            raw="raw_players",
            group="player_id",
            key=("player_id",),
            fields=[
                Field("player_id", "integer", '"PLAYER_ID"', required=True),
                Field("position_group", "text", _GROUP, given="POSITION", expected="Guard, Forward or Center, or such a pair"),
                Field("height_inches", "integer", _INCHES, given="HEIGHT", expected="feet and inches like 6-9"),
                Field("weight_lb", "number", '"WEIGHT"'),
            ],
            rules=[possible(player_id=POSSIBLE_ID, height_inches=(54, 102), weight_lb=(110, 450))],
        )
    ],
)
