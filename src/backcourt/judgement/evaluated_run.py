"""A run folder as aligned arrays: every system's scores in the order of the rows, every population's lines and probabilities."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.field.markets import Market, market_of
from backcourt.field.pmf import Array
from backcourt.forecasting.run_folder import Columns, RunFolder
from backcourt.parquet import InMemory

ORDER = (
    "base_l5", "market", "line", "base_l10", "base_season", "base_ewma", "base_shrunk", "moving_average", "zone_matchup", "similarity",
    "minutes_rate", "ridge", "gbm_point", "gbm_dist", "ensemble", "market_intercept", "market_blend",
)  # fmt: skip
"""Systems in the order of every table: the last-5 mean and the market stand first. Others follow by name."""

MARKET_SYSTEMS = ("market", "market_intercept", "market_blend")
LINE = "line"
"""The consensus line as a system: it has a point and nothing else."""


class EvaluatedRun:
    """One market's run folder, read once. `rows` holds all rows; positions (not the column `row`) index every array."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.market: Market = market_of(str(folder.info.get("market", folder.path.name)))
        self._memory = InMemory(threads=2)
        self._scores: dict[tuple[str, str | None, str], Array] = {}
        self.labels: dict[tuple[str, object, str | None], NDArray[Any]] = {}
        """Labels of slices that were asked for before; see `slices.labels`."""
        self._probabilities: dict[tuple[str, str], Columns] = {}

    @cached_property
    def rows(self) -> Columns:
        """The rows in order of `row`."""
        return self._read("rows", "select * from {file} order by row")

    @cached_property
    def game_date(self) -> NDArray[np.datetime64]:
        """Date of each row."""
        return self.rows["game_date"].astype("datetime64[D]")

    @cached_property
    def appeared(self) -> NDArray[np.bool_]:
        """Did the player enter the game? Only such rows are in an accuracy average."""
        return np.asarray(self.rows["appeared"] == True) & ~np.isnan(self.rows["actual"])  # noqa: E712 - NULL is no appearance

    @cached_property
    def systems(self) -> tuple[str, ...]:
        """The systems with scores, in the order of tables; the consensus line is one where the run has lines."""
        found = set(self._read("scores", "select distinct system from {file}")["system"].tolist())
        return _ordered(found | ({LINE} if len(self.lines["row"]) else set()))

    @cached_property
    def lines(self) -> Columns:
        """All lined rows of all populations, with `position` into the rows."""
        found = self._read("lines", "select * from {file} order by population, row")
        return {**found, "position": self._positions(found["row"])}

    @cached_property
    def line_populations(self) -> tuple[str, ...]:
        """Populations that have lines."""
        return tuple(sorted(set(self.lines["population"].tolist())))

    @cached_property
    def priced_populations(self) -> tuple[str, ...]:
        """Populations that have prices, in order of their first date."""
        priced = ~np.isnan(self.lines["market_over"].astype(float))
        first = {}
        for population in self.line_populations:
            dates = self.game_date[self.lines["position"][priced & (self.lines["population"] == population)]]
            if len(dates):
                first[population] = (dates.min(), population)
        return tuple(sorted(first, key=lambda population: first[population]))

    def lines_of(self, population: str | None) -> Columns:
        """The lined rows of one population. Raises BackcourtError where the run has none."""
        keep = self.lines["population"] == population
        if not keep.any():
            raise BackcourtError(
                f"The run of {self.market.id} has no lines of {population}; it has {', '.join(self.line_populations) or 'none'}."
            )
        return {name: values[keep] for name, values in self.lines.items()}

    def score(self, system: str, column: str, population: str | None = None) -> Array:
        """A column of `scores` [rows], NaN where the system has none; `bias` is the mean less the result.

        Systems that read prices have forecasts in a lined `population` only, and so has the line: its `point`,
        `median` and `ae`.
        """
        if system == LINE:
            return self._line_score(column, population)
        if system not in self.systems:
            raise BackcourtError(f"The run of {self.market.id} has no system {system!r}; it has {', '.join(self.systems)}.")
        if column == "bias":
            return np.where(self.appeared, self.score(system, "mean", population) - self.rows["actual"], np.nan)
        key = (system, population if system in MARKET_SYSTEMS else None, column)
        if key not in self._scores:
            self._scores[key] = self._aligned(*key)
        return self._scores[key]

    def _aligned(self, system: str, population: str | None, column: str) -> Array:
        aligned = np.full(len(self.rows["row"]), np.nan)
        if system in MARKET_SYSTEMS and population not in self.line_populations:
            return aligned
        of_population = "population is null" if population is None else "population = ?"
        query = f"select row, {column} as value from {{file}} where system = ? and {of_population} order by row"
        found = self._read("scores", query, *(name for name in (system, population) if name is not None))
        if len(found["row"]):
            # A column that is NULL in every row comes back without a number type; it has no value anywhere.
            aligned[self._positions(found["row"])] = found["value"] if found["value"].dtype.kind in "fiu" else np.nan
        return aligned

    def _line_score(self, column: str, population: str | None) -> Array:
        found = np.full(len(self.rows["row"]), np.nan)
        if population in self.line_populations and column in ("point", "median", "ae"):
            lines = self.lines_of(population)
            found[lines["position"]] = lines["line"]
        return np.abs(found - self.rows["actual"]) if column == "ae" else found

    def probability_systems(self, population: str) -> tuple[str, ...]:
        """Systems with a P(over) in this population."""
        return _ordered({system for of_population, system in self._stated if of_population == population})

    @cached_property
    def _stated(self) -> set[tuple[str, str]]:
        found = self._read("probabilities", "select distinct population, system from {file}")
        return set(zip(found["population"].tolist(), found["system"].tolist(), strict=True))

    def probability(self, population: str, system: str, column: str) -> Array:
        """A column of `probabilities` in the order of `lines_of(population)`, NaN where the system has none."""
        key = (population, system)
        if key not in self._probabilities:
            self._probabilities[key] = self._read(
                "probabilities", "select * from {file} where population = ? and system = ? order by row", *key
            )
        found = self._probabilities[key]
        row = self.lines_of(population)["row"]
        aligned = np.full(len(row), np.nan)
        if len(found["row"]) and found[column].dtype.kind in "fiu":
            aligned[np.searchsorted(row, found["row"])] = found[column]
        return aligned

    @cached_property
    def not_forecast(self) -> Columns:
        """Appearances of a population that the store didn't list before the game."""
        return self._read("not_forecast", "select * from {file} order by population, game_date, player_id")

    def _read(self, name: str, query: str, *values: str) -> Columns:
        """A query over one file of the folder, `{file}`; one database serves all of them."""
        return self.folder.ask(self._memory, name, query, *values)

    def _positions(self, row: NDArray[Any]) -> NDArray[np.int64]:
        known = self.rows["row"]
        place = np.searchsorted(known, row)
        if len(row) and (place.max() >= len(known) or not np.array_equal(known[place], row)):
            raise BackcourtError(f"{self.folder.path} refers to rows that it doesn't hold; run `backcourt backtest` again.")
        return place


def _ordered(systems: set[str]) -> tuple[str, ...]:
    known = [system for system in ORDER if system in systems]
    return (*known, *sorted(systems - set(known)))
