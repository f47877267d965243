"""What a system must show before it becomes a market's champion: gates on paired scores, calibration and size, never on a hit rate.

"Fail only if the upper bound is below 53 %" at 40 bets passes a coin 92 times in 100.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.field.pmf import Array
from backcourt.judgement.bootstrap import LOG_LOSS_DRAWS, Interval, mean_interval
from backcourt.judgement.calibration import coverages, coverages_by, probabilities
from backcourt.judgement.evaluated_run import LINE, MARKET_SYSTEMS, EvaluatedRun
from backcourt.judgement.leaks.suite import SuiteResult
from backcourt.judgement.populations import mask
from backcourt.judgement.slices import SLICES, labels

LARGEST_CRPS_LOSS = 0.005
LEAST_ROWS, LEAST_DATES = 3_000, 45
COVERAGE, TIER_COVERAGE = (0.78, 0.82), (0.76, 0.84)
SLOPE, LARGEST_ECE = (0.8, 1.2), 0.02
LARGEST_BIAS, LARGEST_TIER_BIAS, LARGEST_PLAYOFF_BIAS = 0.12, 0.30, 0.35
MEAN_POINTS = 10.86
"""Points a row of A25s; bounds of bias are stated for points, other markets have them in proportion to their own mean result."""

FIRST_CHAMPION = "base_l5"
BLEND = "market_blend"
_TIER = next(chosen for chosen in SLICES if chosen.name == "tier")


@dataclass(frozen=True)
class Gate:
    """One condition, whether it holds, and the figures that decide it."""

    name: str
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Candidate:
    """A system of a run against the champion on a population that both forecast: A25s, or priced lines where one of them reads prices."""

    run: EvaluatedRun
    system: str
    champion: str
    population: str

    @property
    def rows(self) -> NDArray[np.bool_]:
        """Rows of the population that both forecast."""
        ours, theirs = (self.score(name, "crps") for name in (self.system, self.champion))
        return np.asarray(mask(self.run, self.population) & ~np.isnan(ours) & ~np.isnan(theirs))

    def score(self, system: str, column: str) -> Array:
        """A score of either system [rows]."""
        return self.run.score(system, column, self.population)


def candidate(run: EvaluatedRun, system: str, champion: str | None) -> Candidate:
    """The comparison that decides. Without a champion the last-5 mean stands in its place.

    Raises BackcourtError for a system that the run hasn't got, the line, the market itself, or the champion.
    """
    if system not in run.systems or system == LINE:
        known = ", ".join(name for name in run.systems if name not in (LINE, "market"))
        raise BackcourtError(f"The run of {run.market.id} has no system {system!r} to promote; it has {known}.")
    if system == "market":
        raise BackcourtError("The market is what systems are compared with; promote market_blend or a system of ours.")
    if system == champion:
        raise BackcourtError(f"{system} is already the champion of {run.market.id}; promote another system.")
    reads_prices = system in MARKET_SYSTEMS or champion in MARKET_SYSTEMS
    if reads_prices and not run.priced_populations:
        raise BackcourtError(
            f"The run of {run.market.id} has no lines with prices, so {system} can't be judged; load quotes and run again."
        )
    return Candidate(run, system, champion or FIRST_CHAMPION, run.priced_populations[0] if reads_prices else "A25s")


def gates(found: Candidate, suite: SuiteResult) -> list[Gate]:
    """All gates, passed or not."""
    rows = found.rows
    n, dates = int(rows.sum()), len(np.unique(found.run.game_date[rows]))
    sized = Gate(
        "size",
        n >= LEAST_ROWS and dates >= LEAST_DATES,
        f"{n:,} rows on {dates} dates of {found.population}; {LEAST_ROWS:,} and {LEAST_DATES} needed",
    )
    green = Gate("leak suite", suite.is_green, f"{suite.share_found:.0%} of planted leaks found, {suite.false_alarms} false alarms")
    if not n:
        return [green, sized]
    crps = mean_interval((found.score(found.system, "crps") - found.score(found.champion, "crps"))[rows], found.run.game_date[rows])
    worse = Gate(
        "not worse", crps.is_known and crps.high <= LARGEST_CRPS_LOSS,
        f"CRPS less {found.champion} {_shown(crps)}; its upper end may be {LARGEST_CRPS_LOSS} at most",
    )  # fmt: skip
    return [green, sized, worse, _better(found, crps), *_calibrated(found), *_unbiased(found)]


def _better(found: Candidate, crps: Interval) -> Gate:
    """Better on one of CRPS, lined log loss and coverage by tier."""
    loss = _log_loss(found)
    ours, theirs = (_worst_tier(found, system) for system in (found.system, found.champion))
    ways = {
        f"CRPS {_shown(crps)}": crps.is_below_zero,
        "log loss of P(over) " + (_shown(loss, 5) if loss else "not stated by both"): loss is not None and loss.is_below_zero,
        f"worst tier's distance from 80 % {ours:.3f} against {theirs:.3f}": ours < theirs,
    }
    return Gate("better on one", any(ways.values()), "; ".join(f"{way}: {'better' if holds else 'no'}" for way, holds in ways.items()))


def _log_loss(found: Candidate) -> Interval | None:
    """Difference on the first priced population where both state a P(over)."""
    for population in found.run.priced_populations:
        if {found.system, found.champion} <= set(found.run.probability_systems(population)):
            ours, theirs = (found.run.probability(population, system, "logloss") for system in (found.system, found.champion))
            known = ~np.isnan(ours) & ~np.isnan(theirs)
            place = found.run.lines_of(population)["position"][known]
            return mean_interval((ours - theirs)[known], found.run.game_date[place], LOG_LOSS_DRAWS)
    return None


def _tiers(found: Candidate, system: str) -> list[tuple[str, float]]:
    listed = coverages_by(found.run, system, found.population, _TIER)
    return [(tier, c.share.estimate) for tier, of_tier in listed for c in of_tier if c.percent == 80]


def _worst_tier(found: Candidate, system: str) -> float:
    return max(abs(share - 0.80) for _, share in _tiers(found, system))


def _calibrated(found: Candidate) -> Iterator[Gate]:
    overall = next(c for c in coverages(found.run, found.system, found.rows, found.population) if c.percent == 80).share.estimate
    yield Gate("coverage", _inside(overall, COVERAGE), f"80 % interval holds {overall:.1%}; {COVERAGE[0]:.0%} to {COVERAGE[1]:.0%}")
    tiers = _tiers(found, found.system)
    outside = [f"{tier} {share:.1%}" for tier, share in tiers if not _inside(share, TIER_COVERAGE)]
    yield Gate(
        "coverage by tier", not outside, f"outside {TIER_COVERAGE[0]:.0%} to {TIER_COVERAGE[1]:.0%}: {', '.join(outside) or 'none'}"
    )  # fmt: skip
    if found.system == BLEND:
        # A blind P(over) on a lined row is never published, so only the blend's must mean what it says.
        fit = probabilities(found.run, found.population, BLEND).calibration
        yield Gate(
            "P(over)", _inside(fit.slope, SLOPE) and fit.ece <= LARGEST_ECE,
            f"slope {fit.slope:.2f} ({SLOPE[0]} to {SLOPE[1]}), ECE {fit.ece:.3f} (at most {LARGEST_ECE})",
        )  # fmt: skip


def _unbiased(found: Candidate) -> Iterator[Gate]:
    run = found.run
    bias = found.score(found.system, "bias")
    rows = found.rows
    scale = 1.0 if run.market.id == "points" else float(run.rows["actual"][rows].mean()) / MEAN_POINTS
    yield _bias_gate("bias", bias[rows], LARGEST_BIAS * scale)
    tier = labels(run, _TIER)
    for name in sorted(set(tier[rows].tolist()) - {""}):
        yield _bias_gate(f"bias of {name}", bias[rows & (tier == name)], LARGEST_TIER_BIAS * scale)
    lined = np.zeros(len(rows), dtype=bool)
    lined[run.lines["position"]] = True
    playoffs = run.appeared & lined & (run.rows["season_type"] == "playoffs") & ~np.isnan(bias)
    if playoffs.any():
        yield _bias_gate("bias in lined playoffs", bias[playoffs], LARGEST_PLAYOFF_BIAS * scale)


def _bias_gate(name: str, bias: Array, bound: float) -> Gate:
    mean = float(bias.mean())
    return Gate(name, abs(mean) <= bound, f"{mean:+.3f} on {len(bias):,} rows; at most {bound:.3f} either way")


def _inside(value: float, bounds: tuple[float, float]) -> bool:
    return bool(bounds[0] <= value <= bounds[1])


def _shown(found: Interval, digits: int = 3) -> str:
    return f"{found.estimate:+.{digits}f} [{found.low:+.{digits}f}, {found.high:+.{digits}f}]"
