"""Parquet files: written from arrays, read by a query, in a database in memory. The driver's errors become the engine's here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from backcourt.engine.errors import QueryError
from backcourt.engine.files import whole

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from numpy.typing import NDArray

    Columns = dict[str, NDArray[Any]]

# What DuckDB says when a block, a header or the log isn't what was written, and when the disk has no room for a block
# or for what doesn't fit into memory. It has no types for either.
_DAMAGED = (
    "corrupt", "checksum", "not a valid duckdb database", "could not read enough bytes", "read enough bytes from file",
    "serialization error", "internal error", "database has been invalidated", "failed to deserialize",
)  # fmt: skip
_FULL = ("no space left on device", "disk quota exceeded", "max_temp_directory_size", "could not write all bytes", "enough disk space")


class InMemory:
    """A database of its own in memory, gone when it is closed. Each method raises QueryError for what the driver refuses."""

    def __init__(self, threads: int | None = None) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": threads} if threads else {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None) -> None:
        self.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        try:
            return self._connection.execute(sql, list(values)).fetchall()
        except duckdb.Error as error:
            raise typed(error) from error

    def arrays(self, sql: str, values: Sequence[Any] = ()) -> Columns:
        """The columns of a query as NumPy arrays; see `plain`."""
        try:
            return plain(self._connection.execute(sql, list(values)).fetchnumpy())
        except duckdb.Error as error:
            raise typed(error) from error

    def table(self, name: str, columns: Mapping[str, Any]) -> None:
        """Replace a table by equally long arrays."""
        try:
            self._connection.register("incoming", dict(columns))
            self._connection.execute(f"create or replace table {name} as select * from incoming").fetchall()
            self._connection.unregister("incoming")
        except duckdb.Error as error:
            raise typed(error) from error

    def copy(self, sql: str, path: Path) -> int:
        """Write the rows of a query to a Parquet file, whole or not at all; how many there were. Raises OSError."""
        with whole(path) as unfinished:
            ((count,),) = self.rows(f"copy ({sql}) to {quoted(unfinished)} (format parquet, compression zstd)")
        return int(count)

    def close(self) -> None:
        """Release the database."""
        self._connection.close()


def write_parquet(path: Path, columns: Columns, selected: str = "*") -> None:
    """Columns to a Parquet file, whole or not at all; NaN in number columns becomes NULL. One thread: the same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = {name for name, values in columns.items() if values.dtype.kind == "f" and values.ndim == 1}
    cleaned = ", ".join(
        f'case when isnan("{name}") then null else "{name}" end as "{name}"' if name in numbers else f'"{name}"' for name in columns
    )
    with InMemory(threads=1) as memory:
        memory.table("given", columns)
        memory.copy(f"select {selected} from (select {cleaned} from given)", path)


def read_parquet(path: Path, query: str) -> Columns:
    """A query over `rows`, the file's rows, as NumPy arrays; see `plain`. Raises QueryError for a file that can't be read."""
    with InMemory() as memory:
        memory.rows(f"create view rows as select * from {scan(path)}")
        return memory.arrays(query)


def quoted(path: Path | str) -> str:
    """A path as SQL text."""
    return "'" + str(path).replace("'", "''") + "'"


def scan(path: Path) -> str:
    """SQL of a Parquet file's rows: of this file alone and with its own columns alone, whatever its path holds."""
    literal = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))
    return f"read_parquet({quoted(literal)}, hive_partitioning = false)"


def is_whole_parquet(path: Path) -> bool:
    """Does a file begin and end as Parquet does? Raises OSError."""
    with path.open("rb") as stream:
        beginning = stream.read(4)
        stream.seek(max(path.stat().st_size - 4, 0))
        return path.stat().st_size > 12 and beginning == stream.read(4) == b"PAR1"


def plain(columns: Mapping[str, Any]) -> Columns:
    """DuckDB's masked columns as plain arrays: NULL becomes NaN, NaT or None; a boolean or integer with NULLs becomes float."""
    import numpy as np

    found: Columns = {}
    for name, values in columns.items():
        if not isinstance(values, np.ma.MaskedArray):
            found[name] = np.asarray(values)
        elif not np.ma.getmaskarray(values).any():
            found[name] = np.asarray(values.data)
        elif values.dtype.kind in "biuf":
            found[name] = np.ma.filled(values.astype(float), np.nan)
        elif values.dtype.kind == "M":
            found[name] = values.filled(np.datetime64("NaT"))
        else:
            found[name] = np.ma.filled(values.astype(object), None)
    return found


def typed(error: duckdb.Error) -> QueryError:
    """The driver's error as the engine's, with its kind."""
    return QueryError(first_line(error), kind_of(error))


def kind_of(error: duckdb.Error) -> str:
    """The kind of QueryError that an error of the driver is."""
    text = str(error).lower()
    if any(word in text for word in _FULL):
        return "space"
    if isinstance(error, duckdb.InternalException | duckdb.FatalException) or any(word in text for word in _DAMAGED):
        return "damaged"
    if isinstance(error, duckdb.InterruptException):
        return "timeout"
    if isinstance(error, duckdb.TransactionException) or "conflict" in text:
        return "transient"
    if isinstance(error, duckdb.DataError | duckdb.BinderException | duckdb.InvalidInputException):
        return "data"
    return "permanent"


def first_line(error: BaseException) -> str:
    """What an error says first, without its full stop."""
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
