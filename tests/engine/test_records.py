"""Receipts and failures are only ever added to: the newest of a partition counts, and dropping the others changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backcourt.engine.judge import records
from backcourt.engine.judge.receipts import Measure, Receipt, make_receipt
from backcourt.engine.judge.records import Failure
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse, open_duckdb
from tests.engine.league import League

DAY = date(2024, 1, 1)
TABLES = ("form", "summary")


@pytest.fixture
def warehouse() -> Iterator[DuckDBWarehouse]:
    opened = open_duckdb(":memory:", threads=1)
    records.create(opened)
    yield opened
    opened.close()


def receipt(table: str, day: date, rows: int) -> Receipt:
    return make_receipt(table, day, Measure(rows, str(rows)), {}, "kind", ("f", "i", "p"), "run", datetime.combine(DAY, time()))


def failure(table: str, day: date, attempts: int) -> Failure:
    return Failure(table, day, "permanent", "it fails", "f", "i", attempts, "run")


ACTIONS = st.tuples(
    st.sampled_from(["write", "forget", "fail", "clear", "compact"]), st.sampled_from(TABLES), st.integers(0, 3), st.integers(1, 5)
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(ACTIONS, max_size=15))
def test_what_counts_is_what_a_table_of_one_record_each_would_hold(actions: list[tuple[str, str, int, int]]) -> None:
    warehouse = open_duckdb(":memory:", threads=1)
    records.create(warehouse)
    receipts: dict[tuple[str, date], Receipt] = {}
    failures: dict[tuple[str, date], Failure] = {}
    before = 0
    for action, table, offset, number in actions:
        day = DAY + timedelta(days=offset)
        if action == "write":
            receipts[table, day] = receipt(table, day, number)
            records.write(warehouse, table, [receipts[table, day]])
        elif action == "forget":
            receipts.pop((table, day), None)
            records.forget(warehouse, table, [day])
        elif action == "fail":
            failures[table, day] = failure(table, day, number)
            records.write_failures(warehouse, table, [failures[table, day]])
        elif action == "clear":
            failures.pop((table, day), None)
            records.write_failures(warehouse, table, [], cleared=[day])
        else:
            records.compact(warehouse, above=0)
            before = 0
        assert {(t, d): r for t, days in records.read(warehouse).items() for d, r in days.items()} == receipts
        assert records.read_failures(warehouse) == failures
        held = sum(warehouse.query(f"select count(*) from {kind}")[0][0] for kind in ("receipts", "failures"))
        assert held >= before, "a record was taken away"
        before = held
    records.compact(warehouse, above=0)
    assert warehouse.query("select count(*) from receipts") == [(len(receipts),)]
    assert warehouse.query("select count(*) from failures") == [(len(failures),)]
    warehouse.close()


def test_two_transactions_record_different_partitions_side_by_side(warehouse: DuckDBWarehouse) -> None:
    records.write(warehouse, "form", [receipt("form", DAY, 1), receipt("form", DAY + timedelta(days=1), 1)])
    other = warehouse.sibling()
    with warehouse.transaction(), other.transaction():
        records.write(warehouse, "form", [receipt("form", DAY, 2)])
        records.write(other, "form", [receipt("form", DAY + timedelta(days=1), 3)])
    assert {day: found.rows for day, found in records.read(warehouse)["form"].items()} == {DAY: 2, DAY + timedelta(days=1): 3}
    other.close()


def test_few_replaced_records_are_left_lying(warehouse: DuckDBWarehouse) -> None:
    for number in range(1, 5):
        records.write(warehouse, "form", [receipt("form", DAY, number)])
    assert records.compact(warehouse) == 0 and warehouse.query("select count(*) from receipts") == [(4,)]
    assert records.compact(warehouse, above=2) == 3 and warehouse.query("select rows, seq from receipts") == [(4, 4)]


def test_a_year_of_corrections_leaves_states_and_one_receipt_each(tmp_path: Path) -> None:
    league = League(tmp_path, dates=4)
    for _ in range(3):
        league.warehouse.query("update raw_scores set points = points + 1 where game_id = (select min(game_id) from raw_scores)")
        league.take_in()
        assert league.run().built
    before = league.states()
    assert records.compact(league.warehouse, above=0) > 0
    assert league.states() == before
    assert league.run().planned == 0
    assert league.warehouse.query("select 1 from receipts group by table_name, game_date having count(*) > 1") == []


def test_a_record_that_lacks_what_every_record_has_is_none(warehouse: DuckDBWarehouse) -> None:
    for column in ("games", "content_hash", "built_at", "game_date", "table_name"):
        warehouse.query("delete from receipts where true")
        records.write(warehouse, "form", [receipt("form", DAY, 1)])
        warehouse.query(f"update receipts set {column} = null")
        assert records.read(warehouse) == {}, column
    records.write_failures(warehouse, "form", [failure("form", DAY, 1)])
    warehouse.query("update failures set message = null")
    assert records.read_failures(warehouse) == {}


@pytest.mark.parametrize("text", ["x", "", "[]", "5", "{"])
def test_a_text_of_a_receipt_that_is_none_says_nothing(text: str, warehouse: DuckDBWarehouse) -> None:
    records.write(warehouse, "form", [receipt("form", DAY, 1)])
    warehouse.query("update receipts set games = ?, withheld = ?, not_null = ?, waived = ?", [text] * 4)
    found = records.read(warehouse)["form"][DAY]
    assert found.games == found.withheld == found.not_null == found.waived == {}
