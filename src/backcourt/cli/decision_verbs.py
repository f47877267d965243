"""Verbs by which a person decides about what came in: held, alias, map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backcourt.cli.options import HomeOption, JsonOption, WaitOption, home_at
from backcourt.cli.output import as_json, data, say
from backcourt.engine.errors import BackcourtError
from backcourt.field.clock import day

if TYPE_CHECKING:
    from backcourt.sources.held import Held
    from backcourt.work.decide import Decided

ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for whoever asks later.")]
AuthorOption = Annotated[str | None, typer.Option("--author", help="Who says so; default: whoever is logged in.")]
TakeOption = Annotated[
    str | None,
    typer.Option("--take", metavar="NAME", help="Let it count: an id, a game or a file of the list."),
]
DropOption = Annotated[
    str | None,
    typer.Option("--drop", metavar="NAME", help="Never let it count, nor ask again."),
]
EndNameOption = Annotated[
    str | None,
    typer.Option("--end", metavar="NAME", help="Take back that it was taken or dropped."),
]
SourceOption = Annotated[
    str | None,
    typer.Option("--source", help="Only in the words of this format; else of any."),
]
EndOption = Annotated[bool, typer.Option("--end", help="Take back what was settled.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(held)
    app.command()(alias)
    app.command(name="map")(map_)


def held(
    take: TakeOption = None,
    drop: DropOption = None,
    end: EndNameOption = None,
    reason: ReasonOption = "",
    author: AuthorOption = None,
    wait: WaitOption = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """List what was loaded and doesn't count, as something would be lost or a check fails; or settle it."""
    from backcourt.work.decide import decide_held, list_held

    place = home_at(home, waits=wait)
    given = {word: name for word, name in (("take", take), ("drop", drop), ("open", end)) if name is not None}
    if len(given) > 1:
        raise BackcourtError("--take, --drop and --end say different things; give one of them.")
    if not given:
        if reason or author:
            raise BackcourtError("--reason and --author belong to a decision; add --take NAME, --drop NAME or --end NAME.")
        _list(list_held(place), as_json_)
        return
    ((word, name),) = given.items()
    _tell(decide_held(place, name, word=word, reason=reason, author=author), as_json_)


def alias(
    name: Annotated[str, typer.Argument(help="The name as a feed spells it.")],
    player: Annotated[str | None, typer.Argument(help="The player's number, or his name as in box scores.")] = None,
    source: SourceOption = None,
    start: Annotated[str | None, typer.Option("--from", help="Only on this date and later ones, ISO.")] = None,
    author: AuthorOption = None,
    end: EndOption = False,
    wait: WaitOption = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Settle which player a spelling means; earlier rows are resolved again by the next run."""
    from backcourt.work.decide import alias as decide

    if (player is None) != end:
        raise BackcourtError('Give a player, as in `backcourt alias "N. Claxton" "Nic Claxton"`, or --end to take an alias back.')
    begins = day(start) if start else None
    _tell(decide(home_at(home, waits=wait), name, player, source=source, start=begins, author=author), as_json_)


def map_(
    event: Annotated[str, typer.Argument(help="The betting feed's event, as `backcourt gaps` lists it.")],
    game: Annotated[str | None, typer.Argument(help="The NBA's ten digits.")] = None,
    author: AuthorOption = None,
    end: EndOption = False,
    wait: WaitOption = False,
    as_json_: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Settle which game a betting event is; earlier rows are resolved again by the next run."""
    from backcourt.work.decide import map_event

    if (game is None) != end:
        raise BackcourtError("Give a game, as in `backcourt map EVENT 0022300061`, or --end to take it back.")
    _tell(map_event(home_at(home, waits=wait), event, game, author=author), as_json_)


def _list(found: list[Held], as_json_: bool) -> None:
    if as_json_:
        as_json({"held": [one.as_dict() for one in found]})
        return
    for one in found:
        data(f"{one.id}  {one.loaded_at:%Y-%m-%d}  {one.sentence}")
    say(
        "`backcourt held --take ID` lets one count, `--drop ID` never does; a game or a file may stand for the id."
        if found
        else "Nothing is held."
    )


def _tell(decided: Decided, as_json_: bool) -> None:
    if as_json_:
        as_json({"decided": decided.sentence, "touched": list(decided.relations)})
        return
    data(f"{decided.sentence}.")
    if decided.relations:
        say("`backcourt run` builds what follows from it, if anything does.")
