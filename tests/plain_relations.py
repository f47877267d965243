"""Relations as plain tables in memory, filled by hand, and the declared tables computed from them."""

from __future__ import annotations

from functools import cache
from typing import Any

import duckdb

from backcourt.sources.ingest import create_relations
from backcourt.tables import declared as declarations
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse

CATALOG = declarations.catalog(None, None)
Row = dict[str, Any]


@cache
def _columns() -> dict[str, list[tuple[str, str]]]:
    """Columns and types of every source relation."""
    connection = duckdb.connect()
    create_relations(DuckDBWarehouse(connection))
    found = {node.name: [(row[0], row[1]) for row in connection.execute(f"describe {node.name}").fetchall()] for node in CATALOG.sources}
    connection.close()
    return found


class PlainRelations:
    """Empty relations to add rows to; `build` computes a declared table from them and keeps it for the tables after it."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"python_enable_replacements": False})
        for name, columns in _columns().items():
            listed = ", ".join(f"{column} {kind}" for column, kind in columns)
            self.connection.execute(f"create table {name} ({listed})")

    def add(self, relation: str, **values: Any) -> None:
        """One row; columns that are not given are NULL."""
        places = ", ".join("?" for _ in values)
        self.connection.execute(f"insert into {relation} ({', '.join(values)}) values ({places})", list(values.values()))

    def build(self, *tables: str) -> list[Row]:
        """Compute tables in this order; the rows of the last one, by its grain."""
        for table in tables:
            self.connection.execute(f"create or replace table {table} as {CATALOG[table].table.sql}")
        return self.rows(tables[-1])

    def rows(self, table: str) -> list[Row]:
        """The rows of a built table, by its grain."""
        result = self.connection.execute(f"select * from {table} order by {', '.join(CATALOG[table].table.grain)}")
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def one(self, table: str, **key: Any) -> Row:
        """The only row of a built table that has these values."""
        (found,) = [row for row in self.rows(table) if all(row[name] == value for name, value in key.items())]
        return found
