"""A home from its schedule to its verdict: predictions are kept, the game is played, `grade` settles, `verify --for ledger` proves it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import backcourt
from backcourt.cli.main import app
from backcourt.engine.build.selection import Selection
from backcourt.engine.errors import BackcourtError, LockedError
from backcourt.field import clock
from backcourt.home import Home
from backcourt.record.writer import Appended, append
from backcourt.work.grade import grade
from tests.conftest import ROOT, foreign
from tests.record.evening import forecast_row, pick_row
from tests.sources.rows import BOSTON, GAME, NEW_YORK, at, player, scheduled, team, write_csv

DAY = date(2023, 10, 24)
LOCK = at("2023-10-24T23:30:00")
NOT_PLAYED = {"st": 1, "stt": "7:30 pm ET", "h.s": "", "v.s": ""}


def call(home: Home, *arguments: str) -> Result:
    """One verb."""
    return CliRunner().invoke(app, [*arguments, "--home", str(home.path)])


def say(home: Home, *players: int) -> tuple[Appended, Appended]:
    """A forecast and a pick for each player, written now."""
    now = clock.now()
    words = {"run_id": "predict-1", "now": now, "fingerprint": "m1", "inputs_hash": "s1"}
    morning = {
        "game_date": DAY,
        "game_id": GAME,
        "lock_at": LOCK,
        "cutoff_at": at("2023-10-24T14:00:00"),
        "as_of_at": at("2023-10-24T14:00:00"),
    }
    with home.writing("predict") as work:
        warehouse, situation = work.warehouse, work.situation()
        rows = [forecast_row(number, **morning) for number in players]
        forecasts = append(warehouse, situation, "forecasts", {name: [row[name] for row in rows] for name in rows[0]}, **words)
        same = {"game_date": DAY, "game_id": GAME, "captured_at": LOCK - timedelta(hours=4), "lead_seconds": 4 * 3600}
        picks = [pick_row(number, forecast, **same) for number, forecast in zip(players, forecasts.ids, strict=True)]
        return forecasts, append(warehouse, situation, "picks", {name: [row[name] for row in picks] for name in picks[0]}, **words)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home that knows one game to come, in the afternoon before it."""
    monkeypatch.setenv("BACKCOURT_NOW", "2023-10-24T20:00:00")
    home = backcourt.open(tmp_path / "home")
    home.init(simulated=True)
    home.ingest(write_csv(tmp_path / "schedule.csv", [scheduled(**NOT_PLAYED)]))
    home.run(Selection(tables=("games", "slate_players", "prop_quotes")))
    return home


