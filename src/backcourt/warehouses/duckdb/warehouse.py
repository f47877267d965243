"""The embedded warehouse: one DuckDB file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from backcourt.engine.errors import BackcourtError, DamagedError, LockedError, NoSpaceError, QueryError
from backcourt.engine.warehouse import Row
from backcourt.parquet import first_line, kind_of, plain, quoted, typed

if TYPE_CHECKING:
    import pandas
    import pyarrow

    from backcourt.engine.warehouse import Columns, Warehouse

_NAME = "warehouse"
_ALIASES = {"TEXT": "VARCHAR", "BOOL": "BOOLEAN", "INT": "INTEGER"}
# Rows that don't fill a row group stay uncompressed until a checkpoint, which one thread writes; of DuckDB's own
# size, 122,880, a season of a player table fills none.
_ROW_GROUP = 30_720
_TAGGED = re.compile(r"(?P<meaning>.*?) ?\[(?P<tag>[^\[\]]*)\]", re.DOTALL)
# What leaves every column as it was; anything else may change one.
_KEEPS_COLUMNS = (
    "select", "with", "insert", "delete", "update", "begin", "commit", "describe", "copy", "create or replace temp ",
    "create temp ", "drop table if exists temp.",
)  # fmt: skip
# What leaves every stored row as it was, and which table the rest writes to. A table that is made empty has no row.
_KEEPS_ROWS = re.compile(
    r"(select|from|describe|begin|commit|rollback|checkpoint|copy|set|use|attach|detach|explain|show|pragma|comment|"
    r"drop view|create (or replace )?(temp|view)|"
    r"create table if not exists|(insert into|delete from|update|drop table( if exists)?) temp\.)"
)
_WRITES = re.compile(
    r"(?:insert into|delete from|update|alter table|drop table(?: if exists)?|"
    r"create (?:or replace )?table) (?:main\.)?\"?(\w+)"
)
_WITH = re.compile(r"with\b(?!.*\b(insert into|delete from|update)\b)", re.DOTALL)


def written_to(sql: str) -> str | None:
    """The stored table that a statement writes to, empty when it can't be told; None when it writes to none."""
    text = re.sub(r"\s+", " ", sql[:2000].lstrip(" \n(").lower())
    if _KEEPS_ROWS.match(text) or _WITH.match(sql.lstrip(" \n(").lower()):
        return None
    found = _WRITES.match(text)
    return found[1] if found else ""


def open_duckdb(
    path: Path | str, *, read_only: bool = False, threads: int | None = None, memory_limit: str | None = None
) -> DuckDBWarehouse:
    """Open (or create) the warehouse file.

    Raises LockedError when another process writes it, BackcourtError when the file can't be opened.
    """
    return DuckDBWarehouse(connected(path, read_only=read_only, threads=threads, memory_limit=memory_limit))


def connected(
    path: Path | str, *, read_only: bool, threads: int | None, memory_limit: str | None, **options: Any
) -> duckdb.DuckDBPyConnection:
    """A connection whose current database is the file; `options` are the driver's own. Raises as `open_duckdb` does."""
    # A query names relations; a Python variable of the same name must never answer in their place.
    config: dict[str, Any] = {"python_enable_replacements": False}
    if threads:
        config["threads"] = threads
    if memory_limit:
        config["memory_limit"] = memory_limit
    if str(path) != ":memory:":
        # What doesn't fit into memory goes beside the warehouse, not into the folder that the user happens to stand in.
        config["temp_directory"] = f"{path}.tmp"
    how = "read_only" if read_only else f"row_group_size {_ROW_GROUP}"
    try:
        connection = duckdb.connect(config={**config, **options})
        connection.execute(f"attach {quoted(path)} as {_NAME} ({how})").fetchall()
        connection.execute(f"use {_NAME}").fetchall()
    except duckdb.Error as error:
        raise _not_opened(path, error) from error
    return connection


def _not_opened(path: Path | str, error: duckdb.Error) -> BackcourtError:
    text, kind = first_line(error), kind_of(error)
    if kind == "space":
        return NoSpaceError(f"{path} can't be opened, the disk is full ({text}); make room and try again.")
    if kind == "damaged":
        return DamagedError(f"{path} is damaged ({text}).")
    if isinstance(error, duckdb.IOException) and "lock" in text.lower():
        return LockedError(f"{path} is in use by another program: close it there, or let it read the snapshot. ({text})")
    if isinstance(error, duckdb.IOException):
        return BackcourtError(f"{path} can't be opened: {text}. Check the folder's permissions and free space.")
    return DamagedError(f"{path} is not a warehouse that this version can read ({text}).")


def _told(comment: str) -> tuple[str, str]:
    """A view's comment: what it means, and the tag in brackets at its end; an earlier version wrote the tag alone."""
    found = _TAGGED.fullmatch(comment)
    return (found["meaning"], found["tag"]) if found else ("", comment)


@contextmanager
def _as_typed() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise typed(error) from error


