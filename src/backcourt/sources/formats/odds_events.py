"""The Odds API v4, historical events: which games were offered, with their start as it was then."""

from backcourt.sources.feed import Feed, columns
from backcourt.sources.odds_names import sightings

feed = Feed(
    name="the odds api events",
    columns=columns("timestamp", "id", "commence_time", "home_team", "away_team"),
    fills=[sightings("id", '"timestamp"', '"commence_time"')],
)
