"""Files of a home that are gone, cut, overwritten or somebody else's: never a false "up to date" or MET, one sentence, and a way back."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import backcourt
from backcourt.engine.errors import CouldNotVerifyError, DamagedError
from backcourt.engine.judge.receipts import measure
from backcourt.home import Home
from backcourt.work.reports.check import check_home
from backcourt.work.waive import waive
from tests.conftest import foreign
from tests.home.conftest import Verb

Content = dict[tuple[str, str], str]


def content(home: Home) -> Content:
    """Content hash of every partition of every relation."""
    with home.situation() as situation:
        return {
            (node.name, str(day)): found.content_hash
            for node in situation.catalog.nodes.values()
            if situation.warehouse.columns(node.name)
            for day, found in measure(situation.warehouse, node, content_only=True).items()
        }


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def emptied(file: Path) -> None:
    os.truncate(file, 0)


def noise(file: Path) -> None:
    file.write_bytes(random.Random(1).randbytes(100_000))


def one_block(file: Path) -> None:
    """Noise in the middle of the largest run of data, where headers don't show it."""
    with file.open("r+b") as stream:
        stream.seek(file.stat().st_size // 3)
        stream.write(random.Random(2).randbytes(4096))


def headers(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(5000)
        stream.write(random.Random(3).randbytes(3000))


def gone(file: Path) -> None:
    file.unlink()


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def anothers(file: Path) -> None:
    """A whole database, of somebody else."""
    import duckdb

    file.unlink()
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table receipts (x bigint)")


def slow(damage: object) -> Any:
    return pytest.param(damage, marks=pytest.mark.slow)


def name_of(damage: Callable[[Path], None]) -> str:
    return damage.__name__


DAMAGES = [one_block, *map(slow, (cut, emptied, noise, headers, gone, a_folder, anothers))]


@pytest.mark.parametrize("damage", DAMAGES, ids=name_of)
def test_a_damaged_warehouse_is_never_called_good_and_can_be_repaired(
    damage: Callable[[Path], None], league_home: Home, verb: Verb
) -> None:
    home = league_home
    home.run()
    before = content(home)
    damage(home.warehouse_file)
    for words in (("run",), ("ingest", str(home.raw_folder)), ("plan",), ("status",), ("verify", "--for", "phase4"), ("status", "--check")):
        found = verb(words[0], home.path, *words[1:])
        said = found.stdout + found.stderr
        assert "Traceback" not in said, words
        assert "up to date" not in said.replace("every partition that can be built is up to date", "") or words == ("plan",), said
        assert ": MET" not in said
        if words[0] == "verify" or "--check" in words:
            assert found.returncode == 5, (words, said)
        elif words[0] in ("run", "ingest"):
            assert found.returncode == 2 and "backcourt repair" in said, (words, said)
    fixed = verb("repair", home.path)
    assert fixed.returncode == 0, fixed.stderr
    again = backcourt.open(home.path)
    again.run()
    assert content(again) == before
    assert again.verify("phase4").unmet == [] and check_home(again)[0] in (0, 1)


@pytest.mark.parametrize("damage", DAMAGES, ids=name_of)
def test_a_damaged_snapshot_is_made_anew_by_the_next_verb(damage: Callable[[Path], None], league_home: Home) -> None:
    home = league_home
    home.run()
    before = content(home)
    damage(home.snapshot_file)
    again = backcourt.open(home.path)
    assert content(again) == before
    assert home.snapshot_file.read_bytes() == home.warehouse_file.read_bytes()


@pytest.mark.parametrize("damage", [noise, *map(slow, (cut, emptied, gone))], ids=name_of)
@pytest.mark.parametrize(
    "name",
    ["home.json", "run.lock", "snapshot.spare", ".cache/stamp.json", ".cache/published.json", ".cache/snapshot.json", ".cache/spare.json",
     ".cache/seals.json", ".cache/season_checks.json", ".cache/statements.json", "raw/loads.jsonl"],
)  # fmt: skip
def test_any_content_of_the_small_files_is_survived(damage: Callable[[Path], None], name: str, league_home: Home) -> None:
    home = league_home
    home.run()
    home.verify("phase4")
    file = home.path / name
    if not file.exists():
        with home.writing("grade") as work:
            work.warehouse.query("create table grown as select 1 as x")
    damage(file)
    again = backcourt.open(home.path)
    assert again.run().planned == 0 and again.verify("phase4").unmet == []
    assert again.is_simulated


def test_a_folder_in_place_of_the_cache_is_survived(league_home: Home) -> None:
    shutil.rmtree(league_home.path / ".cache")
    (league_home.path / ".cache").write_text("in the way")
    assert league_home.run().planned == 0 and league_home.verify("phase4").unmet == []


def test_a_lost_warehouse_is_not_begun_again(league_home: Home, raw_league: Path) -> None:
    home = league_home
    home.run()
    home.warehouse_file.unlink()
    for write in (home.run, lambda: home.ingest(raw_league), home.init, lambda: home.init(simulated=True)):
        with pytest.raises(DamagedError, match="is gone"):
            write()
    with pytest.raises(CouldNotVerifyError, match="backcourt repair"):
        home.verify()
    assert not home.warehouse_file.exists()
    assert home.sql("select count(*) > 0 from schedule").fetch() == [(True,)], "what was published can be read"
    assert "is gone" in home.read_from()


@pytest.mark.slow
def test_a_home_that_only_its_raw_files_are_left_of_is_rebuilt(league_home: Home) -> None:
    home = league_home
    home.run()
    before, simulated = content(home), home.is_simulated
    for file in home.path.iterdir():
        if file.name not in ("raw", "home.json", "backcourt.toml"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    again = backcourt.open(home.path)
    report = again.repair()
    assert report.loads > 10 and report.lost == [] and report.said_from == ""
    again.run()
    assert content(again) == before and again.is_simulated == simulated


def test_a_load_whose_file_is_lost_is_named(league_home: Home, verb: Verb) -> None:
    home = league_home
    payload = next(home.raw_folder.glob("*.parquet"))
    payload.unlink()
    emptied(home.warehouse_file)
    found = verb("repair", home.path)
    assert found.returncode == 1 and "no copy of the file was kept, so its rows stay as snapshot.duckdb has them" in found.stdout


@pytest.mark.parametrize("damage", [cut, noise, gone], ids=name_of)
def test_a_kept_raw_file_that_is_not_what_was_loaded_is_named_and_put_back(
    damage: Callable[[Path], None], league_home: Home, raw_league: Path, verb: Verb
) -> None:
    payload = next(league_home.raw_folder.glob("*.parquet"))
    before = payload.read_bytes()
    assert verb("recompute", league_home.path, "--raw").returncode == 0
    damage(payload)
    found = verb("recompute", league_home.path, "--raw")
    assert found.returncode == 1 and payload.name in found.stdout and "1 differences" in found.stdout, found.stdout
    league_home.ingest(raw_league)
    assert payload.read_bytes() == before
    assert verb("recompute", league_home.path, "--raw").returncode == 0


@pytest.mark.slow
def test_what_forecasts_rest_on_is_asked_for_after_a_repair(league_home: Home, verb: Verb) -> None:
    league_home.repair()
    for words in (("predict", "--date", "2021-11-03"), ("backtest", "--market", "points"), ("backtest", "--dry-run")):
        found = verb(words[0], league_home.path, *words[1:])
        assert found.returncode == 2 and "isn't built yet; run `backcourt run` first." in found.stderr, (words, found.stderr)


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can give up the right to look past what files allow"
)
def test_a_copy_that_one_may_only_read_is_read_and_one_that_one_may_not_enter_is_a_sentence(league_home: Home, tmp_path: Path) -> None:
    league_home.run()
    copied = tmp_path / "copy"
    shutil.copytree(league_home.path, copied)
    for place in (copied, *copied.rglob("*")):
        place.chmod(0o555 if place.is_dir() else 0o444)

    def asked(*words: str) -> subprocess.CompletedProcess[str]:
        # As root, but without the rights to look past what the files allow; another user could not read the interpreter's folders.
        capabilities = "-dac_override,-dac_read_search"
        bounded = ["setpriv", f"--bounding-set={capabilities}", f"--inh-caps={capabilities}", sys.executable, "-m", "backcourt"]
        return subprocess.run([*bounded, *words], capture_output=True, text=True, check=False, cwd=tmp_path)

    found = asked("--home", str(copied), "status", "--check")
    assert found.returncode in (0, 1) and "Traceback" not in found.stderr, (found.stdout, found.stderr)
    assert found.stdout and "is not the one that this snapshot was made of" not in found.stdout
    copied.chmod(0o000)
    found = asked("--home", str(copied), "status", "--check")
    assert found.returncode == 2 and "Traceback" not in found.stderr and len(found.stderr.splitlines()) == 1, found.stderr


@pytest.mark.parametrize("left", ["nothing", *map(slow, ("log", "payloads"))])
def test_a_sound_warehouse_whose_raw_files_are_gone_loses_nothing_by_a_repair(left: str, league_home: Home, verb: Verb) -> None:
    home = league_home
    home.run()
    before = content(home)
    for file in home.raw_folder.iterdir():
        if left == "nothing" or (left == "log") == (file.name != "loads.jsonl"):
            file.unlink()
    found = verb("repair", home.path)
    assert found.returncode == (0 if left == "payloads" else 1), found.stdout
    assert left == "payloads" or "no copy of the file was kept, so its rows stay as warehouse.duckdb has them" in found.stdout
    again = backcourt.open(home.path)
    again.run()
    assert content(again) == before


@pytest.mark.slow
def test_a_repair_that_is_killed_leaves_what_was_there(league_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home = league_home
    home.run()
    before = content(home)
    emptied(home.warehouse_file)
    monkeypatch.setattr("backcourt.home.repair._set_aside", lambda custody: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        home.repair()
    assert home.warehouse_file.stat().st_size == 0 and not list(home.path.glob("warehouse.repaired*"))
    monkeypatch.undo()
    home.repair()
    home.run()
    assert content(home) == before


def test_frames_that_were_loaded_come_back_too(small_home: Home, raw_league: Path) -> None:
    import pandas

    small_home.ingest(*sorted((raw_league / "nba").glob("schedule*")))
    box = next((raw_league / "nba").glob("player_box_2021-22.parquet"))
    small_home.ingest(pandas.read_parquet(box), source="leaguegamelog")
    before = content(small_home)
    emptied(small_home.warehouse_file)
    small_home.snapshot_file.unlink()
    report = small_home.repair()
    assert report.lost == [] and content(small_home) == before


def test_mistyped_lost_and_damaged_are_told_apart(league_home: Home, tmp_path: Path, verb: Verb) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "toml").mkdir()
    (tmp_path / "toml" / "backcourt.toml").touch()
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "data" / "raw" / "somebodys.parquet").touch()
    none = ("is no backcourt home", 2)
    told = {"typo": none, "empty": none, "data": none, "toml": ("no warehouse yet; run `backcourt init", 2)}
    for name, (sentence, code) in told.items():
        for words in (("run",), ("verify",)) if name == "typo" else (("sql", "select 1"),):
            found = verb(words[0], tmp_path / name, *words[1:])
            assert found.returncode == code and sentence in found.stderr and len(found.stderr.splitlines()) == 1, (
                name,
                words,
                found.stderr,
            )
    assert not (tmp_path / "typo").exists() and list((tmp_path / "empty").iterdir()) == []
    league_home.warehouse_file.unlink()
    assert "is gone" in verb("run", league_home.path).stderr


def test_nothing_in_the_warehouse_is_no_home(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "backcourt", "run"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert found.returncode == 2 and list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_forged_waiver_is_put_back_although_a_run_came_first(league_home: Home) -> None:
    """What only verbs write is in no raw file: the copy from before outlives what is published meanwhile."""
    ((day,),) = league_home.sql("select min(game_date) from games").fetch()
    waive(league_home, "team_box", day, reason="asked", until=date(2100, 1, 1))
    league_home.run()
    with foreign(league_home) as warehouse:
        warehouse.query("update waivers set reason = 'forged', expires = date '2200-01-01'")
    for _ in range(2):
        backcourt.open(league_home.path).run()
    again = backcourt.open(league_home.path)
    again.repair()
    assert again.sql("select reason, expires from waivers").fetch() == [("asked", date(2100, 1, 1))]
    again.run()
    assert again.verify().exit_code() == 0 and not again.layout.before_damage_file.exists()