class _Changes:
    """Counts what may have changed some table's columns, on any connection to the file. No other process can change them meanwhile."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.number = 0
        self.before_write: Callable[[Warehouse, str], None] | None = None

    def note(self) -> None:
        """Whatever was read of the columns is to be read again."""
        self.number = next(self._numbers)


class DuckDBWarehouse:
    """See engine.warehouse.Warehouse. Only calls that DuckDB 1.5 and 2 share."""

    hash_kind = "duckdb-2"
    bound_cte = "as not materialized"

    def __init__(self, connection: duckdb.DuckDBPyConnection, changes: _Changes | None = None) -> None:
        self._connection = connection
        self._changes = changes or _Changes()
        self._has_changed_columns = False
        self._columns: tuple[int, Mapping[str, Sequence[tuple[str, str, str]]]] = (-1, {})
        self._comments: tuple[int, Mapping[str, str]] = (-1, {})
        self._tags: tuple[int, Mapping[str, str]] = (-1, {})

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The driver's connection. Whoever asks for it may change columns with it: ask again before each such change."""
        self._changes.note()
        return self._connection

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement."""
        if self._changes.before_write is not None and (table := written_to(sql)) is not None:
            self._changes.before_write(self, table)
        if sql.lstrip(" \n(").lower().startswith(_KEEPS_COLUMNS):
            return self._run(sql, parameters)
        self._has_changed_columns = True
        try:
            return self._run(sql, parameters)
        finally:
            self._changes.note()

    def _run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        try:
            result = self._connection.execute(sql, list(parameters)) if parameters else self._connection.execute(sql)
            return result.fetchall() if result.description else []
        except duckdb.Error as error:
            raise typed(error) from error
        except RuntimeError as error:
            # What the driver makes of a signal's exception.
            raise QueryError(str(error), "timeout") from error

    def arrays(self, sql: str, parameters: Sequence[Any] = ()) -> Columns:
        """Fetched column by column, without a Python object for each value."""
        with _as_typed():
            return plain(self._connection.execute(sql, list(parameters)).fetchnumpy())

    def arrow(self, sql: str) -> pyarrow.Table:
        """Needs pyarrow."""
        with _as_typed():
            return self._connection.sql(sql).to_arrow_table()

    def df(self, sql: str) -> pandas.DataFrame:
        """Needs pandas."""
        with _as_typed():
            return self._connection.sql(sql).df()

    def copy(self, sql: str, path: Path, style: Literal["parquet", "csv"] = "parquet") -> int:
        """One statement."""
        options = {"csv": "format csv, header true", "parquet": "format parquet, compression zstd"}[style]
        ((rows,),) = self._run(f"copy ({sql}) to {quoted(path)} ({options})")
        return int(rows)

    @contextmanager
    def registered(self, name: str, columns: Any) -> Iterator[None]:
        """The arrays are read where they lie."""
        with _as_typed():
            self._connection.register(name, dict(columns) if isinstance(columns, Mapping) else columns)
        try:
            yield
        finally:
            self._connection.unregister(name)

    def translate(self, sql: str) -> str:
        """As it is: the declarations are written in this dialect."""
        return sql

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """(column, type) of a query."""
        return [(str(row[0]), str(row[1])) for row in self.query(f"describe ({sql})")]

    def columns(self, table: str) -> list[tuple[str, str]]:
        """(column, type) of a stored table or view, empty when there is none."""
        return [(name, kind) for name, kind, _ in self._stored().get(table, ())]

    def _stored(self) -> Mapping[str, Sequence[tuple[str, str, str]]]:
        """(column, type, comment) by table; the system catalog is read as a whole and once, as one table costs no less."""
        seen = self._changes.number
        if self._columns[0] != seen:
            rows = self._run(
                "select table_name, column_name, data_type, coalesce(comment, '') from duckdb_columns() "
                "where database_name = current_database() and schema_name = 'main' order by table_name, column_index"
            )
            by_table = groupby(rows, key=lambda row: str(row[0]))
            found = {name: [(str(row[1]), str(row[2]), str(row[3])) for row in of] for name, of in by_table}
            self._columns = (seen, found)
        return self._columns[1]

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
                self._connection.rollback()
            raise
        finally:
            # Until here only this connection saw the changed columns, and after a rollback nobody does.
            if self._has_changed_columns:
                self._has_changed_columns = False
                self._changes.note()

    def stage(self, name: str, sql: str) -> None:
        """A temporary table: it lives in memory and only this connection sees it."""
        self._run(f"create or replace temp table {name} as {sql}")

    def drop_stage(self, name: str) -> None:
        """Drop the temporary table."""
        self._run(f"drop table if exists temp.{name}")

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """One statement: a list per column, unnested side by side, costs a tenth of a VALUES clause."""
        lists = [list(values) for values in zip(*rows, strict=True)]
        if lists:
            self.query(f"insert into {table} ({', '.join(columns)}) select {', '.join(['unnest(?)'] * len(columns))}", lists)

    def is_aligned(self, table: str, columns: Sequence[tuple[str, str]]) -> bool:
        """By the catalog; aliases of a type are that type."""
        return dict(self.columns(table)) == {name: _ALIASES.get(kind, kind) for name, kind in columns}

    def align(self, table: str, columns: Sequence[tuple[str, str]], grain: Sequence[str]) -> None:
        """Create the table, or add and drop columns until it has these; a column whose type changed starts empty."""
        if self.view_tag(table) is not None:
            self.query(f"drop view {table}")
        stored = dict(self.columns(table))
        wanted = {name: _ALIASES.get(kind, kind) for name, kind in columns}
        if not stored:
            self.query(f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in wanted.items())})")
            return
        for name, kind in wanted.items():
            if name in stored and stored[name] != kind:
                self.query(f"alter table {table} drop column {name}")
                del stored[name]
        for name, kind in wanted.items():
            if name not in stored:
                self.query(f"alter table {table} add column {name} {kind}")
        for name in stored:
            if name not in wanted:
                self.query(f"alter table {table} drop column {name}")

    def extend(self, table: str, columns: Sequence[tuple[str, str]], unique: Sequence[str] = ()) -> None:
        """A repeated key fails when the second transaction commits, so that two writers can't both succeed."""
        wanted = {name: _ALIASES.get(kind, kind) for name, kind in columns}
        stored = dict(self.columns(table))
        if not stored:
            key = f", unique ({', '.join(unique)})" if unique else ""
            self.query(f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in wanted.items())}{key})")
            return
        for name, kind in wanted.items():
            if name not in stored:
                self.query(f"alter table {table} add column {name} {kind}")
            elif stored[name] != kind:
                raise BackcourtError(
                    f"{table}.{name} holds {stored[name]}, declared is {kind}; rows that were appended keep their type, so give the column "
                    "another name."
                )

    def define_view(self, name: str, sql: str, tag: str) -> None:
        """The tag is kept in brackets at the end of the view's comment."""
        if self.view_tag(name) == tag:
            return
        if self.columns(name) and self.view_tag(name) is None:
            self.query(f"drop table {name}")
        self.query(f"create or replace view {name} as {sql}")
        self.query(f"comment on view {name} is '[{tag}]'")

    def view_tag(self, name: str) -> str | None:
        """Read from the system catalog; a view that somebody else made has an empty tag."""
        seen = self._changes.number
        if self._tags[0] != seen:
            rows = self._run("select view_name, comment from duckdb_views() where database_name = current_database()")
            self._tags = (seen, {str(view): _told(comment or "")[1] for view, comment in rows})
        return self._tags[1].get(name)

    def comment(self, table: str, meaning: str, columns: Mapping[str, str]) -> None:
        """In one transaction, and one call; a view's comment ends with its tag."""
        known, known_columns = self.comments(table)
        other = {name: text for name, text in columns.items() if known_columns.get(name, "") != text}
        if known == meaning and not other:
            return
        tag = self.view_tag(table)
        whole = f"view {table} is {quoted(f'{meaning} [{tag}]')}" if tag is not None else f"table {table} is {quoted(meaning)}"
        changes = [] if known == meaning else [whole]
        changes += [f"column {table}.{name} is {quoted(text)}" for name, text in other.items()]
        with self.transaction():
            self._run(";".join(f"comment on {change}" for change in changes))
        self._changes.note()

    def comments(self, table: str) -> tuple[str, dict[str, str]]:
        """Read with the columns; those of tables and views once as well."""
        seen = self._changes.number
        if self._comments[0] != seen:
            rows = self._run(
                "select table_name, comment, false from duckdb_tables() where database_name = current_database() "
                "union all select view_name, comment, true from duckdb_views() where database_name = current_database()"
            )
            said = {str(name): _told(text)[0] if is_view else str(text) for name, text, is_view in rows if text}
            self._comments = (seen, said)
        columns = {name: text for name, _, text in self._stored().get(table, ()) if text}
        return self._comments[1].get(table, ""), columns

    def content_hash(self, columns: Sequence[str]) -> str:
        """Sum of 64-bit row hashes: order-independent, and a duplicated pair doesn't cancel out."""
        return f"cast(coalesce(sum(hash({', '.join(columns)})::hugeint), 0) as varchar)"

    def key_hash(self, columns: Sequence[str]) -> str:
        """The same over the key columns."""
        return self.content_hash(columns)

    def text_hash(self, columns: Sequence[str]) -> str:
        """`concat_ws` passes over NULL."""
        parts = ", ".join(f"'{name}=' || cast({name} as varchar)" for name in columns)
        return f"sha256(concat_ws(chr(31), {parts}))"

    def watch(self, before_write: Callable[[Warehouse, str], None]) -> None:
        """By the first words of each statement."""
        self._changes.before_write = before_write

    def sibling(self) -> DuckDBWarehouse:
        """A cursor: a connection of its own to the same open file. It doesn't take the current database along."""
        cursor = self._connection.cursor()
        cursor.execute(f"use {_NAME}").fetchall()
        return DuckDBWarehouse(cursor, self._changes)

    def interrupt(self) -> None:
        """Interrupt the running statement."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
