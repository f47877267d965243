"""The state of a home in five lines, the last of which is the next command."""

from __future__ import annotations

from backcourt.engine.errors import BackcourtError
from backcourt.engine.plan import Selection, make_plan
from backcourt.engine.state import Situation
from backcourt.home import Home


def overview_lines(home: Home) -> list[str]:
    """Five lines for whoever typed `backcourt` alone."""
    if not home.warehouse_file.exists():
        return [
            f"home: {home.path} (no warehouse yet)", "seasons: none", "partitions: none", "runs: none", "next: backcourt init",
        ]  # fmt: skip
    try:
        with home.situation() as situation:
            return _lines(home, situation)
    except BackcourtError as error:
        if error.exit_code != 2:
            raise
        return [f"home: {home.path}", "seasons: none", "partitions: none", f"state: {error}", "next: backcourt ingest PATH"]


def _lines(home: Home, situation: Situation) -> list[str]:
    states = situation.states(situation.catalog.nodes.values())
    partitions = [p for found in states.values() for p in found.values()]
    unmet = [p for p in partitions if not p.is_good]
    plan = make_plan(situation, Selection())
    runs = situation.warehouse.query("select run_id, outcome from runs order by started_at desc, run_id desc limit 1")
    seasons = situation.calendar.seasons
    return [
        f"home: {home.path} ({home.read_from()})",
        f"seasons: {seasons[0]} to {seasons[-1]}, {len(situation.calendar.dates):,} game dates" if seasons else "seasons: none",
        f"partitions: {len(partitions) - len(unmet):,} of {len(partitions):,} good",
        f"last run: {runs[0][0]} ({runs[0][1]})" if runs else "last run: none",
        f"next: {_next(plan.partitions, len(unmet)) if seasons else 'backcourt ingest PATH'}",
    ]


def _next(planned: int, unmet: int) -> str:
    if planned:
        return f"backcourt run ({planned:,} partitions to build)"
    if unmet:
        return "backcourt gaps (what is unmet can't be built from what is there)"
    return "backcourt verify --for phase4"
