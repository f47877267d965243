"""What an open warehouse file shows of itself: whether it can be read, how much was said in it, when it was written last."""

from __future__ import annotations

from datetime import datetime

from backcourt.engine.errors import DamagedError, QueryError
from backcourt.engine.warehouse import Warehouse
from backcourt.home.layout import REPAIR


def check_readable(warehouse: Warehouse) -> None:
    """Read every block of every stored table. Raises DamagedError for one that isn't what was written."""
    tables = [str(row[0]) for row in warehouse.query("select table_name from duckdb_tables() where database_name = current_database()")]
    for table in tables:
        names = ", ".join(f'"{name}"' for name, _ in warehouse.columns(table))
        try:
            warehouse.query(f'select sum(hash({names})::hugeint) from "{table}"')
        except QueryError as error:
            if error.kind != "damaged":
                raise
            raise DamagedError(f"The warehouse is damaged in its table {table} ({error}); {REPAIR}.") from error


def ledger_height(warehouse: Warehouse) -> int:
    """How many batches have been appended to the ledger."""
    if not warehouse.columns("batches"):
        return 0
    return int(warehouse.query("select coalesce(max(batch_id), 0) from batches")[0][0])


def newest_moment(warehouse: Warehouse) -> datetime | None:
    """When the newest receipt was built or the newest file loaded, UTC; None before the first."""
    asked = [
        f"select max({column}) from {table}"
        for table, column in (("receipts", "built_at"), ("raw_loads", "loaded_at"))
        if warehouse.columns(table)
    ]
    found = [moment for query in asked for (moment,) in warehouse.query(query) if moment is not None]
    return max(found, default=None)
