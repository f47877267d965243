"""Verbs that plan and build: plan, run, bench."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from backcourt.cli.options import (
    DateOption,
    FormatOption,
    FromOption,
    HomeOption,
    JsonOption,
    NoHistoryOption,
    PhaseOption,
    SeasonOption,
    SelectOption,
    TableOption,
    ToOption,
    WaitOption,
    home_at,
    seconds,
    selection,
)  # fmt: skip
from backcourt.cli.output import as_json, data, rows, say
from backcourt.engine.errors import BackcourtError

if TYPE_CHECKING:
    from backcourt.engine.build.selection import Selection
    from backcourt.home import Home


_FIRST_SIMULATED_YEAR = 2021


def register(app: typer.Typer) -> None:
    """Add the verbs and their aliases."""
    app.command()(plan)
    app.command()(run)
    app.command("backfill", hidden=True)(run)
    app.command("build", hidden=True)(run)
    app.command()(bench)


def plan(
    season: SeasonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    dates: DateOption = None,
    select: SelectOption = None,
    phase: PhaseOption = None,
    table: TableOption = None,
    no_history: NoHistoryOption = False,
    as_json_: JsonOption = False,
    style: FormatOption = "table",
    home: HomeOption = None,
) -> None:
    """What a run would build, and why; writes nothing."""
    place = home_at(home)
    print_plan(
        place,
        place.plan(selection(place, season, start, end, dates, select, phase, table, with_history=not no_history)),
        as_json_,
        style,
    )


def print_plan(place: Any, made: Any, as_json_: bool, style: str) -> None:
    """Certain chunks with their reason and estimate, then what may follow from them."""
    from backcourt.work.reports.estimate import estimate

    found = estimate(place, made)
    chunks = [(c.table, c.start, c.end, len(c.days), c.rows, c.reason) for c in made.certain]
    columns = ("table", "from", "to", "partitions", "rows", "reason")
    if as_json_:
        possible = {name: [str(d) for d in days] for name, days in made.possible.items()}
        listed = [
            {**dict(zip(columns, c, strict=True)), "dates": [str(d) for d in chunk.days]}
            for c, chunk in zip(chunks, made.certain, strict=True)
        ]
        as_json(
            {
                "certain": listed,
                "possible": possible,
                "partitions": made.partitions,
                "estimated_seconds": found.certain if found else None,
                "estimated_seconds_at_most": found.at_most if found else None,
                "notes": made.notes,
            }
        )
        return
    if not chunks:
        data("Nothing to build: every partition that can be built is up to date.")
        return
    rows(columns, chunks, style)
    for name, days in made.possible.items():
        data(f"possible: {name}, {len(days):,} partitions from {days[0]} to {days[-1]}; skipped where their inputs come out equal")
    most = made.partitions + sum(len(days) for days in made.possible.values())
    follow = f"; with what may follow at most {most:,}" if made.possible else ""
    about = f", about {found.at_most:.1f} s by the rates of earlier runs" if found else ""
    data(f"{made.partitions:,} partitions in {len(chunks)} chunks{follow}{about}.")
    for note in made.notes:
        data(note)


def run(
    season: SeasonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    dates: DateOption = None,
    select: SelectOption = None,
    phase: PhaseOption = None,
    table: TableOption = None,
    workers: Annotated[int | None, typer.Option(help="Tables built at the same time.")] = None,
    max_time: Annotated[
        float | None, typer.Option(callback=seconds, help="Seconds after which the run ends with what it has (exit 124).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan; take no lock, write nothing.")] = False,
    no_history: NoHistoryOption = False,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build complete partitions too; needs --reason.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why a rebuild is wanted; kept in the run's log.")] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failed partition.")] = False,
    wait: WaitOption = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Plan and build; what the selection is made from is built as well. Exit 1 if any of the selection isn't good afterwards."""
    place = home_at(home, waits=wait)
    if rebuild and not reason:
        raise BackcourtError("--rebuild replaces complete partitions; say why with --reason TEXT.")
    if workers is not None and not 1 <= workers <= 64:
        raise BackcourtError(f"--workers {workers} is out of range; choose 1 to 64.")
    chosen = selection(place, season, start, end, dates, select, phase, table, with_history=not no_history)
    if dry_run:
        print_plan(place, place.plan(chosen, rebuild=rebuild), as_json_, "table")
        return
    run_and_print(place, chosen, as_json_, reason, workers=workers, max_seconds=max_time, rebuild=rebuild, fail_fast=fail_fast)


