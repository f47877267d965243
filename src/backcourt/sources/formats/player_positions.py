"""A player's position by season."""

from backcourt.sources.feed import POSSIBLE_ID, Feed, Field, Fill, columns, possible

feed = Feed(
    name="player positions",
    columns=columns("SEASON", "PLAYER_ID", "POSITION", "POSITION_SIMPLE"),
    fills=[
        Fill(
            raw="raw_player_positions",
            group="season",
            key=("season", "player_id"),
            fields=[
                Field("season", "text", '"SEASON"', required=True),
                Field("player_id", "integer", '"PLAYER_ID"', required=True),
                Field("position", "text", '"POSITION"', required=True),
            ],
            rules=[possible(player_id=POSSIBLE_ID)],
        )
    ],
)
