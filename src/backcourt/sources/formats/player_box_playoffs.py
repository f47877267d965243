"""leaguegamelog of the playoffs merged with boxscoretraditionalv2: starters and comments, a few players who did not play."""

from backcourt.sources.boxes import BOX_RULES, counting_fields, known_team
from backcourt.sources.feed import Feed, Field, Fill, columns

_IS_ABSENT = "coalesce(\"COMMENT\" like 'DNP%' or \"COMMENT\" like 'DND%' or \"COMMENT\" like 'NWT%', false)"
_APPEARANCE = """case
    when not (coalesce("COMMENT", '') like 'DNP%' or coalesce("COMMENT", '') like 'DND%' or coalesce("COMMENT", '') like 'NWT%')
    then 'played'
    when "COMMENT" ilike '%coach%' then 'dnp_coach'
    when "COMMENT" like 'NWT%' then 'not_with_team'
    when "COMMENT" ilike '%injury%' or "COMMENT" ilike '%illness%' then 'dnp_injury'
    else 'dnp_other' end"""

feed = Feed(
    name="stats.nba.com player log with starters",
    columns=columns(
        "PLAYER_ID", "PLAYER_NAME", "GAME_ID", "TEAM_ID", "MIN", "FGM", "FGA", "FG3M", "FTM", "OREB", "AST", "TOV", "PTS",
        "START_POSITION", "COMMENT",
    ),
    rank=1,
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
                Field("appearance", "text", _APPEARANCE, required=True),
                Field("reason_text", "text", "nullif(trim(\"COMMENT\"), '')"),
                Field("is_starter", "boolean", "coalesce(\"START_POSITION\", '') <> ''", required=True),
                Field("start_position", "text", "nullif(\"START_POSITION\", '')"),
                Field("seconds_played", "integer", "null"),
                Field("minutes", "number", f'case when not ({_IS_ABSENT}) then "MIN" end'),
                Field("minutes_precision", "text", "'minute'", required=True),
                *counting_fields(unless=_IS_ABSENT),
                Field("plus_minus", "integer", f'case when not ({_IS_ABSENT}) then "PLUS_MINUS" end'),
                Field("roster_complete", "boolean", "false", required=True),
            ],
            rules=[*BOX_RULES, known_team("team_id")],
        )
    ],
)  # fmt: skip
