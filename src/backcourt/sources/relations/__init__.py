"""The source relations: views over the current raw groups, one a file; the file's name is the relation's name."""

from __future__ import annotations

import importlib
from datetime import date
from pathlib import Path

import duckdb

from backcourt.engine.table import Relation

# A relation may read those before it.
_FIRST = ("schedule", "odds_events", "players")


def declared() -> dict[str, Relation]:
    """All source relations by name, in an order in which they can be created."""
    names = [file.stem for file in sorted(Path(__file__).parent.glob("[a-z]*.py"))]
    ordered = [*_FIRST, *(name for name in names if name not in _FIRST)]
    return {name: importlib.import_module(f"backcourt.sources.relations.{name}").relation for name in ordered}


def create_relations(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the raw tables and the relations over them, or bring the relations up to date with their declarations."""
    from backcourt.sources.aliases import create_aliases
    from backcourt.sources.raw_tables import create_raw_tables

    create_raw_tables(connection)
    create_aliases(connection)
    for name, relation in declared().items():
        connection.execute(f"create or replace view {name} as {relation.sql}")


def touched_relations(connection: duckdb.DuckDBPyConnection, raw: str, touched: dict[str, set[date] | None]) -> None:
    """Note which relations a new version of the groups in `touched_groups` may have changed, and on which dates (None: any)."""
    for name in declared():
        feeds_it = raw in _raws(name)
        if not feeds_it:
            continue
        if raw in ("raw_team_box", "raw_player_box", "raw_shots", "raw_results") and name != "players":
            days = connection.execute(
                "select distinct s.game_date from touched_groups t join schedule s on s.game_id = t.group_key"
            ).fetchall()
            if touched.get(name, set()) is not None:
                touched.setdefault(name, set()).update(row[0] for row in days)  # type: ignore[union-attr]
        else:
            touched[name] = None


def _raws(name: str) -> set[str]:
    """The raw tables behind a relation, through the relations that it reads."""
    import re

    words = set(re.findall(r"\w+", declared()[name].sql))
    found = {word for word in words if word.startswith("raw_")}
    for other in words & set(_FIRST) - {name}:
        found |= _raws(other)
    return found
