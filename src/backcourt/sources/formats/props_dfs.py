"""Fantasy books' player props in long form: placeholder prices, no capture time, rows repeated between daily files."""

from backcourt.sources.feed import Feed, columns
from backcourt.sources.odds_names import sightings
from backcourt.sources.prop_quotes import paired, prop_fill

_PAIRS = paired("game_id", "player", "bookmaker", "market", ("side", "line", "price"))

# Without a capture time nothing says which lines stood together: each is a fact of its own, and a later file adds to it.
_EACH = "concat_ws('|', source_event_id, book, market, player_name_raw, line)"

feed = Feed(
    name="the odds api fantasy props",
    columns=columns("player", "market", "bookmaker", "side", "line", "price", "home_team", "away_team", "game_id", "commence_time"),
    player_names=("player",),
    fills=[
        prop_fill(_PAIRS, "event_id", "player", "book", "market", True, "null", _EACH),
        sightings("game_id", "null", '"commence_time"'),
    ],
)
