"""Over many leagues no check fails on good rows: bounds are limits, and not what one league happened to hold."""

from __future__ import annotations

from pathlib import Path

import pytest

import backcourt
from backcourt.simulate import simulate


def failing(folder: Path, seed: int, **league: int) -> list[str]:
    """What fails in a league of this seed that is built from nothing."""
    simulate(folder / "raw", seasons=2, seed=seed, **league)
    home = backcourt.open(folder / "home")
    home.init(simulated=True)
    home.ingest(folder / "raw")
    summary = home.run()
    verdict = home.verify("predictions")
    withheld = [f"{table} {game}: {why}" for table, games in summary.withheld.items() for game, why in games.items()]
    return (
        withheld
        + [f"{found.table} {found.check} {found.row}" for found in verdict.failed_checks]
        + ([] if (summary.exit_code, verdict.exit_code()) == (0, 0) else [verdict.sentence])
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_two_full_seasons_of_twenty_leagues_build(seed: int, tmp_path: Path) -> None:
    assert failing(tmp_path, seed) == []
