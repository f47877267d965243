"""What bets would have returned: flat stakes of one unit at real prices, over game dates, and corrections for having looked often."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.field.odds import expected_value
from backcourt.field.pmf import Array
from backcourt.judgement.bootstrap import DRAWS, LEAST_BLOCKS, SEED, Interval, ratio_interval, resampled_ratio
from backcourt.judgement.evaluated_run import EvaluatedRun

Side = Literal["over", "under"]
PERMUTATIONS = 1_000
LEAST_CELL_BETS = 50
"""Cells with fewer bets aren't scanned: the best of them is always the luckiest single bet."""

_LEAST_PROBABILITY = 1e-6


@dataclass(frozen=True)
class Quoted:
    """Lined appearances of one population with two-sided prices: arrays of one length, decimal prices at the modal line.

    `position` is the place in the run's rows; `result` is 1 over, 0 push, -1 under. `p_over` is the blend's, without
    push, `p_over_low` its 10th percentile. A price that no book offered is NaN.
    """

    position: NDArray[np.int64]
    game_date: NDArray[np.datetime64]
    season: NDArray[Any]
    lead_bucket: NDArray[Any]
    is_full: NDArray[np.bool_]
    result: NDArray[np.int64]
    p_over: Array
    p_over_low: Array
    best_over: Array
    best_under: Array
    median_over: Array
    median_under: Array

    def __len__(self) -> int:
        return len(self.result)

    def where(self, keep: NDArray[np.bool_]) -> Quoted:
        """Some of the rows."""
        return Quoted(**{name: values[keep] for name, values in vars(self).items()})

    @property
    def p_over_high(self) -> Array:
        """The 90th percentile of the blend's P(over): its posterior is normal on the logit, so as far above as the 10th lies below."""
        return _logistic(2 * _logit(self.p_over) - _logit(self.p_over_low))


def quoted(run: EvaluatedRun, population: str) -> Quoted:
    """The priced lines of a population on which the player appeared. Empty where the population has no prices."""
    lines = run.lines_of(population)
    place = lines["position"]
    keep = run.appeared[place] & ~np.isnan(np.asarray(lines["market_over"], dtype=float))
    actual = np.where(run.appeared, run.rows["actual"], 0.0)[place]
    return Quoted(
        place,
        run.game_date[place],
        run.rows["season"][place],
        lines["lead_bucket"],
        np.asarray(run.rows["data_tier"][place] == "FULL"),
        np.sign(actual - lines["modal_line"]).astype(int),
        run.probability(population, "market_blend", "p_over"),
        run.probability(population, "market_blend", "p_over_low"),
        *(np.asarray(lines[f"{kind}_{side}_price"], dtype=float) for kind in ("best", "median") for side in ("over", "under")),
    ).where(keep)


@dataclass(frozen=True)
class Placed:
    """Bets of one unit each: when, whether a bet was placed on a row, and its profit at the price taken and at the median price."""

    game_date: NDArray[np.datetime64]
    profit_taken: Array
    profit_median: Array

    def __len__(self) -> int:
        return len(self.profit_taken)


def profit(result: NDArray[np.int64], is_over: NDArray[np.bool_], price: Array) -> Array:
    """Units won by one staked unit: price - 1, -1, or 0 for a push."""
    won = result == np.where(is_over, 1, -1)
    return np.where(result == 0, 0.0, np.where(won, price - 1, -1.0))


def flat(quotes: Quoted, side: Side) -> Placed:
    """A bet on this side of every row that has both prices of it."""
    taken, median = (quotes.best_over, quotes.median_over) if side == "over" else (quotes.best_under, quotes.median_under)
    keep = ~np.isnan(taken) & ~np.isnan(median)
    is_over = np.full(int(keep.sum()), side == "over")
    result = quotes.result[keep]
    return Placed(quotes.game_date[keep], profit(result, is_over, taken[keep]), profit(result, is_over, median[keep]))


def positive(quotes: Quoted) -> Placed:
    """A bet where the blend's expected value at the best price is above 0, on the better side."""
    return _placed(quotes, quotes.p_over, quotes.p_over, only_full=False)


def eligible(quotes: Quoted) -> Placed:
    """A bet where the 10th percentile of the expected value is above 0 on a fully informed row: what BET asks for, but the verdict."""
    return _placed(quotes, quotes.p_over_low, quotes.p_over_high, only_full=True)


def _placed(quotes: Quoted, over_from: Array, over_to: Array, *, only_full: bool) -> Placed:
    keep, is_over, taken = _chosen(quotes, over_from, over_to)
    median = np.where(is_over, quotes.median_over, quotes.median_under)
    keep &= ~np.isnan(median) & (quotes.is_full | (not only_full))
    result, side = quotes.result[keep], is_over[keep]
    return Placed(quotes.game_date[keep], profit(result, side, taken[keep]), profit(result, side, median[keep]))


