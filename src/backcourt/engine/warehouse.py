"""The protocol that a warehouse fulfils, and how a query is bound to the dates that it may read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pandas
    import pyarrow
    from numpy.typing import NDArray

    Columns = dict[str, NDArray[Any]]

Row = tuple[Any, ...]


class Warehouse(Protocol):
    """Where raw tables, derived tables and receipts live. One object is one connection; `sibling()` opens another to the same data."""

    hash_kind: str
    bound_cte: str
    """How a bounding CTE is opened, e.g. `as not materialized`."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a statement. Raises QueryError."""

    def arrays(self, sql: str, parameters: Sequence[Any] = ()) -> Columns:
        """The columns of a query as NumPy arrays: NULL is NaN, NaT or None. Raises QueryError."""

    def arrow(self, sql: str) -> pyarrow.Table:
        """The rows of a query as an Arrow table. Raises QueryError."""

    def df(self, sql: str) -> pandas.DataFrame:
        """The rows of a query as a pandas DataFrame. Raises QueryError."""

    def copy(self, sql: str, path: Path, style: Literal["parquet", "csv"] = "parquet") -> int:
        """Write the rows of a query to a file; how many there were. Raises QueryError."""

    def registered(self, name: str, columns: Any) -> AbstractContextManager[None]:
        """Equally long arrays by name, or a DataFrame, as a relation that only this connection sees, inside the block."""

    def translate(self, sql: str) -> str:
        """A declared query in this warehouse's dialect."""

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """(column, type) of a query, without running it."""

    def columns(self, table: str) -> list[tuple[str, str]]:
        """(column, type) of a stored table or view; empty when there is none."""

    def physical(self, relation: str) -> str:
        """The qualified name of a stored relation, which a CTE of the same name can't shadow."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commit at the end, roll back on an exception."""

    def stage(self, name: str, sql: str) -> None:
        """Store the rows of `sql` where only this connection sees them, under `name`."""

    def drop_stage(self, name: str) -> None:
        """Forget a staged result."""

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Insert plain values in one statement."""

    def is_aligned(self, table: str, columns: Sequence[tuple[str, str]]) -> bool:
        """Has the table exactly these columns, with these types?"""

    def align(self, table: str, columns: Sequence[tuple[str, str]], grain: Sequence[str]) -> None:
        """Give `table` exactly these columns and types; rows that stand keep what can be kept."""

    def extend(self, table: str, columns: Sequence[tuple[str, str]], unique: Sequence[str] = ()) -> None:
        """Create `table`, or add the columns that it lacks; nothing that stands is ever changed. `unique` columns may not repeat.

        Raises BackcourtError when a stored column has another type.
        """

    def define_view(self, name: str, sql: str, tag: str) -> None:
        """Make `name` a view of `sql`, marked with `tag`; nothing happens when it bears that tag already."""

    def comment(self, table: str, meaning: str, columns: Mapping[str, str]) -> None:
        """Say what a stored table or view means, and each of its columns by name; what is said already costs nothing.

        Not to be called inside a transaction.
        """

    def comments(self, table: str) -> tuple[str, dict[str, str]]:
        """What is said of a stored table or view, and of its columns by name; empty where nothing is."""

    def view_tag(self, name: str) -> str | None:
        """The tag of a view; None when there is no such view."""

    def content_hash(self, columns: Sequence[str]) -> str:
        """SQL of an order-independent aggregate hash over rows, as text."""

    def key_hash(self, columns: Sequence[str]) -> str:
        """SQL of an order-independent aggregate hash over keys, as text."""

    def text_hash(self, columns: Sequence[str]) -> str:
        """SQL of the SHA-256 (hex) over a row as text: `name=value` of each column that has a value, in the given order, separated by the
        character 31. Values are written as DuckDB casts them to VARCHAR, whatever the warehouse, for a row's hash is
        for good.

        A column without a value adds nothing, so that one that is declared later leaves the hashes of earlier rows as
        they are.
        """

    def watch(self, before_write: Callable[[Warehouse, str], None]) -> None:
        """Call this before each statement that writes to a stored table, on this connection or a sibling.

        It gets the connection that sends it, and the table's name: empty where the statement doesn't tell.
        """

    def sibling(self) -> Warehouse:
        """Another connection to the same data, for a worker."""

    def interrupt(self) -> None:
        """Stop the statement that runs on this connection; callable from another thread."""

    def close(self) -> None:
        """Release the connection."""


def dates(days: Iterable[date]) -> str:
    """A list of dates as SQL, for `in (...)`."""
    return ", ".join(f"date '{day}'" for day in days)


def bind(sql: str, bounds: Mapping[str, str], opening: str = "as") -> str:
    """Put one CTE per relation before a query, so that the relation's name means only the rows of `bounds[relation]` (a query).

    A CTE of the same name shadows the stored relation, which `bounds` itself names by its qualified name.
    """
    if not bounds:
        return sql
    prefix = ",\n".join(f"{name} {opening} (\n{query}\n)" for name, query in bounds.items())
    body = _without_leading_comments(sql)
    if re.match(r"with\b", body, re.IGNORECASE):
        return f"with {prefix},\n{body[4:].lstrip()}"
    return f"with {prefix}\n{body}"


def _without_leading_comments(sql: str) -> str:
    body = sql.strip()
    while body.startswith("--"):
        body = body.partition("\n")[2].lstrip()
    return body
