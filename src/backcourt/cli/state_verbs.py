"""Verbs that tell the state: status, verify, gaps, why, stale, handoff."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from backcourt.cli.options import (
    DateOption,
    FormatOption,
    FromOption,
    HomeOption,
    JsonOption,
    PhaseOption,
    SeasonOption,
    SelectOption,
    TableOption,
    ToOption,
    WaitOption,
    home_at,
    out_file,
    selection,
)  # fmt: skip
from backcourt.cli.output import as_json, data, rows, say
from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import write_whole
from backcourt.field.clock import day

if TYPE_CHECKING:
    from backcourt.engine.prove.verify import Verdict
    from backcourt.home import Home

_COLOURS = {
    "complete": "green", "no_games": "dim", "unavailable": "cyan", "not_due": "dim", "stale": "yellow", "partial": "yellow",
    "thin": "yellow",
    "missing": "red", "blocked": "magenta", "failed": "red", "altered": "red", "surplus": "red", "unknown": "red",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (status, verify, gaps, why, stale, handoff):
        app.command()(verb)


def status(
    check: Annotated[
        bool, typer.Option("--check", help="Print one line and exit by the worst state: 0 good, 1 unmet, 5 not known.")
    ] = False,
    as_json_: JsonOption = False,
    style: FormatOption = "table",
    home: HomeOption = None,
) -> None:
    """The grid of seasons x tables, and whether the jobs and models are well."""
    from backcourt.work.reports.grid import grid
    from backcourt.work.reports.health import health
    from backcourt.work.reports.unusable import told, unusable_files

    place = home_at(home)
    if check:
        _check(place, as_json_)
    source = place.read_from()
    with place.situation() as situation:
        seasons, cells = grid(situation)
        parts = health(place, situation.calendar)
    unused = unusable_files(place)
    if as_json_:
        body = {t: {s: {**vars(c), "percent": round(c.percent, 4)} for s, c in by_season.items()} for t, by_season in cells.items()}
        about = {
            "read_from": source,
            "is_simulated": place.is_simulated,
            "unusable_files": [one.sentence for one in unused],
        }
        as_json({**about, "seasons": seasons, "tables": body, "health": [vars(part) for part in parts]})
        return
    say(f"read from the {source}" + (" (a simulated home)" if place.is_simulated else ""))
    if unused:
        say(told(unused))
    if style == "table" and sys.stdout.isatty():
        _coloured(seasons, cells)
    else:
        listed = [
            (
                table,
                *(f"{c.good}/{c.due} {c.percent:.1f}% {c.worst}" if (c := by_season.get(s)) else "" for s in seasons),
            )
            for table, by_season in cells.items()
        ]
        rows(("table", *seasons), listed, style)
    say("good/due partitions, percent of expected games (or rows) present, worst state")
    if style == "table":
        is_terminal = sys.stdout.isatty()
        shown = [
            (
                p.name,
                f"[red]{p.state}[/]" if p.is_red and is_terminal else p.state,
                p.ended_at or "",
                _exit(p.exit_code),
                p.last_ok or "",
                p.note,
            )
            for p in parts
        ]
        columns = ("job or probe", "state", "ended (UTC)", "exit", "last well (UTC)", "note")
        _printed(columns, shown) if is_terminal else rows(columns, shown)


def _exit(code: int | None) -> str:
    return "" if code is None else str(code)


def _check(place: Home, as_json_: bool) -> NoReturn:
    """One line for machines, and the exit code of the worst that is so."""
    from backcourt.work.reports.check import check_home

    code, sentence = check_home(place)
    if as_json_:
        as_json({"exit_code": code, "sentence": sentence})
    else:
        data(sentence)
    raise typer.Exit(code)


def _coloured(seasons: list[str], cells: dict[str, Any]) -> None:
    found = []
    for name, by_season in cells.items():
        shown = []
        for season in seasons:
            cell = by_season.get(season)
            shown.append(f"[{_COLOURS[cell.worst]}]{cell.good}/{cell.due} {cell.percent:.1f}% {cell.worst}[/]" if cell else "")
        found.append((name, *shown))
    _printed(("table", *seasons), found)


def _printed(columns: Sequence[str], found: Iterable[Sequence[object]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns)
    for row in found:
        table.add_row(*map(str, row))
    Console().print(table)


def verify(
    gate: Annotated[str, typer.Option("--for", help="The gate: phase2, phase3, phase4, predictions, ledger or all.")] = "all",
    season: SeasonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    dates: DateOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 4 when it is met only by declared holes or waivers.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Every unmet partition with its games.")] = False,
    save: Annotated[bool, typer.Option("--save", help="Store the verdict in the home.")] = False,
    wait: WaitOption = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Is everything there that a phase needs, exactly? Exit 1 when it isn't, 5 when that can't be known."""
    from backcourt.work.reports.holes import source_holes
    from backcourt.work.reports.unsettled import unsettled

    place = home_at(home, waits=wait)
    verdict = place.verify(gate, selection(place, season, start, end, dates), strict=strict, save=save)
    with place.situation() as situation:
        beside = unsettled(place, situation)
    code = verdict.exit_code(strict=strict)
    source = "warehouse"
    legacy = place.settings.policy.legacy_coverage_percent
    coverage = verdict.coverage()
    below = {table: percent for table, percent in coverage.items() if percent < legacy}
    if as_json_:
        as_json(
            {
                "gate": gate, "exit_code": code, "verdict": verdict.sentence, "policy": verdict.policy_hash, "read_from": source,
                "unmet": [_partition(p) for p in verdict.unmet], "unavailable_games": sorted(verdict.unavailable_games),
                "explanations": {f"{t} {d}": s for (t, d), s in verdict.explanations.items()},
                "season_checks": [vars(f) for f in verdict.findings], "coverage_percent": coverage,
                "cause": vars(verdict.cause) if verdict.cause else None, "unsettled": beside.counts,
            }
        )  # fmt: skip
        raise typer.Exit(code)
    data(verdict.sentence)
    told = f"below it: {', '.join(f'{table} {percent:.1f} %' for table, percent in below.items())}" if below else "all tables above it"
    data(f"by the old rule ({legacy:g} % of dates fully covered): {told}")
    for sentence in source_holes(verdict.games, [node.name for node in place.catalog.sources], verdict.partitions):
        data(sentence)
    _tell_unmet(verdict, verbose=verbose)
    if beside.sentence:
        data(f"unsettled: {beside.sentence}")
    say(f"read from the {source}, policy {verdict.policy_hash}")
    raise typer.Exit(code)


