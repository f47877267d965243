"""Height, weight and position by player."""

from backcourt.sources.feed import Feed, Field, Fill, columns

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
                Field(
                    "position_group",
                    "text",
                    "case lower(split_part(\"POSITION\", '-', 1)) when 'guard' then 'guard' when 'forward' then 'forward' "
                    "when 'center' then 'center' end",
                ),
                Field(
                    "height_inches",
                    "integer",
                    "case when nullif(\"HEIGHT\", '') is not null then coalesce(try_cast(try_cast(split_part(\"HEIGHT\", '-', 1) as integer) * 12 "
                    '+ try_cast(split_part("HEIGHT", \'-\', 2) as integer) as varchar), "HEIGHT") end',
                ),
                Field("weight_lb", "number", '"WEIGHT"'),
            ],
        )
    ],
)
