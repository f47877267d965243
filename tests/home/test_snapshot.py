"""Snapshots equal the warehouse and never change under a reader; the stamp notices every other writer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from backcourt.home import snapshot
from backcourt.home.snapshot import held_open, publish
from backcourt.home.stamp import Stamp

READER = """
import sys, duckdb
connection = duckdb.connect()
connection.execute(f"attach '{sys.argv[1]}' as held (read_only)")
print("open", flush=True)
sys.stdin.readline()
print(connection.execute("select count(*), sum(x) from held.numbers").fetchone(), flush=True)
"""


def grow(file: Path, rows: int) -> None:
    """Add rows to the warehouse and close it."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table if not exists numbers (x bigint)")
        connection.execute(f"insert into numbers select range from range({rows})")


def test_each_publication_equals_the_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse, copy = tmp_path / "warehouse.duckdb", tmp_path / "snapshot.duckdb"
    whole_copies = []
    monkeypatch.setattr(snapshot.shutil, "copyfile", lambda a, b: (whole_copies.append(1), Path(b).write_bytes(Path(a).read_bytes())))
    for round_number in range(5):
        grow(warehouse, 400_000 if round_number == 0 else 1000 * round_number)
        publish(warehouse, copy)
        assert copy.read_bytes() == warehouse.read_bytes()
    # The first two fill the two places; after that only blocks that differ are written.
    assert len(whole_copies) == 2


def test_any_change_of_a_block_is_seen_in_its_checksum(tmp_path: Path) -> None:
    warehouse, copy = tmp_path / "warehouse.duckdb", tmp_path / "snapshot.duckdb"
    grow(warehouse, 400_000)
    changes = (
        "update numbers set x = x + 1 where x % 1000 = 0",
        "delete from numbers where x between 1000 and 90000",
        "create table other as select x, x::varchar as text from numbers",
        "update other set text = 'changed' where x = 200000",
        "drop table other",
        "insert into numbers select range from range(200000)",
        "alter table numbers add column y bigint default 7",
    )
    for change in ("select 1", "select 1", *changes):
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(change)
        publish(warehouse, copy)
        assert copy.read_bytes() == warehouse.read_bytes(), change


def test_only_blocks_with_checksums_are_compared_by_them(tmp_path: Path) -> None:
    warehouse, copy = tmp_path / "warehouse.duckdb", tmp_path / "snapshot.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as small (block_size 16384)")
        connection.execute("create table small.numbers as select range as x from range(300000)")
    for value in (1, 2, 3, 4):
        publish(warehouse, copy)
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(f"update numbers set x = {value} where x = 250000 or x < 5")
    publish(warehouse, copy)
    assert copy.read_bytes() == warehouse.read_bytes()


def test_a_smaller_warehouse_leaves_no_tail(tmp_path: Path) -> None:
    warehouse, copy = tmp_path / "w", tmp_path / "snapshot.duckdb"
    for content in (b"a" * 9_000_000, b"b" * 5_000_000, b"c" * 700_000, b"d" * 8_000_001):
        warehouse.write_bytes(content)
        publish(warehouse, copy)
        assert copy.read_bytes() == content


def test_a_reader_of_another_process_keeps_what_it_opened(tmp_path: Path) -> None:
    warehouse, copy = tmp_path / "warehouse.duckdb", tmp_path / "snapshot.duckdb"
    grow(warehouse, 300_000)
    publish(warehouse, copy)
    command = [sys.executable, "-c", READER, str(copy)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout and reader.stdin and reader.stdout.readline() == "open\n"
        for _ in range(4):
            grow(warehouse, 50_000)
            publish(warehouse, copy)
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == f"({300_000}, {sum(range(300_000))})\n"
    assert copy.read_bytes() == warehouse.read_bytes()


def test_a_reader_of_this_process_keeps_what_it_opened(tmp_path: Path) -> None:
    warehouse, copy = tmp_path / "warehouse.duckdb", tmp_path / "snapshot.duckdb"
    grow(warehouse, 300_000)
    publish(warehouse, copy)
    held = held_open(copy)
    before = copy.read_bytes()
    for _ in range(4):
        grow(warehouse, 50_000)
        publish(warehouse, copy)
    assert held.read() == before
    held.close()


def test_the_stamp_holds_until_anybody_writes(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    grow(file, 10)
    stamp = Stamp(file, tmp_path / "cache" / "stamp.json")
    assert not stamp.holds()
    stamp.put()
    assert stamp.holds()
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("select * from numbers").fetchall()
    assert stamp.holds(), "reading is no writing"
    grow(file, 1)
    assert not stamp.holds()


def test_rows_left_in_the_log_are_not_trusted(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    grow(file, 10)
    stamp = Stamp(file, tmp_path / "stamp.json")
    stamp.put()
    Path(f"{file}.wal").write_bytes(b"left by a killed process")
    assert not stamp.holds()
    stamp.put()
    assert not stamp.holds()
