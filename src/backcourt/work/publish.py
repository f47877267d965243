"""Publishing a home's ledger as files; needs `backcourt[publish]`. See docs/publishing.md."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from backcourt.field import clock
from backcourt.home import Home
from backcourt.publishing.endpoints import schema_folders
from backcourt.publishing.inspection import published_problems
from backcourt.publishing.live_publish import LiveReport, publish_live
from backcourt.publishing.publish import PublishReport
from backcourt.publishing.publish import publish as publish_slates
from backcourt.publishing.validation import schemas_beside


def publish(home: Home, start: date | str, end: date | str, *, out: Path | None = None) -> PublishReport:
    """Publish the slates from `start` to `end` (inclusive) into `out` (default: the home's `published`).

    Where the guard stops it, the report's verdict says why and the last good files stay.
    """
    first, last = clock.day_range(start, end)
    with home.working("publish") as job, home.reading() as warehouse:
        report = publish_slates(
            warehouse, home.path, _folder(home, out), first, last, clock.now(), is_simulated=home.is_simulated
        )  # fmt: skip
        job.ends(0 if report.verdict.is_open else 1, report.sentence)
        return report


def live(home: Home, day: date | str, boxes: Path, *, out: Path | None = None) -> LiveReport:
    """Publish a slate's live files from live box scores (a file or a folder)."""
    with home.working("live") as job, home.reading() as warehouse:
        report = publish_live(
            warehouse, home.path, _folder(home, out), clock.day(day), boxes, clock.now(), is_simulated=home.is_simulated
        )  # fmt: skip
        job.ends(0, f"{report.boxes} boxes of {report.game_date}, generation {report.generation}")
        return report


def check_published(home: Home, out: Path | None = None) -> tuple[int, list[str]]:
    """How many files are published, and a sentence for each that isn't what its manifest and schema say."""
    with schemas_beside(schema_folders(home.path)):
        return published_problems(_folder(home, out))


def _folder(home: Home, out: Path | None) -> Path:
    return out if out is not None else home.path / "published"
