"""How long a plan will take, from the rates of earlier runs on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from backcourt.engine.build.plan import Plan
from backcourt.home import Home

_RUNS = 20


@dataclass(frozen=True)
class Duration:
    """Seconds for what is certain, and for all that may follow from it as well."""

    certain: float
    at_most: float


@dataclass(frozen=True)
class _Rate:
    """What a table cost in one run: seconds on the clock a partition, or for a few of them together."""

    partitions: int
    seconds: float

    def of(self, partitions: int) -> float:
        # Twice the dates cost less than twice the time: what they read before their first date is read once.
        return float(self.seconds * (partitions / self.partitions) ** _EXPONENT)


# Measured on four real seasons: building 1, 10, 100 and all 847 dates of a table.
_EXPONENT = 0.6


def estimate(home: Home, plan: Plan) -> Duration | None:
    """What a run of the plan takes on the clock; None when no earlier run built one of its tables."""
    rates: dict[str, list[_Rate]] = {}
    for record in islice(home.jobs.records("run"), _RUNS):
        for table, rate in _rates(record.summary):
            rates.setdefault(table, []).append(rate)
    certain: dict[str, int] = {}
    for chunk in plan.certain:
        certain[chunk.table] = certain.get(chunk.table, 0) + len(chunk.days)
    every = {table: certain.get(table, 0) + len(plan.possible.get(table, ())) for table in {*certain, *plan.possible}}
    if not every or not all(table in rates for table in every):
        return None
    return Duration(_seconds(rates, certain), _seconds(rates, every))


def _seconds(rates: dict[str, list[_Rate]], counts: dict[str, int]) -> float:
    """By the run of each table whose size was nearest."""
    return sum(_nearest(rates[table], count).of(count) for table, count in counts.items())


def _nearest(rates: list[_Rate], count: int) -> _Rate:
    return min(rates, key=lambda rate: max(rate.partitions / count, count / rate.partitions))


def _rates(summary: dict[str, Any]) -> list[tuple[str, _Rate]]:
    """Per table of a run. Tables are built side by side: what they cost together is shared out over the time that the run took."""
    tables = summary.get("by_table", {})
    together = sum(float(told["seconds"]) for told in tables.values())
    elapsed = float(summary.get("seconds", 0.0))
    if not together or not elapsed:
        return []
    share = elapsed / together
    found = []
    for table, told in tables.items():
        partitions = int(told["built"]) + int(told["unchanged"])
        if partitions:
            found.append((table, _Rate(partitions, float(told["seconds"]) * share)))
    return found
