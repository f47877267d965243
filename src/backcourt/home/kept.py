"""The tables that checksums cover, while one writer holds the seat: what others did to them, and what it writes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from backcourt.engine.errors import DamagedError
from backcourt.engine.judge import checksums
from backcourt.engine.judge.checksums import Damage, Written
from backcourt.engine.warehouse import Warehouse
from backcourt.home.layout import REPAIR
from backcourt.home.soundness import differing_rows, stored_tables
from backcourt.tables.declared import KEPT_BY_THE_ENGINE

IDENTITY = "home"


def is_kept(table: str, appended: Callable[[], Collection[str]]) -> bool:
    """Does a checksum cover a table: one of raw rows, of the engine's own, or of the ledger? Others have receipts."""
    if table == checksums.TABLE:
        return False
    return table.startswith("raw_") or table in KEPT_BY_THE_ENGINE or table in appended()


def kept_tables(warehouse: Warehouse, appended: Callable[[], Collection[str]]) -> list[str]:
    """Those that a warehouse holds."""
    return [table for table in stored_tables(warehouse) if is_kept(table, appended)]


class KeptTables:
    """One writer's view of them. `appended` gives the names of the ledger's tables."""

    def __init__(self, appended: Callable[[], Collection[str]]) -> None:
        self.damages: list[Damage] = []
        self._appended = appended
        self._written = Written(lambda table: is_kept(table, appended))
        self._uncounted: set[str] = set()

    def look(self, warehouse: Warehouse, *, is_trusted: bool, before: Path | None) -> None:
        """Find what another program changed since the last writer ended; `before` is a file as that one left it.

        Raises DamagedError where a table's columns are not those that were written: nothing can be read of it.
        """
        is_marked = checksums.is_marked(warehouse)
        known = {one.table for one in checksums.read(warehouse)}
        if not (is_trusted and known):
            # A writer was killed, or they were never counted: what is there now is what counts.
            stored = kept_tables(warehouse, self._appended)
            self._uncounted = {name for name in stored if is_marked or name not in known}
        measured = checksums.found(warehouse) if is_trusted or is_marked else checksums.damages(warehouse)
        shape = [damage for damage in measured if damage.is_shape and damage.table != IDENTITY]
        if shape:
            told = "; ".join(f"{damage.table} {damage.text}" for damage in shape[:3])
            raise DamagedError(f"The warehouse is not as it was written: {told}; {REPAIR}.")
        said = {one.table for one in checksums.found(warehouse)}
        self.damages = [one if one.table in said else _told(warehouse, one, before) for one in measured]

    def begin(self, warehouse: Warehouse) -> None:
        """Follow what is written from now on, and keep what was found. Not to be called inside a transaction."""
        checksums.create(warehouse)
        self.follow(warehouse)
        checksums.note(warehouse, self.damages)

    def follow(self, warehouse: Warehouse) -> None:
        """Be told of its writes, before `begin` too: a migration is no other program."""
        self._written.follow(warehouse)

    def end(self, warehouse: Warehouse) -> None:
        """Count again what was written. What another program changed is said until the table is what it was."""
        standing = [damage for damage in self.damages if not checksums.is_intact(warehouse, damage.table)]
        if len(standing) < len(self.damages):
            self.damages = standing
            checksums.note(warehouse, standing)
        if self._uncounted or self._written.wrote_anything:
            is_told = "" not in self._written.tables
            written = self._written.tables if is_told else set(kept_tables(warehouse, self._appended))
            checksums.count_again(warehouse, (written | self._uncounted) - {damage.table for damage in standing})


def _told(warehouse: Warehouse, damage: Damage, before: Path | None) -> Damage:
    """The damage with a row that differs, where a copy of before can name one."""
    rows = differing_rows(warehouse, before, damage.table) if before is not None and not damage.is_shape else ""
    return replace(damage, text=f"{damage.text} ({rows})") if rows else damage
