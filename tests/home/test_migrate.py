"""A home of the first version, made by that version's own code, is migrated by the first writer, verifies, and is graded on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import backcourt
from backcourt.engine.build.run import RunOptions
from backcourt.engine.errors import DamagedError
from backcourt.engine.judge import records
from backcourt.home import Home, identity, migrate
from backcourt.sources.payloads import read_log
from backcourt.work.grade import grade
from backcourt.work.reports.check import check_home
from tests.conftest import _once, foreign
from tests.earlier import FIRST, archive_of, python, unpack
from tests.home.conftest import Verb
from tests.judgement.test_home_grade import DAY
from tests.sources.rows import NEW_YORK, player, prop, write_csv

LEDGER = ("forecasts", "picks", "outcomes", "grades", "batches")

_PLAYED = """
import os, sys
from pathlib import Path
import backcourt
from backcourt.engine.plan import Selection
from backcourt.jobs.grade import grade
from tests.grading.test_home_grade import DAY, NOT_PLAYED, say
from tests.sources.rows import BOSTON, NEW_YORK, player, scheduled, team, write_csv
folder, evening, loaded = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
def at(moment):
    os.environ.pop("BACKCOURT_NOW", None)
    if moment:
        os.environ["BACKCOURT_NOW"] = moment
at(loaded)
home = backcourt.open(folder / "home")
home.init()
home.ingest(write_csv(folder / "schedule.csv", [scheduled(**NOT_PLAYED)]))
home.run(Selection(tables=("games", "slate_players", "prop_quotes")))
at(evening)
say(home, 11, 12)
at("2023-10-25T14:00:00" if loaded else "")
home.ingest(
    write_csv(folder / "final.csv", [scheduled()]),
    write_csv(folder / "box.csv", [player(11), player(13, NEW_YORK)]),
    write_csv(folder / "teams.csv", [team(BOSTON), team(NEW_YORK)]),
)
print(grade(home, DAY).grades)
"""


@pytest.fixture(scope="session")
def first_version(shared_folder: Path) -> Path:
    """The first version's code; skipped where the repository's history isn't there."""
    archive = archive_of(FIRST)
    if archive is None:
        pytest.skip(f"the repository holds no commit {FIRST}, whose homes are to be migrated")
    return _once(shared_folder / "first_version", lambda folder: unpack(archive, folder))


def made(code: Path, folder: Path, script: str, *arguments: str) -> str:
    """What a script prints that runs with the first version's code."""
    return python(code, folder, "-c", script, str(folder), *arguments)


@pytest.fixture(scope="session")
def graded_evening(first_version: Path, shared_folder: Path) -> Path:
    """A home with an evening that was forecast before it was played, and graded."""

    def build(folder: Path) -> None:
        folder.mkdir(parents=True)
        assert made(first_version, folder, _PLAYED, "2023-10-24T20:00:00", "2023-10-24T20:00:00") == "4\n"

    return _once(shared_folder / "graded_evening", build) / "home"


@pytest.fixture
def home(graded_evening: Path, tmp_path: Path) -> Home:
    shutil.copytree(graded_evening, tmp_path / "home")
    return backcourt.open(tmp_path / "home")


def ledger(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the ledger, by the file's own columns."""
    import duckdb

    with duckdb.connect(str(home.warehouse_file), read_only=True) as connection:
        return {table: connection.execute(f"select * from {table} order by all").fetchall() for table in LEDGER}


def payloads(home: Home) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in home.raw_folder.iterdir() if file.name != "loads.jsonl"}


def test_it_is_read_as_it_is_and_migrated_by_the_first_writer(home: Home, verb: Verb) -> None:
    stored, rows, raw = home.warehouse_file.read_bytes(), ledger(home), payloads(home)
    assert all(rows.values())
    for words in (("status",), ("sql", "select count(*) from forecasts"), ("plan",)):
        assert verb(words[0], home.path, *words[1:]).returncode == 0
    assert home.warehouse_file.read_bytes() == stored and not (home.path / "backups").exists()
    found = verb("grade", home.path, "--date", str(DAY))
    assert found.returncode == 0 and "from format 0 to 3" in found.stderr
    assert (home.path / "backups" / "warehouse.format0.duckdb").read_bytes() == stored
    known = identity.read_copy(home.path / "home.json")
    assert known is not None and (known.kind, known.format) == ("real", identity.FORMAT)
    assert ledger(home) == rows and payloads(home) == raw
    assert verb("verify", home.path, "--for", "ledger").returncode == 0


