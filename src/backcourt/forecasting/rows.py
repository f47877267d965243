"""Rows for training, backtest and tonight: keys, features, windows and, where known, results. One function builds them all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.field.markets import MARKETS, Market
from backcourt.field.pmf import Array
from backcourt.forecasting.run_folder import Columns
from backcourt.tables.precompute.feature_groups import BLIND, Feature, features

if TYPE_CHECKING:
    from backcourt.engine.warehouse import Warehouse

PARTS = tuple(dict.fromkeys(part for market in MARKETS.values() for part in market.parts))
_DAY = "datetime64[D]"


def blind_features() -> tuple[Feature, ...]:
    """The features that a blind system may read: nothing from prop lines, nothing that no archive holds."""
    return tuple(feature for feature in features() if feature.market == BLIND and not feature.when_available)


@dataclass(frozen=True)
class Rows:
    """Rows of the store in order of date and player; all arrays have one entry (or line) a row.

    `features` is float32 [rows, names] with NaN for NULL. `appeared` is 1, 0, or NaN while no box says. Results are
    NaN unless he appeared. `windows` are figures over earlier appearances of any season, which the plain baselines
    are defined by.
    """

    keys: Columns
    features: NDArray[np.float32]
    names: tuple[str, ...]
    windows: Columns
    results: Columns
    appeared: Array

    def __len__(self) -> int:
        return len(self.features)

    @cached_property
    def day(self) -> NDArray[np.datetime64]:
        """The game date of each row."""
        return self.keys["game_date"].astype(_DAY)

    @cached_property
    def week(self) -> NDArray[np.datetime64]:
        """The Monday of each row's week (Monday to Sunday, US Eastern)."""
        return monday_of(self.day)

    @cached_property
    def place(self) -> dict[str, int]:
        """Feature -> column."""
        return {name: column for column, name in enumerate(self.names)}

    def column(self, name: str) -> Array:
        """One feature as float64."""
        values: Array = self.features[:, self.place[name]].astype(float)
        return values

    def actual(self, market: Market) -> Array:
        """The market's result; NaN where the player did not appear or no box is known."""
        summed: Array = np.sum([self.results[part] for part in market.parts], axis=0)
        return summed

    def select(self, chosen: NDArray[Any]) -> Rows:
        """Some of the rows, by mask or positions."""
        return Rows(
            {name: values[chosen] for name, values in self.keys.items()}, self.features[chosen], self.names,
            {name: values[chosen] for name, values in self.windows.items()},
            {name: values[chosen] for name, values in self.results.items()}, self.appeared[chosen],
        )  # fmt: skip


def monday_of(day: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """The Monday on or before each date."""
    number = day.astype(_DAY).astype(np.int64)
    return (number - (number + 3) % 7).astype(_DAY)


_KEYS = (
    "game_date, game_id, player_id, team_id, opponent_team_id, season, season_type, as_of_at, is_home, rest_days, is_new_team, "
    "days_since_opening, games_season"
)


def _windows() -> str:
    parts = [
        "row_number() over earlier as appearances_before",
        "avg(minutes) over (earlier rows between 9 preceding and current row) as minutes_last10",
    ]
    for market in MARKETS.values():
        value = f"({market.target})"
        parts += [
            f"avg({value}) over (earlier rows between 4 preceding and current row) as {market.id}_last5",
            f"avg({value}) over (earlier rows between 9 preceding and current row) as {market.id}_last10",
            f"avg({value}) over (partition by player_id, season order by game_date) as {market.id}_season",
        ]
    return ", ".join(parts)


WINDOWS = (
    "appearances_before",
    "minutes_last10",
    *(f"{m}_{window}" for m in MARKETS for window in ("last5", "last10", "season", "last_season")),
)


def rows_query(store: str, where: str) -> str:
    """The query of rows over the relation `store` (the feature store or a slate built as of a moment), in order of date and player.

    Windows end with the latest appearance before the date: a result of the date itself can't be read, whatever is
    loaded.
    """
    chosen = [f"store.{feature.name}::float as {feature.name}" for feature in blind_features()]
    keys = [f"store.{name.strip()} as key_{name.strip()}" for name in _KEYS.split(",")]
    windows = ["coalesce(history.appearances_before, 0) as appearances_before", "history.minutes_last10"]
    for market in MARKETS:
        windows += [
            f"history.{market}_last5",
            f"history.{market}_last10",
            f"case when history.season = store.season then history.{market}_season end as {market}_season",
            f"case when history.season < store.season then history.{market}_season end as {market}_last_season",
        ]
    results = [f"played.{part}::double as result_{part}" for part in PARTS]
    return f"""
with appearances as (
    select player_id, game_date, season, {_windows()}
    from player_game_summary where did_play
    window earlier as (partition by player_id order by game_date)
),
boxed as (select distinct game_id from player_box)
select
    {", ".join(keys)}, {", ".join(chosen)}, {", ".join(windows)}, {", ".join(results)}, played.minutes::double as result_minutes,
    case when boxed.game_id is not null then coalesce(played.did_play, false)::integer end as appeared
from (select * from {store} where {where} and team_id is not null) as store
asof left join appearances as history on history.player_id = store.player_id and history.game_date < store.game_date
left join player_game_summary as played
    on played.game_date = store.game_date and played.player_id = store.player_id and played.game_id = store.game_id and played.did_play
left join boxed on boxed.game_id = store.game_id
order by store.game_date, store.player_id, store.game_id"""


def read_rows(warehouse: Warehouse, store: str = "ml_feature_store", where: str = "true") -> Rows:
    """Rows from an open database. Raises BackcourtError when there are none."""
    found = warehouse.arrays(rows_query(store, where))
    names = tuple(feature.name for feature in blind_features())
    if not len(found["appeared"]):
        raise BackcourtError("The feature store has no rows there; choose dates with games, or run `backcourt run` first.")
    matrix = np.empty((len(found["appeared"]), len(names)), dtype=np.float32)
    for place, name in enumerate(names):
        matrix[:, place] = found[name]
    keys = {name.removeprefix("key_"): values for name, values in found.items() if name.startswith("key_")}
    results = {name.removeprefix("result_"): values.astype(float) for name, values in found.items() if name.startswith("result_")}
    windows = {name: found[name].astype(float) for name in WINDOWS}
    return Rows(keys, matrix, names, windows, results, found["appeared"].astype(float))
