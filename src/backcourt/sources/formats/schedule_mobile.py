"""data.nba.com's mobile schedule, flattened: one row a game, Eastern wall time, scores once final."""

from backcourt.sources.boxes import RESULT_RULES, TO_BE_DECIDED, known_team
from backcourt.sources.feed import Feed, Field, Fill, columns, number
from backcourt.sources.odds_names import TWO_TEAMS
from backcourt.sources.sites import is_neutral
from backcourt.sources.tip_off import DATED

_WALL_TIME = "substr(etdate, 1, 10) || ' ' || ettime"
_TIP = f"timezone('UTC', timezone('America/New_York', try_strptime({_WALL_TIME}, ['%Y-%m-%d %H:%M:%S', '%Y-%m-%d %H:%M'])))"

# A start that is yet to be decided is midnight, TBD, or left out: no game ever began at midnight.
_KNOWN_STARTS = """
select * replace (
    case when upper(trim(cast(ettime as varchar))) in ('TBD', '00:00', '00:00:00') then null else ettime end as ettime
) from incoming"""

# 1 to come, 2 live, 3 final.
_STATE = f"case {number('st')} when 1 then 1 when 2 then 2 when 3 then 3 end"
_STATUS = """case when upper(stt) in ('PPD', 'POSTPONED') then 'postponed'
    when upper(stt) in ('CNCL', 'CANCELED', 'CANCELLED') then 'cancelled' else 'scheduled' end"""

GAME = Field("game_id", "game_id", "gid", required=True)

feed = Feed(
    name="data.nba.com schedule",
    columns=columns("gid", "etdate", "ettime", "st", "h.tid", "v.tid", "h.s", "v.s", "ac", "an", "stt"),
    rank=2,
    archived_at=r"asof_(\d{4}-\d{2}-\d{2})",
    fills=[
        Fill(
            raw="raw_schedule",
            group="game_id",
            key=("game_id",),
            prepare=_KNOWN_STARTS,
            fields=[
                GAME,
                Field("game_date", "date", "etdate", required=True),
                Field("tip_at", "time", _TIP, given="ettime", expected="an Eastern wall time like 19:30:00"),
                Field("status", "text", _STATUS, required=True),
                Field("home_team_id", "integer", '"h.tid"', required=True),
                Field("away_team_id", "integer", '"v.tid"', required=True),
                Field("arena_name", "text", "an"),
                Field("arena_city", "text", "ac"),
                Field("is_neutral_site", "boolean", is_neutral("ac")),
                Field("game_label", "text", "null"),
                Field("game_sub_label", "text", "null"),
                Field("is_cup_game", "boolean", "case when substr(lpad(cast(gid as varchar), 10, '0'), 3, 1) = '6' then true end"),
            ],
            rules=[TO_BE_DECIDED, known_team("home_team_id", "away_team_id"), TWO_TEAMS, *DATED],
        ),
        Fill(
            raw="raw_results",
            group="game_id",
            key=("game_id",),
            fields=[
                GAME,
                Field("is_final", "boolean", f"{_STATE} = 3", required=True, given="st", expected="1, 2 or 3"),
                Field("is_live", "boolean", f"{_STATE} = 2", required=True, given="st", expected="1, 2 or 3"),
                Field("home_points", "integer", f'case when {_STATE} = 3 then "h.s" end'),
                Field("away_points", "integer", f'case when {_STATE} = 3 then "v.s" end'),
            ],
            rules=RESULT_RULES,
        ),
    ],
)
