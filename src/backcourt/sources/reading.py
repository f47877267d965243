"""Any raw file (Parquet, CSV, JSON, gzipped or not) or DataFrame as the table `incoming`, with `file_row` from 1."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from backcourt.engine.errors import BackcourtError

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
    except (duckdb.Error, OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0].rstrip(".")
        raise BackcourtError(f"it can't be read ({first}); fetch it again") from error
    return [str(row[0]) for row in connection.execute("describe incoming").fetchall() if row[0] != "file_row"]


def _create(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    # One thread numbers the rows in file order.
    connection.execute(f"create or replace temp table incoming as select *, row_number() over () as file_row from {source}")


@contextmanager
def _records(file: Path) -> Iterator[Path]:
    """A JSON file as one record a line: lists of records, the stats API's headers and rowSet, or the schedule's game dates."""
    opened = gzip.open(file, "rt") if file.name.endswith(".gz") else file.open()
    with opened as stream:
        body = json.load(stream)
    records = _flatten(body)
    if not records:
        raise ValueError("it holds no records in a known shape")
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "records.json"
        lines.write_text("\n".join(json.dumps(record) for record in records))
        yield lines


def _flatten(body: Any) -> list[dict[str, Any]]:
    if isinstance(body, list):
        return [_one_level(record) for record in body]
    if "rowSet" in body:
        return [dict(zip(body["headers"], row, strict=True)) for row in body["rowSet"]]
    for name in ("resultSets", "resultSet"):
        if name in body:
            sets = body[name] if isinstance(body[name], list) else [body[name]]
            return _flatten(sets[0])
    if "leagueSchedule" in body:
        return [_one_level(game) for day in body["leagueSchedule"]["gameDates"] for game in day["games"]]
    if "data" in body and "timestamp" in body:
        return [record for event in body["data"] for record in _odds_records(body["timestamp"], event)]
    return []


def _odds_records(timestamp: str, event: dict[str, Any]) -> list[dict[str, Any]]:
    """The Odds API's nested events: one record per outcome, or one per event where no books are listed."""
    head = {"timestamp": timestamp, **{key: event.get(key) for key in ("id", "commence_time", "home_team", "away_team")}}
    if "bookmakers" not in event:
        return [head]
    return [
        {
            **head, "bookmaker_key": book["key"], "last_update": book.get("last_update"), "market_key": market["key"],
            "outcome_name": outcome["name"], "price": outcome["price"], "point": outcome.get("point"),
        }
        for book in event["bookmakers"]
        for market in book["markets"]
        for outcome in market["outcomes"]
    ]  # fmt: skip


def _one_level(record: dict[str, Any]) -> dict[str, Any]:
    """Nested objects as `outer.inner` columns; lists are dropped."""
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": item for inner, item in value.items() if not isinstance(item, dict | list)}
        elif not isinstance(value, list):
            flat[key] = value
    return flat


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
