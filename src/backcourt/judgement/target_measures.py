"""How each target is measured on the run folders; a value that can't be measured is NaN with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backcourt.field.scores import ece_by_chance
from backcourt.forecasting.populations import NOT_LISTED
from backcourt.judgement.bootstrap import LOG_LOSS_DRAWS, Interval, mean_interval
from backcourt.judgement.calibration import coverages, coverages_by, probabilities
from backcourt.judgement.comparison import Compared, compare, values_of
from backcourt.judgement.evaluated_run import LINE, MARKET_SYSTEMS, EvaluatedRun
from backcourt.judgement.populations import OPENING_DAYS, mask
from backcourt.judgement.slices import SLICES, labels

if TYPE_CHECKING:
    from backcourt.judgement.conservation import Conservation
    from backcourt.judgement.leaks.suite import SuiteResult
    from backcourt.judgement.monitors import Drift

BLIND, REFERENCE = "ensemble", "base_l5"
LOW_COUNT_MARKETS = ("rebounds", "assists", "threes")
TIER = next(chosen for chosen in SLICES if chosen.name == "tier")
OPENING = next(chosen for chosen in SLICES if chosen.name == "opening")


@dataclass(frozen=True)
class Measurement:
    """A value, its interval where it has one, the reason when it is NaN, and what else a reader of the value must know."""

    value: float
    interval: Interval | None = None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class CardInputs:
    """What a card stands on: the runs by market, the leak suite, the ledger's grades; None where there are none."""

    runs: Mapping[str, EvaluatedRun]
    suite: SuiteResult | None = None
    conservation: Conservation | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Market -> seconds of a backtest that fitted every week."""

    drift: tuple[Drift, ...] = ()
    """The store's features of late against the same weeks of earlier years."""


Measure = Callable[[CardInputs], Measurement]


def missing(reason: str) -> Measurement:
    """Not measured, and why."""
    return Measurement(float("nan"), reason=reason)


def unmeasured(reason: str) -> Measure:
    """A target that no stored data can measure."""
    return lambda inputs: missing(reason)


def _lacking(inputs: CardInputs, market: str, population: str, systems: Sequence[str] = ()) -> str:
    """Why this population of this market can't be scored; empty when it can."""
    run = inputs.runs.get(market)
    if run is None:
        return f"there is no backtest of {market}"
    if not mask(run, population).any():
        return f"the run of {market} has no rows of {population}"
    absent = [system for system in systems if system not in run.systems]
    return f"the run of {market} has no {absent[0]}" if absent else ""


def _compared(inputs: CardInputs, market: str, population: str, metric: str, system: str, reference: str) -> Compared | str:
    reason = _lacking(inputs, market, population, (system, reference))
    if reason:
        return reason
    run = inputs.runs[market]
    inside = mask(run, population)
    for name in (system, reference):
        if np.isnan(values_of(run, name, metric, population)[inside]).all():
            return f"{name} has no {metric} on {population} of {market}"
    return compare(run, population, metric, reference, (reference, system)).of(system)


def blind_mae(population: str) -> Measure:
    """MAE of the ensemble on points, with the interval of its difference to the last-5 mean."""
    return _value("points", population, "mae")


def blind_mae_percent(population: str) -> Measure:
    """The same difference in per cent of the last-5 mean's MAE."""
    return _percent("points", population, "mae")


def blind_crps(inputs: CardInputs) -> Measurement:
    """CRPS of the ensemble on points, A25s, with the interval of its difference to the last-5 mean."""
    return _value("points", "A25s", "crps")(inputs)


def blind_crps_percent(inputs: CardInputs) -> Measurement:
    """The same difference in per cent."""
    return _percent("points", "A25s", "crps")(inputs)


def _value(market: str, population: str, metric: str) -> Measure:
    def measure(inputs: CardInputs) -> Measurement:
        found = _compared(inputs, market, population, metric, BLIND, REFERENCE)
        return missing(found) if isinstance(found, str) else Measurement(found.value, found.difference)

    return measure


def _percent(market: str, population: str, metric: str) -> Measure:
    def measure(inputs: CardInputs) -> Measurement:
        found = _compared(inputs, market, population, metric, BLIND, REFERENCE)
        return missing(found) if isinstance(found, str) else Measurement(100 * found.difference.estimate / found.reference_value)

    return measure


