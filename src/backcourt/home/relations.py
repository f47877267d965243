"""The source relations of a home's warehouse: the package's own, and those of the home and of libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from backcourt.engine.build import intake
from backcourt.engine.declare.catalog import Catalog
from backcourt.engine.warehouse import Warehouse
from backcourt.field import clock
from backcourt.home import marks
from backcourt.sources import relations
from backcourt.tables.declared import sources


def create_own(warehouse: Warehouse, home: Path) -> None:
    """Bring the package's own relations, and the raw tables of all feeds, up to date with their declarations."""
    relations.create_relations(warehouse, sources(home))


def create_outside(warehouse: Warehouse, catalog: Callable[[], Catalog], home: Path, run_id: str, *, look_again: bool = False) -> None:
    """Bring the relations of the home and of libraries up to date, with receipts of those that are new or other.

    `look_again` after a load: one that can't read the new rows loses its view before its receipts are measured.
    `catalog` is asked only where there are such relations.
    """
    found = sources(home).outside
    if not found:
        return
    known = catalog()
    usable = {name: one.declaration for name, one in found.items() if name in known.nodes}

    @contextmanager
    def making(name: str) -> Iterator[None]:
        # Whoever finds the mark of an interrupted job measures every relation, this new one too.
        mark = f"{run_id} {name}"
        marks.make(warehouse, mark, clock.now())
        yield
        with warehouse.transaction():
            intake.record(warehouse, known, {name: None}, run_id, clock.now())
            marks.clear_own(warehouse, mark)

    relations.create_outside(warehouse, usable, making, look_again=look_again)