def test_it_is_graded_on(home: Home, tmp_path: Path) -> None:
    before = ledger(home)
    home.ingest(write_csv(tmp_path / "corrected.csv", [player(11, PTS=26, FTM=5), player(13, NEW_YORK)]))
    report = grade(home, DAY)
    after = ledger(home)
    assert report.grades > 0 and set(map(str, before["grades"])) < set(map(str, after["grades"]))
    assert after["forecasts"] == before["forecasts"] and after["picks"] == before["picks"]
    assert home.verify("ledger").exit_code() == 0


@pytest.mark.slow
def test_a_home_of_format_1_keeps_its_receipts_and_adds_to_them(home: Home) -> None:
    home.run()
    with home.writing("test") as work:
        # A home of format 1 has one record of each partition.
        records.compact(work.warehouse, above=0)
    before = home.sql("select * exclude (seq) from receipts order by all").fetch()
    with foreign(home) as warehouse:
        for kind in ("receipts", "failures"):
            warehouse.query(f"alter table {kind} drop column seq")
        warehouse.query("update home set format = 1")
        warehouse.query("drop table checksums")
    again = backcourt.open(home.path)
    assert again.run().planned == 0
    assert again.sql("select * exclude (seq) from receipts order by all").fetch() == before
    assert again.sql("select distinct seq from receipts").fetch() == [(1,)]
    assert (home.path / "backups" / "warehouse.format1.duckdb").is_file()
    assert again.run(options=RunOptions(rebuild=True)).failures == []
    assert again.verify("phase4").exit_code() in (0, 1) and again.plan().partitions == 0


def test_its_jobs_have_records_afterwards(home: Home) -> None:
    home.run()
    told = {record.verb: record for record in home.jobs.records() if record.version == "0"}
    assert {"ingest", "run", "grade"} <= set(told)
    assert all(record.outcome == "ok" and record.last_ok for record in told.values())
    assert told["run"].summary["built"] > 0
    assert not (home.path / "heartbeats").exists()
    with home.reading() as warehouse:
        assert not warehouse.columns("runs") and not warehouse.columns("pending_intake")


@pytest.mark.slow
def test_its_loads_are_written_down_beside_the_payloads(home: Home) -> None:
    home.run()
    assert [payload.name for payload in read_log(home.raw_folder)] == ["schedule.csv", "final.csv", "box.csv", "teams.csv"]
    rows = ledger(home)
    home.warehouse_file.unlink()
    assert home.repair().lost == [] and ledger(home) == rows
    home.run()
    assert home.verify("ledger").exit_code() == 0


@pytest.mark.slow
def test_an_ingest_that_had_been_killed_is_settled(home: Home) -> None:
    import duckdb

    with duckdb.connect(str(home.warehouse_file)) as connection:
        connection.execute("insert into pending_intake values ('ingest-killed')")
        connection.execute("delete from receipts where table_name = 'player_box'")
    home.run()
    with home.reading() as warehouse:
        assert warehouse.query("select count(*) from receipts where table_name = 'player_box'") == [(1,)]


