"""Shot charts reshaped by season: 8-character game ids, feet with the basket at y = 5.25, no event id."""

from backcourt.sources.boxes import known_team
from backcourt.sources.feed import Feed, Field, Fill, columns
from backcourt.sources.shot_areas import area, area_side, shot_value

feed = Feed(
    name="shots by season",
    columns=columns("GAME_ID", "TEAM_ID", "PLAYER_ID", "SHOT_MADE", "SHOT_TYPE", "BASIC_ZONE", "LOC_X", "LOC_Y", "QUARTER", "MINS_LEFT"),
    rank=2,
    fills=[
        Fill(
            raw="raw_shots",
            group="game_id",
            key=("game_id", "source_shot_no"),
            # Equal rows are two shots: with both of them the attempts agree with the box, so each gets its place in the file.
            prepare='select *, row_number() over (partition by "GAME_ID" order by file_row) as shot_no from incoming',
            fields=[
                Field("game_id", "game_id", '"GAME_ID"', required=True),
                Field("source_shot_no", "integer", "shot_no", required=True),
                Field("period", "integer", '"QUARTER"', required=True),
                Field("clock_seconds", "integer", '"MINS_LEFT" * 60 + "SECS_LEFT"', required=True),
                Field("team_id", "integer", '"TEAM_ID"', required=True),
                Field("player_id", "integer", '"PLAYER_ID"', required=True),
                Field("shot_value", "integer", shot_value("SHOT_TYPE"), required=True),
                Field("is_made", "boolean", '"SHOT_MADE"', required=True),
                Field("action_type", "text", '"ACTION_TYPE"'),
                Field("area", "text", area("BASIC_ZONE"), required=True),
                Field("area_side", "text", area_side("ZONE_NAME")),
                Field("distance_ft", "integer", '"SHOT_DISTANCE"'),
                Field("x_ft", "number", '"LOC_X"', required=True),
                Field("y_ft", "number", '"LOC_Y"', required=True),
            ],
            rules=[known_team("team_id")],
        )
    ],
)
