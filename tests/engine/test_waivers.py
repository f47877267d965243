"""A waiver lets rows through that a check refuses, unblocks what waits for them, is marked while it is in force, and ends by itself."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from backcourt.engine.build.selection import Selection
from backcourt.engine.judge import waivers
from backcourt.engine.judge.waivers import Waiver
from backcourt.engine.prove.verify import Verdict, verify
from tests.engine.league import League

DAY = date(2021, 10, 5)
GAME, OTHER = "20210020", "20210021"
UNTIL = date(2024, 1, 10)


@pytest.fixture
def league(tmp_path: Path) -> League:
    """A league with a game whose points are beyond the bound of a check."""
    league = League(tmp_path)
    league.warehouse.query("update raw_scores set points = 999 where game_id = ? and team_id = 3", [GAME])
    league.take_in("scores")
    league.run()
    assert league.causes() == {("summary", DAY): "failed"}
    return league


def waive(league: League, table: str = "summary", game: str = GAME, until: date = UNTIL) -> Waiver:
    waiver = Waiver(table, DAY, DAY, "the league says so", "a colleague", until, game)
    waivers.write(league.warehouse, waiver)
    return waiver


def gate(league: League) -> Verdict:
    return verify(league.situation(exact=True), "phase4", 4, Selection())


def test_a_waived_game_is_built_and_marked_and_nothing_rests_on_a_hole(league: League) -> None:
    waive(league)
    assert league.states()["summary", DAY].state == "stale"
    league.run()
    assert league.unmet() == {}
    partition = league.states()["summary", DAY]
    assert partition.waived == f"game {GAME} waived by a colleague until {UNTIL}: the league says so"
    assert league.warehouse.query("select count(*) from summary where game_id = ?", [GAME]) == [(2,)]
    receipt = league.situation().facts.receipts["summary"][DAY]
    assert list(receipt.waived) == [GAME] and receipt.waived[GAME].startswith("check between(points") and receipt.withheld == {}
    assert (gate(league).exit_code(), gate(league).exit_code(strict=True)) == (0, 4)


def test_a_waiver_of_one_game_is_no_waiver_of_another(league: League) -> None:
    league.warehouse.query("update raw_scores set points = -1 where game_id = ?", [OTHER])
    league.take_in("scores")
    waive(league)
    league.run()
    partition = league.states()["summary", DAY]
    assert partition.state == "failed" and [hole.game_id for hole in partition.holes if hole.cause == "failed"] == [OTHER]
    assert not partition.is_good


def test_a_waiver_that_ends_makes_its_partition_stale_and_the_game_is_withheld_again(league: League) -> None:
    waive(league)
    league.run()
    league.now = datetime.fromisoformat("2024-01-11T12:00:00")
    assert league.states()["summary", DAY].state == "stale"
    assert league.states()["summary", DAY].detail == "a waiver began or ended since it was built"
    league.run()
    assert league.causes() == {("summary", DAY): "failed"}


def test_a_waiver_that_is_taken_back_ends(league: League) -> None:
    waiver = waive(league)
    league.run()
    waivers.end(league.warehouse, waiver)
    league.run()
    assert league.causes() == {("summary", DAY): "failed"}


def test_a_waiver_of_a_date_covers_its_games_and_a_query_that_fails(league: League) -> None:
    waive(league, game="")
    league.run()
    assert league.unmet() == {} and league.states()["summary", DAY].is_waived


def test_a_waived_date_is_not_good_before_it_was_built_under_the_waiver(league: League) -> None:
    waive(league, game="")
    partition = league.states()["summary", DAY]
    assert (partition.state, partition.is_good) == ("stale", False) and gate(league).exit_code() == 1
    assert any(p.state == "thin" for p in league.states().values())


def test_a_waiver_that_lets_nothing_through_is_no_exception(tmp_path: Path) -> None:
    league = League(tmp_path)
    league.run()
    waive(league)
    league.run()
    assert league.states()["summary", DAY].waived and gate(league).exit_code(strict=True) == 0


def test_a_waived_hole_of_a_source_is_a_declared_one(tmp_path: Path) -> None:
    league = League(tmp_path)
    league.warehouse.query("delete from raw_scores where game_id = ?", [GAME])
    league.take_in("scores")
    waive(league, table="scores")
    league.run()
    assert league.unmet() == {} and not any(p.history_games_lacking for p in league.states().values())
    assert gate(league).exit_code(strict=True) == 4


def test_a_failure_is_tried_again_when_it_is_asked_for(league: League) -> None:
    assert league.run().planned == 0
    assert league.run(Selection(states=("failed",))).planned == 1
    assert league.run(retry=True).planned == 1


def test_a_waiver_that_is_open_at_both_ends_can_be_taken_back(league: League) -> None:
    league.warehouse.query("insert into waivers (table_name, reason) values ('summary', 'written by hand')")
    (written,) = waivers.read(league.warehouse, UNTIL).found
    waivers.end(league.warehouse, written)
    assert waivers.read(league.warehouse, UNTIL).found == ()