def test_a_migration_that_is_interrupted_is_done_by_the_next_writer(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ledger(home)
    with monkeypatch.context() as patched:
        patched.setattr(migrate.identity, "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            home.run()
    assert not (home.path / "home.json").exists() and ledger(home) == rows
    home.run()
    assert ledger(home) == rows and home.verify("ledger").exit_code() == 0


@pytest.mark.slow
def test_a_home_that_was_put_back_from_its_copy_is_migrated_again(home: Home) -> None:
    home.run()
    shutil.copyfile(home.path / "backups" / "warehouse.format0.duckdb", home.warehouse_file)
    again = backcourt.open(home.path)
    again.run()
    assert again.verify("ledger").exit_code() == 0


@pytest.mark.slow
def test_what_was_forecast_before_anything_was_loaded_was_under_a_set_clock(first_version: Path, tmp_path: Path) -> None:
    made(first_version, tmp_path, _PLAYED, "2023-10-24T20:00:00", "")
    home = backcourt.open(tmp_path / "home")
    home.run()
    assert home.is_simulated


@pytest.mark.slow
def test_a_simulated_league_stays_one(first_version: Path, raw_league: Path, tmp_path: Path) -> None:
    script = (
        "import sys, backcourt; from pathlib import Path; folder = Path(sys.argv[1])\n"
        "home = backcourt.open(folder / 'home'); home.init(); home.ingest(Path(sys.argv[2])); home.run()"
    )
    made(first_version, tmp_path, script, str(raw_league))
    home = backcourt.open(tmp_path / "home")
    changed = {chunk.table: chunk.reason for chunk in home.plan().certain}
    assert all("stale" in reason for reason in changed.values()) and len(changed) < 9, "what another query builds, and says so"
    summary = home.run()
    assert (summary.built, summary.failed) == (0, 0) and summary.unchanged == summary.planned, "the rows are those of before"
    assert home.is_simulated and home.plan().partitions == 0
    assert home.verify("phase4").unmet == []


@pytest.mark.slow
def test_an_older_warehouse_takes_nothing_away_that_was_said(home: Home, tmp_path: Path) -> None:
    home.run()
    older = home.warehouse_file.read_bytes()
    home.ingest(write_csv(tmp_path / "corrected.csv", [player(11, PTS=26, FTM=5), player(13, NEW_YORK)]))
    grade(home, DAY)
    said = ledger(home)
    home.warehouse_file.write_bytes(older)
    again = backcourt.open(home.path)
    with pytest.raises(DamagedError, match=r"is older than snapshot\.duckdb, which holds 2 more batches"):
        again.run()
    assert check_home(again)[0] == 5
    assert again.repair().exit_code == 0 and ledger(again) == said
    again.run()
    assert again.verify("ledger").exit_code() == 0


def test_quotes_that_were_grouped_by_capture_are_grouped_by_player(tmp_path: Path, verb: Verb) -> None:
    home = backcourt.open(tmp_path / "home")
    home.init()
    sides = [prop(side, outcomes_description=name) for name in ("Player 11", "Player 12") for side in ("Over", "Under")]
    home.ingest(write_csv(tmp_path / "props.csv", sides))
    groups = "select group_key, rows, group_hash, load_id from raw_groups where raw = 'raw_prop_quotes' order by 1"
    with home.reading() as warehouse:
        expected = warehouse.query(groups)
    assert len(expected) == 2
    of_capture = "concat_ws('|', source_event_id, book, market, captured_at)"
    with foreign(home) as warehouse:
        warehouse.query(f"update raw_prop_quotes set group_key = {of_capture}")
        warehouse.query("delete from raw_groups where raw = 'raw_prop_quotes' and group_key like '%Player 12'")
        warehouse.query(
            "update raw_groups set group_key = (select min(group_key) from raw_prop_quotes), rows = 2 where raw = 'raw_prop_quotes'"
        )
        warehouse.query("update home set format = 2")
        warehouse.query("drop table checksums")
    found = verb("ingest", home.path, str(write_csv(tmp_path / "one.csv", [side | {"outcomes_price": -115} for side in sides[:2]])))
    assert found.returncode == 0 and "from format 2 to 3" in found.stderr
    with backcourt.open(home.path).reading() as warehouse:
        assert [row for row in warehouse.query(groups) if row[3] == 1] == expected
        assert warehouse.query("select player_name_raw, over_price from prop_quote_captures order by 1") == [
            ("Player 11", -115),
            ("Player 12", -110),
        ]
