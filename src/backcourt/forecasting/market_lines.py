"""What the market said of a player before the game: per feed the books' last readable main lines, their consensus and their prices.

A main line is the book's most even two-sided one. Consensus: lower median over books; modal line: the most frequent,
the lowest of several.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backcourt.field.markets import Market
from backcourt.field.odds import multiplicative_devig, overround, power_devig
from backcourt.field.pmf import Array
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.run_folder import LEAD_BUCKETS, Columns

if TYPE_CHECKING:
    from backcourt.engine.warehouse import Warehouse

# A feed is a way of capturing: hours ahead, minutes before the start, or a fantasy operator's lines without prices.
_IS_CLOSING = "captures.source like '%points rebounds assists%'"
FEED_LETTERS = (
    ("D", "quotes.is_dfs"),
    ("Q", _IS_CLOSING),
    ("S", "true"),
)
# A combined feed's line whose implied probabilities lie further apart is an alternate or a slip.
WIDEST_CLOSING = 0.25
_POPULATION = f"case {' '.join(f'when {condition} then {letter!r}' for letter, condition in FEED_LETTERS)} end || substr({{season}}, 6, 2)"
_CAPTURES = """
    left join prop_quote_captures as captures on captures.game_date = quotes.game_date
        and captures.source_event_id = quotes.source_event_id and captures.book = quotes.book and captures.market = quotes.market
        and captures.player_name_raw = quotes.player_name_raw and captures.line = quotes.line
        and captures.captured_at is not distinct from quotes.captured_at"""
_EVEN = f"""not coalesce(
    {_IS_CLOSING}
    and abs(1 / quotes.over_price_decimal - 1 / quotes.under_price_decimal) > {WIDEST_CLOSING}, false)"""

_FIGURES = (
    "books", "line", "modal_line", "market_over", "market_over_multiplicative", "overround", "lead_seconds", "best_over_price",
    "best_under_price", "median_over_price", "median_under_price",
)  # fmt: skip


@dataclass(frozen=True)
class Lines:
    """Lined rows, one per row and population (feed letter and the season's last year: S24, Q25, D25); `row` is the place in the Rows.

    Beside the columns of the run folder's `lines`: `best_<side>_book` and `best_<side>_lead_seconds`, whose price the
    best one is and how long before the lock it stood.
    """

    columns: Columns

    def __len__(self) -> int:
        return len(self.columns["row"])

    @property
    def is_priced(self) -> NDArray[np.bool_]:
        """Does the line have prices?"""
        return ~np.isnan(self.columns["market_over"])

    def select(self, chosen: NDArray[np.bool_]) -> Lines:
        """Some of the lines."""
        return Lines({name: values[chosen] for name, values in self.columns.items()})


def read_lines(warehouse: Warehouse, rows: Rows, market: Market, cutoff: datetime | None = None) -> Lines:
    """The lines of these rows' players, from quotes captured before the lock (and before `cutoff`, UTC, if one is given)."""
    lined_rows = {
        "row": np.arange(len(rows)), "game_date": rows.day.astype("datetime64[us]"), "game_id": rows.keys["game_id"],
        "player_id": rows.keys["player_id"].astype(np.int64), "season": rows.keys["season"],
    }  # fmt: skip
    with warehouse.registered("lined_rows", lined_rows):
        found = warehouse.arrays(_query(market, cutoff))
    over, under = found["over_price"].astype(float), found["under_price"].astype(float)
    return _consensus(found, over, under)


def _query(market: Market, cutoff: datetime | None) -> str:
    earlier = f"and quotes.captured_at < timestamp '{cutoff:%Y-%m-%d %H:%M:%S}'" if cutoff else ""
    return f"""
with quoted as (
    select
        lined_rows.row, {_POPULATION.format(season="lined_rows.season")} as population, quotes.book, quotes.line, quotes.is_dfs,
        quotes.over_price_decimal as over_price, quotes.under_price_decimal as under_price, quotes.captured_at,
        date_diff('second', quotes.captured_at, quotes.lock_at) as lead_seconds
    from prop_quotes as quotes
    join lined_rows on lined_rows.game_date = quotes.game_date and lined_rows.game_id = quotes.game_id
        and lined_rows.player_id = quotes.player_id{_CAPTURES}
    where quotes.market = '{market.id}'
        and (quotes.is_dfs or (quotes.is_main_line and quotes.capture_phase in ('pre_tip', 'at_tip')
            and quotes.captured_at < quotes.lock_at {earlier} and {_EVEN}))
),
latest as (
    select * from quoted where is_dfs
    union all
    select * from quoted where not is_dfs
    qualify row_number() over (partition by row, population, book order by captured_at desc, line) = 1
)
select
    row, population, book, line, case when is_dfs then null else over_price end as over_price,
    case when is_dfs then null else under_price end as under_price, lead_seconds
from latest
order by row, population, line, book, over_price"""


def lined_appearances(warehouse: Warehouse, market: Market, appearances: str) -> Columns:
    """Appearances (SQL with game_id, player_id, season, season_type and more) for which a feed has a line, whether a row was listed or not.

    Columns: population and those of `appearances`. Of the closing feed (Q) the regular season counts, and quotes at
    or after the lock too.
    """
    return warehouse.arrays(
        f"""
select {_POPULATION.format(season="appearances.season")} as population, appearances.*
from prop_quotes as quotes
join ({appearances}) as appearances on appearances.player_id = quotes.player_id and appearances.game_id = quotes.game_id{_CAPTURES}
where quotes.market = '{market.id}' and {_EVEN} and (quotes.is_dfs or (quotes.is_main_line and case
    when {_IS_CLOSING} then appearances.season_type = 'regular'
    else quotes.capture_phase in ('pre_tip', 'at_tip') end))
group by all order by all"""
    )


def _consensus(quotes: Columns, over: Array, under: Array) -> Lines:
    count = len(quotes["row"])
    changes = np.ones(count, dtype=bool)
    changes[1:] = (quotes["row"][1:] != quotes["row"][:-1]) | (quotes["population"][1:] != quotes["population"][:-1])
    starts = np.flatnonzero(changes)
    # A slate without a single quote has no group, and no end of one.
    ends = np.append(starts[1:], count)[: len(starts)]
    priced = ~np.isnan(over)
    logit, even, margin = (np.full(count, np.nan) for _ in range(3))
    logit[priced] = _logit(power_devig(over[priced], under[priced]))
    even[priced] = _logit(multiplicative_devig(over[priced], under[priced]))
    margin[priced] = overround(over[priced], under[priced])
    line, lead = quotes["line"].astype(float), quotes["lead_seconds"].astype(float)
    table = np.full((len(starts), len(_FIGURES)), np.nan)
    best = np.full((len(starts), 2), -1)
    for place, (a, b) in enumerate(zip(starts, ends, strict=True)):
        group = line[a:b]
        values, counts = np.unique(group, return_counts=True)
        modal = values[counts.argmax()]
        at = a + np.flatnonzero((group == modal) & priced[a:b])
        # Lines come in ascending order. Fantasy lines have no main line: their median is over all that were seen.
        middle = group[(len(group) - 1) // 2] if len(at) else np.median(group)
        table[place, :3] = (b - a, middle, modal)
        if len(at):
            best[place] = at[over[at].argmax()], at[under[at].argmax()]
            table[place, 3:] = (
                _logistic(logit[at].mean()), _logistic(even[at].mean()), margin[at].mean(), np.median(lead[a:b]), over[best[place, 0]],
                under[best[place, 1]], np.median(over[at]), np.median(under[at]),
            )  # fmt: skip
    columns: Columns = {name: table[:, place] for place, name in enumerate(_FIGURES)}
    columns["row"] = quotes["row"][starts].astype(np.int64)
    columns["population"] = quotes["population"][starts].astype(object)
    columns["lead_bucket"] = np.array([lead_bucket(seconds) for seconds in columns["lead_seconds"]], dtype=object)
    for place, side in enumerate(("over", "under")):
        chosen = best[:, place]
        columns[f"best_{side}_book"] = np.asarray(np.where(chosen >= 0, quotes["book"][chosen], np.array(None)), dtype=object)
        columns[f"best_{side}_lead_seconds"] = np.where(chosen >= 0, lead[chosen], np.nan)
    return Lines(columns)


def _logit(p: Array) -> Array:
    return np.asarray(np.log(p / (1 - p)))


def _logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def lead_bucket(seconds: float) -> str | None:
    """The name of the bucket of a lead; None where the capture time is unknown."""
    if np.isnan(seconds):
        return None
    return next(name for name, least in LEAD_BUCKETS if seconds >= least)
