"""Which file a reader gets, and whether it is what the warehouse holds; and how files of this kind are opened."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backcourt.engine.errors import BackcourtError, DamagedError, LockedError, NoSpaceError, QueryError
from backcourt.engine.lock import owner
from backcourt.engine.stop import interrupted_by_a_stop
from backcourt.engine.warehouse import Warehouse
from backcourt.home import identity
from backcourt.home.failures import kind_of, plain
from backcourt.home.jobs import Jobs
from backcourt.home.layout import REPAIR, Layout
from backcourt.home.snapshot import Snapshot, held_open
from backcourt.warehouses.duckdb.reader import open_reader
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse, open_duckdb

if TYPE_CHECKING:
    from backcourt.home.settings import Settings


class Readers:
    """The files of a home for whoever only reads. `bring_up_to_date` does at once what a writer does before and after, or raises."""

    def __init__(
        self,
        layout: Layout,
        settings: Callable[[], Settings],
        snapshot: Snapshot,
        jobs: Jobs,
        bring_up_to_date: Callable[[], None],
    ) -> None:
        self.layout = layout
        self.snapshot = snapshot
        self._settings = settings
        self._jobs = jobs
        self._bring_up_to_date = bring_up_to_date
        self._damage = ""
        self._trouble = ""

    @contextmanager
    def reading(self) -> Iterator[Warehouse]:
        """The read snapshot; brought up to the warehouse before, when a job died before it could and nobody writes now."""
        file = self.file_to_read()
        with self.opened(file) as warehouse:
            yield warehouse

    def file_to_read(self) -> Path:
        """The snapshot, or the warehouse of a home that can't be written and has no snapshot. Raises BackcourtError."""
        self.layout.require_readable()
        if not self.snapshot.is_current() and not self.is_old():
            self._heal()
        if self.layout.snapshot_file.exists():
            return self.layout.snapshot_file
        if not self.is_old() and (self.is_being_written() or self.is_writable()):
            raise BackcourtError(f"{self.layout.path} has nothing to read yet; run `backcourt ingest PATH` first, or wait for who writes.")
        return self.layout.warehouse_file

    def behind(self) -> str:
        """Why the snapshot may not be what the warehouse holds, as a sentence; empty when it is."""
        layout = self.layout
        if not layout.warehouse_file.is_file():
            return f"The warehouse of {layout.path} is gone; this is its last snapshot. {REPAIR.capitalize()}."
        if self.snapshot.is_current():
            return ""
        if self._damage or self._trouble:
            return f"This is the last snapshot. {self._damage or self._trouble}"
        name = owner(layout.lock_file)
        if name:
            return f"While {self._jobs.describe(name)} writes, this is the snapshot of before."
        if (self.is_old() or not self.is_writable()) and self.snapshot.is_equal():
            return ""
        return "The warehouse is not the one that this snapshot was made of; run `backcourt verify`."

    @property
    def is_damaged(self) -> bool:
        """Did the last attempt to bring the snapshot up to date find the warehouse damaged?"""
        return bool(self._damage)

    def is_being_written(self) -> bool:
        """Does a process hold the writer's seat now?"""
        return owner(self.layout.lock_file) is not None

    def _heal(self) -> None:
        """Do what a writer does before and after, if that can be done at once."""
        if not self.is_writable() or not self.layout.warehouse_file.is_file():
            return
        try:
            self._bring_up_to_date()
        except (LockedError, DamagedError, NoSpaceError) as error:
            if not self.layout.snapshot_file.exists():
                raise
            if isinstance(error, DamagedError):
                self._damage = str(error)
            elif isinstance(error, NoSpaceError):
                self._trouble = str(error)
        except (OSError, QueryError) as error:
            if kind_of(error) is None or not self.layout.snapshot_file.exists():
                raise
            told = str(plain(error, self.layout, "run"))
            self._damage, self._trouble = (told, "") if kind_of(error) == "damaged" else ("", told)

    def is_old(self) -> bool:
        """Is it a home of an earlier format? Only a writing verb migrates it."""
        known = identity.read_copy(self.layout.identity_file)
        if known is not None:
            return known.format < identity.FORMAT
        if not self.layout.warehouse_file.is_file():
            return False
        try:
            with self.opened(self.layout.warehouse_file) as warehouse:
                found = identity.read(warehouse)
        except (LockedError, DamagedError, QueryError):
            return False
        return found is None or found.format < identity.FORMAT

    def is_writable(self) -> bool:
        """May this process write in the home's folder?"""
        return os.access(self.layout.path, os.W_OK)

    @contextmanager
    def opened(self, file: Path) -> Iterator[Warehouse]:
        """A file that nobody writes, read-only for as long as the block lasts. Raises DamagedError with the way back."""
        warehouse = self.open_for_reading(file)
        try:
            yield warehouse
        finally:
            warehouse.close()

    def open_file(self, file: Path) -> Warehouse:
        """A warehouse file that is this process's alone, for writing."""
        return self._open(file, read_only=False)

    def open_for_reading(self, file: Path) -> Warehouse:
        """A connection of its own to a file that nobody writes. Raises DamagedError with the way back."""
        return self._held(file, lambda: self._open(file, read_only=True))

    def open_for_queries(self, file: Path) -> Warehouse:
        """As `open_for_reading`, for what somebody typed: it reads the file and can do nothing else."""
        return self._held(file, lambda: self._begun(open_reader(file, **self._resources())))

    def _held(self, file: Path, opened: Callable[[], DuckDBWarehouse]) -> Warehouse:
        # Before the driver opens it, so that no publication writes to what is read; the lock goes with the connection.
        stream = held_open(file) if file == self.layout.snapshot_file else None
        try:
            warehouse = opened()
        except DamagedError as error:
            raise DamagedError(f"{str(error).rstrip('.')}; {REPAIR}.") from error
        if stream is not None:
            weakref.finalize(warehouse.connection, stream.close)
        return warehouse

    def _open(self, file: Path, *, read_only: bool) -> DuckDBWarehouse:
        return self._begun(open_duckdb(file, read_only=read_only, **self._resources()))

    def _resources(self) -> dict[str, Any]:
        settings = self._settings()
        return {"threads": settings.threads, "memory_limit": settings.memory_limit}

    def _begun(self, warehouse: DuckDBWarehouse) -> DuckDBWarehouse:
        interrupted_by_a_stop(warehouse)
        return warehouse
