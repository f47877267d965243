"""leaguegamelog of the playoffs merged with boxscoretraditionalv2: starters and comments, a few players who did not play."""

from backcourt.sources.boxes import PLAYER_RULES, STATS_NBA, appearance, counting_fields, is_absent, known_team, minutes_fields
from backcourt.sources.feed import Feed, Field, Fill, columns

_IS_ABSENT = is_absent("COMMENT", "MIN", STATS_NBA)

feed = Feed(
    name="stats.nba.com player log with starters",
    columns=columns(
        "PLAYER_ID", "PLAYER_NAME", "GAME_ID", "TEAM_ID", "MIN", "FGM", "FGA", "FG3M", "FTM", "OREB", "AST", "TOV", "PTS",
        "START_POSITION", "COMMENT",
    ),
    rank=2,
    player_names=("PLAYER_NAME",),
    fills=[
        Fill(
            raw="raw_player_box",
            group="game_id",
            key=("game_id", "player_id"),
            fields=[
                Field("game_id", "game_id", '"GAME_ID"', required=True),
                Field("player_id", "integer", '"PLAYER_ID"', required=True),
                Field("player_name", "text", '"PLAYER_NAME"', required=True),
                Field("team_id", "integer", '"TEAM_ID"', required=True),
                Field("appearance", "text", appearance("COMMENT", _IS_ABSENT), required=True),
                Field("reason_text", "text", "nullif(trim(\"COMMENT\"), '')"),
                Field("is_starter", "boolean", "coalesce(\"START_POSITION\", '') <> ''", required=True),
                Field("start_position", "text", "nullif(\"START_POSITION\", '')"),
                *minutes_fields("MIN", unless=_IS_ABSENT),
                *counting_fields(unless=_IS_ABSENT),
                Field("plus_minus", "integer", f'case when not ({_IS_ABSENT}) then "PLUS_MINUS" end'),
                Field("roster_complete", "boolean", "false", required=True),
            ],
            rules=[*PLAYER_RULES, known_team("team_id")],
        )
    ],
)  # fmt: skip