def _tell_unmet(verdict: Verdict, *, verbose: bool) -> None:
    """What is unmet by table and season, the first cause, what could be named, and the findings of the season checks."""
    from backcourt.work.reports.holes import gaps as grouped

    for gap in grouped(verdict.partitions):
        span = gap.first if gap.first == gap.last else f"{gap.first} to {gap.last}"
        data(f"{gap.table} {gap.season}: {gap.partitions:,} {gap.state}, {span}: {gap.example}")
    if verdict.cause:
        data(f"First cause: {verdict.cause.sentence}.")
    for (table, on), sentences in verdict.explanations.items():
        for text in sentences[:5]:
            data(f"  {table} {on}: {text}")
    for finding in verdict.findings:
        data(f"{finding.severity}: {finding.table}: {finding.check}: {', '.join(map(str, finding.row))}")
    if verbose:
        for p in verdict.unmet:
            counts = f"{p.rows_present}/{p.rows_expected} rows {p.games_present}/{p.games_expected} games"
            data(f"{p.table} {p.game_date} {p.state} {counts} {'' if p.holes else p.detail}".rstrip())
            for hole in p.holes:
                data(f"    {hole.cause}: {hole.text}")
    elif verdict.unmet:
        say("--verbose lists every partition with its games; `backcourt why TABLE DATE` tells the story of one")


def _partition(p: Any) -> dict[str, Any]:
    return {
        "table": p.table, "date": str(p.game_date), "state": p.state, "detail": p.detail, "rows_expected": p.rows_expected,
        "rows_present": p.rows_present, "games_expected": p.games_expected, "games_present": p.games_present,
        "holes": [vars(hole) for hole in p.holes],
    }  # fmt: skip


