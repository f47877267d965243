"""Publishing a home's ledger as files; needs `backcourt[publish]`. See docs/publishing.md."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from backcourt import clock
from backcourt.heartbeat import beats
from backcourt.home import Home
from backcourt.publishing.inspection import published_problems
from backcourt.publishing.live_publish import LiveReport, publish_live
from backcourt.publishing.publish import PublishReport
from backcourt.publishing.publish import publish as publish_slates


@beats("publish")
def publish(home: Home, start: date | str, end: date | str, *, out: Path | None = None) -> PublishReport:
    """Publish the slates from `start` to `end` (inclusive) into `out` (default: the home's `published`).

    Where the guard stops it, the report's verdict says why and the last good files stay.
    """
    first, last = clock.day_range(start, end)
    with home.reading() as warehouse:
        return publish_slates(warehouse, home.path, _folder(home, out), first, last, clock.now())


@beats("live")
def live(home: Home, day: date | str, boxes: Path, *, out: Path | None = None) -> LiveReport:
    """Publish a slate's live files from live box scores (a file or a folder)."""
    with home.reading() as warehouse:
        return publish_live(warehouse, home.path, _folder(home, out), clock.day(day), boxes, clock.now())


def check_published(home: Home, out: Path | None = None) -> tuple[int, list[str]]:
    """How many files are published, and a sentence for each that isn't what its manifest and schema say."""
    return published_problems(_folder(home, out))


def _folder(home: Home, out: Path | None) -> Path:
    return out if out is not None else home.path / "published"
