"""Printing: data on stdout as table, CSV, Markdown or JSON; everything else on stderr."""

from __future__ import annotations

import csv
import json
import sys
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


def as_json(body: Mapping[str, Any]) -> None:
    """One JSON object with schema_version and as_of."""
    from backcourt.field import clock

    data(json.dumps({"schema_version": SCHEMA_VERSION, "as_of": clock.now().isoformat() + "Z", **body}, default=str, indent=1))


def rows(columns: Sequence[str], found: Iterable[Sequence[Any]], style: str = "table", *, title: str | None = None) -> None:
    """Rows in one of the formats; a Rich table on a terminal, aligned text elsewhere."""
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
    elif style == "table":
        _table(columns, listed, title)
    else:
        raise BackcourtError(f"--format {style!r} is unknown; choose table, csv or md.")


def _table(columns: Sequence[str], listed: list[list[str]], title: str | None) -> None:
    if title:
        data(title)
    widths = [max(len(name), *(len(row[place]) for row in listed)) if listed else len(name) for place, name in enumerate(columns)]
    data("  ".join(name.ljust(width) for name, width in zip(columns, widths, strict=True)).rstrip())
    for row in listed:
        data("  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip())
