"""What a feed's file declares: how to recognise it, and how its columns become raw rows. Provider words end in these declarations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "integer", "number", "boolean", "date", "time", "game_id"]

STORED = {
    "text": "varchar", "integer": "bigint", "number": "double", "boolean": "boolean", "date": "date", "time": "timestamp", "game_id": "varchar",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One raw column: its kind and the SQL expression over the feed's columns that gives it, as text or typed.

    A value that is there and doesn't parse as `kind` rejects its row; so does an absent one where `required`.
    """

    name: str
    kind: Kind
    expression: str
    required: bool = False


@dataclass(frozen=True)
class Rule:
    """A row for which `offends` (SQL over the raw columns) is true is rejected with `sentence` (SQL giving text).

    `sets_aside`: the feed is known to hold such rows; they are kept apart and noted, but they don't make the file a bad one.
    """

    name: str
    offends: str
    sentence: str
    sets_aside: bool = False


@dataclass(frozen=True)
class Fill:
    """How a feed fills one raw table.

    `group` (SQL over raw columns) names the group whose rows are versioned together; `prepare` turns the feed's rows (`incoming`, with
    `file_row`) into the rows that `fields` read; `key` must be unique within a group: rows that share one are all rejected.
    """

    raw: str
    fields: Sequence[Field]
    group: str
    key: tuple[str, ...]
    prepare: str = "select * from incoming"
    captured_at: str = "null"
    rules: Sequence[Rule] = ()
    repeats: Literal["reject", "drop"] = "reject"


@dataclass(frozen=True)
class Feed:
    """A format of raw files, recognised by `columns`; of several that match, the one with the most columns wins.

    `rank` orders sources that give the same fact: the lowest wins. `archived_at` finds the capture time (UTC) in a file's name.
    """

    name: str
    columns: frozenset[str]
    fills: Sequence[Fill]
    rank: int = 1
    archived_at: str | None = None
    aliases: tuple[str, ...] = field(default=())


def columns(*names: str) -> frozenset[str]:
    """The columns that recognise a feed."""
    return frozenset(names)
