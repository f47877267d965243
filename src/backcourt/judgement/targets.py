"""The targets T1 to T14 as data: what is measured, the bound, the stretch, and the verdict that is published when it is missed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from backcourt.judgement import target_measures as measure
from backcourt.judgement.target_measures import CardInputs, Measurement

Status = Literal["met", "stretch met", "missed", "not measured"]


@dataclass(frozen=True)
class Bound:
    """`low` <= value <= `high`, and the interval's upper end below (`interval_below`) or at most (`interval_at_most`) a number."""

    high: float = float("inf")
    low: float = float("-inf")
    interval_below: float | None = None
    interval_at_most: float | None = None

    def holds(self, found: Measurement) -> bool:
        """Does the measurement keep the bound? An interval that is asked for and unknown doesn't."""
        if not self.low <= found.value <= self.high:
            return False
        if self.interval_below is None and self.interval_at_most is None:
            return True
        if found.interval is None or not found.interval.is_known:
            return False
        return (self.interval_below is None or found.interval.high < self.interval_below) and (
            self.interval_at_most is None or found.interval.high <= self.interval_at_most
        )

    @property
    def text(self) -> str:
        """As it is printed."""
        parts = []
        if np.isfinite(self.low) and np.isfinite(self.high):
            parts.append(f"{self.low:g} to {self.high:g}")
        elif np.isfinite(self.high):
            parts.append(f"<= {self.high:g}")
        elif np.isfinite(self.low):
            parts.append(f">= {self.low:g}")
        if self.interval_below is not None:
            parts.append(f"interval below {self.interval_below:g}")
        if self.interval_at_most is not None:
            parts.append(f"interval up to {self.interval_at_most:g} at most")
        return ", ".join(parts)


@dataclass(frozen=True)
class Target:
    """One bound of one target; `id` is shared by the parts of a target."""

    id: str
    metric: str
    measure: Callable[[CardInputs], Measurement]
    bound: Bound
    stretch: Bound | None
    fallback: str


@dataclass(frozen=True)
class TargetOutcome:
    """A target beside what was measured. `verdict` is the fallback of a missed target, `reason` says why one wasn't measured."""

    target: Target
    found: Measurement
    status: Status

    @property
    def verdict(self) -> str:
        """What is published: the fallback when missed, nothing when met."""
        return self.target.fallback if self.status == "missed" else ""


def evaluate(target: Target, inputs: CardInputs) -> TargetOutcome:
    """Measure a target and judge it."""
    found = target.measure(inputs)
    if np.isnan(found.value):
        return TargetOutcome(target, found, "not measured")
    if target.stretch is not None and target.bound.holds(found) and target.stretch.holds(found):
        return TargetOutcome(target, found, "stretch met")
    return TargetOutcome(target, found, "met" if target.bound.holds(found) else "missed")


_PROTOTYPE = "no better than the prototype"
_LINE = "LINE_BETTER"
_DISTRIBUTION = "prototype distribution stays default"
_NO_BLEND = "blend weight forced to 0 within 30 min of the start"
_WIDE = "recalibration off, wide band flag"
_BIASED = 'slice flagged "biased"'
_GAPS = "list of gaps on the card"
_BLOCKED = "release blocked"

