"""Near-closing points + rebounds + assists lines, both prices in a row; the event's date in the file may be the UTC day."""

from backcourt.sources.feed import Feed, columns
from backcourt.sources.odds_names import book, sightings
from backcourt.sources.prop_quotes import prop_fill

feed = Feed(
    name="the odds api points rebounds assists",
    columns=columns("player_name", "event_id", "home_team", "away_team", "bookmaker", "line", "timestamp", "over_price", "under_price"),
    player_names=("player_name",),
    fills=[
        prop_fill("select * from incoming", "event_id", "player_name", book("bookmaker"), "'pra'", False, '"timestamp"'),
        sightings("event_id", '"timestamp"', "null::varchar"),
    ],
)
