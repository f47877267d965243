"""The Odds API v4 event odds, flattened: one row per side of a player prop."""

from backcourt.sources.feed import Feed, columns
from backcourt.sources.odds_names import sightings
from backcourt.sources.prop_quotes import prop_fill

_SEEN = '"bookmakers.markets.last_update"'

_PAIRS = f"""
select
    min(file_row) as file_row, id, home_team, away_team, "bookmakers.key", "bookmakers.markets.key", {_SEEN}, outcomes_description,
    outcomes_point as line,
    max(case when lower(outcomes_name) = 'over' then outcomes_price end) as over_price,
    max(case when lower(outcomes_name) = 'under' then outcomes_price end) as under_price
from incoming
group by id, home_team, away_team, "bookmakers.key", "bookmakers.markets.key", {_SEEN}, outcomes_description, outcomes_point
"""

feed = Feed(
    name="the odds api props",
    columns=columns(
        "id", "commence_time", "home_team", "away_team", "bookmakers.key", "bookmakers.markets.key", "bookmakers.markets.last_update",
        "outcomes_name", "outcomes_description", "outcomes_price", "outcomes_point",
    ),
    player_names=("outcomes_description",),
    fills=[
        prop_fill(
            _PAIRS, "id", "outcomes_description", 'lower("bookmakers.key")', "bookmakers.markets.key", False, _SEEN,
        ),
        sightings("id", _SEEN, '"commence_time"'),
    ],
)  # fmt: skip
