"""What every declaration is tested against: the catalog, and the columns and types of everything that a query may read."""

from __future__ import annotations

from backcourt.sources.ingest import create_relations
from backcourt.tables import declared as declarations
from backcourt.warehouses.duckdb.warehouse import open_duckdb

CATALOG = declarations.catalog(None, None)


def schema() -> dict[str, dict[str, str]]:
    """Raw table, relation or table -> column -> DuckDB type."""
    warehouse = open_duckdb(":memory:")
    create_relations(warehouse)
    rows = warehouse.query(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'main' and not internal"
    )
    warehouse.close()
    found: dict[str, dict[str, str]] = {}
    for relation, column, type_ in rows:
        found.setdefault(relation, {})[column] = type_
    tables = [*CATALOG.built, *CATALOG.appended]
    return found | {node.name: {column.name: column.type for column in node.columns} for node in tables}
