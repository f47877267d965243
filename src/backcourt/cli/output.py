"""Printing: data on stdout as table, CSV, Markdown or JSON; everything else on stderr."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backcourt.engine.errors import BackcourtError

SCHEMA_VERSION = 1


def say(text: str) -> None:
    """A line for the person who watches, on stderr."""
    # In one piece: the threads of a run tell their progress at the same time.
    sys.stderr.write(f"{text}\n")


def data(text: str) -> None:
    """A line of data, on stdout."""
    print(text)  # noqa: T201


class _Answer:
    """Whether JSON was asked for, and whether it has been given."""

    is_json = False
    is_given = False


_answer = _Answer()


def answer_in_json(is_asked: bool) -> None:
    """Keep for the verb that follows whether it is to answer in JSON."""
    _answer.is_json, _answer.is_given = is_asked, False


def as_json(body: Mapping[str, Any]) -> None:
    """One JSON object with schema_version and as_of; what isn't a number, such as NaN, is null."""
    from backcourt.field import clock

    _give(clock.now().isoformat(), body)


def failure_as_json(exit_code: int, sentence: str) -> None:
    """The object of a verb that JSON was asked of and that failed before it could answer."""
    from backcourt.field import clock

    if not _answer.is_json or _answer.is_given:
        return
    try:
        now = clock.now()
    except BackcourtError:
        # It may be the clock that failed.
        now = clock.wall()
    _give(now.isoformat(), {"exit_code": exit_code, "error": sentence})


def _give(as_of: str, body: Mapping[str, Any]) -> None:
    told = {"schema_version": SCHEMA_VERSION, "as_of": f"{as_of}Z", **body}
    text = json.dumps(_plain(told), default=str, indent=1, allow_nan=False)
    _answer.is_given = True
    data(text)


def _plain(value: Any) -> Any:
    """The same as JSON knows it: keys are text, numbers are finite, bytes are hex digits."""
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else value


def unique(names: Sequence[str]) -> list[str]:
    """The names, with a number behind those that stood before: JSON objects have each key once."""
    found: list[str] = []
    seen: Counter[str] = Counter()
    for name in names:
        told = name
        while told in found or (told != name and told in names):
            seen[name] += 1
            told = f"{name}_{seen[name]}"
        found.append(told)
    return found


def known_style(style: str) -> str:
    """A format of `rows`. Raises BackcourtError for another, before anything is done for it."""
    if style not in ("table", "csv", "md"):
        raise BackcourtError(f"--format {style!r} is unknown; choose table, csv or md.")
    return style


def rows(columns: Sequence[str], found: Iterable[Sequence[Any]], style: str = "table", *, title: str | None = None) -> None:
    """Rows in one of the formats; a Rich table on a terminal, aligned text elsewhere."""
    known_style(style)
    listed = [["" if value is None else str(value) for value in row] for row in found]
    if style == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(listed)
    elif style == "md":
        data("| " + " | ".join(columns) + " |")
        data("|" + "---|" * len(columns))
        for row in listed:
            data("| " + " | ".join(row) + " |")
    else:
        _table(columns, listed, title)


def _table(columns: Sequence[str], listed: list[list[str]], title: str | None) -> None:
    if title:
        data(title)
    widths = [max(len(name), *(len(row[place]) for row in listed)) if listed else len(name) for place, name in enumerate(columns)]
    data("  ".join(name.ljust(width) for name, width in zip(columns, widths, strict=True)).rstrip())
    for row in listed:
        data("  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip())
