"""stats.nba.com's shotchartdetail: event ids, tenths of a foot with the basket at the origin."""

from backcourt.sources.boxes import known_team
from backcourt.sources.feed import Feed, Field, Fill, columns
from backcourt.sources.shot_areas import area, area_side, shot_value

feed = Feed(
    name="stats.nba.com shot chart",
    columns=columns("GRID_TYPE", "GAME_ID", "GAME_EVENT_ID", "TEAM_ID", "PLAYER_ID", "SHOT_TYPE", "SHOT_ZONE_BASIC", "LOC_X", "LOC_Y"),
    rank=1,
    fills=[
        Fill(
            raw="raw_shots",
            group="game_id",
            key=("game_id", "source_shot_no"),
            fields=[
                Field("game_id", "game_id", '"GAME_ID"', required=True),
                Field("source_shot_no", "integer", '"GAME_EVENT_ID"', required=True),
                Field("period", "integer", '"PERIOD"', required=True),
                Field("clock_seconds", "integer", '"MINUTES_REMAINING" * 60 + "SECONDS_REMAINING"', required=True),
                Field("team_id", "integer", '"TEAM_ID"', required=True),
                Field("player_id", "integer", '"PLAYER_ID"', required=True),
                Field("shot_value", "integer", shot_value("SHOT_TYPE"), required=True),
                Field("is_made", "boolean", '"SHOT_MADE_FLAG" = 1', required=True),
                Field("action_type", "text", '"ACTION_TYPE"'),
                Field("area", "text", area("SHOT_ZONE_BASIC"), required=True),
                Field("area_side", "text", area_side("SHOT_ZONE_AREA")),
                Field("distance_ft", "integer", '"SHOT_DISTANCE"'),
                Field("x_ft", "number", '-"LOC_X" / 10.0', required=True),
                Field("y_ft", "number", '"LOC_Y" / 10.0 + 5.25', required=True),
            ],
            rules=[known_team("team_id")],
        )
    ],
)
