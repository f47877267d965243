"""data.nba.com's mobile schedule, flattened: one row a game, Eastern wall time, scores once final."""

from backcourt.sources.boxes import known_team
from backcourt.sources.feed import Feed, Field, Fill, columns

# The feed has no flag for neutral sites; these cities have no team, or not the home team.
_NEUTRAL_CITIES = "('Mexico City', 'Mexico City, Mexico', 'Paris', 'Las Vegas', 'Abu Dhabi', 'Tokyo', 'Madrid', 'London', 'Montreal')"
_TIP = "timezone('UTC', timezone('America/New_York', try_strptime(etdate || ' ' || ettime, '%Y-%m-%d %H:%M:%S')))"

GAME = Field("game_id", "game_id", "gid", required=True)

feed = Feed(
    name="data.nba.com schedule",
    columns=columns("gid", "etdate", "ettime", "st", "h.tid", "v.tid", "h.s", "v.s", "ac", "an"),
    rank=2,
    archived_at=r"asof_(\d{4}-\d{2}-\d{2})",
    fills=[
        Fill(
            raw="raw_schedule",
            group="game_id",
            key=("game_id",),
            fields=[
                GAME,
                Field("game_date", "date", "etdate", required=True),
                Field("tip_at", "time", _TIP),
                Field("status", "text", "'scheduled'", required=True),
                Field("home_team_id", "integer", '"h.tid"', required=True),
                Field("away_team_id", "integer", '"v.tid"', required=True),
                Field("arena_name", "text", "an"),
                Field("arena_city", "text", "ac"),
                Field("is_neutral_site", "boolean", f"coalesce(ac in {_NEUTRAL_CITIES}, false)"),
                Field("game_label", "text", "null"),
                Field("game_sub_label", "text", "null"),
                Field("is_cup_game", "boolean", "case when substr(lpad(gid, 10, '0'), 3, 1) = '6' then true end"),
            ],
            rules=[known_team("home_team_id", "away_team_id")],
        ),
        Fill(
            raw="raw_results",
            group="game_id",
            key=("game_id",),
            fields=[
                GAME,
                Field("is_final", "boolean", "st = 3", required=True),
                Field("is_live", "boolean", "st = 2", required=True),
                Field("home_points", "integer", 'case when st = 3 then "h.s" end'),
                Field("away_points", "integer", 'case when st = 3 then "v.s" end'),
            ],
        ),
    ],
)
