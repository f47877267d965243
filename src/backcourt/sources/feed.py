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


@dataclass(frozen=True)
class Field:
    """One raw column: its kind and the SQL expression over the feed's columns that gives it, as text or typed.

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
    """A row for which `offends` (SQL over the raw columns) is true is rejected with `sentence` (SQL giving text).

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
    rows that share one are all rejected, unless `repeats` drops copies.
    """

    raw: str
    fields: Sequence[Field]
    group: str
    key: tuple[str, ...]
    prepare: str = "select * from incoming"
    captured_at: str = "null"
    rules: Sequence[Rule] = ()
    repeats: Literal["reject", "drop"] = "reject"

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
    """SQL of a feed's column as a number, typed or text; NULL for what is none."""
    return f'try_cast("{column}" as double)'
