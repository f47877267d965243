"""A small simulated league, loaded and built once, and copies of its home to work on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="the simulated league needs NumPy: pip install 'backcourt[simulate]'")

import backcourt
from backcourt.home import Home
from backcourt.simulate import simulate
from tests.conftest import _once

LEAGUE = {"seasons": 1, "seed": 3, "games_per_team": 6, "share_of_games_with_props": 0.3}

Verb = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def raw_league(shared_folder: Path) -> Path:
    """The raw files of a very short season."""
    return _once(shared_folder / "home_raw", lambda folder: simulate(folder / "raw", **LEAGUE)) / "raw"


@pytest.fixture(scope="session")
def built_league(raw_league: Path, shared_folder: Path) -> Path:
    """A simulated home in which the season is loaded and built; never write to it."""

    def build(folder: Path) -> None:
        home = backcourt.open(folder / "home")
        home.init(simulated=True)
        home.ingest(raw_league)
        home.run()

    return _once(shared_folder / "home_built", build) / "home"


@pytest.fixture
def league_home(built_league: Path, tmp_path: Path) -> Home:
    """A copy of the built home. Its files are others than those that the engine left, so the first verb looks at all of them."""
    shutil.copytree(built_league, tmp_path / "league")
    return backcourt.open(tmp_path / "league")


@pytest.fixture
def small_home(tmp_path: Path) -> Home:
    """A simulated home that holds nothing."""
    home = backcourt.open(tmp_path / "home")
    home.init(simulated=True)
    return home


@pytest.fixture(scope="session")
def verb() -> Verb:
    """One verb in a process of its own; `VERB HOME ARGUMENTS...`."""

    def call(name: str, home: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "backcourt", name, *arguments, "--home", str(home)]
        return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]

    return call
