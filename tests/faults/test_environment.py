"""A second writer, a read-only home, a full disk's cousin: one sentence, the right exit code, nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backcourt.home import Home
from tests.conftest import BuiltHome


def backcourt_verb(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One verb in a process of its own."""
    return subprocess.run([sys.executable, "-m", "backcourt", *arguments, "--home", str(home)], capture_output=True, text=True, check=False)


def test_a_second_run_exits_3_and_names_the_owner(damaged_home: BuiltHome, monkeypatch: pytest.MonkeyPatch) -> None:
    home = damaged_home.home
    monkeypatch.setenv("BACKCOURT_WAIT_SECONDS", "0")
    with home.writing("ingest") as work:
        second = backcourt_verb(home.path, "run")
        assert second.returncode == 3
        assert work.job.id in second.stderr and f"process {os.getpid()}" in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
    assert backcourt_verb(home.path, "run").returncode == 0


@pytest.fixture
def read_only_folder(ingested_home: Home, tmp_path: Path) -> Path:
    """A home on a file system that is mounted read-only; skipped where that isn't allowed."""
    source, target = ingested_home.path, tmp_path / "mounted"
    target.mkdir()
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine doesn't let a test mount a folder read-only")
    return source


@pytest.mark.slow
def test_a_read_only_home_plans_but_does_not_run(read_only_folder: Path) -> None:
    python = f"{sys.executable} -m backcourt"
    script = f"mount --bind -o ro {read_only_folder} {read_only_folder} && mount -o remount,bind,ro {read_only_folder} && {python} run"
    dry = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f"{script} --dry-run --home {read_only_folder}"], capture_output=True, text=True, check=False
    )
    assert dry.returncode == 0, dry.stderr
    assert "player_game_summary" in dry.stdout
    real = subprocess.run(
        ["unshare", "--mount", "sh", "-c", f"{script} --home {read_only_folder}"], capture_output=True, text=True, check=False
    )
    assert real.returncode == 2
    assert len(real.stderr.strip().splitlines()) == 1 and "can't be written" in real.stderr
