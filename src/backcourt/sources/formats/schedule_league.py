"""stats.nba.com's scheduleleaguev2, `gameDates[].games[]` flattened."""

from backcourt.sources.boxes import known_team
from backcourt.sources.feed import Feed, Field, Fill, columns

GAME = Field("game_id", "game_id", '"gameId"', required=True)
_IS_FINAL = '"gameStatus" = 3'
_CUP = "\"gameSubtype\" = 'in-season' or \"gameLabel\" like 'Emirates NBA Cup%' or \"gameLabel\" like 'In-Season%'"

feed = Feed(
    name="stats.nba.com schedule",
    columns=columns(
        "gameId", "gameStatus", "gameDateEst", "gameDateTimeUTC", "homeTeam.teamId", "awayTeam.teamId", "isNeutral", "gameLabel"
    ),
    rank=1,
    fills=[
        Fill(
            raw="raw_schedule",
            group="game_id",
            key=("game_id",),
            fields=[
                GAME,
                # gameDateEst and gameDateTimeEst end in Z although they are Eastern.
                Field("game_date", "date", 'substr("gameDateEst"::varchar, 1, 10)', required=True),
                Field("tip_at", "time", '"gameDateTimeUTC"'),
                Field("status", "text", "case when \"postponedStatus\" = 'Y' then 'postponed' else 'scheduled' end", required=True),
                Field("home_team_id", "integer", '"homeTeam.teamId"', required=True),
                Field("away_team_id", "integer", '"awayTeam.teamId"', required=True),
                Field("arena_name", "text", '"arenaName"'),
                Field("arena_city", "text", '"arenaCity"'),
                Field("is_neutral_site", "boolean", '"isNeutral"'),
                Field("game_label", "text", "nullif(\"gameLabel\", '')"),
                Field("game_sub_label", "text", "nullif(\"gameSubLabel\", '')"),
                Field("is_cup_game", "boolean", f"coalesce({_CUP}, false)"),
            ],
            rules=[known_team("home_team_id", "away_team_id")],
        ),
        Fill(
            raw="raw_results",
            group="game_id",
            key=("game_id",),
            fields=[
                GAME,
                Field("is_final", "boolean", _IS_FINAL, required=True),
                Field("is_live", "boolean", '"gameStatus" = 2', required=True),
                Field("home_points", "integer", f'case when {_IS_FINAL} then "homeTeam.score" end'),
                Field("away_points", "integer", f'case when {_IS_FINAL} then "awayTeam.score" end'),
            ],
        ),
    ],
)