@pytest.fixture
def played(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The same home the next day: two picks were made before the game, and its box is in."""
    say(home, 11, 12)
    monkeypatch.setenv("BACKCOURT_NOW", "2023-10-25T14:00:00")
    home.ingest(
        write_csv(tmp_path / "final.csv", [scheduled()]),
        write_csv(tmp_path / "box.csv", [player(11), player(13, NEW_YORK)]),
        write_csv(tmp_path / "teams.csv", [team(BOSTON), team(NEW_YORK)]),
    )
    return home


def test_before_the_game_the_ledger_is_in_order_and_nothing_is_graded(home: Home) -> None:
    empty = call(home, "verify", "--for", "ledger")
    assert empty.exit_code == 5 and "nothing is expected" in empty.stdout
    with pytest.raises(BackcourtError, match="ledger is empty"):
        home.ledger.live("picks")
    forecasts, picks = say(home, 11, 12)
    assert forecasts.kinds == picks.kinds == ("LIVE", "LIVE")
    assert call(home, "verify", "--for", "ledger").exit_code == 0
    report = grade(home, DAY)
    assert (report.grades, report.counts["pick"]["UNGRADED"]) == (0, 2) and report.is_settled
    assert home.run().failures == [] and not {"forecasts", "grades"} & set(home.run().by_table)


def test_grading_settles_and_the_gate_opens(played: Home) -> None:
    before = call(played, "verify", "--for", "ledger")
    assert before.exit_code == 1 and "grades" in before.stdout and "backcourt grade --date 2023-10-24" in before.stdout
    graded = call(played, "grade", "--date", "2023-10-24")
    assert graded.exit_code == 0, graded.output
    lines = graded.stdout.splitlines()
    assert lines[0].split() == ["subject", "published", "WON", "LOST", "PUSH", "VOID", "NO_ACTION", "UNGRADED"]
    assert lines[2].split() == ["pick", "2", "1", "0", "0", "1", "0", "0"]
    assert "4 new grades on 2 new outcomes (0 of them corrections); +0.90 units" in lines[3]
    body = json.loads(call(played, "grade", "--from", "2023-10-20", "--to", "2023-10-25", "--json").stdout)
    assert (body["new_grades"], body["published"], body["units"]) == (0, {"forecast": 2, "pick": 2}, 0.9)
    assert call(played, "grade").exit_code == 0
    after = call(played, "verify", "--for", "ledger")
    assert after.exit_code == 0, after.stdout
    rows = played.ledger.live("picks", DAY, DAY).fetch()
    columns = played.ledger.live("picks").columns
    assert [row[columns.index("status")] for row in rows].count("WON") == 1 and len(rows) == 2
    assert played.ledger.replay("picks").fetch() == []
    with pytest.raises(BackcourtError, match="holds nothing that was said"):
        played.ledger.live("grades")


def test_the_reports_tell_of_the_ledger(played: Home) -> None:
    grade(played, DAY)
    status = call(played, "status").stdout
    assert next(line for line in status.splitlines() if line.startswith("grades")).split()[1:] == ["1/1", "100.0%", "complete"]
    story = call(played, "why", "forecasts", "2023-10-24").stdout
    assert "complete" in story and "last appended by m1, from s1" in story
    assert "forecasts" in call(played, "handoff").stdout
    assert "forecasts" not in call(played, "gaps").stdout
    assert "grades" not in call(played, "plan").stdout


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("update picks set price = 3.0 where player_id = 11", "its values don't give its hash"),
        ("delete from picks where player_id = 12", "it was written and is gone"),
        ("delete from grades where status = 'WON'", "published_is_the_sum_of_statuses"),
    ],
)
def test_tampering_closes_the_gate_and_is_named(played: Home, tampering: str, said: str) -> None:
    grade(played, DAY)
    with foreign(played) as warehouse:
        warehouse.query(tampering)
    found = call(played, "verify", "--for", "ledger")
    assert found.exit_code == 1 and "altered" in found.stdout and said in found.stdout


def test_a_second_grading_at_the_same_time_exits_3(played: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with played.writing("predict"):
        monkeypatch.setenv("BACKCOURT_WAIT_SECONDS", "0")
        with pytest.raises(LockedError):
            grade(backcourt.open(played.path), DAY)
        command = [sys.executable, "-m", "backcourt", "grade", "--date", "2023-10-24", "--home", str(played.path)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        assert subprocess.run(command, capture_output=True, check=False, env=environment).returncode == 3
    assert grade(played, DAY).grades == 4


def test_what_cant_be_settled_for_36_hours_exits_1(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(home, 11)
    home.ingest(write_csv(tmp_path / "final.csv", [scheduled()]))
    monkeypatch.setenv("BACKCOURT_NOW", "2023-10-26T11:29:00")
    assert call(home, "grade", "--date", "2023-10-24").exit_code == 0
    monkeypatch.setenv("BACKCOURT_NOW", "2023-10-26T11:30:00")
    late = call(home, "grade", "--date", "2023-10-24")
    assert late.exit_code == 1 and "no whole box; 2 forecasts and picks wait" in late.output
    with (home.path / "backcourt.toml").open("a") as config:
        config.write('\n[[unavailable]]\nsource = "player_box"\nreason = "the archive has no boxes"\n')
    again = grade(backcourt.open(home.path), DAY)
    assert (again.is_settled, again.excused, again.counts["pick"]["UNGRADED"]) == (True, 1, 1)


def test_dates_that_contradict_each_other_are_refused(home: Home) -> None:
    assert call(home, "grade", "--date", "2023-10-24", "--from", "2023-10-20").exit_code == 1
    assert isinstance(call(home, "grade", "--from", "2023-10-25", "--to", "2023-10-20").exception, BackcourtError)
