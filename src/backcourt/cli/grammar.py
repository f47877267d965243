"""What holds for the words of every command line, whatever its verb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from backcourt.cli.output import answer_in_json
from backcourt.engine.errors import BackcourtError


class Verbs(TyperGroup):
    """The verbs. An empty word is refused: a variable that a script never set would otherwise select everything."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See TyperGroup. Raises BackcourtError for an empty word."""
        words = _before_dashes(args)
        answer_in_json("--json" in words)
        for place, word in enumerate(args):
            option, equals, value = word.partition("=")
            if not word:
                raise BackcourtError(f"{_named(args[:place])} is empty; give a value, or leave it out.")
            if equals and not value and option.startswith("--") and place < len(words):
                raise BackcourtError(f"{option} is empty; give a value, or leave it out.")
        return super().parse_args(ctx, args)


def _before_dashes(args: Sequence[str]) -> Sequence[str]:
    return args[: args.index("--")] if "--" in args else args


def _named(before: Sequence[str]) -> str:
    """What an empty word belongs to."""
    return before[-1] if before and before[-1].startswith("--") and before[-1] != "--" else "An argument"


def require_use_of_home(context: typer.Context) -> None:
    """Raise BackcourtError when a home is named for a verb that works on none."""
    verb = context.invoked_subcommand
    command = getattr(context.command, "commands", {}).get(verb)
    if command is not None and all(parameter.name != "home" for parameter in command.params):
        raise BackcourtError(f"{verb} works on no home; leave --home out.")
