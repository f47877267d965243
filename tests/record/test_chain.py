"""Whoever changes the ledger is found out, and what he changed is named."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import backcourt.record
import backcourt.tables.ledger
from backcourt.record.chain import GENESIS, batch_hash, verify_chain
from tests.plain_relations import CATALOG
from tests.record.evening import LOCK, Evening


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    """Three batches of forecasts and one of picks."""
    evening = Evening(tmp_path)
    evening.forecast(101, 102)
    evening.pick(103)
    evening.now += timedelta(minutes=1)
    evening.forecast(104)
    yield evening
    evening.warehouse.close()


def faults(evening: Evening) -> list[str]:
    """What the chain says, as sentences."""
    return [str(fault) for fault in verify_chain(evening.warehouse, CATALOG)]


def test_an_untouched_chain_holds_and_follows_its_formula(evening: Evening) -> None:
    assert faults(evening) == []
    batches = evening.warehouse.query("select batch_id, previous_hash, batch_hash, table_name from batches order by 1")
    assert [row[0] for row in batches] == [1, 2, 3, 4]
    previous = GENESIS
    for batch, before, own, table in batches:
        rows = sorted(row[0] for row in evening.warehouse.query(f"select row_hash from {table} where batch_id = {batch}"))
        assert before == previous
        assert own == hashlib.sha256((before + "".join(rows)).encode()).hexdigest() == batch_hash(before, rows)
        previous = own


def test_a_row_hash_is_what_the_documentation_says(evening: Evening) -> None:
    (values,) = evening.warehouse.query("select * exclude (row_hash, batch_id) from forecasts where player_id = 104")
    names = [name for name in CATALOG["forecasts"].column_names if name not in ("row_hash", "batch_id")]
    text = chr(31).join(f"{name}={value}" for name, value in zip(names, values, strict=True) if value is not None)
    assert evening.warehouse.query("select row_hash from forecasts where player_id = 104") == [(hashlib.sha256(text.encode()).hexdigest(),)]


def test_an_altered_row_is_named(evening: Evening) -> None:
    evening.warehouse.query("update forecasts set mean = 30 where player_id = 102")
    ((forecast_id,),) = evening.warehouse.query("select forecast_id from forecasts where player_id = 102")
    assert faults(evening) == [f"forecasts, batch 1: game_date 2024-01-10, forecast_id {forecast_id}: its values don't give its hash"]


def test_an_altered_row_with_its_hash_made_to_fit_is_named_too(evening: Evening) -> None:
    from backcourt.record.chain import row_hash

    evening.warehouse.query("update picks set line = 30.5")
    evening.warehouse.query(f"update picks set row_hash = {row_hash(evening.warehouse, CATALOG['picks'])}")
    ((pick_id,),) = evening.warehouse.query("select pick_id from picks")
    found = faults(evening)
    assert f"picks, batch 3: game_date 2024-01-10, pick_id {pick_id}: it wasn't written with the batch" in found
    assert any("row " in fault and "it was written and is gone" in fault for fault in found)


def test_a_removed_row_is_named_by_its_hash(evening: Evening) -> None:
    ((digest,),) = evening.warehouse.query("select row_hash from forecasts where player_id = 101")
    evening.warehouse.query("delete from forecasts where player_id = 101")
    assert faults(evening) == [
        f"forecasts, batch 1: row {digest[:16]}: it was written and is gone",
        "forecasts, batch 1: 1 of 2 rows: they don't give the hash of the batch",
    ]


def test_an_inserted_row_is_named(evening: Evening) -> None:
    from backcourt.record.chain import row_hash

    copy = "insert into forecasts by name select * replace ('f' as forecast_id, {batch} as batch_id) from forecasts where player_id = 101"
    evening.warehouse.query(copy.format(batch=1))
    evening.warehouse.query(f"update forecasts set row_hash = {row_hash(evening.warehouse, CATALOG['forecasts'])} where forecast_id = 'f'")
    found = faults(evening)
    assert found[0] == "forecasts, batch 1: game_date 2024-01-10, forecast_id f: it wasn't written with the batch" and len(found) == 2
    evening.warehouse.query("update forecasts set batch_id = 99 where forecast_id = 'f'")
    assert faults(evening) == ["forecasts, batch 99: game_date 2024-01-10, forecast_id f: nobody wrote a batch with it"]


def test_a_removed_or_swapped_batch_breaks_the_chain(evening: Evening) -> None:
    evening.warehouse.query("delete from picks")
    evening.warehouse.query("delete from batches where batch_id = 3")
    found = faults(evening)
    assert found == [
        "batches, batch 4: the batch: number 3 is expected: a batch was removed or inserted",
        "batches, batch 4: the batch: it doesn't follow from the batch before",
    ]


def test_a_rewritten_history_differs_from_every_hash_that_was_published(evening: Evening, tmp_path: Path) -> None:
    heads = [row[0] for row in evening.warehouse.query("select batch_hash from batches order by batch_id")]
    other = tmp_path / "other"
    other.mkdir()
    forged = Evening(other)
    forged.forecast(101, 102, mean=20.001)
    forged.pick(103)
    assert faults(forged) == []
    assert not {row[0] for row in forged.warehouse.query("select batch_hash from batches")} & set(heads)
    forged.warehouse.close()


_TAKES_BACK = re.compile(r"\b(update|delete|truncate|drop|merge|alter|replace\s+into|or\s+replace)\b", re.IGNORECASE)


def test_no_statement_of_the_ledger_takes_anything_back(tmp_path: Path) -> None:
    sources = [file for package in (backcourt.record, backcourt.tables.ledger) for file in sorted(Path(package.__path__[0]).glob("*.py"))]
    assert len(sources) >= 8
    assert {file.name: _TAKES_BACK.findall(file.read_text()) for file in sources if _TAKES_BACK.search(file.read_text())} == {}


@pytest.mark.parametrize(
    "statement",
    ['"update grades set units = 1"', "'DELETE FROM picks'", "f'truncate {table}'", "'drop table picks'", "'insert or replace'"],
)
def test_the_scan_finds_what_it_is_for(statement: str) -> None:
    assert _TAKES_BACK.search(f"warehouse.query({statement})")


def test_nothing_is_verified_of_an_empty_ledger(tmp_path: Path) -> None:
    empty = Evening(tmp_path)
    assert faults(empty) == [] and empty.now < LOCK
    empty.warehouse.close()
