"""Jobs leave word of themselves, and status says which of them needs somebody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backcourt.cli.main import app
from backcourt.engine.calendar import Calendar, Game
from backcourt.engine.errors import BackcourtError, LockedError
from backcourt.heartbeat import FOLDER, Heartbeat, beats, read_heartbeat
from backcourt.home import Home
from backcourt.reports.health import Health, health

SLATES = [Game(str(n), date(2024, 4, day), "2023-24", "regular", "final") for n, day in enumerate((3, 5, 6))]
NOTHING = Calendar([], date(2024, 4, 5))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path / "home")
    place.init()
    return place


@beats("grade")
def work(home: Home, error: BaseException | None = None) -> str:
    if error is not None:
        raise error
    return "done"


def state(home: Home, name: str, calendar: Calendar = NOTHING) -> Health:
    return next(part for part in health(home, calendar) if part.name == name)


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", moment)


def test_a_job_says_how_it_ended(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state(home, "grade").state == "never"
    at(monkeypatch, "2024-04-05T10:00:00")
    assert work(home) == "done"
    assert (state(home, "grade").state, str(state(home, "grade").last_ok)) == ("ok", "2024-04-05 10:00:00")
    at(monkeypatch, "2024-04-05T11:00:00")
    with pytest.raises(BackcourtError):
        work(home, BackcourtError("The file is gone; restore it.\nAt length."))
    failed = state(home, "grade")
    assert failed.is_red and (failed.state, failed.note) == ("failed", "The file is gone; restore it.")
    assert str(failed.last_ok) == "2024-04-05 10:00:00", "when it last ended well is not forgotten"


def test_a_killed_job_is_found_dead(home: Home) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from backcourt.home import Home; from backcourt.heartbeat import beats\n"
        "beats('grade')(lambda home: os.kill(os.getpid(), signal.SIGKILL))(Home(Path(sys.argv[1])))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(home.path)], check=False).returncode == -9
    dead = state(home, "grade")
    assert dead.is_red and dead.state == "died" and "never ended; start it again" in dead.note


def test_a_job_that_was_kept_out_hides_nobody(home: Home) -> None:
    with pytest.raises(LockedError):
        work(home, LockedError("somebody writes"))
    assert read_heartbeat(home.path, "grade") is None
    other = Heartbeat("grade", "running", os.getppid(), "2024-04-05T10:00:00")
    (home.path / FOLDER).mkdir(exist_ok=True)
    file = home.path / FOLDER / "grade.json"
    file.write_text(json.dumps(vars(other)))
    with pytest.raises(LockedError):
        work(home, LockedError("somebody writes"))
    assert read_heartbeat(home.path, "grade") == other and state(home, "grade").state == "running"


def test_what_rests_on_newer_work_is_late(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2024-04-05T10:00:00")
    beats("predict")(work.__wrapped__)(home)
    beats("publish")(work.__wrapped__)(home)
    assert state(home, "publish").state == "ok"
    at(monkeypatch, "2024-04-05T12:00:00")
    work(home)
    assert (state(home, "publish").state, state(home, "publish").note) == ("late", "grade ended well after it; run it again")


def test_a_slate_without_forecasts_or_grades_is_late(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = Calendar(SLATES, date(2024, 4, 5))
    at(monkeypatch, "2024-04-04T18:00:00")
    beats("predict")(work.__wrapped__)(home)
    work(home)
    assert [state(home, job, calendar).state for job in ("predict", "grade")] == ["ok", "ok"], "no slate is played on the 4th"
    at(monkeypatch, "2024-04-05T18:00:00")
    assert state(home, "predict", calendar).note == "nothing was forecast of today's slate; run `backcourt predict --date 2024-04-05`"
    at(monkeypatch, "2024-04-06T12:00:00")
    assert state(home, "grade", calendar).state == "ok", "36 hours are not over"
    at(monkeypatch, "2024-04-07T18:00:00")
    assert state(home, "grade", calendar).note == "not graded in 36 hours; run `backcourt grade --from 2024-04-05 --to 2024-04-06`"


def test_the_grader_is_tried_and_found_broken(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state(home, "one grade").state == "ok"
    monkeypatch.setattr("backcourt.grading.settlement.has_won", lambda bet, result: result >= bet.line)
    broken = state(home, "one grade")
    assert broken.is_red and "is settled as WON" in broken.note and "not LOST" in broken.note


def test_status_shows_jobs_and_probes(home: Home) -> None:
    home.run()
    shown = CliRunner().invoke(app, ["status", "--home", str(home.path)])
    assert shown.exit_code == 0
    lines = {line.split("  ")[0]: line for line in shown.stdout.splitlines()}
    assert " ok " in lines["run"] and " never" in lines["predict"] and "8 bets settled" in lines["one grade"]
    assert "no model is registered" in lines["one forecast"]