TARGETS: tuple[Target, ...] = (
    Target(
        "T1", "points MAE of the ensemble, A25s (interval: less base_l5)", measure.blind_mae("A25s"),
        Bound(4.50, interval_below=0), Bound(4.47, interval_below=0), _PROTOTYPE,
    ),
    Target(
        "T1", "points MAE of the ensemble, R25s (interval: less base_l5)", measure.blind_mae("R25s"),
        Bound(5.14, interval_below=0), Bound(5.10, interval_below=0), _PROTOTYPE,
    ),
    Target("T1", "the same against base_l5 in per cent, A25s", measure.blind_mae_percent("A25s"), Bound(-7.3), None, _PROTOTYPE),
    Target("T1", "the same against base_l5 in per cent, R25s", measure.blind_mae_percent("R25s"), Bound(-7.7), None, _PROTOTYPE),
    Target(
        "T2", "points MAE of the ensemble less the line, S24", measure.minus_line("ensemble", "S24"),
        Bound(0.030, interval_at_most=0.05), Bound(0.0), _LINE,
    ),
    Target("T2b", "the same, D25 after 21 days", measure.minus_line("ensemble", "D25", "later"), Bound(0.05), Bound(0.03), _LINE),
    Target(
        "T2b", "the same, D25 in the first 21 days", measure.minus_line("ensemble", "D25", "first 21 days"), Bound(0.12), Bound(0.08), _LINE
    ),
    Target(
        "T2c", "the same with a live availability feed, lines within 3 h",
        measure.unmeasured("needs an availability feed that was read live; no archive has one"), Bound(0.02), Bound(0.0), _LINE,
    ),
    Target(
        "T3", "points MAE of market_blend less the line, S24", measure.minus_line("market_blend", "S24"),
        Bound(-0.025, interval_below=0), Bound(-0.035, interval_below=0), "keep fixed .75/.25 weights",
    ),
    Target("T4", "points CRPS of the ensemble, A25s", measure.blind_crps, Bound(3.175), Bound(3.16), _DISTRIBUTION),
    Target("T4", "the same against base_l5 in per cent", measure.blind_crps_percent, Bound(-8.4), None, _DISTRIBUTION),
    Target(
        "T5", "points CRPS of market_blend less market, S24", measure.minus_market("points", "market_blend", "crps"),
        Bound(-0.015, interval_below=0), Bound(-0.020, interval_below=0), 'publish "market distribution" as default on lined rows',
    ),
    Target(
        "T6", "points log loss of market_blend less market, S24", measure.minus_market("points", "market_blend", "log_loss"),
        Bound(-0.0014, interval_below=0), Bound(-0.0020, interval_below=0), "UNRESOLVED or NO_EDGE",
    ),
    Target(
        "T6", "the same, five markets together", measure.all_markets_log_loss,
        Bound(-0.0020, interval_below=-0.0005), Bound(-0.0030, interval_below=-0.0005), "UNRESOLVED or NO_EDGE",
    ),
    Target(
        "T7", "no harm near the start: pra log loss of market_blend less market, Q24",
        measure.minus_market("pra", "market_blend", "log_loss", "Q24"),
        Bound(interval_at_most=0.0010), Bound(interval_below=0), _NO_BLEND,
    ),
    Target(
        "T7", "the same, Q25", measure.minus_market("pra", "market_blend", "log_loss", "Q25"),
        Bound(interval_at_most=0.0010), Bound(interval_below=0), _NO_BLEND,
    ),
    Target("T8", "coverage of the 80 % interval, A25s", measure.coverage_80, Bound(0.82, 0.78), None, _WIDE),
    Target(
        "T8", "the same in the worst tier (distance from .80)", measure.worst_tier_coverage, Bound(0.04), None, _WIDE
    ),
    Target("T8", "slope of market_blend's P(over), S24", measure.blend_slope, Bound(1.2, 0.8), Bound(1.1, 0.9), _WIDE),
    Target("T8", "ECE of market_blend's P(over), S24", measure.blend_ece, Bound(0.02), None, _WIDE),
    Target("T9", "absolute mean bias, A25s", measure.season_bias, Bound(0.12), Bound(0.08), _BIASED),
    Target("T9", "absolute mean bias in the worst tier, A25s", measure.worst_tier_bias, Bound(0.30), Bound(0.20), _BIASED),
    Target("T9", "absolute mean bias, lined playoffs", measure.playoff_bias, Bound(0.35), Bound(0.20), _BIASED),
    Target(
        "T10", "of rebounds, assists, threes: markets where the ensemble's CRPS is at most the market's, S24",
        measure.markets_matched, Bound(low=2), Bound(low=3), "per-market verdict",
    ),
    Target(
        "T10", "of the three: markets where market_blend's CRPS lies below the market's, interval too",
        measure.markets_beaten, Bound(low=3), None, "per-market verdict",
    ),
    Target(
        "T11", "share of lined rows with 1 or more earlier games that have a forecast", measure.lined_share,
        Bound(low=0.995), Bound(low=1), _GAPS,
    ),
    Target("T11", "share of A25's appearances that have a forecast", measure.appearance_share, Bound(low=0.98), Bound(low=1), _GAPS),
    Target("T12", "share of planted leaks that the suite finds", measure.leaks_found, Bound(low=1), None, _BLOCKED),
    Target("T12", "false alarms of the suite, real data included", measure.false_alarms, Bound(0), None, _BLOCKED),
    Target("T13", "picks that no status accounts for, and duplicate grades", measure.unconserved, Bound(0), None, _BLOCKED),
    Target(
        "T14", "seconds of the longest backtest of one market, from nothing", measure.backtest_seconds,
        Bound(600), Bound(360), "cut rounds or go two-weekly, say so",
    ),
)  # fmt: skip
