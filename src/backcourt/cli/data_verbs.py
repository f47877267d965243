"""Verbs that make a home and fill it: init, doctor, simulate, ingest, calendar."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backcourt.cli.options import (
    FormatOption,
    HomeOption,
    JsonOption,
    SeasonOption,
    WaitOption,
    folder,
    home_at,
    seasons_between,
)
from backcourt.cli.output import as_json, data, rows, say
from backcourt.engine.errors import BackcourtError
from backcourt.field import clock

if TYPE_CHECKING:
    from backcourt.sources.report import FileReport


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(init)
    app.command()(doctor)
    app.command()(simulate)
    app.command()(ingest)
    app.command()(calendar)
    app.command()(repair)


def init(
    simulated: Annotated[
        bool, typer.Option("--simulated", help="For made-up leagues and replayed evenings: a set clock may write LIVE, and all says so.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Create a project home: configuration, warehouse and folders. It is real or simulated for good.

    Python files in it (tables, systems, feeds, relations, endpoints) are run by later commands with your rights:
    make it where nobody else may write.
    """
    place = home_at(home)
    is_new = place.init(simulated=simulated)
    kind = "simulated project home" if place.is_simulated else "project home"
    data(f"{'Created a' if is_new else 'Already a'} {kind}: {place.path}")
    say("Next: backcourt ingest PATH...")


def repair(wait: WaitOption = False, as_json_: JsonOption = False, home: HomeOption = None) -> None:
    """Rebuild the warehouse from the raw files and the newest readable copy of the ledger; `run` builds the rest. Nothing is deleted.

    Exit 1 if something could not be brought back.
    """
    place = home_at(home, waits=wait)
    report = place.repair()
    if as_json_:
        as_json({"exit_code": report.exit_code, **vars(report)})
        raise typer.Exit(report.exit_code)
    data(report.sentence)
    for sentence in report.lost:
        data(f"lost: {sentence}")
    if report.set_aside:
        say(f"The warehouse of before lies in {report.set_aside}; delete it once all is well.")
    say("Next: backcourt run")
    raise typer.Exit(report.exit_code)


def doctor(home: HomeOption = None, as_json_: JsonOption = False) -> None:
    """Check Python, disk, clock, time zones, warehouse, configuration and sources, and name every file of yours that is not used.

    Exit 2 when the machine or the home isn't fit to work, 1 when it is and a file could not be used.
    """
    from backcourt.work.reports.doctor import examine
    from backcourt.work.reports.unusable import unusable_files

    place = home_at(home)
    findings = examine(place)
    is_fit = all(ok for _, ok, _ in findings)
    problems = unusable_files(place)
    code = int(bool(problems)) if is_fit else 2
    if as_json_:
        checks = [{"check": c, "ok": ok, "finding": text} for c, ok, text in findings]
        listed = [{"file": one.file, "line": one.line, "sentence": one.sentence} for one in problems]
        as_json({"exit_code": code, "checks": checks, "problems": listed})
    else:
        rows(("check", "", "finding"), [(check, "ok" if ok else "PROBLEM", text) for check, ok, text in findings])
        for one in problems:
            data(one.sentence)
    raise typer.Exit(code)


def simulate(
    out: Annotated[Path, typer.Argument(callback=folder, help="Folder for the raw files.")],
    seasons: Annotated[int, typer.Option(help="How many seasons.")] = 2,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    leagues: Annotated[int, typer.Option(help="How many leagues, for benchmarks.")] = 1,
) -> None:
    """Write a seeded league as raw files in the public formats."""
    from backcourt.simulate import simulate as play

    try:
        summary = play(out, seasons=seasons, seed=seed, leagues=leagues)
    except ValueError as error:
        raise BackcourtError(str(error)) from error
    data(str(summary))


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: Parquet, CSV, TSV, JSON, JSON lines; also .gz or in a .zip.")],
    captured_at: Annotated[str | None, typer.Option(help="When the archive was taken, ISO, UTC.")] = None,
    again: Annotated[bool, typer.Option(help="Re-assert files that were loaded before.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Every rejected row.")] = False,
    wait: WaitOption = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Load raw files; versioned and idempotent. Exit 1 if a file is refused, a row rejected or a group held.

    The good rows are in. Each file that isn't read is named with the reason.
    """
    moment = clock.moment(captured_at, "--captured-at ") if captured_at else None

    def told(file: FileReport) -> None:
        if not as_json_:
            _print(file, verbose)

    report = home_at(home, waits=wait).ingest(*paths, captured_at=moment, again=again, on_file=told)
    if as_json_:
        as_json(report.as_dict())
    else:
        data(report.sentence)
    raise typer.Exit(report.exit_code)


def _print(file: FileReport, verbose: bool) -> None:
    if file.refused or file.skipped:
        say(file.refused or f"not read: {file.skipped}")
        return
    told = "loaded before, nothing to do" if file.already_loaded else (
        f"{file.new:,} new, {file.changed:,} changed, {file.unchanged:,} unchanged, {file.rejected:,} rejected"
    )  # fmt: skip
    data(f"{file.file}: {file.source}: {file.rows_in:,} rows in; {told}")
    shown = file.sentences if verbose else file.sentences[:5]
    for sentence in shown:
        say(f"  {sentence}")
    if len(file.sentences) > len(shown):
        say(f"  and {len(file.sentences) - len(shown):,} more; --verbose lists them, table raw_rejects keeps them")
    for sentence in file.held[: None if verbose else 5]:
        say(f"  held: {sentence}")
    if len(file.held) > 5 and not verbose:
        say(f"  and {len(file.held) - 5:,} more; `backcourt held` lists them")
    for note in file.notes:
        say(f"  {note}")


def calendar(
    season: SeasonOption = None,
    why: Annotated[str | None, typer.Option("--why", help="Why a date has no games.")] = None,
    as_json_: JsonOption = False,
    style: FormatOption = "table",
    home: HomeOption = None,
) -> None:
    """Seasons, slates and games that the schedule holds, and why a date has none."""
    from backcourt.field.clock import day
    from backcourt.work.reports.calendar import season_rows, why_no_games

    place = home_at(home)
    with place.situation() as situation:
        if why:
            told = why_no_games(situation, day(why))
            as_json({"date": why, "why": told}) if as_json_ else data(told)
            return
        found = season_rows(situation)
        if season:
            wanted = seasons_between(season, situation.calendar.seasons)
            found = [row for row in found if row[0] in wanted]
    columns = ("season", "kind", "games", "final", "open", "postponed", "dates", "first", "last")
    if as_json_:
        as_json({"seasons": [dict(zip(columns, row, strict=True)) for row in found]})
    else:
        rows(columns, found, style)
