"""stats.nba.com's boxscoretraditionalv2: everybody listed for one game, minutes to the second, starters and comments."""

from backcourt.sources.boxes import PLAYER_RULES, STATS_NBA, appearance, counting_fields, is_absent, known_team, minutes_fields
from backcourt.sources.feed import Feed, Field, Fill, columns

_STATS = tuple("TO" if name == "TOV" else name for name in STATS_NBA)
_IS_ABSENT = is_absent("COMMENT", "MIN", _STATS)

feed = Feed(
    name="stats.nba.com box score v2",
    columns=columns(
        "GAME_ID", "TEAM_ID", "PLAYER_ID", "PLAYER_NAME", "START_POSITION", "COMMENT", "MIN", "FGM", "FGA", "FG3M", "FTM", "OREB", "AST",
        "TO", "PTS",
    ),
    aliases=("boxscoretraditionalv2",),
    rank=1,
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
                Field("reason_text", "text", '"COMMENT"'),
                Field("is_starter", "boolean", "coalesce(cast(\"START_POSITION\" as varchar), '') <> ''", required=True),
                Field("start_position", "text", '"START_POSITION"'),
                *minutes_fields("MIN", unless=_IS_ABSENT),
                *counting_fields(_STATS, unless=_IS_ABSENT),
                Field("plus_minus", "integer", f'case when not ({_IS_ABSENT}) then "PLUS_MINUS" end'),
                Field("roster_complete", "boolean", "true", required=True),
            ],
            rules=[*PLAYER_RULES, known_team("team_id")],
        )
    ],
)  # fmt: skip
