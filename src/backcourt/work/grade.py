"""Grading: settle what was said, and keep the snapshot up to it."""

from __future__ import annotations

from datetime import date

from backcourt.field import clock
from backcourt.home import Home
from backcourt.judgement.grade import GradeReport
from backcourt.judgement.grade import grade as grade_range


def grade(home: Home, start: date | str, end: date | str | None = None, *, without_lost: bool = False) -> GradeReport:
    """Settle and score everything open of a date, or from `start` to `end` (inclusive). To run it again writes nothing.

    Forecasts whose kept distribution is gone wait for it; `without_lost` scores them by their point alone, for good.
    """
    first, last = clock.day_range(start, end or start)
    with home.writing("grade") as work:
        report = grade_range(
            work.warehouse, work.situation(), home.path, first, last, run_id=work.run_id, now=clock.now(), without_lost=without_lost
        )  # fmt: skip
        work.job.ends(0 if report.is_settled else 1, f"{report.grades:,} new grades on {report.outcomes:,} new outcomes")
    return report
