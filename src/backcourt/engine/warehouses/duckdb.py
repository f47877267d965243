"""The embedded warehouse: one DuckDB file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from backcourt.engine.errors import BackcourtError, LockedError, QueryError
from backcourt.engine.warehouse import Row


def open_duckdb(
    path: Path | str, *, read_only: bool = False, threads: int | None = None, memory_limit: str | None = None
) -> DuckDBWarehouse:
    """Open (or create) the warehouse file.

    Raises LockedError when another process writes it, BackcourtError when the file can't be opened.
    """
    # A query names relations; a Python variable of the same name must never answer in their place.
    config: dict[str, Any] = {"python_enable_replacements": False}
    if threads:
        config["threads"] = threads
    if memory_limit:
        config["memory_limit"] = memory_limit
    try:
        connection = duckdb.connect(str(path), read_only=read_only, config=config)
    except duckdb.IOException as error:
        text = str(error)
        if "lock" in text.lower():
            raise LockedError(
                f"{path} is in use by another process: wait for it to end, or read the snapshot. ({_first_line(text)})"
            ) from error
        raise BackcourtError(f"{path} can't be opened: {_first_line(text)}. Check the folder's permissions and free space.") from error
    except duckdb.Error as error:
        raise BackcourtError(f"{path} is not a warehouse that this version can read: {_first_line(str(error))}.") from error
    return DuckDBWarehouse(connection)


class DuckDBWarehouse:
    """See engine.warehouse.Warehouse. Only calls that DuckDB 1.5 and 2 share."""

    hash_kind = "duckdb-2"
    bound_cte = "as not materialized"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement."""
        try:
            result = self.connection.execute(sql, list(parameters)) if parameters else self.connection.execute(sql)
            return result.fetchall() if result.description else []
        except duckdb.Error as error:
            raise _typed(error) from error

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """(column, type) of a query."""
        return [(str(row[0]), str(row[1])) for row in self.query(f"describe ({sql})")]

    def columns(self, table: str) -> list[tuple[str, str]]:
        """(column, type) of a stored table or view, empty when there is none."""
        return [
            (str(name), str(kind))
            for name, kind in self.query(
                "select column_name, data_type from information_schema.columns where table_catalog = current_database() and table_schema = 'main' and table_name = ? "
                "order by ordinal_position",
                [table],
            )
        ]

    def physical(self, relation: str) -> str:
        """`main.relation`."""
        return f"main.{relation}"

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end, roll back on an exception."""
        self.query("begin transaction")
        try:
            yield
            self.query("commit")
        except BaseException:
            # After an interrupted or failed commit there may be nothing left to roll back.
            with suppress(duckdb.Error):
                self.connection.rollback()
            raise

    def stage(self, name: str, sql: str) -> None:
        """A temporary table: it lives in memory and only this connection sees it."""
        self.query(f"create or replace temp table {name} as {sql}")

    def drop_stage(self, name: str) -> None:
        """Drop the temporary table."""
        self.query(f"drop table if exists temp.{name}")

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """One multi-row statement per 500 rows."""
        batch = list(rows)
        marks = "(" + ", ".join("?" * len(columns)) + ")"
        for start in range(0, len(batch), 500):
            part = batch[start : start + 500]
            values = [value for row in part for value in row]
            self.query(f"insert into {table} ({', '.join(columns)}) values {', '.join([marks] * len(part))}", values)

    def align(self, table: str, columns: Sequence[tuple[str, str]], grain: Sequence[str]) -> None:
        """Create the table, or add and drop columns until it has these; a column whose type changed starts empty."""
        stored = dict(self.columns(table))
        if not stored:
            self.query(f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in columns)})")
            return
        wanted = dict(columns)
        for name, kind in columns:
            if name in stored and stored[name] != kind:
                self.query(f"alter table {table} drop column {name}")
                del stored[name]
        for name, kind in columns:
            if name not in stored:
                self.query(f"alter table {table} add column {name} {kind}")
        for name in stored:
            if name not in wanted:
                self.query(f"alter table {table} drop column {name}")

    def content_hash(self, columns: Sequence[str]) -> str:
        """Sum of 64-bit row hashes: order-independent, and a duplicated pair doesn't cancel out."""
        return f"cast(coalesce(sum(hash({', '.join(columns)})::hugeint), 0) as varchar)"

    def key_hash(self, columns: Sequence[str]) -> str:
        """The same over the key columns."""
        return self.content_hash(columns)

    def sibling(self) -> DuckDBWarehouse:
        """A cursor: a connection of its own to the same open file."""
        return DuckDBWarehouse(self.connection.cursor())

    def interrupt(self) -> None:
        """Interrupt the running statement."""
        self.connection.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].rstrip(".")


def _typed(error: duckdb.Error) -> QueryError:
    message = _first_line(str(error))
    if isinstance(error, duckdb.InterruptException):
        return QueryError(message, "timeout")
    if isinstance(error, duckdb.TransactionException) or "conflict" in message.lower():
        return QueryError(message, "transient")
    return QueryError(message, "permanent")
