"""How long a plan will take, from the rates of earlier runs."""

from __future__ import annotations

import json

from backcourt.engine.plan import Plan
from backcourt.home import Home


def seconds_for(home: Home, plan: Plan) -> float | None:
    """Seconds, or None when no earlier run built the tables in question."""
    with home.reading() as warehouse:
        if not warehouse.columns("runs"):
            return None
        summaries = [json.loads(str(row[0])) for row in warehouse.query("select summary from runs order by started_at desc limit 20")]
    rates: dict[str, float] = {}
    for summary in summaries:
        for table, told in summary.get("by_table", {}).items():
            if table not in rates and told["rows"]:
                rates[table] = told["seconds"] / told["rows"]
    if not plan.certain or not all(chunk.table in rates for chunk in plan.certain):
        return None
    return sum(rates[chunk.table] * chunk.rows for chunk in plan.certain)
