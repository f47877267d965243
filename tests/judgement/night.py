"""An evening that can be graded."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from backcourt.judgement.grade import GradeReport, grade
from tests.plain_relations import CATALOG
from tests.record.evening import AFTER, DAY, Evening


class Night(Evening):
    """An evening that can be graded."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.home = folder

    def grade(self, start: date = DAY, end: date = DAY, now: datetime = AFTER, *, without_lost: bool = False) -> GradeReport:
        """Grade the dates, in the morning after unless told."""
        self.now = now
        return grade(self.warehouse, self.situation(), self.home, start, end, run_id="grade", now=now, without_lost=without_lost)

    def of(self, subject: str) -> list[dict[str, Any]]:
        """The grades of a subject, oldest first."""
        names = CATALOG["grades"].column_names
        found = self.warehouse.query(
            f"select {', '.join(names)} from grades where subject_id = ? order by outcome_version, graded_at", [subject]
        )
        return [dict(zip(names, row, strict=True)) for row in found]

    def status(self, pick: str) -> tuple[str, str]:
        """Status and reason of the newest grade."""
        return (self.of(pick)[-1]["status"], self.of(pick)[-1]["reason"])
