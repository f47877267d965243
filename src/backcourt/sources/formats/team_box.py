"""stats.nba.com's leaguegamefinder and leaguegamelog for teams: two rows a game, all season types."""

from backcourt.sources.boxes import BOX_RULES, counting_fields, known_team
from backcourt.sources.feed import Feed, Field, Fill, Rule, columns, possible

feed = Feed(
    name="stats.nba.com team box",
    columns=columns("GAME_ID", "TEAM_ID", "MATCHUP", "MIN", "FGM", "FGA", "FG3M", "FTM", "OREB", "TOV", "PF", "PTS", "PLUS_MINUS", "WL"),
    without=columns("PLAYER_ID"),
    aliases=("leaguegamefinder",),
    fills=[
        Fill(
            raw="raw_team_box",
            group="game_id",
            key=("game_id", "team_id"),
            fields=[
                Field("game_id", "game_id", '"GAME_ID"', required=True),
                Field("team_id", "integer", '"TEAM_ID"', required=True),
                *counting_fields(),
                Field("minutes_reported", "integer", '"MIN"', required=True),
                Field("plus_minus", "number", '"PLUS_MINUS"'),
                Field("result", "text", '"WL"', is_stored=False),
            ],
            rules=[
                # The feed once listed a few minutes of a preseason game beside the whole of it.
                Rule(
                    "a full game",
                    "result is null and minutes_reported < 48",
                    "'a stub of ' || minutes_reported || ' minutes without a result'",
                    sets_aside=True,
                ),
                *BOX_RULES,
                possible(minutes_reported=(0, 600), plus_minus=(-250, 250)),
                known_team("team_id"),
            ],
        )
    ],
)
