"""A sealed season costs a run nothing, and whatever could open it again does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backcourt.engine import cache_file
from backcourt.engine.build.chunk import Attempt
from backcourt.engine.build.run import Runner, RunOptions, RunSummary
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.table import Table
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.judge.seals import Seals
from backcourt.engine.judge.situation import Situation
from tests.engine.damage import DAMAGES
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
    assert not any(_situation(league).facts.receipts.values())
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
    summary = league.declared["summary"]
    assert isinstance(summary, Table)
    # A number that isn't one: the date's query fails.
    broken = "cast(case when s.game_id = '20220020' then 'x' else '2' end as bigint)"
    league.declared["summary"] = replace(summary, sql=summary.sql.replace("s.points * 2", f"s.points * {broken}"))
    assert _run(league).failed
    _run(league)
    assert _first_open(league) == 1


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_is_not_as_it_was_kept_only_costs_time(league: League, damage: str) -> None:
    DAMAGES[damage](league.path / "seals.json")
    assert _first_open(league) == -1
    assert not _run(league).planned
    assert _first_open(league) == (-1 if damage == "a folder" else 3)


@pytest.mark.parametrize("older", [{"version": "1"}, {"version": 2}, {"version": None}, {"digests": "all of them"}])
def test_seals_of_another_version_or_shape_are_refused(league: League, older: dict[str, object]) -> None:
    kept = cache_file.recall(league.path / "seals.json")
    cache_file.keep(league.path / "seals.json", kept)
    assert _first_open(league) == 3
    cache_file.keep(league.path / "seals.json", {**kept, **older})
    assert _first_open(league) == -1
    cache_file.keep(league.path / "seals.json", [kept])
    assert _first_open(league) == -1


def test_a_cache_that_is_a_file_only_costs_time(tmp_path: Path) -> None:
    league = League(tmp_path, dates=2, seasons=1)
    league.path = tmp_path / ".cache"
    league.path.write_text("a file")
    assert _run(league).built and not _run(league).planned
    assert _first_open(league) == -1
