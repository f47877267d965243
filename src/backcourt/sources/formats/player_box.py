"""stats.nba.com's leaguegamelog for players: those who played, minutes rounded."""

from backcourt.sources.boxes import PLAYER_RULES, counting_fields, known_team, minutes_fields
from backcourt.sources.feed import Feed, Field, Fill, columns

feed = Feed(
    name="stats.nba.com player log",
    columns=columns("PLAYER_ID", "PLAYER_NAME", "GAME_ID", "TEAM_ID", "MIN", "FGM", "FGA", "FG3M", "FTM", "OREB", "AST", "TOV", "PTS"),
    player_names=("PLAYER_NAME",),
    aliases=("leaguegamelog",),
    rank=3,
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
                *minutes_fields("MIN"),
                *counting_fields(),
                Field("plus_minus", "integer", '"PLUS_MINUS"'),
                Field("roster_complete", "boolean", "false", required=True),
            ],
            rules=[*PLAYER_RULES, known_team("team_id")],
        )
    ],
)
