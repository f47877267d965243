"""Any split, order, number of workers, failure and interruption leads to the same bytes."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backcourt.engine.build.plan import make_plan
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.table import keys, same
from backcourt.engine.errors import QueryError
from backcourt.engine.judge.policy import Policy
from backcourt.warehouses.duckdb.warehouse import open_duckdb
from tests.engine.league import League, tables

DAY = date(2021, 10, 5)


def test_workers_give_the_same_bytes(tmp_path: Path) -> None:
    hashes = []
    for workers in (1, 2, 8):
        (folder := tmp_path / str(workers)).mkdir()
        league = League(folder)
        league.run(workers=workers)
        assert league.unmet() == {}
        hashes.append(league.hashes())
    assert hashes[0] == hashes[1] == hashes[2]


def test_a_table_is_built_beside_others_but_not_before_its_inputs(tmp_path: Path) -> None:
    league = League(tmp_path, dates=4)
    endless = "(select count(*) from range(20000) a, range(20000) b where a.range + b.range < 0) + s.points * 2"
    slow = tables()["summary"]
    league.declared["slow"] = replace(slow, sql=slow.sql.replace("s.points * 2", endless))
    events: list[tuple[str, str]] = []
    run = league.run(on_event=lambda event: events.append((event["event"], event["table"])), workers=2)
    assert run.failures == [] and league.unmet() == {}
    for node in league.catalog.built:
        for name in node.inputs & {other.name for other in league.catalog.built}:
            assert events.index(("chunk_built", name)) < events.index(("chunk_started", node.name))
    assert events.index(("chunk_started", "form")) < events.index(("chunk_built", "slow")), "form doesn't wait for what it doesn't read"


def test_workers_are_stopped_at_the_first_failure_and_nothing_else_is_blamed(tmp_path: Path) -> None:
    league = League(tmp_path, dates=2, seasons=1)
    summary = tables()["summary"]
    endless = "(select count(*) from range(100000000) a, range(100000000) b where a.range + b.range < 0) + s.points * 2"
    league.declared["slow"] = replace(summary, sql=summary.sql.replace("s.points * 2", endless))
    league.declared["broken"] = replace(summary, sql=summary.sql.replace("s.points * 2", "cast('x' as bigint) + s.points"))
    with pytest.raises(QueryError, match="stopped at the first failure"):
        league.run(Selection(tables=("slow", "broken")), workers=2, fail_fast=True)
    assert {(str(table), str(kind)) for table, kind in league.warehouse.query("select table_name, kind from failures")} == {
        ("broken", "permanent")
    }


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.permutations(range(8)), names=st.lists(st.sampled_from(["summary", "form", "context"]), min_size=8, max_size=8))
def test_pieces_in_any_order_give_the_same_bytes(order: list[int], names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        whole, pieces = League(Path(one), dates=4), League(Path(two), dates=4)
        whole.run()
        days = sorted({day for _, day in whole.hashes()})
        for place, name in zip(order, names, strict=True):
            pieces.run(Selection(tables=(name,), dates=(days[place],), with_history=False))
        pieces.run()
        assert pieces.unmet() == {} and pieces.hashes() == whole.hashes()


def test_a_query_that_fails_on_one_date_fails_only_there(tmp_path: Path) -> None:
    league = League(tmp_path)
    summary = tables()["summary"]
    broken = f"cast(case when s.game_date = date '{DAY}' then 'x' else '1' end as bigint) * s.points * 2"
    league.declared["summary"] = replace(summary, sql=summary.sql.replace("s.points * 2", broken))
    run = league.run()
    assert [(f.table, f.game_date, f.kind) for f in run.failures] == [("summary", DAY, "permanent")]
    assert league.unmet()["summary", DAY] == "failed"
    assert {state for (table, day), state in league.unmet().items() if day < DAY} == set()
    assert league.run().planned == 0, "a permanent failure isn't tried again until code or inputs change"
    league.declared["summary"] = summary
    league.run()
    assert league.unmet() == {}


def test_a_duplicate_key_withholds_its_game_and_no_other(tmp_path: Path) -> None:
    league = League(tmp_path)
    league.run()
    league.warehouse.query("insert into raw_scores select * from raw_scores where game_date = ? and team_id = 1", [DAY])
    league.take_in("scores")
    run = league.run(Selection(tables=("summary",)))
    ((game, reason),) = run.withheld["summary"].items()
    assert reason == f"2 rows for one key ({DAY}, 1); the grain is game_date, team_id" and run.failures == []
    kept = league.warehouse.query("select distinct game_id from summary where game_date = ?", [DAY])
    assert len(kept) == 1 and kept[0][0] != game
    assert league.causes()["summary", DAY] == "failed"


def test_a_query_that_never_ends_is_stopped_at_its_deadline(tmp_path: Path) -> None:
    league = League(tmp_path, dates=1, seasons=1)
    league.policy = Policy(chunk_deadline_seconds=0.3, attempts=1)
    summary = tables()["summary"]
    endless = "(select count(*) from range(100000000) a, range(100000000) b) * s.points"
    league.declared["summary"] = replace(
        summary, sql=summary.sql.replace("s.points * 2", endless), reads={"scores": same(), "fixtures": same()}
    )
    run = league.run(Selection(tables=("summary",)))
    assert [(f.kind, f.message.partition(":")[0]) for f in run.failures] == [("transient", "timeout")]
    assert league.states()["summary", date(2021, 10, 1)].state == "failed"


def test_an_unselected_date_is_left_alone(tmp_path: Path) -> None:
    league = League(tmp_path)
    league.run(Selection(from_date=DAY, to_date=DAY, with_history=False))
    assert {day for _, day in league.hashes()} == {DAY}
    assert league.states()["form", DAY].state == "thin"


def test_a_range_is_built_with_what_it_rests_on(tmp_path: Path) -> None:
    league = League(tmp_path)
    chosen = Selection(from_date=DAY, to_date=DAY)
    plan = make_plan(league.situation(), chosen)
    assert plan.notes == ("2 partitions outside the selection, because it reads back to 2021-10-01 (--no-history leaves them out)",)
    league.run(chosen)
    built = {(table, day) for table, day in league.hashes()}
    assert built == {("summary", date(2021, 10, 1)), ("summary", date(2021, 10, 3)), *((table, DAY) for table in tables())}
    assert {league.states()[table, DAY].state for table in tables()} == {"complete"}


def test_a_table_with_nothing_to_hold_is_there_for_its_readers(tmp_path: Path) -> None:
    league = League(tmp_path, dates=1, seasons=1)
    summary = tables()["summary"]
    joined = summary.sql.replace("from scores s", "from scores s left join rare r on r.game_id = s.game_id")
    league.declared["echo"] = replace(summary, sql=joined, reads={**summary.reads, "rare": same(optional=True)})
    nothing = keys("select game_date, team_id from scores where points < 0")
    league.declared["rare"] = replace(summary, games="none", expects=nothing, sql=f"{summary.sql.rstrip()}\nwhere s.points < 0\n")
    run = league.run()
    assert run.failures == [] and league.warehouse.query("select count(*) from rare") == [(0,)]
    assert league.unmet() == {}


def test_what_does_not_fit_into_memory_goes_beside_the_warehouse(tmp_path: Path) -> None:
    warehouse = open_duckdb(tmp_path / "warehouse.duckdb", threads=1, memory_limit="60MB")
    try:
        warehouse.query("create temp table wide as select range as a, md5(range::varchar) as b, random() as c from range(2500000)")
        assert list(tmp_path.glob("warehouse.duckdb.tmp/*"))
    finally:
        warehouse.close()
