"""Which home a file belongs to, and whether a home was made to its end: nothing else is taken, and each refusal says the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import backcourt
from backcourt.engine.errors import BackcourtError
from backcourt.home import Home, identity
from backcourt.warehouses.duckdb.warehouse import open_duckdb
from tests.conftest import ROOT
from tests.home.conftest import Verb


def id_of(home: Home) -> str:
    known = home.custody.belonging.id_of(home.warehouse_file)
    assert known is not None
    return known


def another(folder: Path, *, simulated: bool = True) -> Home:
    home = backcourt.open(folder)
    home.init(simulated=simulated)
    return home


@pytest.mark.slow
def test_repair_takes_nothing_from_the_warehouse_of_another_home(league_home: Home, tmp_path: Path, verb: Verb) -> None:
    league_home.run()
    own, games = id_of(league_home), league_home.sql("select count(*) from games").fetch()
    for other in (another(tmp_path / "real", simulated=False), another(tmp_path / "made_up")):
        shutil.copyfile(other.warehouse_file, league_home.warehouse_file)
        assert verb("run", league_home.path).returncode == 2
        fixed = verb("repair", league_home.path)
        assert fixed.returncode == 0 and "snapshot.duckdb" in fixed.stdout + fixed.stderr
        assert verb("run", league_home.path).returncode == 0
        home = backcourt.open(league_home.path)
        assert id_of(home) == own and home.is_simulated and home.sql("select count(*) from games").fetch() == games


def test_files_of_different_homes_are_not_guessed_between(small_home: Home, tmp_path: Path) -> None:
    shutil.copyfile(another(tmp_path / "first").warehouse_file, small_home.warehouse_file)
    small_home.snapshot_file.unlink()
    before = small_home.warehouse_file.read_bytes()
    with pytest.raises(BackcourtError, match=r"holds files of different homes \(home.json of .+, warehouse.duckdb of .+\)"):
        small_home.repair()
    assert small_home.warehouse_file.read_bytes() == before


def test_a_wrong_copy_of_the_identity_is_written_again(small_home: Home) -> None:
    file = small_home.path / "home.json"
    right = json.loads(file.read_text())
    file.write_text(json.dumps({**right, "home_id": "another"}))
    backcourt.open(small_home.path).run()
    assert json.loads(file.read_text()) == right


STEPS = ("an empty file", "the engine's own tables", "the tables of marks and identity")


@pytest.mark.parametrize(
    ("made", "simulated"),
    [
        pytest.param(made, simulated, id=f"{step}-{simulated}", marks=[] if (made, simulated) == (1, True) else pytest.mark.slow)
        for made, step in enumerate(STEPS)
        for simulated in (True, False)
    ],
)
def test_an_init_that_was_killed_is_finished_by_init_alone(made: int, simulated: bool, tmp_path: Path, verb: Verb) -> None:
    from backcourt.engine.judge import records
    from backcourt.home import marks

    home = tmp_path / "home"
    home.mkdir()
    (home / "backcourt.toml").write_text("")
    warehouse = open_duckdb(home / "warehouse.duckdb")
    for step in (records.create, lambda opened: (marks.create(opened), identity.create(opened)))[:made]:
        step(warehouse)
    warehouse.close()
    for words in (("run",), ("ingest", str(tmp_path)), ("status",), ("plan",), ("repair",)):
        found = verb(words[0], home, *words[1:])
        said = found.stdout + found.stderr
        assert found.returncode == 2 and "up to date" not in said, (words, said)
    assert "run the `backcourt init` of it again" in verb("run", home).stderr
    assert verb("init", home, *(["--simulated"] if simulated else [])).returncode == 0
    again = backcourt.open(home)
    assert again.is_simulated == simulated and again.run().planned == 0


@pytest.mark.slow
def test_a_repair_under_a_clock_that_was_set_back_is_refused(tmp_path: Path, raw_league: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = another(tmp_path / "home", simulated=False)
    home.ingest(raw_league)
    loads = home.sql("select file, loaded_at from raw_loads order by 1").fetch()
    monkeypatch.setenv("BACKCOURT_NOW", "2021-10-25T12:00:00")
    with pytest.raises(BackcourtError, match=r"nothing was changed.*Unset BACKCOURT_NOW and repair again\.$"):
        backcourt.open(home.path).repair()
    monkeypatch.delenv("BACKCOURT_NOW")
    assert backcourt.open(home.path).sql("select file, loaded_at from raw_loads order by 1").fetch() == loads


@pytest.mark.parametrize("name", ["a?b", "what?"])
def test_a_path_that_no_warehouse_can_have_is_refused_before_anything_is_made(name: str, tmp_path: Path, verb: Verb) -> None:
    for words in (("init",), ("status",), ("run",)):
        found = verb(words[0], tmp_path / name)
        assert found.returncode == 2 and "question mark" in found.stderr and found.stderr.count("\n") == 1
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["a b", "ä%20#[1]", "it's", "semi;colon", "a*b", "-dash", "new\nline"])
def test_a_path_may_hold_anything_else(name: str, tmp_path: Path) -> None:
    home = another(tmp_path / name)
    assert home.run().planned == 0 and home.plan().partitions == 0


def test_a_file_is_no_home(tmp_path: Path, verb: Verb) -> None:
    (file := tmp_path / "home").write_text("x")
    for words in (("status",), ("run",), ("init",)):
        found = verb(words[0], file)
        assert found.returncode == 2 and "Traceback" not in found.stderr, found.stderr
    assert "is a file, and a home is a folder" in verb("run", file).stderr


def test_a_file_where_records_belong_is_named(small_home: Home, verb: Verb) -> None:
    shutil.rmtree(small_home.path / "runs")
    (small_home.path / "runs").write_text("")
    found = verb("run", small_home.path)
    assert found.returncode == 2 and "there the records of jobs belong; move it away" in found.stderr


def test_a_waiter_that_is_stopped_hides_nobody(small_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from backcourt.engine.lock import write_lock

    with small_home.writing("run") as work:
        work.job.ends(0, "built")
    ended = small_home.jobs.last("run")
    with write_lock(small_home.path / "run.lock", "somebody", patience=0):
        waiting = subprocess.Popen(
            [sys.executable, "-m", "backcourt", "run", "--wait", "--home", str(small_home.path)], stderr=subprocess.PIPE, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, text=True,
        )  # fmt: skip
        assert waiting.stderr is not None and "waiting for" in waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(60) == 130
    assert small_home.jobs.last("run") == ended


def test_a_verb_whose_output_is_closed_ends_cleanly_and_says_so_in_its_record(league_home: Home) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "backcourt", "run", "--rebuild", "--reason", "tried", "--json", "--home", str(league_home.path)],
        stdout=writer, stderr=writer, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, check=False,
    )  # fmt: skip
    os.close(writer)
    record = league_home.jobs.last("run")
    assert record is not None
    assert (done.returncode, record.outcome, record.exit_code) in ((141, "stopped", 141), (141, "ok", 0))


@pytest.mark.slow
def test_a_warehouse_that_is_a_link_is_repaired_without_a_dangling_one(league_home: Home, tmp_path: Path, verb: Verb) -> None:
    elsewhere = tmp_path / "elsewhere.duckdb"
    league_home.warehouse_file.replace(elsewhere)
    league_home.warehouse_file.symlink_to(elsewhere)
    assert verb("run", league_home.path).returncode == 0
    fixed = verb("repair", league_home.path)
    assert fixed.returncode == 0 and str(elsewhere) in fixed.stderr and elsewhere.is_file()
    assert not any(file.is_symlink() for file in league_home.path.rglob("*"))
    assert verb("run", league_home.path).returncode == 0


def test_settings_may_begin_with_a_byte_order_mark(small_home: Home) -> None:
    file = small_home.path / "backcourt.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert backcourt.open(small_home.path).run().planned == 0