def minus_line(system: str, population: str, opening: str = "") -> Measure:
    """MAE less the consensus line's on points, on the label `opening` of that slice if one is given."""

    def measure(inputs: CardInputs) -> Measurement:
        found = _compared(inputs, "points", population, "mae", system, LINE)
        if isinstance(found, str):
            return missing(found)
        if opening:
            run = inputs.runs["points"]
            rows = labels(run, OPENING) == opening
            if not (mask(run, population) & rows).any():
                return missing(f"{population} has no rows of {opening} (a season's first {OPENING_DAYS} days, and later)")
            found = compare(run, population, "mae", LINE, (LINE, system), rows).of(system)
        return Measurement(found.difference.estimate, found.difference)

    return measure


def minus_market(market: str, system: str, metric: str, population: str = "S24") -> Measure:
    """Difference to the market's score."""

    def measure(inputs: CardInputs) -> Measurement:
        found = _compared(inputs, market, population, metric, system, "market")
        return missing(found) if isinstance(found, str) else Measurement(found.difference.estimate, found.difference)

    return measure


def all_markets_log_loss(inputs: CardInputs) -> Measurement:
    """Log loss of market_blend less market on the S24 rows of all five markets together, blocks of dates across markets."""
    from backcourt.field.markets import MARKETS

    parts: list[tuple[NDArray[np.float64], NDArray[np.datetime64]]] = []
    for market in MARKETS:
        reason = _lacking(inputs, market, "S24", MARKET_SYSTEMS)
        if reason:
            return missing(reason)
        run = inputs.runs[market]
        difference = values_of(run, "market_blend", "log_loss", "S24") - values_of(run, "market", "log_loss", "S24")
        rows = mask(run, "S24") & ~np.isnan(difference)
        parts.append((difference[rows], run.game_date[rows]))
    found = mean_interval(np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]), LOG_LOSS_DRAWS)
    return Measurement(found.estimate, found)


def coverage_80(inputs: CardInputs) -> Measurement:
    """Coverage of the ensemble's 80 % interval on points, A25s, by randomised PIT."""
    reason = _lacking(inputs, "points", "A25s", (BLIND,))
    if reason:
        return missing(reason)
    run = inputs.runs["points"]
    found = next(coverage for coverage in coverages(run, BLIND, mask(run, "A25s")) if coverage.percent == 80)
    return Measurement(found.share.estimate, found.share)


def worst_tier_coverage(inputs: CardInputs) -> Measurement:
    """The largest distance of a tier's 80 % coverage from .80."""
    reason = _lacking(inputs, "points", "A25s", (BLIND,))
    if reason:
        return missing(reason)
    by_tier = coverages_by(inputs.runs["points"], BLIND, "A25s", TIER)
    return Measurement(max(abs(c.share.estimate - 0.80) for _, found in by_tier for c in found if c.percent == 80))


def blend_slope(inputs: CardInputs) -> Measurement:
    """Logistic slope of what happened on the logit of market_blend's P(over), points, S24."""
    reason = _lacking(inputs, "points", "S24", ("market_blend",))
    return missing(reason) if reason else Measurement(probabilities(inputs.runs["points"], "S24", "market_blend").calibration.slope)


def blend_ece(inputs: CardInputs) -> Measurement:
    """Expected calibration error of the same, beside what luck alone would show."""
    reason = _lacking(inputs, "points", "S24", ("market_blend",))
    if reason:
        return missing(reason)
    stated = probabilities(inputs.runs["points"], "S24", "market_blend")
    mean, low, high = ece_by_chance(stated.p_over)
    note = f"if each probability were exact, {len(stated.p_over):,} rows would show {mean:.3f} by luck ({low:.3f} to {high:.3f})"
    return Measurement(stated.calibration.ece, note=note)


def season_bias(inputs: CardInputs) -> Measurement:
    """Absolute mean of forecast less result, ensemble, points, A25s; the interval is of the signed bias."""
    reason = _lacking(inputs, "points", "A25s", (BLIND,))
    return missing(reason) if reason else _bias(inputs.runs["points"], mask(inputs.runs["points"], "A25s"))


