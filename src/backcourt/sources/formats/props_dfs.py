"""Fantasy books' player props in long form: placeholder prices, no capture time, rows repeated between daily files."""

from backcourt.sources.feed import Feed, columns
from backcourt.sources.odds_names import book, sightings
from backcourt.sources.prop_quotes import prop_fill

_PAIRS = """
select
    min(file_row) as file_row, game_id as event_id, home_team, away_team, bookmaker, market, player, line,
    max(case when lower(side) = 'over' then price end) as over_price,
    max(case when lower(side) = 'under' then price end) as under_price
from incoming
group by game_id, home_team, away_team, bookmaker, market, player, line
"""

# Without a capture time nothing says which lines stood together: each is a fact of its own, and a later file adds to it.
_EACH = "concat_ws('|', source_event_id, book, market, player_name_raw, line)"

feed = Feed(
    name="the odds api fantasy props",
    columns=columns("player", "market", "bookmaker", "side", "line", "price", "home_team", "away_team", "game_id", "commence_time"),
    player_names=("player",),
    fills=[
        prop_fill(_PAIRS, "event_id", "player", book("bookmaker"), "market", True, "null", _EACH),
        sightings("game_id", "null", '"commence_time"'),
    ],
)
