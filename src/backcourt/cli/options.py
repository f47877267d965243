"""Options that verbs share, and how a selection is read from them."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backcourt.cli.output import known_style
from backcourt.engine.errors import BackcourtError
from backcourt.field.clock import day, day_range
from backcourt.field.seasons import season_range

if TYPE_CHECKING:
    from backcourt.engine.build.selection import Selection
    from backcourt.home import Home

HomeOption = Annotated[Path | None, typer.Option("--home", help="Project home; default: BACKCOURT_HOME, the nearest backcourt.toml, here.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object with schema_version and as_of.")]
FormatOption = Annotated[str, typer.Option("--format", callback=known_style, help="table, csv or md.")]
SeasonOption = Annotated[str | None, typer.Option("--season", help="2023-24, or a range 2021-22..2024-25 (inclusive).")]
FromOption = Annotated[str | None, typer.Option("--from", "--start", help="First date, ISO, inclusive.")]
ToOption = Annotated[str | None, typer.Option("--to", "--end", help="Last date, ISO, inclusive.")]
DateOption = Annotated[str | None, typer.Option("--date", help="Dates, ISO, separated by commas.")]
SelectOption = Annotated[
    list[str] | None, typer.Option("--select", help="TABLE, +TABLE (with all it needs), phase:3 or state:failed; repeatable.")
]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait for whoever writes, however long; else up to 30 s, then exit 3.")]
NoHistoryOption = Annotated[
    bool,
    typer.Option("--no-history", help="Only the dates selected, not the earlier ones that they are made from; thin is then good enough."),
]
PhaseOption = Annotated[int | None, typer.Option("--phase", help="All tables of a phase.")]
TableOption = Annotated[list[str] | None, typer.Option("--table", help="A table; repeatable.")]


WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes at a time.")]


def seconds(value: float | None) -> float | None:
    """A length of time that an option gives. Raises BackcourtError for one that never begins or never ends."""
    if value is not None and not (math.isfinite(value) and value > 0):
        raise BackcourtError(f"{value} is no number of seconds; give one above 0, or leave it out.")
    return value


def out_file(path: Path | None) -> Path | None:
    """Where a file is to be written. Raises BackcourtError at once, before anything is computed for it."""
    if path is not None and path.is_dir():
        raise BackcourtError(f"--out {path} is a folder; name a file in it.")
    if path is not None and not path.parent.is_dir():
        told = f"--out {path} lies in a folder that doesn't exist"
        raise BackcourtError(f"{told}; make {path.parent} first, or choose another place.")
    return path


def folder(path: Path | None) -> Path | None:
    """Where files are to be written, existing or not. Raises BackcourtError when something else stands there."""
    for part in (path, *path.parents) if path is not None else ():
        if part.exists() and not part.is_dir():
            raise BackcourtError(f"{part} is no folder, and files are to be written into it; choose another place.")
    return path


class _Named:
    """What stood before the verb: `backcourt --home X VERB`."""

    before_the_verb: Path | None = None


_named = _Named()


def remember_home(path: Path | None) -> None:
    """Keep the --home that stood before the verb, None for none, for the verb that follows."""
    _named.before_the_verb = path


def home_at(path: Path | None, *, waits: bool = False) -> Home:
    """The project home that --home names, after the verb or before it, or else its defaults; `waits` waits for whoever writes."""
    from backcourt.cli.output import say
    from backcourt.home import open_home

    before = _named.before_the_verb
    if path is not None and before is not None and path != before:
        raise BackcourtError(f"--home is given twice, {before} and {path}; name one home.")
    home = open_home(path if path is not None else before)
    home.custody.say = say
    if waits:
        home.custody.patience = float("inf")
    return home


def slates(doing: str, on: str | None, start: str | None, end: str | None) -> tuple[date, date]:
    """First and last date of `--date`, or of `--from` and `--to`; `doing` begins the sentence of an error."""
    first, last = (on, on) if on else (start, end)
    if not first or not last or (on and (start or end)):
        raise BackcourtError(f"{doing} needs --date DATE, or --from DATE and --to DATE (inclusive).")
    return day_range(first, last)


def seasons_between(text: str, known: list[str]) -> tuple[str, ...]:
    """The seasons of `2023-24` or `2021-22..2024-25` among the known ones, both ends included."""
    first, last = season_range(text)
    for season in (first, last):
        if season not in known:
            raise BackcourtError(f"{season!r} is not a loaded season; loaded are {', '.join(known) or 'none yet'}.")
    return tuple(season for season in known if first <= season <= last)


def selection(
    home: Home,
    season: str | None = None,
    start: str | None = None,
    end: str | None = None,
    dates: str | None = None,
    select: list[str] | None = None,
    phase: int | None = None,
    tables: list[str] | None = None,
    *,
    with_history: bool = True,
) -> Selection:
    """The selection that the shared options describe; raises BackcourtError for a table, phase, state or date that doesn't exist."""
    from backcourt.engine.build.selection import Selection

    _require_made(home)
    catalog = home.catalog
    names: list[str] = []
    states: list[str] = []
    for name in tables or []:
        names.append(catalog[name].name)
    phases = [phase] if phase is not None else []
    for term in select or []:
        if term.startswith("phase:"):
            phases.append(_number(term))
        elif term.startswith("state:"):
            states.append(term.removeprefix("state:"))
        elif term.startswith("+"):
            names += [node.name for node in catalog.upstream([term[1:]])]
        else:
            names.append(catalog[term].name)
    for number in phases:
        of_phase = [node.name for node in catalog.built if node.phase == number]
        if not of_phase:
            raise BackcourtError(f"Phase {number} has no tables; phases with tables are {_phases(catalog)}.")
        names += of_phase
    _require_states(states)
    seasons: tuple[str, ...] = ()
    if season:
        with home.situation() as situation:
            seasons = seasons_between(season, situation.calendar.seasons)
    from_date, to_date = (day(start) if start else None), (day(end) if end else None)
    if from_date and to_date and from_date > to_date:
        raise BackcourtError(f"--from {from_date} lies after --to {to_date}; ranges are inclusive, first date first.")
    return Selection(
        tables=tuple(dict.fromkeys(names)) if names else None,
        from_date=from_date,
        to_date=to_date,
        dates=tuple(day(text.strip()) for text in dates.split(",")) if dates else (),
        seasons=seasons,
        states=tuple(states),
        with_history=with_history,
    )


def _require_made(home: Home) -> None:
    """What is no home is told before seconds are spent on reading all declarations."""
    if home.layout.place() in ("nothing", "unmade"):
        home.layout.require()


def _require_states(states: list[str]) -> None:
    from backcourt.engine.judge.partition import GOOD, PENDING

    known = {*GOOD, *PENDING, "unknown", "surplus", "altered", "failed", "blocked", "missing", "partial", "stale", "thin"}
    for state in states:
        if state not in known:
            raise BackcourtError(f"There is no state {state!r}; states are {', '.join(sorted(known))}.")


def _number(term: str) -> int:
    text = term.partition(":")[2]
    if not (text.isascii() and text.isdecimal()):
        raise BackcourtError(f"{term!r} is no phase; write e.g. phase:3.")
    return int(text)


def _phases(catalog: object) -> str:
    return ", ".join(str(number) for number in sorted({node.phase for node in catalog.built}))  # type: ignore[attr-defined]
