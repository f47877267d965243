"""Shot charts reshaped by season: 8-character game ids, feet with the basket at y = 5.25, no event id."""

from backcourt.sources.boxes import known_team
from backcourt.sources.feed import Feed, Field, Fill, columns, number
from backcourt.sources.shot_areas import AN_AREA, POSSIBLE_SHOT, SHOT_RULES, area, area_side, shot_value

feed = Feed(
    name="shots by season",
    columns=columns("GAME_ID", "TEAM_ID", "PLAYER_ID", "SHOT_MADE", "SHOT_TYPE", "BASIC_ZONE", "LOC_X", "LOC_Y", "QUARTER", "MINS_LEFT"),
    rank=2,
    fills=[
        Fill(
            raw="raw_shots",
            group="concat_ws('|', game_id, team_id)",
            key=("game_id", "source_shot_no"),
            # Equal rows are two shots: with both of them the attempts agree with the box, so each has its number, by team and place in
            # the file. The numbers lie above any event number, so that the other feed can hold the game's other team.
            prepare="""select *, row_number() over (partition by "GAME_ID", "TEAM_ID" order by file_row) as place_in_team from incoming""",
            fields=[
                Field("game_id", "game_id", '"GAME_ID"', required=True),
                Field("source_shot_no", "integer", f"({number('TEAM_ID')} - 1610612736) * 10000 + place_in_team", required=True),
                Field("period", "integer", '"QUARTER"', required=True),
                Field("clock_seconds", "integer", f"{number('MINS_LEFT')} * 60 + {number('SECS_LEFT')}", required=True),
                Field("team_id", "integer", '"TEAM_ID"', required=True),
                Field("player_id", "integer", '"PLAYER_ID"', required=True),
                Field("shot_value", "integer", shot_value("SHOT_TYPE"), required=True, given="SHOT_TYPE", expected="2PT or 3PT Field Goal"),
                Field("is_made", "boolean", '"SHOT_MADE"', required=True),
                Field("action_type", "text", '"ACTION_TYPE"'),
                Field("area", "text", area("BASIC_ZONE"), required=True, given="BASIC_ZONE", expected=AN_AREA),
                Field("area_side", "text", area_side("ZONE_NAME")),
                Field("distance_ft", "integer", '"SHOT_DISTANCE"'),
                Field("x_ft", "number", '"LOC_X"', required=True),
                Field("y_ft", "number", '"LOC_Y"', required=True),
            ],
            rules=[*SHOT_RULES, POSSIBLE_SHOT, known_team("team_id")],
        )
    ],
)
