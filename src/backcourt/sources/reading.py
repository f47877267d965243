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

from backcourt.engine.errors import STOPPING, BackcourtError, QueryError
from backcourt.engine.warehouse import Warehouse
from backcourt.parquet import quoted
from backcourt.sources.feed import Feed
from backcourt.sources.json_shapes import flatten

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


def read_incoming(warehouse: Warehouse, item: Any) -> list[str]:
    """Fill the temporary table `incoming` and return its columns. Raises BackcourtError with one sentence when it can't be read."""
    try:
        if not isinstance(item, Path):
            with warehouse.registered("given_frame", item):
                _create(warehouse, "given_frame")
        elif item.name.endswith(".parquet"):
            _create(warehouse, f"read_parquet({quoted(item)})")
        elif item.name.endswith((".csv", ".csv.gz")):
            # Text first: each column is parsed by its own rule, and a bad value names its row.
            _create(warehouse, f"read_csv({quoted(item)}, all_varchar = true, header = true, nullstr = '')")
        else:
            with _records(item) as lines:
                _create(warehouse, f"read_json({quoted(lines)}, format = 'newline_delimited', sample_size = -1)")
    except (QueryError, OSError, EOFError, ValueError) as error:
        if isinstance(error, QueryError) and error.kind in (*STOPPING, "timeout"):
            # The fault isn't the file's.
            raise
        if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):
            raise
        first = str(error).strip().splitlines()[0].rstrip(".")
        raise BackcourtError(f"it can't be read ({first}); fetch it again") from error
    return [name for name, _ in warehouse.describe("select * from incoming") if name != "file_row"]


def add_optional(warehouse: Warehouse, feed: Feed, present: list[str]) -> None:
    """Add the feed's optional columns that the file lacks, empty."""
    for column in feed.optional:
        if column not in present:
            warehouse.query(f'alter table incoming add column "{column}" varchar')


def forget_incoming(warehouse: Warehouse) -> None:
    """Drop what the last file left in memory."""
    for table in ("incoming", "parsed", "arriving", "arriving_groups", "compared", "touched_groups", "touched_keys"):
        warehouse.query(f"drop table if exists temp.{table}")


def _create(warehouse: Warehouse, source: str) -> None:
    # One thread numbers the rows in file order.
    warehouse.query(f"create or replace temp table incoming as select *, row_number() over () as file_row from {source}")


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
