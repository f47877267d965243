"""A warehouse file for queries that somebody typed: whatever they say, they read what is in it and do nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from backcourt.engine.errors import QueryError
from backcourt.engine.warehouse import Row
from backcourt.parquet import first_line, kind_of, plain
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse, connected

if TYPE_CHECKING:
    import pandas
    import pyarrow

    from backcourt.engine.warehouse import Columns

_ALONE = {
    # Nothing is fetched from the network, or loaded from a folder, because a query names it.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_persistent_secrets": False,
    # A query that needs more memory than it gets fails: a file to spill to is a file that it could write.
    "temp_directory": "",
}
_LOCKS = (
    "set enable_external_access = false",
    # Without external access the driver still opens the attached file, its log and what lies beside it for whoever
    # names them, and COPY inside WITH is a SELECT to it.
    "set disabled_filesystems = 'LocalFileSystem'",
    "set lock_configuration = true",
)
_ANSWERED = "SELECT, FROM, WITH, VALUES, SHOW, DESCRIBE or SUMMARIZE"


def open_reader(path: Path, *, threads: int | None = None, memory_limit: str | None = None) -> DuckDBReader:
    """Open a warehouse file that exists for queries that somebody typed. Raises as `open_duckdb` does."""
    connection = connected(path, read_only=True, threads=threads, memory_limit=memory_limit, **_ALONE)
    for lock in _LOCKS:
        connection.execute(lock).fetchall()
    return DuckDBReader(connection)


class _Stream:
    """A result as Arrow's C stream and nothing else: another database takes it without pyarrow."""

    def __init__(self, result: duckdb.DuckDBPyRelation) -> None:
        self._result = result

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._result.__arrow_c_stream__(requested_schema)


class DuckDBReader(DuckDBWarehouse):
    """One query at a time, in memory. Each method raises QueryError for what is no query or is forbidden."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._answering(sql):
            return self._connection.execute(sql, list(parameters)).fetchall()

    def arrays(self, sql: str, parameters: Sequence[Any] = ()) -> Columns:
        """Fetched column by column."""
        with self._answering(sql):
            return plain(self._connection.execute(sql, list(parameters)).fetchnumpy())

    def arrow(self, sql: str) -> pyarrow.Table:
        """Needs pyarrow."""
        with self._answering(sql):
            return self._connection.sql(sql).to_arrow_table()

    def df(self, sql: str) -> pandas.DataFrame:
        """Needs pandas."""
        with self._answering(sql):
            return self._connection.sql(sql).df()

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """(column, type) of a query, whose names may repeat."""
        with self._answering(sql):
            found = self._connection.sql(sql)
            return [(name, str(kind)) for name, kind in zip(found.columns, found.types, strict=True)]

    def copy(self, sql: str, path: Path, style: Literal["parquet", "csv"] = "parquet") -> int:
        """The rows go through another database, for this one can't write."""
        with self._answering(sql):
            rows = _Stream(self._connection.sql(sql))
            writer = DuckDBWarehouse(duckdb.connect())
            try:
                with writer.registered("rows", rows):
                    return writer.copy("select * from rows", path, style)
            finally:
                writer.close()

    @contextmanager
    def _answering(self, sql: str) -> Iterator[None]:
        try:
            self._require_query(sql)
            yield
        except duckdb.Error as error:
            raise QueryError(_told(error), kind_of(error)) from error
        except RuntimeError as error:
            # What the driver makes of a signal's exception.
            raise QueryError(str(error), "timeout") from error

    def _require_query(self, sql: str) -> None:
        if not sql.isprintable() and sql.encode(errors="replace").decode() != sql:
            raise QueryError("it holds bytes that are no text; write it in UTF-8")
        found = self._connection.extract_statements(sql)
        if len(found) != 1:
            raise QueryError(f"it holds {len(found) or 'no'} statements, and one query is answered at a time")
        if found[0].type != duckdb.StatementType.SELECT:
            kind = str(found[0].type).rpartition(".")[2]
            raise QueryError(f"it is a {kind} statement, and here is only read; begin with {_ANSWERED}")


def _told(error: duckdb.Error) -> str:
    """What the driver says first, with what is near in place of what isn't there, or in the user's terms."""
    said = first_line(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"{said}; it must fit into memory, so ask for less at a time, or raise `memory_limit` in backcourt.toml"
    if isinstance(error, duckdb.PermissionException):
        return f"{said}; a query reads the tables of this home and no file, `backcourt ingest` brings files in"
    if "'pytz'" in said:
        return "a time with a zone needs the package pytz; cast it, e.g. cast(now() as timestamp)"
    near = [line.strip() for line in str(error).splitlines()[1:] if line.startswith(("Did you mean", "Candidate"))]
    return "; ".join(part.rstrip(".!:? ") for part in (said, *near[:1]))
