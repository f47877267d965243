"""One run of a home: what the selection needs is built, and the selection is judged once more for the job's record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backcourt.engine.build import standing
from backcourt.engine.build.chunk import Attempt
from backcourt.engine.build.run import Runner, RunOptions, RunSummary
from backcourt.engine.build.selection import Selection
from backcourt.engine.judge import records
from backcourt.engine.judge.cause import Cause, leading
from backcourt.engine.judge.seals import Seals
from backcourt.engine.judge.situation import Situation
from backcourt.engine.judge.source import altered
from backcourt.field import clock
from backcourt.home.custody import Work
from backcourt.home.holding import Holding
from backcourt.tables.declared import sources

if TYPE_CHECKING:
    from backcourt.home.home import Home


def run(
    home: Home,
    selection: Selection,
    options: RunOptions,
    on_event: Callable[[dict[str, Any]], None],
    reason: str | None,
) -> RunSummary:
    """Build what the selection needs; `reason` says why something complete is built again."""
    with home.writing("run") as work:

        def emit(event: dict[str, Any]) -> None:
            work.job.emit(event)
            on_event(event)

        # Seals leave out seasons with nothing to build, and what failed there is to be looked at, too.
        looks_back = options.rebuild or options.retry or bool(selection.states)
        situation = work.situation(seals=None if looks_back else Seals(home.layout.cache_folder / "seals.json"))
        emit({"event": "run_started", "run_id": work.run_id, "workers": options.workers, "rebuild_reason": reason})
        # Before anything is built: a run that fills the disk loses nothing, but it loses time.
        home.custody.require_space(home.custody.publication_bytes(), "A run's snapshot")

        def runner_of(situation: Situation) -> Runner:
            return Runner(work.warehouse, situation, Attempt(work.run_id, clock.now()), options, emit, work.job.check)

        runner = runner_of(situation)
        work.job.keep("what was built is kept; `backcourt run` goes on")
        if not work.trusted:
            runner.summary.altered_sources = altered(work.warehouse, situation.facts)
        runner.summary.altered_sources += [damage.sentence for damage in work.kept.damages]
        summary = runner.run(selection)
        summary.unmet, summary.cause = _left(home, work, situation, selection, is_unjudged=bool(summary.unjudged))
        if summary.unmet.get("failed") and not summary.out_of_time:
            summary = _without_corrections(home, work, selection, runner_of, summary)
        emit({"event": "run_ended", **summary.as_dict()})
        if summary.built:
            records.compact(work.warehouse)
        situation.remember_seals()
        work.job.ends(summary.exit_code, summary.sentence, summary.as_dict())
        # A run over everything has measured everything.
        is_sound = not summary.found_damage and not summary.altered_sources
        work.trusted = work.trusted or (selection == Selection() and is_sound)
        return summary


def _without_corrections(
    home: Home, work: Work, selection: Selection, runner_of: Callable[[Situation], Runner], before: RunSummary
) -> RunSummary:
    """Where games fail a check, try them without their corrections; what is then to be built is."""

    def now() -> Situation:
        return home.situation_of(work.warehouse, trusted=True)

    holding = Holding(work, home.catalog, sources(home.path), lambda chosen: runner_of(now()).run(chosen))
    calendar = now().calendar
    failing = holding.failing(selection, lambda day: calendar.season_of(day) or "")
    if not failing:
        return before
    held = holding.hold_back(failing)
    situation = now()
    summary = before.and_then(runner_of(situation).run(selection))
    summary.held = held
    summary.unmet, summary.cause = _left(home, work, situation, selection, is_unjudged=bool(summary.unjudged))
    return summary


def _left(home: Home, work: Work, situation: Situation, selection: Selection, *, is_unjudged: bool) -> tuple[dict[str, int], Cause | None]:
    """How many partitions of the selection aren't good now, by state, and why; what was measured, receipts say."""
    if selection == Selection() and not is_unjudged and standing.nothing_is_left(situation):
        return {}, None
    now = home.situation_of(work.warehouse, trusted=True)
    left = standing.unmet(now, selection)
    counts = standing.counted(now, left)
    return counts, leading(now.facts, left) if counts else None
