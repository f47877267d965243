"""What a home is: its id, the number of its format, and whether what it holds is real. Kept in the warehouse; a copy lies beside it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

from backcourt.engine.files import write_whole
from backcourt.engine.warehouse import Warehouse

FORMAT = 3
"""The format that this version writes. Homes of before it was counted have 0."""

_COLUMNS = (("home_id", "VARCHAR"), ("kind", "VARCHAR"), ("format", "BIGINT"), ("created_at", "VARCHAR"))
_NAMES = tuple(name for name, _ in _COLUMNS)

Kind = Literal["real", "simulated"]


@dataclass(frozen=True)
class Identity:
    """`kind` is fixed when the home is made; `created_at` is ISO, UTC."""

    home_id: str
    kind: Kind
    format: int
    created_at: str

    @property
    def is_simulated(self) -> bool:
        """Is the league made up, or the clock a set one?"""
        return self.kind == "simulated"


def new(kind: Kind, now: datetime) -> Identity:
    """The identity of a home that begins now."""
    return Identity(uuid4().hex, kind, FORMAT, now.isoformat())


def read(warehouse: Warehouse) -> Identity | None:
    """The identity that a warehouse holds; None for one of format 0, or an empty one."""
    if not set(_NAMES) <= {name for name, _ in warehouse.columns("home")}:
        return None
    rows = warehouse.query("select home_id, kind, format, created_at from home")
    if not rows or None in rows[0]:
        return None
    return Identity(str(rows[0][0]), rows[0][1], int(rows[0][2]), str(rows[0][3]))


def create(warehouse: Warehouse) -> None:
    """Create the table of the identity where it is missing or misshapen. Not to be called inside a transaction."""
    if not warehouse.is_aligned("home", _COLUMNS) or warehouse.view_tag("home") is not None:
        warehouse.align("home", _COLUMNS, ())


def write(warehouse: Warehouse, identity: Identity) -> None:
    """Store the identity in place of another."""
    warehouse.query("delete from home where true")
    warehouse.insert("home", _NAMES, [tuple(asdict(identity).values())])


def read_copy(file: Path) -> Identity | None:
    """The copy beside the warehouse; None when it is missing or isn't one."""
    try:
        found = Identity(**json.loads(file.read_text(encoding="utf-8")))
        is_whole = found.kind in ("real", "simulated") and type(found.format) is int and isinstance(found.home_id, str)
        return found if is_whole else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def keep_copy(file: Path, identity: Identity) -> None:
    """Write the copy where it is another; without room it is written the next time."""
    if read_copy(file) != identity:
        with suppress(OSError):
            write_whole(file, json.dumps(asdict(identity), indent=1) + "\n")
