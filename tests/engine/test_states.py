"""States are computed from expectation, rows and receipts; nothing else can make a partition complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from backcourt.engine.build.plan import make_plan
from backcourt.engine.build.selection import Selection
from backcourt.engine.judge.policy import Policy, Unavailable
from backcourt.engine.prove.verify import explain_partition, verify
from tests.engine.league import League, tables

DAY = date(2021, 10, 5)


@pytest.fixture
def league(tmp_path: Path) -> Iterator[League]:
    """A league whose tables are all built."""
    league = League(tmp_path)
    league.run()
    yield league
    league.warehouse.close()


def test_nothing_built_is_missing(tmp_path: Path) -> None:
    league = League(tmp_path)
    states = {p.state for (table, _), p in league.states().items() if table in tables()}
    assert states == {"missing", "blocked"}


def test_a_run_makes_everything_complete_and_a_second_one_does_nothing(league: League) -> None:
    assert league.unmet() == {}
    assert league.run().planned == 0


def test_a_deleted_row_is_named_and_repaired(league: League) -> None:
    before = league.hashes()
    league.warehouse.query("delete from summary where game_date = ? and team_id = 3", [DAY])
    states = league.states()
    assert league.causes() == {("summary", DAY): "altered"}
    assert explain_partition(league.situation(), states["summary", DAY]) == [f"missing row: game_date {DAY}, team_id 3, game_id 20210020"]
    summary = league.run()
    assert (summary.planned, summary.built + summary.unchanged) == (1, 1)
    assert league.hashes() == before and league.unmet() == {}


def test_a_surplus_row_is_named(league: League) -> None:
    league.warehouse.query("insert into form values (?, 'nowhere', 9, '2021-22', 0, null, 'no_games_in_window')", [DAY])
    states = league.states()
    assert states["form", DAY].state == "surplus"
    assert explain_partition(league.situation(), states["form", DAY]) == [f"surplus row: game_date {DAY}, team_id 9, game_id nowhere"]
    league.run()
    assert league.unmet() == {}


def test_a_nulled_column_is_named(league: League) -> None:
    league.warehouse.query("update summary set double_points = null where game_date = ?", [DAY])
    partition = league.states()["summary", DAY]
    assert partition.state == "altered"
    assert "column double_points holds 0 of 4 values" in partition.detail


def test_a_changed_value_is_named(league: League) -> None:
    league.warehouse.query("update form set points_mean_season = 1 where game_date = ? and team_id = 1", [DAY])
    states = league.states()
    assert states["form", DAY].state == "altered"
    assert explain_partition(league.situation(), states["form", DAY])[0].startswith("column points_mean_season differs in 1 row(s)")


def test_a_changed_formula_makes_exactly_its_partitions_stale_and_only_different_content_travels(league: League) -> None:
    summary = tables()["summary"]
    league.declared["summary"] = replace(summary, sql=summary.sql.replace("s.points * 2", "s.points * 3"))
    stale = {key for key, p in league.states().items() if p.state == "stale"}
    assert stale == {("summary", day) for (table, day) in league.states() if table == "summary"}
    league.run(Selection(tables=("summary",)))
    # form reads summary, so what it reads changed; its content doesn't depend on double_points, so context is never touched.
    built = league.run().by_table
    assert built["form"]["built"] == 0 and built["form"]["unchanged"] == 22
    assert "context" not in built


def test_reformatting_a_query_changes_nothing(league: League) -> None:
    summary = tables()["summary"]
    text = summary.sql.replace("from scores s\njoin", "FROM scores   s JOIN").replace("-- points scored", "-- points")
    assert text != summary.sql
    league.declared["summary"] = replace(summary, sql=text)
    assert league.unmet() == {}


def test_a_correction_reaches_only_what_reads_it(league: League) -> None:
    league.warehouse.query("update raw_scores set points = points + 1 where game_date = ? and team_id = 1", [DAY])
    league.take_in("scores")
    plan = make_plan(league.situation(), Selection())
    assert {(chunk.table, day) for chunk in plan.certain for day in chunk.days} == {("summary", DAY)}
    later = [day for (table, day) in league.states() if table == "form" and DAY < day < date(2022, 1, 1)]
    assert plan.possible["form"] == later
    league.run()
    assert league.unmet() == {}


def test_a_missing_source_game_is_a_hole_until_it_is_declared(tmp_path: Path) -> None:
    league = League(tmp_path)
    league.warehouse.query("delete from raw_scores where game_id = '20210020'")
    league.take_in("scores")
    league.run()
    assert league.causes() == {("scores", DAY): "partial", ("summary", DAY): "blocked"}
    league.policy = Policy(unavailable=(Unavailable("scores", "the archive lost it", from_game="20210020", to_game="20210020"),))
    verdict = verify(league.situation(exact=True), "phase4", 4, Selection())
    assert (verdict.exit_code(), verdict.exit_code(strict=True)) == (0, 4)
    assert verdict.unavailable_games == {"20210020"}


def test_one_bad_game_never_blocks_the_others(league: League) -> None:
    league.warehouse.query("update raw_scores set points = 999 where game_id = '20210020' and team_id = 3")
    league.take_in("scores")
    league.run()
    partition = league.states()["summary", DAY]
    assert partition.state == "failed" and "between(points, 0, 200)" in partition.detail
    assert (partition.rows_present, partition.rows_expected) == (2, 4)
    assert league.warehouse.query("select count(*) from summary where game_date = ?", [DAY]) == [(2,)]


def test_an_open_game_is_not_due_and_costs_no_attempt(league: League) -> None:
    league.warehouse.query("update raw_fixtures set status = 'open' where game_id = '20220110'")
    league.warehouse.query("delete from raw_scores where game_id = '20220110'")
    league.take_in()
    # Seven hours after the tip, on the next day.
    league.now = datetime.fromisoformat("2022-10-24T02:00:00")
    league.run()
    day = date(2022, 10, 23)
    assert league.states()["summary", day].state == "not_due"
    assert league.states()["form", day].state == "complete"


def test_a_result_that_is_taken_back_takes_its_rows_along(league: League) -> None:
    league.warehouse.query("update raw_fixtures set status = 'open' where game_id = '20210020'")
    # No input of the table says so, only the calendar.
    assert league.states()["summary", DAY].state == "surplus"
    assert league.run().planned > 0 and league.run().planned == 0
    assert league.causes()["summary", DAY] == "partial"
    assert league.warehouse.query("select count(*) from summary where game_id = '20210020'") == [(0,)]


def test_a_game_without_a_result_lacks_eight_hours_after_its_tip(tmp_path: Path) -> None:
    league = League(tmp_path)
    league.warehouse.query("update raw_fixtures set status = 'open' where game_id = '20210020'")
    league.warehouse.query("delete from raw_scores where game_id = '20210020'")
    league.take_in()
    league.run()
    states = league.states()
    assert league.causes() == {("scores", DAY): "partial", ("summary", DAY): "partial"}
    assert "no result 8 hours after its tip-off" in states["summary", DAY].detail
    assert states["form", date(2021, 10, 7)].history_games_lacking == 1
    league.warehouse.query("update raw_fixtures set status = 'postponed' where game_id = '20210020'")
    league.take_in()
    league.run()
    assert league.unmet() == {}


def test_a_game_that_moves_leaves_its_old_date(league: League) -> None:
    league.warehouse.query("update raw_fixtures set game_date = date '2021-10-06' where game_id = '20210020'")
    league.warehouse.query("update raw_scores set game_date = date '2021-10-06' where game_id = '20210020'")
    league.take_in()
    assert league.states()["summary", DAY].state == "surplus"
    assert league.states()["summary", date(2021, 10, 6)].state == "missing"
    league.run()
    assert league.unmet() == {}
    assert league.warehouse.query("select count(*) from summary where game_date = ?", [DAY]) == [(2,)]


def test_a_raw_row_changed_behind_the_receipts_is_seen(league: League) -> None:
    league.warehouse.query("update raw_scores set points = points + 1 where game_date = ?", [DAY])
    assert league.causes() == {("scores", DAY): "altered"}
