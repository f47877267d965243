"""Fantasy books' player props in long form: placeholder prices, no capture time, rows repeated between daily files."""

from backcourt.sources.feed import Feed, columns
from backcourt.sources.odds_names import book, prop_market, sightings
from backcourt.sources.prop_quotes import prop_fill

_PAIRS = """
select
    min(file_row) as file_row, game_id as event_id, home_team, away_team, bookmaker, market, player, line,
    max(commence_time) as commence_time,
    max(case when lower(side) = 'over' then price end) as over_price,
    max(case when lower(side) = 'under' then price end) as under_price
from incoming
group by game_id, home_team, away_team, bookmaker, market, player, line
"""

feed = Feed(
    name="the odds api fantasy props",
    columns=columns("player", "market", "bookmaker", "side", "line", "price", "home_team", "away_team", "game_id", "commence_time"),
    fills=[
        prop_fill(_PAIRS, "event_id", "player", book("bookmaker"), prop_market("market"), True, "null", '"commence_time"'),
        sightings("game_id", "null", '"commence_time"'),
    ],
)
