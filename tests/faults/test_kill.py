"""Kill a run at random moments: the next run yields the same bytes as an undisturbed one."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import backcourt
from backcourt.engine.receipts import measure
from backcourt.home import Home

MOMENTS = 20


FIRST, LAST = "2022-10-18", "2022-12-15"


def content(home: Home) -> dict[tuple[str, str], tuple[int, str]]:
    """Rows and content hash of the range's partitions, from the stored rows of every built table."""
    with home.situation() as situation:
        warehouse = situation.warehouse
        return {
            (node.name, str(day)): (measured.rows, measured.content_hash)
            for node in home.catalog.built
            if warehouse.columns(node.name)
            for day, measured in measure(warehouse, node, f"game_date between date '{FIRST}' and date '{LAST}'").items()
        }


def fresh_copy(ingested: Home, folder: Path) -> Home:
    """A home that holds the raw tables only."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copyfile(ingested.warehouse_file, folder / "warehouse.duckdb")
    (folder / "backcourt.toml").touch()
    return backcourt.open(folder)


def start(home: Home) -> subprocess.Popen[bytes]:
    """A run of two months in a process of its own."""
    command = [sys.executable, "-m", "backcourt", "run", "--from", FIRST, "--to", LAST, "--home", str(home.path)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@pytest.mark.parametrize("kills_wanted", [1, pytest.param(MOMENTS, marks=pytest.mark.slow)])
def test_kills_lose_nothing(kills_wanted: int, ingested_home: Home, tmp_path: Path) -> None:
    chance = random.Random(20)
    home = fresh_copy(ingested_home, tmp_path / "killed")
    started = time.monotonic()
    with start(home) as process:
        process.communicate()
    whole = time.monotonic() - started
    assert process.returncode == 0
    expected = content(home)
    assert len(expected) > 500

    kills = 0
    home = fresh_copy(ingested_home, tmp_path / "killed")
    while kills < kills_wanted:
        with start(home) as process:
            time.sleep(chance.uniform(0.2, 1.0) * whole)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            process.communicate()
        if process.returncode == 0:
            # Everything was built before the signal: begin again with the raw tables, so that kills fall into work.
            assert content(home) == expected
            home = fresh_copy(ingested_home, tmp_path / "killed")
    with start(home) as process:
        _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    assert content(home) == expected
