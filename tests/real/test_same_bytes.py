"""The same bytes on the real seasons, however many workers build them and however the range is cut."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

import backcourt
from backcourt.engine.build.run import RunOptions
from backcourt.engine.build.selection import Selection
from backcourt.home import Home
from tests.conftest import BuiltHome


def content(home: Home) -> list[tuple[str, str, int, str]]:
    """Table, date, rows and content hash of every partition that the engine built."""
    with home.reading() as warehouse:
        return [
            tuple(row)  # type: ignore[misc]
            for row in warehouse.query(
                "select table_name, game_date, rows, content_hash from receipts where fingerprint <> '' order by 1, 2"
            )
        ]


def raw_copy(ingested: Home, folder: Path) -> Home:
    """A home with the raw tables only."""
    folder.mkdir()
    shutil.copyfile(ingested.warehouse_file, folder / "warehouse.duckdb")
    return backcourt.open(folder)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 8])
def test_workers(workers: int, ingested_home: Home, real_home: BuiltHome, tmp_path: Path) -> None:
    home = raw_copy(ingested_home, tmp_path / "home")
    assert not home.run(options=RunOptions(workers=workers)).failures
    assert content(home) == content(real_home.home)


@pytest.mark.slow
def test_random_pieces_in_random_order(ingested_home: Home, real_home: BuiltHome, tmp_path: Path) -> None:
    home = raw_copy(ingested_home, tmp_path / "home")
    with home.situation() as situation:
        days = situation.calendar.dates
    chance = random.Random(11)
    cuts = [days[0], *sorted(chance.sample(days[1:], 7)), days[-1] + timedelta(days=1)]
    pieces = [(start, end - timedelta(days=1)) for start, end in pairwise(cuts)]
    chance.shuffle(pieces)
    for start, end in pieces:
        home.run(Selection(from_date=start, to_date=end))
    home.run()
    assert content(home) == content(real_home.home)
