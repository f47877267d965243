"""The Odds API v4 event odds, flattened: one row per side of a player prop."""

from backcourt.sources.feed import Feed, columns
from backcourt.sources.odds_names import sightings
from backcourt.sources.prop_quotes import paired, prop_fill

_SEEN = "bookmakers.markets.last_update"

_PAIRS = paired(
    "id",
    "outcomes_description",
    "bookmakers.key",
    "bookmakers.markets.key",
    ("outcomes_name", "outcomes_point", "outcomes_price"),
    _SEEN,
)

feed = Feed(
    name="the odds api props",
    columns=columns(
        "id", "commence_time", "home_team", "away_team", "bookmakers.key", "bookmakers.markets.key", "bookmakers.markets.last_update",
        "outcomes_name", "outcomes_description", "outcomes_price", "outcomes_point",
    ),
    player_names=("outcomes_description",),
    fills=[
        prop_fill(_PAIRS, "event_id", "player", "book", "market", False, "seen"),
        sightings("id", f'"{_SEEN}"', '"commence_time"'),
    ],
)  # fmt: skip
