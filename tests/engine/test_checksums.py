"""Checksums: what another program did to a table is told from what a writer did, finished or killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backcourt.engine.judge import checksums
from backcourt.engine.judge.checksums import Damage, Written
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse, open_duckdb, written_to


@pytest.fixture
def warehouse() -> Iterator[DuckDBWarehouse]:
    """Two tables that checksums cover, counted, and one that they don't."""
    opened = open_duckdb(":memory:", threads=1)
    for name in ("kept", "other", "built"):
        opened.query(f"create table {name} as select range as x, 'text' as y from range(3)")
    checksums.create(opened)
    checksums.count_again(opened, ("kept", "other"))
    yield opened
    opened.close()


WRITES = {
    "insert into kept select 1": "kept",
    "  (insert into main.kept values (1)": "kept",
    "delete from kept where true": "kept",
    "update kept set x = 1": "kept",
    "UPDATE\n  kept set x = 1": "kept",
    "alter table kept add column z bigint": "kept",
    "drop table if exists kept": "kept",
    "create table kept as select 1 as x": "kept",
    "create or replace table kept as select 1 as x": "kept",
    "with rows as (select 1 as x) insert into kept select * from rows": "",
    "truncate kept": "",
    "merge into kept using other on true when matched then delete": "",
    "select * from kept": None,
    "with rows as (select 1) select * from rows": None,
    "from kept": None,
    "create or replace temp table kept as select 1": None,
    "create temp view kept as select 1": None,
    "create or replace view kept as select 1": None,
    "create table if not exists kept (x bigint)": None,
    "insert into temp.kept select 1": None,
    "begin transaction": None,
    "commit": None,
    "copy (select 1) to 'file'": None,
    "set timezone = 'UTC'": None,
    "comment on view kept is 'tag'": None,
    "describe (select 1)": None,
}


@pytest.mark.parametrize("statement", WRITES)
def test_a_statement_tells_which_table_it_writes_to(statement: str) -> None:
    assert written_to(statement) == WRITES[statement]


DAMAGES = {
    "update kept set y = 'other' where x = 1": "holds other values",
    "update kept set x = case x when 1 then 2 when 2 then 1 else x end, y = y || x": "holds other values",
    "delete from kept where x = 1": "holds 2 rows, 3 by its checksum",
    "insert into kept select * from kept where x = 1": "holds 4 rows",
    "delete from kept": "holds 0 rows",
    "alter table kept drop column y": "lacks its column y",
    "alter table kept add column z bigint": "has a column z that nobody made",
    "alter table kept alter column x set data type varchar": "holds VARCHAR in its column x, BIGINT by its checksum",
    "drop table kept": "is gone",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_table_that_does_not_give_its_checksum_is_named_and_the_others_are_not(damage: str, warehouse: DuckDBWarehouse) -> None:
    assert checksums.damages(warehouse) == []
    warehouse.query(damage)
    (found,) = checksums.damages(warehouse)
    assert found.table == "kept" and DAMAGES[damage] in found.text
    assert found.is_shape == ("column" in DAMAGES[damage] or "gone" in DAMAGES[damage])


def test_a_writer_leaves_a_mark_before_its_first_write_even_if_that_is_rolled_back(warehouse: DuckDBWarehouse) -> None:
    written = Written(lambda table: table in ("kept", "other"))
    written.follow(warehouse)
    warehouse.query("insert into built select 4, 'text'")
    warehouse.query("select * from kept")
    assert not written.wrote_anything and not checksums.is_marked(warehouse)
    other = warehouse.sibling()
    with pytest.raises(ZeroDivisionError), other.transaction():
        other.query("insert into kept select 4, 'text'")
        raise ZeroDivisionError
    other.close()
    assert written.tables == {"kept"} and checksums.is_marked(warehouse)


def test_while_a_mark_stands_nothing_is_called_damaged_and_counting_takes_it_away(warehouse: DuckDBWarehouse) -> None:
    Written(lambda table: table == "kept").follow(warehouse)
    warehouse.query("insert into kept select 4, 'text'")
    assert checksums.damages(warehouse) == []
    checksums.count_again(warehouse, ["kept"])
    assert not checksums.is_marked(warehouse) and checksums.damages(warehouse) == []
    assert {one.table: one.rows for one in checksums.read(warehouse)} == {"kept": 4, "other": 3}


def test_what_was_found_stands_until_the_table_is_again_what_it_was(warehouse: DuckDBWarehouse) -> None:
    warehouse.query("update kept set y = 'other' where x = 1")
    checksums.note(warehouse, [Damage("kept", "told in full")])
    assert [one.text for one in checksums.found(warehouse)] == ["told in full"] == [one.text for one in checksums.damages(warehouse)]
    warehouse.query("update kept set y = 'text' where x = 1")
    assert checksums.damages(warehouse) == [] and checksums.is_intact(warehouse, "kept")
    checksums.note(warehouse, [])
    assert checksums.found(warehouse) == []


@pytest.mark.parametrize(
    "change", ["rows = rows + 1", "content_hash = content_hash || '1'", "columns = 'x BIGINT'", "digest = null", "table_name = 'other'"]
)
def test_a_checksum_that_was_changed_itself_is_none(change: str, warehouse: DuckDBWarehouse) -> None:
    warehouse.query(f"update checksums set {change} where table_name = 'kept'")
    assert [one.table for one in checksums.read(warehouse)] == ["other"] and checksums.damages(warehouse) == []


@pytest.mark.parametrize("change", ["drop table checksums", "alter table checksums drop column digest", "delete from checksums"])
def test_checksums_that_are_gone_are_made_anew(change: str, warehouse: DuckDBWarehouse) -> None:
    warehouse.query(change)
    assert checksums.read(warehouse) == [] and checksums.damages(warehouse) == [] and not checksums.is_marked(warehouse)
    checksums.create(warehouse)
    checksums.count_again(warehouse, ["kept", "gone"])
    assert [one.table for one in checksums.read(warehouse)] == ["kept"]


def test_a_warehouse_that_was_never_counted_is_written_without_a_mark(warehouse: DuckDBWarehouse) -> None:
    warehouse.query("drop table checksums")
    written = Written(lambda table: table == "kept")
    written.follow(warehouse)
    with warehouse.transaction():
        warehouse.query("alter table kept add column z bigint")
    assert written.tables == {"kept"} and not written.wrote_anything
