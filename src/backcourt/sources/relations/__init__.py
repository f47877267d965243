"""The source relations: views over the current raw groups, one a file; the file's name is the relation's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from hashlib import sha256

from backcourt.engine.declare.table import Relation
from backcourt.engine.errors import QueryError
from backcourt.engine.warehouse import Warehouse
from backcourt.sources.declared import Sources, sources


def create_relations(warehouse: Warehouse, known: Sources | None = None) -> None:
    """Create the raw tables and the package's own relations over them, or bring the relations up to date with their declarations.

    What an interruption leaves undone is done by the next call. Not to be called inside a transaction.
    """
    from backcourt.sources.aliases import create_aliases
    from backcourt.sources.raw_tables import create_raw_tables

    known = known or sources()
    create_raw_tables(warehouse, known)
    create_aliases(warehouse)
    # A view that is written again is a change of the file, and whoever reads a changed file has to look at all of it.
    for name, relation in known.relations.items():
        if name not in known.outside:
            warehouse.define_view(name, relation.sql, _tag(relation))


def create_outside(
    warehouse: Warehouse, relations: Mapping[str, Relation], making: Callable[[str], AbstractContextManager[None]], *, look_again: bool
) -> None:
    """Bring relations from outside the package up to date, each new view made in the context that `making` gives for its name.

    One that can't be read has no view afterwards; `look_again` asks those that have one, too. Not to be called inside a transaction.
    """
    for name, relation in relations.items():
        tag, stands = _tag(relation), warehouse.view_tag(name)
        if stands == tag and not look_again:
            continue
        reason = objection(warehouse, name, relation)
        if reason and stands is not None:
            warehouse.query(f"drop view {name}")
        elif not reason and stands != tag:
            with making(name):
                warehouse.define_view(name, relation.sql, tag)


def objection(warehouse: Warehouse, name: str, relation: Relation) -> str:
    """Why a relation can't be a view over what the warehouse holds, as a clause; empty when all its rows can be read."""
    if warehouse.columns(name) and warehouse.view_tag(name) is None:
        return f"the warehouse keeps a table {name!r} already; rename this file"
    try:
        columns = [column for column, _ in warehouse.describe(relation.sql)]
        needed = dict.fromkeys(
            (*(("game_date",) if relation.dated else ()), *(("game_id",) if relation.games != "none" else ()), *relation.grain)
        )
        lacking = [column for column in needed if column not in columns]
        if lacking:
            return f"its query has no column {lacking[0]!r}, which its declaration needs; add it"
        warehouse.query(f"select {warehouse.content_hash(columns)} from ({relation.sql}) as rows_of_it")
    except QueryError as error:
        if error.kind not in ("data", "permanent"):
            raise
        return f"its query fails ({error}); correct its SQL"
    return ""


def _tag(relation: Relation) -> str:
    return sha256(relation.sql.encode()).hexdigest()[:16]