def _chosen(quotes: Quoted, over_from: Array, over_to: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Array]:
    """Rows to bet on, whether the better side by expected value is the over, and that side's best price.

    A bet needs a positive expected value, of overs at the probability `over_from`, of unders at `over_to`. A push
    returns the stake: it scales the expected value and can't change its sign.
    """
    none = np.zeros(len(quotes))

    def values(over: Array, under: Array) -> tuple[Array, Array]:
        prices = (quotes.best_over, quotes.best_under)
        return tuple(np.nan_to_num(expected_value(p, none, price), nan=-1.0) for p, price in zip((over, under), prices, strict=True))  # type: ignore[return-value]

    of_over, of_under = values(quotes.p_over, 1 - quotes.p_over)
    is_over = of_over >= of_under
    surely_over, surely_under = values(over_from, 1 - over_to)
    return np.where(is_over, surely_over, surely_under) > 0, is_over, np.where(is_over, quotes.best_over, quotes.best_under)


def roi(bets: Placed, price: Literal["taken", "median"] = "taken") -> Interval:
    """Units won per staked unit, pushes staked, with the interval over game dates."""
    won = bets.profit_taken if price == "taken" else bets.profit_median
    return ratio_interval(won, np.ones(len(won)), bets.game_date)


def p_value(bets: Placed) -> float:
    """Share of resamples whose return at the price taken isn't above 0 (one-sided, never 0); 1 on too few dates to resample."""
    if len(np.unique(bets.game_date)) < LEAST_BLOCKS:
        return 1.0
    _, drawn, _ = resampled_ratio(bets.profit_taken, np.ones(len(bets)), bets.game_date)
    return float((1 + (~(drawn > 0)).sum()) / (1 + len(drawn)))


def largest_drawdown(profit_by_bet: Array) -> float:
    """The deepest fall of the running sum below its highest point so far, in units; 0 when it never falls."""
    running = np.concatenate([[0.0], np.cumsum(profit_by_bet)])
    return float((np.maximum.accumulate(running) - running).max())


def drawdown_interval(bets: Placed, draws: int = DRAWS) -> Interval:
    """The drawdown of the bets in order of date, and its interval over evenings drawn anew, in units."""
    days, code = np.unique(bets.game_date, return_inverse=True)
    daily = np.bincount(code, weights=bets.profit_taken, minlength=len(days)).astype(float) if len(bets) else np.zeros(0)
    low = high = float("nan")
    if len(days):
        # Order matters to a drawdown, so whole evenings are drawn with replacement and played one after the other.
        drawn = daily[np.random.default_rng(SEED).integers(0, len(days), (draws, len(days)))]
        running = np.cumsum(np.column_stack([np.zeros(draws), drawn]), axis=1)
        low, high = np.percentile((np.maximum.accumulate(running, axis=1) - running).max(axis=1), (2.5, 97.5))
    return Interval(largest_drawdown(daily), float(low), float(high), len(bets), len(days))


def benjamini_hochberg(p_values: Array) -> Array:
    """Q values: the least false-discovery rate at which each would be called (Benjamini and Hochberg 1995)."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)[::-1]
    scaled = p[order] * len(p) / np.arange(len(p), 0, -1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return q


@dataclass(frozen=True)
class BestCell:
    """The best of some cells beside the best that shuffled results give: its return, and the share of shuffles that reach it."""

    cell: str
    cells: int
    roi: float
    shuffled_median: float
    shuffled_95: float
    p_value: float


def best_cell(quotes: Quoted, cell: NDArray[Any], permutations: int = PERMUTATIONS, seed: int = SEED) -> BestCell:
    """Scan the cells (labels of rows) of bets with positive expected value, then again with results shuffled over rows.

    Raises BackcourtError when no cell holds LEAST_CELL_BETS bets.
    """
    keep, is_over, taken = _chosen(quotes, quotes.p_over, quotes.p_over)
    listed, bets = np.unique(cell[keep], return_counts=True)
    keep &= np.isin(cell, listed[bets >= LEAST_CELL_BETS])
    if not keep.any():
        raise BackcourtError(
            f"No cell of {len(quotes)} rows holds {LEAST_CELL_BETS} bets with a positive expected value; scan wider cells."
        )
    names, code = np.unique(cell[keep], return_inverse=True)
    price, side = taken[keep], is_over[keep]
    count = np.bincount(code)
    generator = np.random.default_rng(seed)

    def returns(result: NDArray[np.int64]) -> Array:
        return np.bincount(code, weights=profit(result[keep], side, price)) / count

    observed = returns(quotes.result)
    best = np.array([returns(generator.permutation(quotes.result)).max() for _ in range(permutations)])
    place = int(observed.argmax())
    reached = float((1 + (best >= observed[place]).sum()) / (1 + permutations))
    return BestCell(str(names[place]), len(names), float(observed[place]), float(np.median(best)), float(np.percentile(best, 95)), reached)


def bets_needed(truth: float, break_even: float, power: float = 0.8, level: float = 0.05) -> int:
    """Bets until a one-sided test tells a hit rate `truth` from `break_even` with this power (normal approximation)."""
    normal = NormalDist()
    spread = normal.inv_cdf(1 - level) * (break_even * (1 - break_even)) ** 0.5 + normal.inv_cdf(power) * (truth * (1 - truth)) ** 0.5
    return ceil(float((spread / (truth - break_even)) ** 2))


def _logit(p: Array) -> Array:
    p = np.clip(p, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    return np.asarray(np.log(p / (1 - p)))


def _logistic(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))
