"""One table of rows in every container that `ingest` reads."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

Rows = list[dict[str, Any]]


def rows_of(file: Path, most: int) -> Rows:
    """The first rows of a Parquet file, as Python has them."""
    found = duckdb.connect().execute("select * from read_parquet(?, hive_partitioning = false) limit ?", [str(file), most])
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def delimited(rows: Rows, separator: str) -> bytes:
    """As an ordinary program writes it: quotes where they are needed, nothing for nothing."""
    quoted = [[json.dumps(name) if separator in name else name for name in rows[0]]]
    for row in rows:
        cells = [_text(value) for value in row.values()]
        quoted.append([f'"{cell.replace(chr(34), chr(34) * 2)}"' if separator in cell or '"' in cell else cell for cell in cells])
    return "\n".join(separator.join(cells) for cells in quoted).encode() + b"\n"


def as_json(rows: Rows) -> bytes:
    return json.dumps(rows, default=str).encode()


def as_lines(rows: Rows) -> bytes:
    return "\n".join(json.dumps(row, default=str) for row in rows).encode()


def as_answer(rows: Rows) -> bytes:
    """stats.nba.com's own shape."""
    table = {"name": "Rows", "headers": list(rows[0]), "rowSet": [list(row.values()) for row in rows]}
    return json.dumps({"resultSets": [table]}, default=str).encode()


def parquet(file: Path, into: Path, most: int) -> Path:
    """The same types, fewer rows."""
    selected = f"select * from read_parquet('{file}', hive_partitioning = false) limit {most}"
    duckdb.connect().execute(f"copy ({selected}) to '{into}' (format parquet)")
    return into


TEXTS: dict[str, Callable[[Rows], bytes]] = {
    ".csv": lambda rows: delimited(rows, ","),
    ".tsv": lambda rows: delimited(rows, "\t"),
    ".CSV": lambda rows: b"\xef\xbb\xbf" + delimited(rows, ";").replace(b"\n", b"\r\n"),
    ".json": as_json,
    ".answer.json": as_answer,
    ".jsonl": as_lines,
    ".csv.gz": lambda rows: gzip.compress(delimited(rows, ",")),
    ".ndjson.GZ": lambda rows: gzip.compress(as_lines(rows)),
}
"""By ending."""


def write(file: Path, ending: str, folder: Path, most: int) -> Path:
    """The first rows of a Parquet file in the container of this ending."""
    if ending == ".zip":
        target = folder / f"{file.stem}.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"folder/{file.stem}.csv", TEXTS[".csv"](rows_of(file, most)))
        return target
    target = folder / f"{file.stem}{ending}"
    if ending.startswith(".pandas"):
        return _by_pandas(parquet(file, folder / f".{file.stem}", most), target)
    target.write_bytes(TEXTS[ending](rows_of(file, most)))
    return target


def _by_pandas(file: Path, target: Path) -> Path:
    import pandas

    frame = pandas.read_parquet(file)
    if target.suffix == ".json":
        frame.to_json(target, orient="records", double_precision=15)
    else:
        frame.to_csv(target)
    file.unlink()
    return target
