"""stats.nba.com's scheduleleaguev2, `gameDates[].games[]` flattened."""

from backcourt.sources.boxes import RESULT_RULES, TO_BE_DECIDED, known_team
from backcourt.sources.feed import Feed, Field, Fill, columns, number
from backcourt.sources.odds_names import TWO_TEAMS
from backcourt.sources.sites import is_neutral
from backcourt.sources.tip_off import DATED, known_tip

GAME = Field("game_id", "game_id", '"gameId"', required=True)
# 1 to come, 2 live, 3 final.
_STATE = f"case {number('gameStatus')} when 1 then 1 when 2 then 2 when 3 then 3 end"
_IS_FINAL = f"{_STATE} = 3"
_STATUS = """case when "postponedStatus" in ('Y', 'P') or upper("gameStatusText") in ('PPD', 'POSTPONED') then 'postponed'
    when upper("gameStatusText") in ('CNCL', 'CANCELED', 'CANCELLED') then 'cancelled' else 'scheduled' end"""
_CUP = "\"gameSubtype\" = 'in-season' or \"gameLabel\" like 'Emirates NBA Cup%' or \"gameLabel\" like 'In-Season%'"
# A game without a label is no Cup game where others have one; archives of earlier seasons have none at all.
_LABELLED = 'select *, count("gameLabel") over () > 0 as has_labels from incoming'

feed = Feed(
    name="stats.nba.com schedule",
    columns=columns(
        "gameId", "gameStatus", "gameDateEst", "gameDateTimeUTC", "homeTeam.teamId", "awayTeam.teamId", "homeTeam.score", "awayTeam.score"
    ),
    optional=("isNeutral", "gameLabel", "gameSubLabel", "gameSubtype", "postponedStatus", "gameStatusText", "arenaName", "arenaCity"),
    rank=1,
    fills=[
        Fill(
            raw="raw_schedule",
            group="game_id",
            key=("game_id",),
            prepare=_LABELLED,
            fields=[
                GAME,
                # gameDateEst and gameDateTimeEst end in Z although they are Eastern.
                Field("game_date", "date", 'substr("gameDateEst"::varchar, 1, 10)', required=True),
                Field("tip_at", "time", known_tip('"gameDateTimeUTC"', said='"gameStatusText"')),
                Field("status", "text", _STATUS, required=True),
                Field("home_team_id", "integer", '"homeTeam.teamId"', required=True),
                Field("away_team_id", "integer", '"awayTeam.teamId"', required=True),
                Field("arena_name", "text", '"arenaName"'),
                Field("arena_city", "text", '"arenaCity"'),
                Field("is_neutral_site", "boolean", f'coalesce(try_cast("isNeutral" as boolean), {is_neutral("arenaCity")})'),
                Field("game_label", "text", "nullif(\"gameLabel\", '')"),
                Field("game_sub_label", "text", "nullif(\"gameSubLabel\", '')"),
                Field("is_cup_game", "boolean", f"case when has_labels then coalesce({_CUP}, false) end"),
            ],
            rules=[TO_BE_DECIDED, known_team("home_team_id", "away_team_id"), TWO_TEAMS, *DATED],
        ),
        Fill(
            raw="raw_results",
            group="game_id",
            key=("game_id",),
            fields=[
                GAME,
                Field("is_final", "boolean", _IS_FINAL, required=True, given="gameStatus", expected="1, 2 or 3"),
                Field("is_live", "boolean", f"{_STATE} = 2", required=True, given="gameStatus", expected="1, 2 or 3"),
                Field("home_points", "integer", f'case when {_IS_FINAL} then "homeTeam.score" end'),
                Field("away_points", "integer", f'case when {_IS_FINAL} then "awayTeam.score" end'),
            ],
            rules=RESULT_RULES,
        ),
    ],
)
