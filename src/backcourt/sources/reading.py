"""Any raw file or DataFrame as the view `incoming`: every column as text, whatever held it, with `file_row` from 1.

The same content as Parquet, CSV or JSON gives the same text, so that no feed can tell them apart.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Any

from backcourt.engine.errors import STOPPING, BackcourtError, QueryError
from backcourt.engine.warehouse import Warehouse
from backcourt.parquet import is_whole_parquet, scan
from backcourt.sources.delimited import Delimited, check_text, explain, layout_of, require_once
from backcourt.sources.feed import Feed
from backcourt.sources.json_text import records_of, write_rows
from backcourt.sources.raw_file import KINDS, RawFile

AS_READ = "as_read"
"""The temporary table of what was read, typed as the file has it; payloads of rows and of frames are made of it."""

_LEFT = ("parsed", "arriving", "arriving_groups", "compared", "touched_groups", "touched_keys", AS_READ)


def read_incoming(warehouse: Warehouse, item: Any) -> list[str]:
    """Make the temporary view `incoming`; its columns. Raises BackcourtError for what can't be read."""
    try:
        if isinstance(item, RawFile):
            with item.opened() as plain:
                _READERS[KINDS[item.ending.removesuffix(".gz")]](warehouse, plain, item.ending)
        else:
            require_once([str(name) for name in getattr(item, "columns", ())])
            with warehouse.registered("given_frame", item):
                _create(warehouse, "given_frame")
    except (QueryError, OSError, TypeError, ValueError) as error:
        _raise_unless_of_the_file(warehouse, error)
        said = _first_line(error)
        raise BackcourtError(f"it can't be read ({said}); fetch it again, or save it in another format") from error
    _show_as_text(warehouse)
    return [name for name, _ in _described(warehouse)]


def add_optional(warehouse: Warehouse, feed: Feed, present: list[str]) -> None:
    """Add the feed's optional columns that the file lacks, empty."""
    lacking = [column for column in feed.optional if column not in present]
    for column in lacking:
        warehouse.query(f"alter table {AS_READ} add column {_named(column)} varchar")
    if lacking:
        _show_as_text(warehouse)


def forget_incoming(warehouse: Warehouse) -> None:
    """Drop what the last file left in memory."""
    warehouse.query("drop view if exists temp.incoming")
    for table in _LEFT:
        warehouse.query(f"drop table if exists temp.{table}")


def _read_parquet(warehouse: Warehouse, file: Path, ending: str) -> None:
    if not is_whole_parquet(file):
        raise BackcourtError("it is no whole Parquet file, its end or its beginning is missing; fetch it again")
    try:
        _create(warehouse, scan(file))
    except QueryError as error:
        _raise_unless_of_the_file(warehouse, error)
        raise BackcourtError("it is a damaged Parquet file; fetch it again") from error


def _read_delimited(warehouse: Warehouse, file: Path, ending: str) -> None:
    check_text(file)
    layout = layout_of(file, ending)
    if not layout.begins_at_once:
        _create(warehouse, _rewritten(file, layout).source(file))
        return
    try:
        _create(warehouse, layout.source(file))
    except QueryError as error:
        _raise_unless_of_the_file(warehouse, error)
        explain(file, layout)
        # Sound, but not as strictly written as the warehouse reads it: line ends of several kinds, for one.
        _create(warehouse, _rewritten(file, layout).source(file))


def _rewritten(file: Path, layout: Delimited) -> Delimited:
    """The same rows, written anew in the file's stead; raises BackcourtError for rows that aren't sound."""
    explain(file, layout)
    beside = file.with_name("rewritten")
    with file.open(encoding="utf-8-sig", newline="") as old, beside.open("w", encoding="utf-8", newline="") as new:
        csv.writer(new).writerows(row for row in csv.reader(old, delimiter=layout.separator) if row)
    beside.replace(file)
    return Delimited(",", layout.columns)


def _read_json(warehouse: Warehouse, file: Path, ending: str) -> None:
    check_text(file)
    rows = file.with_name("records")
    columns = write_rows(records_of(file, ending), rows)
    require_once(columns)
    _create(warehouse, Delimited(",", tuple(columns)).source(rows))


_READERS: dict[str, Callable[[Warehouse, Path, str], None]] = {
    "parquet": _read_parquet, "delimited": _read_delimited, "json": _read_json,
}  # fmt: skip


def _create(warehouse: Warehouse, source: str) -> None:
    if any(name.lower() == "file_row" for name, _ in warehouse.describe(f"select * from {source}")):
        raise BackcourtError("it has a column 'file_row', which is what ingest calls the number of a row; rename it")
    # One thread numbers the rows in file order.
    numbered = f"select *, row_number() over () as file_row from {source}"
    warehouse.query(f"create or replace temp table {AS_READ} as {numbered}")


def _described(warehouse: Warehouse) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind in warehouse.describe(f"select * from {AS_READ}") if name != "file_row"]


def _show_as_text(warehouse: Warehouse) -> None:
    texts = ", ".join(f"{_text(_named(name), kind)} as {_named(name)}" for name, kind in _described(warehouse))
    warehouse.query(f"create or replace temp view incoming as select file_row, {texts} from {AS_READ}")


def _text(column: str, kind: str) -> str:
    """SQL of a column's text; nothing for blanks and for NaN, which is how pandas writes nothing."""
    if kind in ("DOUBLE", "FLOAT"):
        return f"case when not isnan({column}) then cast({column} as varchar) end"
    if kind in ("VARCHAR", "JSON"):
        trimmed = f"when starts_with({column}, ' ') or ends_with({column}, ' ') then nullif(trim({column}), '')"
        return f"case when {column} in ('', 'nan', 'NaN') then null {trimmed} else {column} end"
    return f"cast({column} as varchar)"


def _named(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _raise_unless_of_the_file(warehouse: Warehouse, error: Exception) -> None:
    """Raises again what isn't the file's fault: a full disk, an interruption, a warehouse that can't go on."""
    kind = error.kind if isinstance(error, QueryError) else ""
    if kind in ("space", "timeout") or (kind in STOPPING and not _goes_on(warehouse)):
        raise error
    if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):
        raise error


def _goes_on(warehouse: Warehouse) -> bool:
    """Of a file that isn't what its head says the driver speaks as of a damaged warehouse: ask the warehouse itself."""
    try:
        return warehouse.query("select 1") == [(1,)]
    except QueryError:
        return False


def _first_line(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
