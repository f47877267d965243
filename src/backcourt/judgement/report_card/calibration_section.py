"""Calibration of one market: PIT histograms, coverage and P(over), by tier, side and month; how alike the systems err."""

from __future__ import annotations

from typing import Any

import numpy as np

from backcourt.field.scores import Calibration
from backcourt.judgement.calibration import (
    Coverage,
    calibrations_by,
    coverages,
    coverages_by,
    error_correlations,
    pit_histogram,
    probabilities,
    reliability,
)
from backcourt.judgement.evaluated_run import LINE, MARKET_SYSTEMS, EvaluatedRun
from backcourt.judgement.populations import mask
from backcourt.judgement.report_card.market_section import BLEND, BLIND, MARKET, known_populations
from backcourt.judgement.report_card.plain import interval
from backcourt.judgement.slices import SLICES

BY = ("tier", "side", "month")


def calibration_section(run: EvaluatedRun) -> dict[str, Any]:
    """Everything that the card shows of calibration."""
    populations = known_populations(run)
    widest = populations[0] if populations else None
    blind = [system for system in run.systems if system not in MARKET_SYSTEMS and system != LINE]
    found: dict[str, Any] = {"coverage": [], "pit": [], "probability": [], "error_correlations": None}
    for population in populations:
        for system in (BLIND, *(name for name in MARKET_SYSTEMS if population in run.priced_populations)):
            if system in run.systems:
                found["coverage"].append(_coverage(run, system, population))
    if widest is not None:
        inside = mask(run, widest)
        found["pit"] = [{"population": widest, "system": system, "shares": pit_histogram(run, system, inside)} for system in blind]
        # A system that abstains often would shrink the common rows to its own.
        steady = tuple(system for system in blind if np.isnan(run.score(system, "mean")[inside]).mean() < 0.01)
        found["error_correlations"] = {
            "population": widest, "systems": list(steady), "matrix": error_correlations(run, steady, inside)
        }  # fmt: skip
    for population in run.priced_populations:
        for system in (BLIND, MARKET, "market_intercept", BLEND):
            if system in run.probability_systems(population):
                found["probability"].append(_probability(run, population, system))
    return found


def _coverage(run: EvaluatedRun, system: str, population: str) -> dict[str, Any]:
    by_tier = next(chosen for chosen in SLICES if chosen.name == "tier")
    tiers = coverages_by(run, system, population, by_tier) if system == BLIND else []
    return {
        "population": population, "system": system, "overall": [_one(c) for c in coverages(run, system, mask(run, population), population)],
        "by_tier": {label: [_one(c) for c in listed] for label, listed in tiers},
    }  # fmt: skip


def _one(coverage: Coverage) -> dict[str, Any]:
    return {"percent": coverage.percent, **interval(coverage.share), "between_quantiles": coverage.between_quantiles}


def _probability(run: EvaluatedRun, population: str, system: str) -> dict[str, Any]:
    stated = probabilities(run, population, system)
    return {
        "population": population, "system": system, **_fit(stated.calibration),
        "bins": [
            {"low": part.low, "high": part.high, "mean": part.mean, "share": interval(part.share)} for part in reliability(stated)
        ],
        "by": {
            chosen.name: {label: _fit(fit) for label, fit in calibrations_by(run, population, system, chosen)}
            for chosen in SLICES
            if chosen.name in BY
        },
    }  # fmt: skip


def _fit(found: Calibration) -> dict[str, Any]:
    return {"n": found.n, "slope": found.slope, "intercept": found.intercept, "ece": found.ece}
