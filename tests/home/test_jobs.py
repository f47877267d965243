"""Every verb that works leaves a record, however it ends, and status says which of them needs somebody."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import backcourt
from backcourt.cli.main import app
from backcourt.engine.errors import BackcourtError, LockedError, NoSpaceError, OutOfTimeError
from backcourt.engine.judge.calendar import Calendar, Game
from backcourt.home import Home, processes
from backcourt.home.jobs import JOB_FILE, Jobs, read_record
from backcourt.work.reports.health import Health, health
from tests.home.conftest import Verb

SLATES = [Game(str(n), date(2024, 4, day), "2023-24", "regular", "final") for n, day in enumerate((3, 5, 6))]
NOTHING = Calendar([], date(2024, 4, 5))


def work(home: Home, error: BaseException | None = None, verb: str = "grade", code: int = 0) -> None:
    """A job that ends well, with an exit code, or by an error."""
    with home.working(verb) as job:
        if error is not None:
            raise error
        job.ends(code, "that is how it ended")


def state(home: Home, name: str, calendar: Calendar = NOTHING) -> Health:
    return next(part for part in health(home, calendar) if part.name == name)


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", moment)


def test_a_job_says_how_it_ended(small_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home = small_home
    assert state(home, "grade").state == "never"
    at(monkeypatch, "2024-04-05T10:00:00")
    work(home)
    assert (state(home, "grade").state, str(state(home, "grade").last_ok)) == ("ok", "2024-04-05 10:00:00")
    at(monkeypatch, "2024-04-05T11:00:00")
    with pytest.raises(BackcourtError):
        work(home, BackcourtError("The file is gone; restore it.\nAt length."))
    failed = state(home, "grade")
    assert failed.is_red and (failed.state, failed.exit_code, failed.note) == ("failed", 2, "The file is gone; restore it.")
    assert str(failed.ended_at) == "2024-04-05 11:00:00"
    assert str(failed.last_ok) == "2024-04-05 10:00:00", "when it last ended well is not forgotten"


@pytest.mark.parametrize(
    ("error", "code", "found", "exit_code"),
    [
        (None, 1, "failed", 1),
        (OutOfTimeError("The time limit was reached."), 0, "out_of_time", 124),
        (None, 124, "out_of_time", 124),
        (KeyboardInterrupt(), 0, "stopped", 130),
        (ZeroDivisionError("a defect"), 0, "failed", 2),
    ],
)
def test_each_way_to_end_is_told_apart(
    small_home: Home, error: BaseException | None, code: int, found: str, exit_code: int
) -> None:  # fmt: skip
    try:
        work(small_home, error, code=code)
    except BaseException as raised:  # noqa: BLE001 - a stop is none of the errors
        assert raised is error
    part = state(small_home, "grade")
    assert part.is_red and (part.state, part.exit_code) == (found, exit_code) and part.ended_at is not None and part.last_ok is None


def test_a_record_names_who_when_and_by_which_clock(small_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2024-04-05T10:00:00")
    work(small_home)
    record = small_home.jobs.last("grade")
    assert record is not None and record.pid == os.getpid() and record.process_started == processes.own_start()
    assert record.clock == "BACKCOURT_NOW=2024-04-05T10:00:00" and record.version == backcourt.__version__
    assert (record.started_at, record.message) == ("2024-04-05T10:00:00", "that is how it ended")


def test_jobs_sort_by_the_machines_time_whatever_the_homes_clock_says(small_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for year in (2024, 2022, 2023):
        at(monkeypatch, f"{year}-04-05T10:00:00")
        work(small_home)
    assert [record.started_at[:4] for record in small_home.jobs.records("grade")] == ["2023", "2022", "2024"]


def test_a_killed_job_is_found_dead_and_its_leavings_are_swept(small_home: Home) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from backcourt.home import Home; from backcourt.engine.files import whole\n"
        "home = Home(Path(sys.argv[1]))\n"
        "with home.working('grade') as job, whole(home.path / 'raw' / 'x') as unfinished:\n"
        "    unfinished.write_text('half'); job.emit({'event': 'half'}); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(small_home.path)], check=False).returncode == -9
    dead = state(small_home, "grade")
    assert dead.is_red and dead.state == "died" and "never ended; start it again" in dead.note
    assert list((small_home.path / "raw").glob(".*.part"))
    work(small_home, verb="publish")
    assert not list((small_home.path / "raw").glob(".*.part"))
    record = small_home.jobs.last("grade")
    assert record is not None and record.outcome == "died" and record.exit_code is None
    assert "what it had committed is kept" in state(small_home, "grade").note


def test_another_process_of_the_same_number_is_not_the_job(small_home: Home) -> None:
    with small_home.working("grade") as job:
        assert job.folder is not None
        assert state(small_home, "grade").state == "running"
        file = job.folder / JOB_FILE
        body = json.loads(file.read_text())
        file.write_text(json.dumps({**body, "process_started": "earlier"}))
        assert state(small_home, "grade").state == "died"
        file.write_text(json.dumps({**body, "process_started": "earlier", "host": "elsewhere"}))
        assert state(small_home, "grade").state == "running", "what runs on another machine can't be seen from here"


def test_a_job_that_was_kept_out_hides_nobody(small_home: Home) -> None:
    work(small_home)
    with pytest.raises(LockedError):
        work(small_home, LockedError("somebody writes"))
    assert state(small_home, "grade").state == "ok"
    assert [record.outcome for record in small_home.jobs.records("grade")] == ["refused", "ok"]


def test_a_job_inside_another_is_part_of_it(small_home: Home) -> None:
    with small_home.working("daily") as outer, small_home.working("grade") as inner:
        assert inner is outer
    assert [record.verb for record in small_home.jobs.records()] == ["daily", "init"]


def test_events_are_kept_as_they_happen(small_home: Home) -> None:
    with small_home.working("grade") as job:
        job.emit({"event": "one"})
        assert job.folder is not None
        assert json.loads((job.folder / "events.jsonl").read_text().splitlines()[-1])["event"] == "one"


def test_whoever_makes_the_file_stop_ends_the_job(league_home: Home, raw_league: Path) -> None:
    def stop(report: object) -> None:
        (job,) = [record for record in league_home.jobs.records("ingest") if record.is_running]
        (league_home.runs_folder / job.job / "stop").touch()

    from backcourt.engine.stop import Stopped

    with pytest.raises(Stopped) as stopped:
        league_home.ingest(raw_league, again=True, on_file=stop)
    assert stopped.value.exit_code == 143
    part = state(league_home, "ingest")
    assert (part.state, part.exit_code) == ("stopped", 143) and "1 of" in part.note and "files are loaded" in part.note
    assert league_home.verify("phase2").unmet == [], "what was loaded has its receipts"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_signal_ends_a_statement_and_is_recorded(number: int, code: int, small_home: Home) -> None:
    script = (
        "import os, sys; from backcourt.cli import main; from backcourt.home import Home; from pathlib import Path\n"
        "import threading\n"
        "home = Home(Path(sys.argv[1]))\n"
        "def long():\n"
        "    with home.writing('grade') as work:\n"
        "        work.job.keep('all of nothing is kept')\n"
        "        print('ready', flush=True)\n"
        "        work.warehouse.query('select count(*) from range(1000000000) a, range(1000000) b where a.range * b.range = 7')\n"
        "main.app = lambda standalone_mode: long()\n"
        "main.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(small_home.path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert len(errors.strip().splitlines()) == 1 and "all of nothing is kept" in errors
    part = state(small_home, "grade")
    assert (part.state, part.exit_code) == ("stopped", code)
    small_home.custody.patience = 0
    with small_home.writing("run"):
        pass


def test_a_job_on_a_full_disk_is_on_record_all_the_same(small_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(NoSpaceError, match=r"is full .* run `backcourt grade` again"), small_home.working("grade"):
        monkeypatch.setattr("backcourt.home.jobs.write_whole", full)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    part = state(small_home, "grade")
    assert (part.state, part.exit_code) == ("failed", 2) and "is full" in part.note


def test_a_home_that_is_none_gets_no_record(tmp_path: Path, verb: Verb) -> None:
    found = verb("run", tmp_path / "typo")
    assert found.returncode == 2 and "is no backcourt home" in found.stderr
    assert not (tmp_path / "typo").exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists).map(lambda v: json.dumps(v).encode()),
    )
)
def test_any_content_of_a_record_is_survived(small_home: Home, content: bytes) -> None:
    folder = small_home.runs_folder / "grade-20240405T100000000000-1"
    folder.mkdir(exist_ok=True)
    (folder / JOB_FILE).write_bytes(content)
    assert read_record(folder) is None
    told = state(small_home, "grade")
    assert (told.state, told.is_red) == ("unreadable", True) and "can't be read" in told.note
    work(small_home)
    assert state(small_home, "grade").state == "ok"
    for job in small_home.runs_folder.glob("grade-*"):
        shutil.rmtree(job)


def test_a_job_that_died_before_its_record_is_told(small_home: Home) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    work(small_home)
    (small_home.runs_folder / f"grade-29990101T000000000000-{ended.pid}").mkdir()
    assert state(small_home, "grade").is_red and state(small_home, "grade").last_ok is None
    (small_home.runs_folder / f"grade-29990101T000000000001-{os.getpid()}").mkdir()
    assert "unreadable" in {record.outcome for record in small_home.jobs.records("grade")}
    assert small_home.jobs.get(f"grade-29990101T000000000001-{os.getpid()}") is None, "it may be about to write"


def test_a_thousand_jobs_are_told_as_quickly_as_two(small_home: Home) -> None:
    work(small_home)
    record = small_home.jobs.last("grade")
    assert record is not None
    for number in range(1000):
        folder = small_home.runs_folder / f"grade-20200101T{number:012d}-1"
        folder.mkdir()
        (folder / JOB_FILE).write_text(json.dumps({**vars(record), "job": folder.name}))
    read = []
    jobs = Jobs(small_home.runs_folder)
    for found in jobs.records("grade"):
        read.append(found)
        break
    assert read[0] == record and jobs.last("grade") == record


def test_what_rests_on_newer_work_is_late(small_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2024-04-05T10:00:00")
    work(small_home, verb="predict")
    work(small_home, verb="publish")
    assert state(small_home, "publish").state == "ok"
    at(monkeypatch, "2024-04-05T12:00:00")
    work(small_home)
    assert (state(small_home, "publish").state, state(small_home, "publish").note) == ("late", "grade ended well after it; run it again")


def test_a_slate_without_forecasts_or_grades_is_late(small_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = Calendar(SLATES, date(2024, 4, 5))
    at(monkeypatch, "2024-04-04T18:00:00")
    work(small_home, verb="predict")
    work(small_home)
    assert [state(small_home, job, calendar).state for job in ("predict", "grade")] == ["ok", "ok"], "no slate is played on the 4th"
    at(monkeypatch, "2024-04-05T18:00:00")
    assert state(small_home, "predict", calendar).note == "nothing was forecast of today's slate; run `backcourt predict --date 2024-04-05`"
    at(monkeypatch, "2024-04-06T12:00:00")
    assert state(small_home, "grade", calendar).state == "ok", "36 hours are not over"
    at(monkeypatch, "2024-04-07T18:00:00")
    assert state(small_home, "grade", calendar).note == "not graded in 36 hours; run `backcourt grade --from 2024-04-05 --to 2024-04-06`"


def test_the_grader_is_tried_and_found_broken(small_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state(small_home, "one grade").state == "ok"
    monkeypatch.setattr("backcourt.judgement.settlement.has_won", lambda bet, result: result >= bet.line)
    broken = state(small_home, "one grade")
    assert broken.is_red and "is settled as WON" in broken.note and "not LOST" in broken.note


@pytest.mark.parametrize("body", [b"cbackcourt.predictions.system\nSample\n.", b"cbackcourt.field.markets\nNothing\n.", b"\x80"])
def test_models_of_other_code_are_told_and_need_nobody(body: bytes, small_home: Home) -> None:
    registry = pytest.importorskip("backcourt.forecasting.registry", reason="forecasting needs the extra `ml`")
    folder = small_home.path / "models" / "points" / "2022-01-03"
    folder.mkdir(parents=True)
    digest = hashlib.sha256(body).hexdigest()
    (folder / "models.pkl").write_bytes(body)
    card = {"sha256": digest, "versions": registry._versions(), "golden": {}, "made_of": "another", "inputs": []}
    (folder / "card.json").write_text(json.dumps(card))
    told = state(small_home, "one forecast")
    assert (told.state, told.is_red) == ("never", False) and "isn't registered in this home" in told.note
    entry = {"file": "models/points/2022-01-03/models.pkl", "sha256": digest}
    (small_home.path / "pickles.jsonl").write_text(json.dumps(entry) + "\n")
    told = state(small_home, "one forecast")
    assert (told.state, told.is_red) == ("never", False) and "was fitted by other code" in told.note
    (folder / "models.pkl").write_bytes(body + b"x")
    assert state(small_home, "one forecast").is_red, "what isn't the file of the card is no matter of code"


def test_status_shows_jobs_and_probes(small_home: Home) -> None:
    small_home.run()
    shown = CliRunner().invoke(app, ["status", "--home", str(small_home.path)])
    assert shown.exit_code == 0
    lines = {line.split("  ")[0]: line for line in shown.stdout.splitlines()}
    assert " ok " in lines["run"] and " never" in lines["predict"] and "8 bets settled" in lines["one grade"]
    assert "no model is registered" in lines["one forecast"]


def test_the_time_limit_is_told_by_status(league_home: Home, verb: Verb) -> None:
    found = verb("run", league_home.path, "--rebuild", "--reason", "to be stopped", "--max-time", "0.01")
    assert found.returncode == 124
    part = state(league_home, "run")
    assert (part.state, part.exit_code) == ("out_of_time", 124)
