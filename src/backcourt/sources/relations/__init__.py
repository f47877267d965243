"""The source relations: views over the current raw groups, one a file; the file's name is the relation's name."""

from __future__ import annotations

import importlib
from functools import cache
from hashlib import sha256
from pathlib import Path

from backcourt.engine.declare.table import Relation
from backcourt.engine.warehouse import Warehouse

# A relation may read those before it.
_FIRST = ("schedule", "odds_events", "players")


@cache
def declared() -> dict[str, Relation]:
    """All source relations by name, in an order in which they can be created."""
    names = [file.stem for file in sorted(Path(__file__).parent.glob("[a-z]*.py"))]
    ordered = [*_FIRST, *(name for name in names if name not in _FIRST)]
    return {name: importlib.import_module(f"backcourt.sources.relations.{name}").relation for name in ordered}


def create_relations(warehouse: Warehouse) -> None:
    """Create the raw tables and the relations over them, or bring the relations up to date with their declarations."""
    from backcourt.sources.aliases import create_aliases
    from backcourt.sources.raw_tables import create_raw_tables

    create_raw_tables(warehouse)
    create_aliases(warehouse)
    # A view that is written again is a change of the file, and whoever reads a changed file has to look at all of it.
    for name, relation in declared().items():
        warehouse.define_view(name, relation.sql, sha256(relation.sql.encode()).hexdigest()[:16])
