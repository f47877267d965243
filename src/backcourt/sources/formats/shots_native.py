"""stats.nba.com's shotchartdetail: event ids, tenths of a foot with the basket at the origin."""

from backcourt.sources.boxes import known_team
from backcourt.sources.feed import Feed, Field, Fill, Refusal, columns, number
from backcourt.sources.shot_areas import AN_AREA, POSSIBLE_SHOT, SHOT_RULES, area, area_side, shot_value

_MADE = f"case {number('SHOT_MADE_FLAG')} when 1 then true when 0 then false end"

feed = Feed(
    name="stats.nba.com shot chart",
    columns=columns("GRID_TYPE", "GAME_ID", "GAME_EVENT_ID", "TEAM_ID", "PLAYER_ID", "SHOT_TYPE", "SHOT_ZONE_BASIC", "LOC_X", "LOC_Y"),
    rank=1,
    refusals=[
        Refusal(
            'count(*) >= 50 and count(distinct "PLAYER_ID") = 1',
            "it holds the shots of one player only, which would pass for his team's; ask the feed for PlayerID=0",
        ),
        Refusal(
            f"count(*) >= 50 and bool_and({number('SHOT_MADE_FLAG')} = 1)",
            "it holds made shots only; ask the feed for ContextMeasure=FGA",
        ),
    ],
    fills=[
        Fill(
            raw="raw_shots",
            # One answer may hold one team only: its shots never displace the other team's.
            group="concat_ws('|', game_id, team_id)",
            key=("game_id", "source_shot_no"),
            fields=[
                Field("game_id", "game_id", '"GAME_ID"', required=True),
                Field("source_shot_no", "integer", '"GAME_EVENT_ID"', required=True),
                Field("period", "integer", '"PERIOD"', required=True),
                Field("clock_seconds", "integer", f"{number('MINUTES_REMAINING')} * 60 + {number('SECONDS_REMAINING')}", required=True),
                Field("team_id", "integer", '"TEAM_ID"', required=True),
                Field("player_id", "integer", '"PLAYER_ID"', required=True),
                Field("shot_value", "integer", shot_value("SHOT_TYPE"), required=True, given="SHOT_TYPE", expected="2PT or 3PT Field Goal"),
                Field("is_made", "boolean", _MADE, required=True, given="SHOT_MADE_FLAG", expected="0 or 1"),
                Field("action_type", "text", '"ACTION_TYPE"'),
                Field("area", "text", area("SHOT_ZONE_BASIC"), required=True, given="SHOT_ZONE_BASIC", expected=AN_AREA),
                Field("area_side", "text", area_side("SHOT_ZONE_AREA")),
                Field("distance_ft", "integer", '"SHOT_DISTANCE"'),
                Field("x_ft", "number", f"-{number('LOC_X')} / 10", required=True, given="LOC_X"),
                Field("y_ft", "number", f"{number('LOC_Y')} / 10 + 5.25", required=True, given="LOC_Y"),
            ],
            rules=[*SHOT_RULES, POSSIBLE_SHOT, known_team("team_id")],
        )
    ],
)
