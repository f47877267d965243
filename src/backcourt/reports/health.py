"""Are the jobs alive, and do forecasting and grading work? By what the jobs left, one real forecast and one real grade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from backcourt import clock
from backcourt.domain import eastern_date
from backcourt.engine.calendar import Calendar
from backcourt.engine.errors import BackcourtError
from backcourt.grading.probe import probe_grader
from backcourt.grading.rules import UNSETTLED_AFTER_HOURS
from backcourt.heartbeat import Heartbeat, read_heartbeat
from backcourt.home import Home

JOBS = ("ingest", "run", "backtest", "reportcard", "predict", "grade", "publish", "live")
# A job that rests on others is late when one of them has ended well since.
_AFTER = {"run": ("ingest",), "publish": ("predict", "grade")}
RED = ("failed", "died", "late")


@dataclass(frozen=True)
class Health:
    """One job or probe: `state` is ok, running, failed, died, late or never; `last_ok` UTC."""

    name: str
    state: str
    last_ok: datetime | None
    note: str = ""

    @property
    def is_red(self) -> bool:
        """Does it need somebody?"""
        return self.state in RED


def health(home: Home, calendar: Calendar) -> list[Health]:
    """Every job's state and both probes."""
    words = {job: read_heartbeat(home.path, job) for job in JOBS}
    return [*(_of_job(job, words, calendar) for job in JOBS), *_probes(home)]


def _of_job(job: str, words: dict[str, Heartbeat | None], calendar: Calendar) -> Health:
    word = words[job]
    if word is None:
        return Health(job, "never", None)
    last = word.last_ok_at
    if word.outcome == "running":
        if word.is_alive:
            return Health(job, "running", last, f"process {word.pid} since {word.started_at}")
        return Health(job, "died", last, f"process {word.pid} began at {word.started_at} and never ended; start it again")
    if word.outcome == "failed":
        return Health(job, "failed", last, word.message)
    late = _lateness(job, last, words, calendar) if last else ""
    return Health(job, "late" if late else "ok", last, late)


def _lateness(job: str, last: datetime, words: dict[str, Heartbeat | None], calendar: Calendar) -> str:
    for other in _AFTER.get(job, ()):
        before = words[other]
        if before is not None and before.last_ok_at is not None and before.last_ok_at > last:
            return f"{other} ended well after it; run it again"
    now, slates = clock.now(), calendar.dates
    if job == "predict" and clock.today() in slates and eastern_date(last) < clock.today():
        return f"nothing was forecast of today's slate; run `backcourt predict --date {clock.today()}`"
    over = eastern_date(now - timedelta(hours=UNSETTLED_AFTER_HOURS))
    waiting = [day for day in slates if eastern_date(last) <= day <= over]
    if job == "grade" and waiting:
        return f"not graded in {UNSETTLED_AFTER_HOURS} hours; run `backcourt grade --from {waiting[0]} --to {waiting[-1]}`"
    return ""


def _probes(home: Home) -> Iterator[Health]:
    now = clock.now()
    cards = sorted((home.path / "models").rglob("card.json"), key=lambda file: (file.stat().st_mtime, file))
    if not cards:
        yield Health("one forecast", "never", None, "no model is registered; `backcourt predict` registers the week's")
    else:
        from backcourt.predictions import registry

        folder = cards[-1].parent
        try:
            found = registry.load(folder, lambda card: True)
            assert found is not None
            said = f"{len(found.models)} systems of {folder.parent.name}, week of {folder.name}, repeat their golden rows"
            yield Health("one forecast", "ok", now, said)
        except BackcourtError as error:
            yield Health("one forecast", "failed", None, str(error))
    try:
        yield Health("one grade", "ok", now, probe_grader())
    except ValueError as error:
        yield Health("one grade", "failed", None, str(error))
