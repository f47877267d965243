"""{name}/latest.json: where the newest date's file lies. A pointer, never a copy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.envelope import envelope
from backcourt.publishing.generation import Entry

_DATED = re.compile(r"(?P<folder>[a-z-]+)/(?P<day>\d{4}-\d{2}-\d{2})\.json")


def latest(edition: Edition) -> Callable[[Mapping[str, Entry]], Iterable[Document]]:
    """What makes the pointers, once it is known where every file will lie."""

    def pointers(entries: Mapping[str, Entry]) -> Iterable[Document]:
        newest: dict[str, str] = {}
        for name in sorted(entries):
            match = _DATED.fullmatch(name)
            if match:
                newest[match["folder"]] = name
        for folder, name in newest.items():
            entry, day = entries[name], date.fromisoformat(name[len(folder) + 1 : -len(".json")])
            body = {**envelope(edition, {}, kind=None), "game_date": day, "path": entry.path, "sha256": entry.sha256}
            yield document(f"{folder}/latest.json", "pointer.schema.json", body)

    return pointers
