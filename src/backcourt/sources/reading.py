"""Any raw file (Parquet, CSV, JSON, gzipped or not) or DataFrame as the table `incoming`, with `file_row` from 1."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Any

import duckdb

from backcourt.engine.errors import STOPPING, BackcourtError
from backcourt.sources.feed import Feed
from backcourt.sources.json_shapes import flatten
from backcourt.warehouses.duckdb.warehouse import typed

SUFFIXES = (".parquet", ".csv", ".json", ".csv.gz", ".json.gz")


def raw_files(path: Path) -> list[Path]:
    """The raw files under a folder, or the file itself, sorted. Raises BackcourtError when there is nothing of that name."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BackcourtError(f"{path} doesn't exist; give a file or a folder of raw files.")
    return sorted(
        file for file in path.rglob("*") if file.is_file() and file.name.endswith(SUFFIXES) and not file.name.endswith(".meta.json")
    )


def read_incoming(connection: duckdb.DuckDBPyConnection, item: Any) -> list[str]:
    """Fill the temporary table `incoming` and return its columns. Raises BackcourtError with one sentence when it can't be read."""
    try:
        if not isinstance(item, Path):
            connection.register("given_frame", item)
            try:
                _create(connection, "given_frame")
            finally:
                connection.unregister("given_frame")
        elif item.name.endswith(".parquet"):
            _create(connection, f"read_parquet({_quoted(item)})")
        elif item.name.endswith((".csv", ".csv.gz")):
            # Text first: each column is parsed by its own rule, and a bad value names its row.
            _create(connection, f"read_csv({_quoted(item)}, all_varchar = true, header = true, nullstr = '')")
        else:
            with _records(item) as lines:
                _create(connection, f"read_json({_quoted(lines)}, format = 'newline_delimited', sample_size = -1)")
    except (duckdb.Error, OSError, EOFError, ValueError) as error:
        if isinstance(error, duckdb.Error) and (of_all := typed(error)).kind in (*STOPPING, "timeout"):
            # The fault isn't the file's.
            raise of_all from error
        if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):
            raise
        first = str(error).strip().splitlines()[0].rstrip(".")
        raise BackcourtError(f"it can't be read ({first}); fetch it again") from error
    return [str(row[0]) for row in connection.execute("describe incoming").fetchall() if row[0] != "file_row"]


def add_optional(connection: duckdb.DuckDBPyConnection, feed: Feed, present: list[str]) -> None:
    """Add the feed's optional columns that the file lacks, empty."""
    for column in feed.optional:
        if column not in present:
            connection.execute(f'alter table incoming add column "{column}" varchar')


def forget_incoming(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what the last file left in memory."""
    for table in ("incoming", "parsed", "arriving", "arriving_groups", "compared", "touched_groups", "touched_keys"):
        connection.execute(f"drop table if exists temp.{table}")


def _create(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    # One thread numbers the rows in file order.
    connection.execute(f"create or replace temp table incoming as select *, row_number() over () as file_row from {source}")


@contextmanager
def _records(file: Path) -> Iterator[Path]:
    body = file.read_bytes()
    records = flatten(json.loads(gzip.decompress(body) if file.name.endswith(".gz") else body))
    if not records:
        raise BackcourtError("it is JSON, but holds no records in a known shape; give a list of records or a feed's own answer")
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "records.json"
        lines.write_text("\n".join(json.dumps(record) for record in records))
        yield lines


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