def gaps(
    season: SeasonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    dates: DateOption = None,
    select: SelectOption = None,
    phase: PhaseOption = None,
    table: TableOption = None,
    by: Annotated[str, typer.Option(help="partition, or cause.")] = "cause",
    as_json_: JsonOption = False,
    style: FormatOption = "table",
    home: HomeOption = None,
) -> None:
    """Everything unmet, and what came in and isn't settled. Exit 1 if anything is unmet."""
    from backcourt.engine.judge.cause import leading
    from backcourt.work.reports.holes import gaps as grouped
    from backcourt.work.reports.unsettled import unsettled

    if by not in ("cause", "partition"):
        raise BackcourtError(f"--by {by!r} is unknown; choose cause or partition.")
    place = home_at(home)
    chosen = selection(place, season, start, end, dates, select, phase, table)
    with place.situation() as situation:
        nodes = chosen.nodes(situation.catalog)
        states = situation.states(nodes)
        found = [
            p
            for name, partitions in states.items()
            if chosen.tables is None or name in chosen.tables
            for p in partitions.values()
            if not p.is_good and chosen.holds(p.game_date, p.season)
        ]
        cause = leading(situation.facts, found)
        beside = unsettled(place, situation)
    if as_json_:
        as_json(
            {
                "gaps": [_partition(p) for p in found],
                "cause": vars(cause) if cause else None,
                "unsettled": beside.as_dict(),
            }
        )
    elif not found:
        data("No gaps: everything expected is there.")
    elif by == "cause":
        columns = ("table", "season", "state", "partitions", "games", "first", "last", "example")
        rows(columns, [tuple(vars(gap).values()) for gap in grouped(found)], style)
    else:
        rows(("table", "date", "state", "detail"), [(p.table, p.game_date, p.state, p.detail) for p in found], style)
    if not as_json_:
        for line in beside.lines():
            data(f"unsettled: {line}")
        if cause:
            say(f"First cause: {cause.sentence}.")
    raise typer.Exit(1 if found else 0)


def why(
    table: Annotated[str, typer.Argument(help="Table or source.")],
    on: Annotated[str, typer.Argument(metavar="DATE", help="ISO date.")],
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """The full story of one partition, up and down the graph."""
    from backcourt.work.reports.story import story

    with home_at(home).exact_situation("why", records=False) as situation:
        lines = story(situation, table, day(on))
    if as_json_:
        as_json({"table": table, "date": on, "story": lines})
    else:
        for line in lines:
            data(line)


def stale(as_json_: JsonOption = False, style: FormatOption = "table", home: HomeOption = None) -> None:
    """What other code or other inputs made. Exit 1 if there is anything."""
    from backcourt.work.reports.holes import stale_rows

    with home_at(home).situation() as situation:
        states = situation.states(situation.catalog.nodes.values())
    partitions = [p for found in states.values() for p in found.values()]
    listed = stale_rows(partitions)
    if as_json_:
        as_json({"stale": [{"table": p.table, "date": str(p.game_date), "why": p.detail} for p in partitions if p.state == "stale"]})
    elif not listed:
        data("Nothing is stale.")
    else:
        rows(("table", "why", "partitions", "first", "last"), listed, style)
    raise typer.Exit(1 if listed else 0)


def handoff(
    style: Annotated[str, typer.Option("--format", help="md or html.")] = "md",
    out: Annotated[Path | None, typer.Option("--out", callback=out_file, help="Write to a file instead of stdout.")] = None,
    home: HomeOption = None,
) -> None:
    """The true state for a colleague, as Markdown or HTML."""
    from backcourt.work.reports.handoff import as_html
    from backcourt.work.reports.handoff import handoff as written

    if style not in ("md", "html"):
        raise BackcourtError(f"--format {style!r} is unknown; choose md or html.")
    place = home_at(home)
    with place.situation() as situation:
        text = written(place, situation)
    text = as_html(text) if style == "html" else text
    if out:
        write_whole(out, text)
        say(f"written to {out}")
    else:
        data(text.rstrip())
