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
    """What so many partitions of a table cost in one run, in seconds of the worker that built them."""

    partitions: int
    seconds: float

    def of(self, partitions: int) -> float:
        # Twice the dates cost less than twice the time: what they read before their first date is read once.
        return float(self.seconds * (partitions / self.partitions) ** _EXPONENT)


# By the chunks of runs over the real seasons, from about 60 dates to 500 or all 847: seconds grew with the power 0.36
# (team_offense_game_summary), 0.46 (ml_feature_store), 0.47 (upcoming_player_game_context) and 0.5 (player_form).
_EXPONENT = 0.45


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
    return Duration(_elapsed(home, rates, certain), _elapsed(home, rates, every))


def _elapsed(home: Home, rates: dict[str, list[_Rate]], counts: dict[str, int]) -> float:
    """By the run of each table whose size was nearest: the longest way through the graph, or all shared out over the workers."""
    seconds = {table: _nearest(rates[table], count).of(count) for table, count in counts.items()}
    ends: dict[str, float] = {}
    for name, node in home.catalog.nodes.items():
        ends[name] = max((ends[other] for other in node.inputs), default=0.0) + seconds.get(name, 0.0)
    return max(max(ends.values(), default=0.0), sum(seconds.values()) / home.settings.workers)


def _nearest(rates: list[_Rate], count: int) -> _Rate:
    return min(rates, key=lambda rate: max(rate.partitions / count, count / rate.partitions))


def _rates(summary: dict[str, Any]) -> list[tuple[str, _Rate]]:
    """Per table of a run."""
    found = []
    for table, told in summary.get("by_table", {}).items():
        partitions = int(told["built"]) + int(told["unchanged"])
        if partitions:
            found.append((table, _Rate(partitions, float(told["seconds"]))))
    return found
