"""Grading: settle what was said, and keep the snapshot up to it."""

from __future__ import annotations

from datetime import date

from backcourt import clock
from backcourt.grading.grade import GradeReport
from backcourt.grading.grade import grade as grade_range
from backcourt.heartbeat import beats
from backcourt.home import Home, new_run_id


@beats("grade")
def grade(home: Home, start: date | str, end: date | str | None = None) -> GradeReport:
    """Settle and score everything open of a date, or from `start` to `end` (inclusive). To run it again writes nothing."""
    run_id = new_run_id("grade")
    is_trusted = home.stamp.holds()
    with home.writing(run_id) as warehouse:
        situation = home.situation_of(warehouse, trusted=is_trusted)
        report = grade_range(warehouse, situation, home.path, clock.day(start), clock.day(end or start), run_id=run_id, now=clock.now())
    if is_trusted:
        home.stamp.put()
    if report.outcomes or report.grades:
        home.publish_snapshot()
    return report
