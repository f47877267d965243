"""What an endpoint declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from backcourt.publishing.day import Day
from backcourt.publishing.documents import Document
from backcourt.publishing.edition import Edition
from backcourt.publishing.live_view import LiveView


@dataclass(frozen=True)
class SlateEndpoint:
    """A file per date, with a pointer to the newest.

    `path` shows the names, `schema` is the file of the JSON Schema, `cache` what a server may tell browsers, `build`
    makes the file.
    """

    path: str
    schema: str
    cache: str
    build: Callable[[Edition, Day], Document]


@dataclass(frozen=True)
class GlobalEndpoint:
    """Files that cover the whole ledger; the schema of a text is None."""

    path: str
    schema: str | None
    cache: str
    build: Callable[[Edition], Iterable[Document]]


@dataclass(frozen=True)
class LiveEndpoint:
    """A file per date that is made again while games are played; it lies behind a manifest of its own."""

    path: str
    schema: str
    cache: str
    build: Callable[[Edition, Day, LiveView], Document]


Endpoint = SlateEndpoint | GlobalEndpoint | LiveEndpoint
