"""A lazy result: nothing runs until it is asked for as rows, DataFrame or Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow


@contextmanager
def _typed() -> Iterator[None]:
    """The driver's errors as the engine's: a sentence for the user, with its kind."""
    import duckdb

    from backcourt.warehouses.duckdb.warehouse import typed

    try:
        yield
    except duckdb.Error as error:
        raise typed(error) from error


class Frame:
    """A query on the read snapshot. `.fetch()`, `.df()`, `.pl()`, `.arrow()` run it; it also speaks `__arrow_c_stream__`.

    Each raises QueryError for a query that the warehouse refuses.
    """

    def __init__(self, connect: Callable[[], duckdb.DuckDBPyConnection], sql: str) -> None:
        self._connect = connect
        self.query = sql

    def fetch(self) -> list[tuple[Any, ...]]:
        """All rows as tuples, in the columns' order."""
        return self._rows(self.query)

    def select(self, columns: Iterable[str]) -> Frame:
        """Some of the columns, same rows in the same order."""
        return Frame(self._connect, f"select {', '.join(columns)} from ({self.query})")

    def count(self) -> int:
        """The number of rows."""
        return int(self._rows(f"select count(*) from ({self.query})")[0][0])

    def execute(self, statement: str) -> None:
        """Run a statement that names this frame's query, such as a COPY."""
        self._rows(statement)

    @property
    def columns(self) -> list[str]:
        """The column names."""
        return [str(row[0]) for row in self._rows(f"describe ({self.query})")]

    def df(self) -> pandas.DataFrame:
        """A pandas DataFrame; needs pandas."""
        with _typed():
            return self._connect().sql(self.query).df()

    def pl(self) -> polars.DataFrame:
        """A polars DataFrame; needs polars."""
        with _typed():
            return self._connect().sql(self.query).pl()

    def arrow(self) -> pyarrow.Table:
        """An Arrow table; needs pyarrow."""
        with _typed():
            return self._connect().sql(self.query).to_arrow_table()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The Arrow stream protocol, so that any Arrow-speaking library takes the frame as it is."""
        return self.arrow().__arrow_c_stream__(requested_schema)

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with _typed():
            return self._connect().execute(statement).fetchall()

    def __repr__(self) -> str:
        return f"Frame({self.query!r})"
