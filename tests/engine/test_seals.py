"""A sealed season costs a run nothing, and whatever could open it again does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backcourt.engine.build import Attempt
from backcourt.engine.calendar import Calendar
from backcourt.engine.plan import Selection
from backcourt.engine.run import Runner, RunOptions, RunSummary
from backcourt.engine.seals import Seals
from backcourt.engine.state import Situation
from backcourt.engine.table import Table
from tests.engine.league import CALENDAR, NOW, SUMMARY_SQL, League


def _situation(league: League) -> Situation:
    calendar = Calendar.read(league.warehouse, CALENDAR, NOW.date())
    seals = Seals(league.path / "seals.json")
    return Situation(league.warehouse, league.catalog, calendar, league.policy, trusted=True, seals=seals)


def _run(league: League) -> RunSummary:
    situation = _situation(league)
    summary = Runner(league.warehouse, situation, Attempt("run", NOW), RunOptions(), lambda event: None).run(Selection())
    situation.remember_seals()
    return summary


@pytest.fixture
def league(tmp_path: Path) -> League:
    """Three seasons, built and sealed."""
    league = League(tmp_path, dates=6, seasons=3)
    assert _run(league).built
    assert not _run(league).planned
    return league


def _first_open(league: League) -> int:
    calendar = Calendar.read(league.warehouse, CALENDAR, NOW.date())
    return Seals(league.path / "seals.json").first_open(league.warehouse, league.catalog, calendar)


def test_a_sealed_league_is_not_judged_again(league: League) -> None:
    assert _first_open(league) == 3
    assert not any(_situation(league).receipts.values())
    assert not _run(league).planned


def test_a_correction_opens_its_season_and_builds_what_it_builds_without_seals(league: League, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain = League(tmp_path / "plain", dates=6, seasons=3)
    plain.run()
    for each in (league, plain):
        each.warehouse.query("update raw_scores set points = points + 1 where game_id = '20220021'")
        each.take_in("scores")
    assert _first_open(league) == 1
    assert _run(league).as_dict()["by_table"].keys() == plain.run().as_dict()["by_table"].keys()
    assert league.hashes() == plain.hashes()
    assert not league.unmet()
    assert not _run(league).planned
    assert _first_open(league) == 3


def test_the_windows_of_an_open_season_reach_into_sealed_ones(league: League) -> None:
    day = max(Calendar.read(league.warehouse, CALENDAR, NOW.date()).dates)
    for table in ("summary", "form", "context"):
        league.warehouse.query(f"delete from {table} where game_date = ?", [day])
        league.warehouse.query("delete from receipts where table_name = ? and game_date = ?", [table, day])
    assert _first_open(league) == 2
    assert _run(league).built == 3
    assert not league.unmet()


def test_another_declaration_opens_every_season(league: League) -> None:
    summary = league.declared["summary"]
    assert isinstance(summary, Table)
    league.declared["summary"] = replace(summary, sql=SUMMARY_SQL.replace("s.points * 2", "s.points * 3"))
    assert _first_open(league) == -1
    assert _run(league).by_table["summary"]["built"] == 18


def test_a_failed_date_keeps_its_season_open(tmp_path: Path) -> None:
    league = League(tmp_path, dates=4, seasons=2)
    league.warehouse.query("insert into raw_scores select game_date, game_id, team_id, 7 from raw_scores where game_id = '20220020'")
    league.take_in("scores")
    assert _run(league).failed
    _run(league)
    assert _first_open(league) == 1


@pytest.mark.parametrize("text", ["", "[]", '{"version": "0", "digests": []}', '{"version": "1"}'])
def test_a_file_that_cannot_be_read_only_costs_time(league: League, text: str) -> None:
    (league.path / "seals.json").write_text(text)
    assert _first_open(league) == -1
    assert not _run(league).planned
    assert _first_open(league) == 3
