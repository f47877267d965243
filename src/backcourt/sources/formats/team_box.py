"""stats.nba.com's leaguegamefinder and leaguegamelog for teams: two rows a game, all season types."""

from backcourt.sources.boxes import BOX_RULES, counting_fields, known_team
from backcourt.sources.feed import Feed, Field, Fill, columns

feed = Feed(
    name="stats.nba.com team box",
    columns=columns("GAME_ID", "TEAM_ID", "MATCHUP", "MIN", "FGM", "FGA", "FG3M", "FTM", "OREB", "TOV", "PF", "PTS", "PLUS_MINUS"),
    aliases=("leaguegamefinder",),
    fills=[
        Fill(
            raw="raw_team_box",
            group="game_id",
            key=("game_id", "team_id"),
            # A row without a result is a stub of a few minutes, not a team's game.
            prepare='select * from incoming where not ("WL" is null and "MIN" < 48)',
            fields=[
                Field("game_id", "game_id", '"GAME_ID"', required=True),
                Field("team_id", "integer", '"TEAM_ID"', required=True),
                *counting_fields(),
                Field("minutes_reported", "integer", '"MIN"', required=True),
                Field("plus_minus", "number", '"PLUS_MINUS"'),
            ],
            rules=[*BOX_RULES, known_team("team_id")],
        )
    ],
)
