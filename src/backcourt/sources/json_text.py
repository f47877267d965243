"""JSON and JSON lines as records, and records as rows of text: numbers as they are written, null as nothing."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError
from backcourt.sources.delimited import LONGEST_VALUE
from backcourt.sources.json_shapes import Record, flatten
from backcourt.sources.raw_file import shown

LARGEST = 512 << 20
"""Bytes of one JSON document: it is read as a whole, into some twenty times as much memory."""

_DEEP = "its JSON is nested too deeply for any format; fetch it again"


def records_of(file: Path, ending: str) -> list[Record]:
    """The records of a file that `check_text` has passed. Raises BackcourtError."""
    if file.stat().st_size > LARGEST:
        raise BackcourtError(f"its JSON has more than {LARGEST >> 20} MB; split it into files of a season each")
    text = file.read_text(encoding="utf-8-sig")
    if "\\u0000" in text:
        raise BackcourtError("it holds NULL characters (\\u0000), so it is damaged; fetch it again")
    try:
        return [record for body in _documents(text, ending) for record in flatten(body)]
    except RecursionError as error:
        raise BackcourtError(_DEEP) from error
    except MemoryError as error:
        raise BackcourtError("its JSON is larger than the memory; split it into files of a season each") from error


def _documents(text: str, ending: str) -> list[Any]:
    """One document, or one a line: what the ending says, else what the other gives."""
    if ending.startswith((".jsonl", ".ndjson")):
        return _lines(text)
    try:
        return [_parsed(text)]
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return _lines(text)
        raise BackcourtError(f"it is no whole JSON ({_where(error)}); fetch it again") from error


def _lines(text: str) -> list[Any]:
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(_parsed(line))
        except json.JSONDecodeError as error:
            if number == 1 and (whole := _whole(text)) is not None:
                return whole
            raise BackcourtError(f"line {number} is no whole JSON ({_where(error, number)}); fetch it again") from error
    return _joined(found)


def _whole(text: str) -> list[Any] | None:
    try:
        return [_parsed(text)]
    except json.JSONDecodeError:
        return None


def _joined(documents: list[Any]) -> list[Any]:
    """Lines that are each a record are one list of records; those that are each an answer stay as they are."""
    return [documents] if all(map(_is_flat, documents)) else documents


def _is_flat(document: Any) -> bool:
    return isinstance(document, dict) and not any(isinstance(value, dict | list) for value in document.values())


def _parsed(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        values = " and ".join(shown(str(value)) for name, value in pairs if name == twice)
        raise BackcourtError(f"a record says {twice!r} twice ({values}); fetch it again")
    return found


def _where(error: json.JSONDecodeError, line: int | None = None) -> str:
    return f"line {line or error.lineno}, column {error.colno}"


def write_rows(records: list[Record], out: Path) -> list[str]:
    """The records as CSV, and their columns in order of appearance. Raises BackcourtError for text that is none."""
    keys = list(dict.fromkeys(name for record in records for name in record))
    if not keys:
        raise BackcourtError("its records hold nothing; fetch it again")
    columns = [name.strip() or f"column{place}" for place, name in enumerate(keys)]
    try:
        with out.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(columns)
            writer.writerows(_cells(record, keys, number) for number, record in enumerate(records, start=1))
    except UnicodeEncodeError as error:
        broken = shown(error.object[max(error.start - 20, 0) : error.end])
        raise BackcourtError(f"it holds half a character ({broken}), so it is damaged; fetch it again") from error
    return columns


def _cells(record: Record, keys: list[str], number: int) -> list[str]:
    cells = [_text(record.get(name)) for name in keys]
    if max(map(len, cells)) > LONGEST_VALUE:
        too_long = f"record {number} holds a value of more than {LONGEST_VALUE:,} characters"
        raise BackcourtError(f"{too_long}, which is none; fetch it again")
    return cells


def _text(value: Any) -> str:
    """As CSV has it: true and false in small letters, what isn't a number or a word as nothing."""
    if value is None or value == "NaN":
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
