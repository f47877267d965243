"""What an open warehouse file shows of itself: can it be read, what differs from a copy, how much was said, when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from backcourt.engine.errors import DamagedError, QueryError
from backcourt.engine.warehouse import Row, Warehouse
from backcourt.home.layout import REPAIR
from backcourt.parquet import quoted

_BEFORE = "as_it_was"


def check_readable(warehouse: Warehouse) -> None:
    """Read every block of every stored table. Raises DamagedError for one that isn't what was written."""
    for table in stored_tables(warehouse):
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


def stored_tables(warehouse: Warehouse) -> list[str]:
    """The names of all stored tables."""
    rows = warehouse.query(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = 'main' order by 1"
    )
    return [str(row[0]) for row in rows]


def differing_rows(warehouse: Warehouse, before: Path, table: str) -> str:
    """One row of a table that isn't what it was in an earlier copy of the file; empty where none can be told."""
    try:
        warehouse.query(f"attach {quoted(before)} as {_BEFORE} (read_only)")
    except QueryError:
        return ""
    try:
        columns = [name for name, _ in warehouse.columns(table)]
        sides = [f"select * from {warehouse.physical(table)}", f"select * from {_BEFORE}.main.{table}"]
        gone, come = (warehouse.query(f"{one} except all {other} order by all limit 1") for one, other in (sides[::-1], sides))
        return _row_told(columns, gone[0] if gone else None, come[0] if come else None)
    except QueryError:
        return ""
    finally:
        warehouse.query(f"detach {_BEFORE}")


def _row_told(columns: list[str], gone: Row | None, come: Row | None) -> str:
    """A row that is gone, one that nobody wrote, or what of a row is another."""
    if gone is None or come is None:
        row = gone if come is None else come
        return f"{'gone' if come is None else 'not written'}: {_named(columns, row)}" if row else ""
    cells = list(zip(columns, come, gone, strict=True))
    changed = [f"{name} {ours}, was {theirs}" for name, ours, theirs in cells if ours != theirs]
    same = [(name, ours) for name, ours, theirs in cells if ours == theirs]
    return f"{'; '.join(changed[:3])} in {_named([n for n, _ in same], [v for _, v in same])}"


def _named(columns: Sequence[str], row: Sequence[object]) -> str:
    """The first columns of a row that have a value, cut short."""
    told = [f"{name} {str(value)[:40]}" for name, value in zip(columns, row, strict=True) if value is not None]
    return ", ".join(told[:5])
