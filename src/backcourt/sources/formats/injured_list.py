"""prosportstransactions.com's injured-list moves: a date, no hour, so a move is readable from the next day on."""

from backcourt.sources.feed import POSSIBLE_ID, Feed, Field, Fill, columns, possible
from backcourt.sources.odds_names import A_TEAM, team

feed = Feed(
    name="injured list moves",
    columns=columns("injury_id", "Date", "Team", "Acquired", "Relinquished", "Notes", "player_name", "player_id"),
    fills=[
        Fill(
            raw="raw_il_moves",
            group="move_date",
            key=("source_move_id",),
            fields=[
                Field("source_move_id", "integer", '"injury_id"', required=True),
                Field("move_date", "date", '"Date"', required=True),
                Field("team_id", "integer", team("Team"), required=True, given="Team", expected=A_TEAM),
                Field("player_id", "integer", '"player_id"'),
                Field("player_name_raw", "text", '"player_name"'),
                Field(
                    "move",
                    "text",
                    "case when \"Relinquished\" is not null then 'placed' when \"Acquired\" is not null then 'activated' end",
                    required=True,
                ),
                Field("notes", "text", '"Notes"'),
            ],
            rules=[possible(source_move_id=POSSIBLE_ID, player_id=POSSIBLE_ID)],
        )
    ],
)