def worst_tier_bias(inputs: CardInputs) -> Measurement:
    """The largest absolute bias of a tier."""
    reason = _lacking(inputs, "points", "A25s", (BLIND,))
    if reason:
        return missing(reason)
    run = inputs.runs["points"]
    tier, inside = labels(run, TIER), mask(run, "A25s")
    found = [_bias(run, inside & (tier == name)) for name in sorted(set(tier[inside].tolist())) if name]
    return max(found, key=lambda measured: measured.value)


def playoff_bias(inputs: CardInputs) -> Measurement:
    """Absolute bias on lined playoff rows, S24."""
    reason = _lacking(inputs, "points", "S24", (BLIND,))
    if reason:
        return missing(reason)
    run = inputs.runs["points"]
    rows = mask(run, "S24") & (run.rows["season_type"] == "playoffs")
    return _bias(run, rows) if rows.any() else missing("S24 has no playoff rows")


def _bias(run: EvaluatedRun, rows: NDArray[np.bool_]) -> Measurement:
    bias = run.score(BLIND, "bias")
    rows = rows & ~np.isnan(bias)
    found = mean_interval(bias[rows], run.game_date[rows])
    return Measurement(abs(found.estimate), found)


def markets_matched(inputs: CardInputs) -> Measurement:
    """In how many of the three low-count markets the ensemble's CRPS is at most the market's."""
    return _count(inputs, BLIND, lambda found: found.estimate <= 0)


def markets_beaten(inputs: CardInputs) -> Measurement:
    """In how many of the three market_blend's CRPS lies below the market's with its whole interval."""
    return _count(inputs, "market_blend", lambda found: found.is_below_zero)


def _count(inputs: CardInputs, system: str, holds: Callable[[Interval], bool]) -> Measurement:
    counted = 0
    for market in LOW_COUNT_MARKETS:
        found = _compared(inputs, market, "S24", "crps", system, "market")
        if isinstance(found, str):
            return missing(found)
        counted += holds(found.difference)
    return Measurement(float(counted))


def lined_share(inputs: CardInputs) -> Measurement:
    """Of appearances with a line and at least one earlier appearance, the share that the ensemble forecast; the worst market."""
    shares = []
    for run in inputs.runs.values():
        place = np.unique(run.lines["position"])
        place = place[(run.rows["appearances_before"][place] >= 1) & run.appeared[place]]
        absent = run.not_forecast
        missed = (absent["appearances_before"] >= 1) & (absent["reason"] == NOT_LISTED)
        missed &= np.array([name[0] not in "AR" for name in absent["population"]], dtype=bool)
        if len(place):
            shares.append(float((~np.isnan(run.score(BLIND, "mean")[place])).sum() / (len(place) + missed.sum())))
    return Measurement(min(shares)) if shares else missing("no run has lines")


def appearance_share(inputs: CardInputs) -> Measurement:
    """Of the appearances that A25 counts by the box score, the share with a forecast; the worst market."""
    shares = []
    for run in inputs.runs.values():
        inside = mask(run, "A25s")
        missed = int((run.not_forecast["population"] == "A25").sum())
        if inside.any():
            shares.append(float((~np.isnan(run.score(BLIND, "mean")[inside])).sum() / (inside.sum() + missed)))
    return Measurement(min(shares)) if shares else missing("no run has rows of A25s")


def leaks_found(inputs: CardInputs) -> Measurement:
    """Share of planted leaks that were found."""
    return missing("the leak suite wasn't run") if inputs.suite is None else Measurement(inputs.suite.share_found)


def false_alarms(inputs: CardInputs) -> Measurement:
    """Guards that fail on honest data."""
    return missing("the leak suite wasn't run") if inputs.suite is None else Measurement(float(inputs.suite.false_alarms))


def unconserved(inputs: CardInputs) -> Measurement:
    """Picks without exactly one current status, and grades that repeat."""
    if inputs.conservation is None:
        return missing("the ledger holds no grades yet")
    return Measurement(float(inputs.conservation.unaccounted + inputs.conservation.duplicates))


def backtest_seconds(inputs: CardInputs) -> Measurement:
    """Seconds of the slowest market's backtest."""
    if not inputs.seconds:
        return missing("no run folder states the seconds of a backtest that fitted every week")
    return Measurement(max(inputs.seconds.values()))
