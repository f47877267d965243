"""A file to publish: its name and its bytes, which exist only once they are valid."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from backcourt.engine.errors import BackcourtError
from backcourt.publishing.validation import validate


@dataclass(frozen=True)
class Document:
    """One file. `name` is its path as readers know it, e.g. `picks/2024-04-05.json`; an immutable one is stored under its hash for ever."""

    name: str
    data: bytes
    schema: str | None
    is_immutable: bool = False

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes."""
        return sha256(self.data).hexdigest()


def document(name: str, schema: str, body: Mapping[str, Any], *, is_immutable: bool = False) -> Document:
    """The validated JSON file of `body`: keys sorted, so that equal content has equal bytes.

    Dates and moments (UTC) become ISO texts. Raises BackcourtError for NaN, an infinity or anything that the schema
    doesn't allow.
    """
    plain = _plain(body)
    for place, number in _numbers(plain, ""):
        if not math.isfinite(number):
            raise BackcourtError(f"{name}: {place} is {number}, which JSON doesn't have; a missing value is null, with its reason.")
    validate(name, schema, plain)
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return Document(name, f"{text}\n".encode(), schema, is_immutable)


def moment_text(moment: datetime) -> str:
    """A UTC moment as published: `2024-04-05T18:00:00Z`."""
    return f"{moment.isoformat(timespec='seconds')}Z"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    # Minus zero, which sums and signs leave behind, is zero.
    return value + 0.0 if isinstance(value, float) else value


def _numbers(value: Any, place: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, float):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _numbers(item, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _numbers(item, f"{place}.{position}".lstrip("."))
