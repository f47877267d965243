"""Checksums of the tables that no receipt covers: raw rows and their provenance, the engine's own records, the ledger.

Whoever writes leaves a mark before the first write, and at the end counts again what it wrote. A table that nobody
wrote since and that doesn't give its checksum was changed by another program. What then differs stands beside the
checksum, which stays as it is, until the table gives it again or a repair accepts what is there.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from dataclasses import dataclass, replace

from backcourt.engine.warehouse import Warehouse

TABLE = "checksums"
_COLUMNS = (
    ("table_name", "VARCHAR"),
    ("rows", "BIGINT"),
    ("content_hash", "VARCHAR"),
    ("columns", "VARCHAR"),
    ("digest", "VARCHAR"),
    ("difference", "VARCHAR"),
)
_NAMES = tuple(name for name, _ in _COLUMNS)
_MARK = ""
"""The name under which the mark of a writer stands."""


@dataclass(frozen=True)
class Checksum:
    """What a table held when it was counted last: rows, an order-independent hash over them, columns and types as text.

    `difference` says what it was found to hold instead, None while nothing was.
    """

    table: str
    rows: int
    content_hash: str
    columns: str
    difference: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over all of it but the difference: a checksum that doesn't bear it is none."""
        return hashlib.sha256(json.dumps([self.table, self.rows, self.content_hash, self.columns]).encode()).hexdigest()


@dataclass(frozen=True)
class Damage:
    """A table that isn't what was written, and how, as a clause; `is_shape`: its columns aren't, nor can it be read."""

    table: str
    text: str
    is_shape: bool = False

    @property
    def sentence(self) -> str:
        """Both, and the way back."""
        return f"{self.table} {self.text}; `backcourt repair` puts it right"


class Written:
    """Follows one writer of a warehouse: which tables it writes, from a mark before the first write on.

    `is_kept` says of a table's name whether a checksum covers it.
    """

    def __init__(self, is_kept: Callable[[str], bool]) -> None:
        self.tables: set[str] = set()
        self._is_kept = is_kept
        self._is_marked = False
        self._lock = threading.Lock()

    def follow(self, warehouse: Warehouse) -> None:
        """From now on be told by this warehouse and its siblings."""
        warehouse.watch(self._before_write)

    @property
    def wrote_anything(self) -> bool:
        """Was anything written that a checksum covers?"""
        return self._is_marked

    def _before_write(self, warehouse: Warehouse, table: str) -> None:
        if table in self.tables or (table and not self._is_kept(table)):
            return
        with self._lock:
            if not self._is_marked:
                # By itself, whatever becomes of the transaction that writes; needed only where something was counted.
                with closing(warehouse.sibling()) as own:
                    if _is_there(own):
                        own.insert(TABLE, ("table_name",), [(_MARK,)])
                        self._is_marked = True
            self.tables.add(table)


def create(warehouse: Warehouse) -> None:
    """Create the table of checksums where it is missing or misshapen. Not to be called inside a transaction."""
    if not _is_there(warehouse):
        warehouse.align(TABLE, _COLUMNS, ())


def is_marked(warehouse: Warehouse) -> bool:
    """Did a writer begin and not end? Then nobody can tell its changes from another program's."""
    return _is_there(warehouse) and bool(warehouse.query(f"select 1 from {TABLE} where table_name = ?", [_MARK]))


def _is_there(warehouse: Warehouse) -> bool:
    return warehouse.is_aligned(TABLE, _COLUMNS) and warehouse.view_tag(TABLE) is None


def read(warehouse: Warehouse) -> list[Checksum]:
    """What is on record and bears its digest, by the tables' names; nothing for a warehouse of an earlier version."""
    if not _is_there(warehouse):
        return []
    rows = warehouse.query(f"select {', '.join(_NAMES)} from {TABLE} where rows is not null order by table_name")
    found = [
        (digest, Checksum(str(table), int(count), str(content), str(columns), text))
        for table, count, content, columns, digest, text in rows
    ]
    return [one for digest, one in found if digest == one.digest]


def found(warehouse: Warehouse) -> list[Damage]:
    """What the last writer, or exact reader, found; measures nothing."""
    return [Damage(one.table, one.difference) for one in read(warehouse) if one.difference is not None]


def damages(warehouse: Warehouse) -> list[Damage]:
    """Every table that isn't what was written, measured now; nothing while a writer's mark stands."""
    known = read(warehouse)
    if not known or is_marked(warehouse):
        return found(warehouse)
    measured = ((one.difference, _damage(warehouse, one)) for one in known)
    return [replace(damage, text=said or damage.text) for said, damage in measured if damage is not None]


def is_intact(warehouse: Warehouse, table: str) -> bool:
    """Does a table give its checksum? One that has none does."""
    return all(_damage(warehouse, one) is None for one in read(warehouse) if one.table == table)


def note(warehouse: Warehouse, standing: Collection[Damage]) -> None:
    """Keep beside the checksums what was found now, and nothing else; writes only where that changes."""
    texts = {damage.table: damage.text for damage in standing}
    for one in read(warehouse):
        text = texts.get(one.table)
        if one.difference != text:
            warehouse.query(f"update {TABLE} set difference = ? where table_name = ?", [text, one.table])


def count_again(warehouse: Warehouse, tables: Iterable[str]) -> None:
    """Replace the checksums of these tables by what they hold now, and take the mark away, in one transaction."""
    wanted = sorted(set(tables))
    counted = [_measured(warehouse, table) for table in wanted if warehouse.columns(table)]
    with warehouse.transaction():
        for table in (*wanted, _MARK):
            warehouse.query(f"delete from {TABLE} where table_name = ?", [table])
        rows = [(one.table, one.rows, one.content_hash, one.columns, one.digest) for one in counted]
        warehouse.insert(TABLE, _NAMES[:-1], rows)


def _damage(warehouse: Warehouse, known: Checksum) -> Damage | None:
    stored = warehouse.columns(known.table)
    if not stored or warehouse.view_tag(known.table) is not None:
        return Damage(known.table, "is gone" if not stored else "is a view instead of a table", is_shape=True)
    if _told(stored) != known.columns:
        return Damage(known.table, _shape(dict(stored), known.columns), is_shape=True)
    now = _measured(warehouse, known.table)
    if now.rows != known.rows:
        return Damage(known.table, f"holds {now.rows:,} rows, {known.rows:,} by its checksum")
    if now.content_hash != known.content_hash:
        return Damage(known.table, "holds other values than when its checksum was taken")
    return None


def _shape(stored: dict[str, str], written: str) -> str:
    """How the columns differ from those of the checksum, as a clause."""
    was = dict(one.rsplit(" ", 1) for one in written.split(", ") if " " in one)
    parts = [f"lacks its column {name}" for name in was if name not in stored]
    parts += [f"has a column {name} that nobody made" for name in stored if name not in was]
    parts += [
        f"holds {stored[name]} in its column {name}, {kind} by its checksum" for name, kind in was.items() if stored.get(name, kind) != kind
    ]
    return " and ".join(parts[:3]) or "has its columns in another order"


def _measured(warehouse: Warehouse, table: str) -> Checksum:
    columns = warehouse.columns(table)
    names = [name for name, _ in columns]
    content = f"count(*), {warehouse.content_hash(names)}"
    ((rows, digest),) = warehouse.query(f"select {content} from {warehouse.physical(table)}")
    return Checksum(table, int(rows), str(digest), _told(columns))


def _told(columns: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns)
