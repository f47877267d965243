"""A lazy result: nothing runs until it is asked for as rows, DataFrame or Arrow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from backcourt.engine.errors import BackcourtError, QueryError
from backcourt.engine.files import whole
from backcourt.engine.warehouse import Warehouse

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class Frame:
    """A query on the read snapshot. `.fetch()`, `.df()`, `.pl()`, `.arrow()` run it; it also speaks `__arrow_c_stream__`.

    Each raises QueryError for a query that the warehouse refuses.
    """

    def __init__(self, warehouse: Callable[[], Warehouse], sql: str) -> None:
        self._warehouse = warehouse
        self.query = sql

    def fetch(self) -> list[tuple[Any, ...]]:
        """All rows as tuples, in the columns' order."""
        return self._warehouse().query(self.query)

    def select(self, columns: Iterable[str]) -> Frame:
        """Some of the columns, same rows in the same order."""
        return Frame(self._warehouse, f"select {', '.join(columns)} from (\n{self.query}\n)")

    def count(self) -> int:
        """The number of rows."""
        return int(self._warehouse().query(f"select count(*) from (\n{self.query}\n)")[0][0])

    def copy(self, path: Path, style: Literal["parquet", "csv"] = "parquet") -> int:
        """Write the rows to a file; how many there were."""
        return self._warehouse().copy(self.query, path, style)

    def write(self, out: Path) -> int:
        """Write the rows to a .parquet, .csv or .arrow file, which never has the name unfinished; how many there were.

        Raises BackcourtError for another ending and for a place that can't be written.
        """
        if out.suffix not in (".parquet", ".csv", ".arrow"):
            raise BackcourtError(f"{out.name} has no known ending; write .parquet, .csv or .arrow.")
        try:
            with whole(out) as unfinished:
                if out.suffix == ".arrow":
                    import pyarrow.feather

                    pyarrow.feather.write_feather(self.arrow(), unfinished)
                else:
                    self.copy(unfinished, "parquet" if out.suffix == ".parquet" else "csv")
        except (OSError, ImportError, QueryError) as error:
            raise BackcourtError(f"{out} can't be written ({error}); choose another place, or install pyarrow for .arrow.") from error
        return self.count()

    @property
    def columns(self) -> list[str]:
        """The column names."""
        return [name for name, _ in self._warehouse().describe(self.query)]

    def df(self) -> pandas.DataFrame:
        """A pandas DataFrame; needs pandas."""
        return self._warehouse().df(self.query)

    def pl(self) -> polars.DataFrame:
        """A polars DataFrame; needs polars."""
        import polars

        found = polars.from_arrow(self.arrow())
        assert isinstance(found, polars.DataFrame)
        return found

    def arrow(self) -> pyarrow.Table:
        """An Arrow table; needs pyarrow."""
        return self._warehouse().arrow(self.query)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The Arrow stream protocol, so that any Arrow-speaking library takes the frame as it is."""
        return self.arrow().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"Frame({self.query!r})"
