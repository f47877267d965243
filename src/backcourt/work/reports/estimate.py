"""How long a plan will take, from the rates of earlier runs."""

from __future__ import annotations

from itertools import islice

from backcourt.engine.build.plan import Plan
from backcourt.home import Home

_RUNS = 20


def seconds_for(home: Home, plan: Plan) -> float | None:
    """Seconds, or None when no earlier run built the tables in question."""
    rates: dict[str, float] = {}
    for record in islice(home.jobs.records("run"), _RUNS):
        for table, told in record.summary.get("by_table", {}).items():
            if table not in rates and told["rows"]:
                rates[table] = told["seconds"] / told["rows"]
    if not plan.certain or not all(chunk.table in rates for chunk in plan.certain):
        return None
    return sum(rates[chunk.table] * chunk.rows for chunk in plan.certain)
