"""What a feed's file declares: how to recognise it, and how its columns become raw rows. Provider words end in these declarations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "number", "boolean", "date", "time", "game_id"]

STORED = {
    "text": "varchar", "integer": "bigint", "number": "double", "boolean": "boolean", "date": "date",
    "time": "timestamp", "game_id": "varchar",
}  # fmt: skip

POSSIBLE_ID = (1, 10_000_000_000)
"""Ids of players, teams and events are small numbers; 0 is a team that isn't there."""


@dataclass(frozen=True)
class Field:
    """One raw column: its kind and the SQL over the feed's columns (all of them text) that gives it, as text or typed.

    A value that is there and doesn't parse as `kind` rejects its row; so does an absent one where `required`. Where
    the expression works on one of the feed's columns, `given` names it: a row that has something there which gives no
    value is rejected too, and the sentence shows it beside `expected`. `is_stored=False` marks a value that only
    rules look at.
    """

    name: str
    kind: Kind
    expression: str
    required: bool = False
    given: str | None = None
    expected: str | None = None
    is_stored: bool = True


@dataclass(frozen=True)
class Rule:
    """A row for which `offends` (SQL over the fields) is true is rejected with `sentence` (SQL giving text).

    `sets_aside` marks what a feed is known to hold and is no fault of the file: the row is kept apart all the same.
    """

    name: str
    offends: str
    sentence: str
    sets_aside: bool = False


@dataclass(frozen=True)
class Fill:
    """How a feed fills one raw table.

    `group` (SQL over raw columns) names the group whose rows are versioned together; it starts with what dates the
    group (game, event or day). `prepare` turns the feed's rows (`incoming`, with `file_row`) into the rows that
    `fields` read; `captured_at` is the raw column with each row's capture time. `key` must be unique within a group:
    of equal rows that share one the first is taken, of others the one that the provider updated last by the field
    `updated_at`, and where that doesn't tell them apart all are rejected.
    """

    raw: str
    fields: Sequence[Field]
    group: str
    key: tuple[str, ...]
    prepare: str = "select * from incoming"
    captured_at: str = "null"
    rules: Sequence[Rule] = ()
    updated_at: str | None = None

    @property
    def facts(self) -> list[str]:
        """The raw table's columns that this fill gives."""
        return [field.name for field in self.fields if field.is_stored]


@dataclass(frozen=True)
class Refusal:
    """A file for which `when` (an aggregate over `incoming`) is true is refused as a whole with `sentence`."""

    when: str
    sentence: str


@dataclass(frozen=True)
class Feed:
    """A format of raw files, recognised by `columns` and the absence of `without`; of several that match, the one with most columns wins.

    `optional` columns are NULL where a file lacks them. `rank` orders sources that give the same fact: the lowest
    wins. `archived_at` finds the date of capture in a file's name. `player_names` are the columns with names of
    players.
    """

    name: str
    columns: frozenset[str]
    fills: Sequence[Fill]
    rank: int = 1
    without: frozenset[str] = frozenset()
    optional: tuple[str, ...] = ()
    archived_at: str | None = None
    aliases: tuple[str, ...] = ()
    player_names: tuple[str, ...] = ()
    refusals: Sequence[Refusal] = ()


def columns(*names: str) -> frozenset[str]:
    """The columns that recognise a feed."""
    return frozenset(names)


def number(column: str) -> str:
    """SQL of a feed's column as a number; NULL for what is none."""
    return f'try_cast("{column}" as double)'


def moment(text: str) -> str:
    """SQL of a text as a time: UTC without an offset, or pandas' milliseconds since 1970; NULL for what is none."""
    milliseconds = f"try_cast(case when length({text}) in (12, 13) then {text} end as bigint)"
    return f"coalesce(try_cast({text} as timestamptz), timezone('UTC', epoch_ms({milliseconds})))"


def possible(**limits: tuple[float, float]) -> Rule:
    """A rule that each of these fields lies between its limits, both of them possible: no game has others."""
    outside = {name: f"{name} not between {low} and {high}" for name, (low, high) in limits.items()}
    between = {name: f" is not between {low} and {high}" for name, (low, high) in limits.items()}
    told = " ".join(f"when {outside[name]} then '{name} ' || {name} || '{between[name]}'" for name in limits)
    return Rule("possible values", " or ".join(outside.values()), f"case {told} end")
