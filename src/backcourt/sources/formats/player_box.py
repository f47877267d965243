"""stats.nba.com's leaguegamelog for players: those who played, minutes rounded."""

from backcourt.sources.boxes import BOX_RULES, counting_fields, known_team
from backcourt.sources.feed import Feed, Field, Fill, columns

feed = Feed(
    name="stats.nba.com player log",
    columns=columns("PLAYER_ID", "PLAYER_NAME", "GAME_ID", "TEAM_ID", "MIN", "FGM", "FGA", "FG3M", "FTM", "OREB", "AST", "TOV", "PTS"),
    aliases=("leaguegamelog",),
    rank=2,
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
                # The feed lists only players who were on the court; MIN 0 is a rounded appearance.
                Field("appearance", "text", "'played'", required=True),
                Field("reason_text", "text", "null"),
                Field("is_starter", "boolean", "null"),
                Field("start_position", "text", "null"),
                Field("seconds_played", "integer", "null"),
                Field("minutes", "number", '"MIN"', required=True),
                Field("minutes_precision", "text", "'minute'", required=True),
                *counting_fields(),
                Field("plus_minus", "integer", '"PLUS_MINUS"'),
                Field("roster_complete", "boolean", "false", required=True),
            ],
            rules=[*BOX_RULES, known_team("team_id")],
        )
    ],
)
