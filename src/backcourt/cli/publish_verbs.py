"""Verbs about published files: publish, live."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backcourt.cli.options import FromOption, HomeOption, JsonOption, ToOption, folder, home_at, slates
from backcourt.cli.output import as_json, data, say

OutOption = Annotated[Path | None, typer.Option("--out", callback=folder, help="Folder of the published files; default: HOME/published.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (publish, live):
        app.command()(verb)


def publish(
    day: Annotated[str | None, typer.Option("--date", help="A slate, ISO date.")] = None,
    start: FromOption = None,
    end: ToOption = None,
    out: OutOption = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; prove every published file against manifest and schema.")] = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Write the published files of a slate or a range, as one new generation; exit code 1 if the guard stops it."""
    from backcourt.work import publish as job

    place = home_at(home)
    if check:
        count, problems = job.check_published(place, out)
        if as_json_:
            as_json({"files": count, "problems": problems})
        for problem in [] if as_json_ else problems:
            data(problem)
        say(f"{count - len(problems)} of {count} published files are what their manifest and schema say.")
        raise typer.Exit(1 if problems else 0)
    report = job.publish(place, *slates("Publishing", day, start, end), out=out)
    if as_json_:
        as_json(
            {
                "root": str(report.root), "generation": report.generation, "is_new": report.is_new, "files": report.files,
                "written": report.published, "is_open": report.verdict.is_open, "failures": report.verdict.failures,
                "notices": report.verdict.notices,
            }
        )  # fmt: skip
    else:
        data(report.sentence)
        for notice in report.verdict.notices:
            say(notice)
    raise typer.Exit(0 if report.verdict.is_open else 1)


def live(
    day: Annotated[str, typer.Option("--date", help="The slate, ISO date.")],
    box: Annotated[Path, typer.Option("--box", help="A live box score file, or a folder of them.")],
    out: OutOption = None,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Write the live files of a slate from box scores of its games under way."""
    from backcourt.work import publish as job

    report = job.live(home_at(home), day, box, out=out)
    if as_json_:
        as_json(
            {
                "root": str(report.root), "generation": report.generation, "game_date": report.game_date, "boxes": report.boxes,
                "states": report.states, "problems": report.problems,
            }
        )  # fmt: skip
        return
    listed = ", ".join(f"{count} {state}" for state, count in report.states.items()) or "no picks with a live state"
    data(f"{report.game_date}: {report.boxes} boxes, {listed}; generation {report.generation} in {report.root}.")
    for problem in report.problems:
        say(problem)
