"""The state of a home in five lines, the last of which is the next command."""

from __future__ import annotations

from backcourt.engine.build.plan import make_plan
from backcourt.engine.build.selection import Selection
from backcourt.engine.errors import BackcourtError, DamagedError
from backcourt.engine.judge import checksums
from backcourt.engine.judge.cause import Cause, leading
from backcourt.engine.judge.situation import Situation
from backcourt.home import Home
from backcourt.work.reports.health import health

_BROKEN_OFF = 2
"""What an ingest exits with that an error ended; with 1 all files were looked at."""


def overview_lines(home: Home) -> list[str]:
    """Five lines for whoever typed `backcourt` alone."""
    place = home.layout.place()
    if place in ("nothing", "unmade"):
        what = "no home yet" if place == "nothing" else "no warehouse yet"
        return [
            f"home: {home.path} ({what})",
            "seasons: none",
            "partitions: none",
            "runs: none",
            f"next: backcourt init --home {home.path}",
        ]
    try:
        with home.situation() as situation:
            return _lines(home, situation)
    except DamagedError as error:
        return [
            f"home: {home.path}",
            "seasons: unknown",
            "partitions: unknown",
            f"state: {error}",
            "next: backcourt repair",
        ]
    except BackcourtError as error:
        if error.exit_code != 2:
            raise
        # Once it can be read, there is only nothing in it; else the sentence says what to do.
        following = "backcourt ingest PATH" if _can_be_read(home) else "as the state says"
        return [f"home: {home.path}", "seasons: none", "partitions: none", f"state: {error}", f"next: {following}"]


def _can_be_read(home: Home) -> bool:
    try:
        with home.reading():
            return True
    except BackcourtError:
        return False


def _lines(home: Home, situation: Situation) -> list[str]:
    states = situation.states(situation.catalog.nodes.values())
    partitions = [p for found in states.values() for p in found.values()]
    unmet = [p for p in partitions if not p.is_good]
    plan = make_plan(situation, Selection())
    last = home.jobs.last("run")
    red = [part for part in health(home, situation.calendar) if part.is_red]
    ingest = next((part for part in red if part.name == "ingest"), None)
    seasons = situation.calendar.seasons
    if home.custody.reads.is_damaged or not home.warehouse_file.is_file() or checksums.found(situation.warehouse):
        following = "backcourt repair"
    elif ingest is not None and (ingest.state in ("died", "stopped") or ingest.exit_code == _BROKEN_OFF):
        following = "backcourt ingest PATH, as before (the last one ended before everything was in)"
    else:
        following = _next(plan.partitions, leading(situation.facts, unmet)) if seasons else "backcourt ingest PATH"
    return [
        f"home: {home.path} ({home.read_from()})",
        f"seasons: {seasons[0]} to {seasons[-1]}, {len(situation.calendar.dates):,} game dates" if seasons else "seasons: none",
        f"partitions: {len(partitions) - len(unmet):,} of {len(partitions):,} good",
        (f"last run: {last.job} ({last.seen_outcome})" if last else "last run: none")
        + "".join(f"; {part.name}: {part.state}" for part in red if part.name != "run"),
        f"next: {following}",
    ]


def _next(planned: int, cause: Cause | None) -> str:
    if planned:
        return f"backcourt run ({planned:,} partitions to build)"
    if cause is not None:
        return f"{cause.command} ({cause.text})"
    return "backcourt verify --for phase4"