def run_and_print(
    place: Home,
    chosen: Selection,
    as_json_: bool,
    reason: str | None = None,
    *,
    workers: int | None = None,
    **options: Any,
) -> NoReturn:
    """Run, say what came of it and exit accordingly; `options` are those of a run."""
    from backcourt.cli.progress import progress
    from backcourt.engine.build.run import RunOptions
    from backcourt.work.reports.unusable import told, unusable_files

    with progress() as on_event:
        summary = place.run(chosen, RunOptions(workers=workers or place.settings.workers, **options), on_event, reason=reason)
    if as_json_:
        as_json(summary.as_dict())
    else:
        _print_summary(summary)
        if chosen.is_narrow and not summary.planned:
            _say_why_nothing(place, chosen)
        if left_out := told(unusable_files(place)):
            say(left_out)
    if summary.out_of_time:
        say("Out of time; what was built is kept, run again to go on.")
    raise typer.Exit(summary.exit_code)


def _say_why_nothing(place: Home, chosen: Selection) -> None:
    from backcourt.work.reports.calendar import why_nothing_is_chosen

    with place.situation() as situation:
        if why := why_nothing_is_chosen(situation, chosen):
            say(why)


def _print_summary(summary: Any) -> None:
    for sentence in summary.held:
        data(f"held: {sentence}.")
    for sentence in summary.altered_sources:
        data(f"altered: {sentence}")
    if not summary.planned and (summary.altered_sources or summary.unmet):
        data(f"Nothing was built ({summary.seconds:.2f} s).")
        _print_unmet(summary)
        return
    if not summary.planned:
        data(f"Nothing to build; everything that can be built is up to date ({summary.seconds:.2f} s).")
        return
    columns = ("table", "built", "unchanged", "rows", "seconds")
    rows(columns, [(name, *(f"{t[c]:,}" for c in columns[1:])) for name, t in summary.by_table.items()])
    data(
        f"planned {summary.planned:,}, built {summary.built:,}, unchanged {summary.unchanged:,}, failed {summary.failed:,}, "
        f"blocked {summary.blocked:,} game(s), {summary.rows:,} rows, {summary.seconds:.2f} s"
    )
    for failure in summary.failures:
        say(f"failed: {failure.table} {failure.game_date}: {failure.message}")
    for name, games in summary.withheld.items():
        reasons: dict[str, list[str]] = {}
        for game, why in games.items():
            reasons.setdefault(why, []).append(game)
        for why, ids in reasons.items():
            more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
            say(f"withheld: {name}: {len(ids)} game(s) {why}: {', '.join(ids[:3])}{more}")
    _print_unmet(summary)


def _print_unmet(summary: Any) -> None:
    if summary.unmet:
        data(f"NOT MET: {summary.unmet_told}.")
        if summary.cause:
            data(f"First cause: {summary.cause.sentence}.")


def bench(
    data_folder: Annotated[
        Path | None,
        typer.Option("--data", help="Folder of raw files; default: ../shared/data, else a simulated league."),
    ] = None,
    scale: Annotated[int, typer.Option(min=0, help="Times the seasons for the scaling line; 0 leaves it out.")] = 10,
    seasons: Annotated[int, typer.Option(min=1, help="Simulated seasons that the scaling starts from.")] = 2,
    sample: Annotated[int, typer.Option(min=1, help="Dates built one at a time for the ratio.")] = 40,
    as_json_: JsonOption = False,
    style: FormatOption = "table",
) -> None:
    """Measure the budget table on this machine, on scratch homes."""
    from backcourt.bench import run_bench
    from backcourt.field.seasons import LAST_YEAR

    if seasons * max(scale, 1) > LAST_YEAR - _FIRST_SIMULATED_YEAR + 1:
        told = f"--seasons {seasons} times --scale {scale} reach beyond {LAST_YEAR}"
        raise BackcourtError(f"{told}, the last year that a game id can name; choose less.")
    if data_folder is not None and not data_folder.is_dir():
        raise BackcourtError(f"--data {data_folder} is no folder of raw files; correct the path.")

    default = Path("../shared/data")
    folder = data_folder or (default if (default / "nba").is_dir() else None)
    found = run_bench(folder, scale=scale, seasons=seasons, sample=sample, say=say if sys.stderr.isatty() else lambda text: None)
    if as_json_:
        as_json({"rows": [row.as_dict() for row in found]})
        return
    verdict = {True: "met", False: "NOT MET", None: ""}
    rows(
        ("work", "measured", "budget", "", "note"),
        [
            (
                r.work,
                f"{r.measured:,.2f} {r.unit}",
                "" if r.budget is None else f"{'>=' if r.at_least else '<='} {r.budget:g} {r.unit}",
                verdict[r.is_met],
                r.note,
            )
            for r in found
        ],
        style,
    )
