"""Verbs about what doesn't pass: retry, waive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from backcourt.cli.options import (
    DateOption,
    FromOption,
    HomeOption,
    JsonOption,
    SeasonOption,
    TableOption,
    ToOption,
    WaitOption,
    home_at,
    selection,
)
from backcourt.cli.output import as_json, data, say
from backcourt.cli.work_verbs import run_and_print
from backcourt.engine.errors import BackcourtError
from backcourt.field.clock import day


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(retry)
    app.command()(waive)


def retry(
    season: SeasonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    dates: DateOption = None,
    table: TableOption = None,
    wait: WaitOption = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Try again what failed, although nothing has changed, and build what follows. Exit 1 if any isn't good afterwards."""
    place = home_at(home, waits=wait)
    run_and_print(place, selection(place, season, start, end, dates, tables=table), as_json_, retry=True)


def waive(
    table: Annotated[str, typer.Argument(help="Table or source.")],
    on: Annotated[str, typer.Argument(metavar="DATE", help="ISO date.")],
    game: Annotated[str | None, typer.Option("--game", help="Only this game; else all of the date.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why it may pass, for whoever reads the hand-off.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The last day on which it counts, ISO; then it is stale by itself.")] = None,
    author: Annotated[str | None, typer.Option("--author", help="Who says so; default: whoever is logged in.")] = None,
    end: Annotated[bool, typer.Option("--end", help="Take a waiver back.")] = False,
    wait: WaitOption = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Let a partition through, or one game of it, although a check or an expectation speaks against it; marked until it ends."""
    from backcourt.work.waive import unwaive
    from backcourt.work.waive import waive as record

    place = home_at(home, waits=wait)
    if end:
        if reason or until or author:
            raise BackcourtError("--end takes a waiver back; leave --reason, --until and --author out.")
        taken = unwaive(place, table, day(on), game)
        _tell(
            as_json_,
            f"{table} {on}: no longer waived ({taken.reason})",
            {"table": table, "date": on, "game": game, "ended": True},
        )
        return
    if not reason or not until:
        raise BackcourtError("A waiver needs --reason TEXT and --until DATE: why it may pass, and the last day on which it does.")
    found = record(place, table, day(on), reason=reason, until=day(until), game=game, author=author)
    waiver = found.waiver
    body = {
        "table": table, "date": on, "game": game, "reason": waiver.reason, "author": waiver.author, "until": str(waiver.until),
        "against": found.against,
    }  # fmt: skip
    _tell(as_json_, f"{table} {on}: {waiver.sentence}", body)
    if not as_json_:
        data(f"what speaks against it: {found.against or 'nothing now; the waiver changes nothing until something does'}")


def _tell(as_json_: bool, sentence: str, body: Mapping[str, object]) -> None:
    if as_json_:
        as_json(dict(body))
        return
    data(sentence)
    say("`backcourt run` builds it as it is judged now.")
