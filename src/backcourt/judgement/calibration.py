"""Do forecasts mean what they say: PIT histograms, coverage, and how often a stated P(over) came true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backcourt.field.pmf import Array
from backcourt.field.scores import Calibration, calibration
from backcourt.judgement.bootstrap import Interval, mean_interval
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.populations import mask
from backcourt.judgement.slices import Slice, labels

COVERAGES = {50: ("q25", "q75"), 80: ("q10", "q90"), 90: ("q05", "q95")}
"""Nominal per cent -> the quantiles that bound the interval."""

PIT_BINS, RELIABILITY_BINS = 10, 10


@dataclass(frozen=True)
class Coverage:
    """How often a nominal interval holds the result.

    `share` counts randomised PITs in the middle of (0, 1), exact for counts. `between_quantiles` counts results from
    the lower to the upper quantile, ends included: for low counts it lies above nominal even for a perfect forecast.
    """

    percent: int
    share: Interval
    between_quantiles: float


def coverages(run: EvaluatedRun, system: str, rows: NDArray[np.bool_], population: str | None = None) -> list[Coverage]:
    """Coverage of the 50, 80 and 90 % intervals on those of `rows` that the system forecast; one that reads prices needs a `population`."""
    pit = run.score(system, "pit", population)
    rows = rows & ~np.isnan(pit)
    actual = run.rows["actual"][rows]
    found = []
    for percent, (lower, upper) in COVERAGES.items():
        half = percent / 200
        inside = (np.abs(pit[rows] - 0.5) <= half).astype(float)
        between = (actual >= run.score(system, lower, population)[rows]) & (actual <= run.score(system, upper, population)[rows])
        found.append(Coverage(percent, mean_interval(inside, run.game_date[rows]), float(between.mean()) if len(between) else float("nan")))
    return found


def coverages_by(run: EvaluatedRun, system: str, population: str, chosen: Slice) -> list[tuple[str, list[Coverage]]]:
    """Coverage per label of a slice, in the labels' order."""
    inside = mask(run, population)
    found = labels(run, chosen, population)
    return [
        (label, coverages(run, system, inside & (found == label), population)) for label in sorted(set(found[inside].tolist())) if label
    ]


def pit_histogram(run: EvaluatedRun, system: str, rows: NDArray[np.bool_], bins: int = PIT_BINS) -> Array:
    """Share of PITs per equal bin of (0, 1); all 1 / bins for a calibrated forecast, a hump when it is too wide. NaN without rows."""
    pit = run.score(system, "pit")
    pit = pit[rows & ~np.isnan(pit)]
    counted, _ = np.histogram(pit, bins, (0, 1))
    return counted / len(pit) if len(pit) else np.full(bins, np.nan)


@dataclass(frozen=True)
class Probabilities:
    """P(over | no push) of one system on a population's lines, and what happened; arrays of one length, pushes left out."""

    game_date: NDArray[np.datetime64]
    position: NDArray[np.int64]
    p_over: Array
    is_over: NDArray[np.bool_]

    def where(self, keep: NDArray[np.bool_]) -> Probabilities:
        """Some of the rows."""
        return Probabilities(self.game_date[keep], self.position[keep], self.p_over[keep], self.is_over[keep])

    @property
    def calibration(self) -> Calibration:
        """Slope, intercept and ECE."""
        return calibration(self.p_over, self.is_over)


def probabilities(run: EvaluatedRun, population: str, system: str) -> Probabilities:
    """The population's lined appearances without a push for which the system states a P(over)."""
    lines = run.lines_of(population)
    place = lines["position"]
    p = run.probability(population, system, "p_over")
    actual = np.where(run.appeared, run.rows["actual"], np.nan)[place]
    keep = mask(run, population)[place] & ~np.isnan(p) & ~np.isnan(actual) & (actual != lines["modal_line"])
    return Probabilities(run.game_date[place][keep], place[keep], p[keep], (actual > lines["modal_line"])[keep])


def calibrations_by(run: EvaluatedRun, population: str, system: str, chosen: Slice) -> list[tuple[str, Calibration]]:
    """Calibration of P(over) per label of a slice, in the labels' order."""
    stated = probabilities(run, population, system)
    found = labels(run, chosen, population)[stated.position]
    return [(label, stated.where(found == label).calibration) for label in sorted(set(found.tolist())) if label]


@dataclass(frozen=True)
class ReliabilityBin:
    """Rows of similar P(over): its range and mean, and the share of overs with its interval over game dates."""

    low: float
    high: float
    mean: float
    share: Interval


def reliability(stated: Probabilities, bins: int = RELIABILITY_BINS) -> list[ReliabilityBin]:
    """Bins of equal mass from the lowest P(over) to the highest; none without rows."""
    order = np.argsort(stated.p_over, kind="stable")
    return [
        ReliabilityBin(
            float(stated.p_over[part].min()),
            float(stated.p_over[part].max()),
            float(stated.p_over[part].mean()),
            mean_interval(stated.is_over[part].astype(float), stated.game_date[part]),
        )
        for part in np.array_split(order, bins)
        if len(part)
    ]


def error_correlations(run: EvaluatedRun, systems: tuple[str, ...], rows: NDArray[np.bool_]) -> Array:
    """Correlation of the errors of the mean [systems, systems] on the rows that all of them forecast; NaN below two rows.

    Systems that err alike count as one: near-copies of a model are no second opinion.
    """
    errors: NDArray[Any] = np.column_stack([run.score(system, "bias") for system in systems])
    errors = errors[rows & ~np.isnan(errors).any(axis=1)]
    if len(errors) < 2:
        return np.full((len(systems), len(systems)), np.nan)
    return np.atleast_2d(np.corrcoef(errors, rowvar=False))
