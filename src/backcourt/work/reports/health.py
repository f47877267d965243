"""Are the jobs alive, and do forecasting and grading work? By the jobs' records, one real forecast and one real grade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from backcourt.engine.errors import BackcourtError
from backcourt.engine.judge.calendar import Calendar
from backcourt.field import clock
from backcourt.field.seasons import eastern_date
from backcourt.home import Home
from backcourt.home.jobs import Record
from backcourt.judgement.probe import probe_grader
from backcourt.judgement.rules import UNSETTLED_AFTER_HOURS

JOBS = ("ingest", "run", "verify", "backtest", "reportcard", "predict", "grade", "publish", "live")
"""The jobs of a day; others are told of once they left a record."""
# A job that rests on others is late when one of them has ended well since.
_AFTER = {"run": ("ingest",), "publish": ("predict", "grade")}
RED = ("failed", "died", "stopped", "out_of_time", "unreadable", "late")
_AGAIN = {
    "stopped": "run it again to go on",
    "out_of_time": "run it again to go on",
    "died": "start it again",
    "unreadable": "start it again",
}


@dataclass(frozen=True)
class Health:
    """One job or probe: `state` is ok, running, failed, died, stopped, out_of_time, unreadable,
    late or never.

    `ended_at` and `last_ok` are UTC; `exit_code` is None for what runs, was killed or never was.
    """

    name: str
    state: str
    last_ok: datetime | None
    note: str = ""
    ended_at: datetime | None = None
    exit_code: int | None = None

    @property
    def is_red(self) -> bool:
        """Does it need somebody?"""
        return self.state in RED


def health(home: Home, calendar: Calendar) -> list[Health]:
    """Every job's state and both probes."""
    listed = [*JOBS, *(verb for verb in home.jobs.verbs() if verb not in JOBS)]
    records = {verb: home.jobs.last(verb) for verb in listed}
    return [*(_of_job(verb, records, calendar) for verb in listed), *_probes(home)]


def _of_job(verb: str, records: dict[str, Record | None], calendar: Calendar) -> Health:
    record = records[verb]
    if record is None:
        return Health(verb, "never", None)
    last = record.last_ok_at
    outcome = record.seen_outcome
    ended = datetime.fromisoformat(record.ended_at) if record.ended_at else None
    if outcome == "running":
        return Health(verb, "running", last, f"process {record.pid} on {record.host} since {record.started_at}")
    if outcome == "ok":
        late = _lateness(verb, last, records, calendar) if last else ""
        return Health(verb, "late" if late else "ok", last, late or record.message, ended, record.exit_code)
    state = "failed" if outcome == "unmet" else outcome
    told = record.message
    if outcome == "died" and not told:
        told = f"process {record.pid} began at {record.started_at} and never ended"
    note = "; ".join(part for part in (told, _AGAIN.get(outcome, "")) if part)
    return Health(verb, state, last, note, ended, record.exit_code)


def _lateness(verb: str, last: datetime, records: dict[str, Record | None], calendar: Calendar) -> str:
    for other in _AFTER.get(verb, ()):
        before = records[other]
        if before is not None and before.last_ok_at is not None and before.last_ok_at > last:
            return f"{other} ended well after it; run it again"
    now, slates = clock.now(), calendar.dates
    if verb == "predict" and clock.today() in slates and eastern_date(last) < clock.today():
        return f"nothing was forecast of today's slate; run `backcourt predict --date {clock.today()}`"
    over = eastern_date(now - timedelta(hours=UNSETTLED_AFTER_HOURS))
    waiting = [day for day in slates if eastern_date(last) <= day <= over]
    if verb == "grade" and waiting:
        return f"not graded in {UNSETTLED_AFTER_HOURS} hours; run `backcourt grade --from {waiting[0]} --to {waiting[-1]}`"
    return ""


def _probes(home: Home) -> Iterator[Health]:
    yield _one_forecast(home)
    try:
        yield Health("one grade", "ok", clock.now(), probe_grader())
    except ValueError as error:
        yield Health("one grade", "failed", None, str(error))


def _one_forecast(home: Home) -> Health:
    """The newest model, loaded if this home registered it, must repeat its golden rows."""
    cards = sorted((home.path / "models").rglob("card.json"), key=lambda file: (file.stat().st_mtime, file))
    if not cards:
        return Health("one forecast", "never", None, "no model is registered; `backcourt predict` registers the week's")
    from backcourt.forecasting import registry
    from backcourt.forecasting.pickles import OtherCodeError, Pickles

    folder = cards[-1].parent
    try:
        found = registry.load(Pickles(home.path), folder, lambda card: True)
    except OtherCodeError as error:
        return Health("one forecast", "never", None, str(error))
    except BackcourtError as error:
        return Health("one forecast", "failed", None, str(error))
    if found is None:
        told = f"{folder} isn't registered in this home and is not loaded"
        told += "; the next `backcourt predict` of its week fits it again"
        return Health("one forecast", "never", None, told)
    said = f"{len(found.models)} systems of {folder.parent.name}, week of {folder.name}, repeat their golden rows"
    return Health("one forecast", "ok", clock.now(), said)
