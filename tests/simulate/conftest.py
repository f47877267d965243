"""Two small leagues, simulated once: a short one for shapes and sums, and its two full-length seasons for league means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

pytest.importorskip("numpy", reason="the simulated league needs NumPy: pip install 'backcourt[simulate]'")

from backcourt.simulate import SimulationSummary, simulate


@dataclass
class Written:
    """A simulated folder with a way to query it; `{here}` in a query is the folder."""

    summary: SimulationSummary

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return duckdb.connect().execute(sql.replace("{here}", str(self.summary.out))).fetchall()

    def one(self, sql: str) -> tuple[Any, ...]:
        return self.query(sql)[0]


SHORT = {"seasons": 2, "seed": 11, "games_per_team": 12, "share_of_games_with_props": 0.5}


@pytest.fixture(scope="session")
def short(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Two seasons of 12 games a team."""
    return Written(simulate(tmp_path_factory.mktemp("short"), **SHORT))


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """One season of 82 games a team with a tenth of the props."""
    return Written(simulate(tmp_path_factory.mktemp("full"), seasons=1, seed=3, share_of_games_with_props=0.1))


@pytest.fixture(scope="session")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The short league a second time, elsewhere."""
    return simulate(tmp_path_factory.mktemp("again"), **SHORT).out
