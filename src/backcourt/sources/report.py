"""What an ingest did, file by file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

COUNTS = ("rows_in", "new", "changed", "unchanged", "rejected")


@dataclass
class FileReport:
    """One file's outcome.

    `new`, `changed` (in new versions of groups) and `unchanged` are rows of raw tables, `rejected` are rows of the
    file. `refused` says why nothing was loaded, `skipped` why a file that needn't hold rows wasn't read, `sentences`
    what was wrong with rows, `held` which groups don't count and why, `notes` what was kept apart or left as it was
    without being wrong.
    """

    file: str
    source: str = ""
    rows_in: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    already_loaded: bool = False
    refused: str | None = None
    skipped: str | None = None
    sentences: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, Any]:
        """Name, outcome and counts, for a log."""
        return {
            "file": self.file,
            "source": self.source,
            "refused": self.refused,
            "skipped": self.skipped,
            **{name: getattr(self, name) for name in COUNTS},
        }


@dataclass
class IngestReport:
    """All files. `touched` maps relations to the dates whose content may have changed (None: any date).

    `without_schedule` counts current rows per relation whose game no schedule lists: no table reads them.
    """

    files: list[FileReport] = field(default_factory=list)
    touched: dict[str, set[date] | None] = field(default_factory=dict)
    without_schedule: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Was every file taken, every row accepted and every group whole?"""
        return not any(report.refused or report.rejected or report.held for report in self.files)

    @property
    def exit_code(self) -> int:
        """0, or 1 if a file is refused, a row rejected or a group held."""
        return 0 if self.ok else 1

    @property
    def sentence(self) -> str:
        """What was loaded, in one line."""
        refused = sum(file.refused is not None for file in self.files)
        held = sum(len(file.held) for file in self.files)
        skipped = sum(file.skipped is not None for file in self.files)
        of = len(self.files) - skipped
        return (
            f"{of - refused} of {of} files: {self.total('new'):,} new, {self.total('changed'):,} changed, "
            f"{self.total('unchanged'):,} unchanged, {self.total('rejected'):,} rejected"
            + (f"; {held:,} group(s) held, see `backcourt held`" if held else "")
            + (f"; {skipped} not read" if skipped else "")
        )

    def total(self, count: str) -> int:
        """The sum of one of COUNTS over the files."""
        return sum(int(getattr(report, count)) for report in self.files)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "ok": self.ok,
            "totals": {name: self.total(name) for name in COUNTS} | {"refused": sum(report.refused is not None for report in self.files)},
            "files": [asdict(report) for report in self.files],
            "touched": {
                name: None if days is None else sorted(day.isoformat() for day in days) for name, days in sorted(self.touched.items())
            },
            "without_schedule": self.without_schedule,
        }
