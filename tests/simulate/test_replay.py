"""A past evening, built from what had been captured by then, is the stored one but for what came later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import backcourt
from backcourt.engine.errors import BackcourtError
from backcourt.home import Home
from backcourt.simulate import simulate
from backcourt.work.replay import replay
from tests.conftest import BuiltHome

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One season archived morning by morning, loaded with its capture times and built."""
    folder = tmp_path_factory.mktemp("mornings")
    simulate(folder / "raw", seasons=1, seed=21, games_per_team=14, share_of_games_with_props=0.3, mornings=True)
    home = backcourt.open(folder / "home")
    home.init(simulated=True)
    home.ingest(folder / "raw" / "nba" / "daily")
    others = [*(folder / "raw" / "nba").glob("*.parquet"), *(folder / "raw" / "odds").glob("*.parquet")]
    home.ingest(*others, captured_at=datetime(2021, 9, 1, tzinfo=UTC))
    home.run()
    yield home


def corrected(home: Home) -> list[tuple[date, datetime, datetime]]:
    """(game date, first capture, second capture) of the boxes that were corrected."""
    with home.reading() as warehouse:
        return [
            tuple(row)  # type: ignore[misc]
            for row in warehouse.query(
                "select s.game_date, min(g.captured_at), max(g.captured_at) from raw_groups g join schedule s on s.game_id = g.group_key "
                "where g.raw = 'raw_player_box' group by g.group_key, s.game_date having count(*) > 1 order by 1"
            )
        ]


def test_an_evening_without_later_corrections_is_equal(home: Home) -> None:
    found = replay(home, date(2021, 11, 20))
    assert found.differences and {name: listed for name, listed in found.differences.items() if listed} == {}
    assert found.is_equal and found.rows["ml_feature_store"] > 50
    assert not [on for name, on in found.later if name in ("player_box", "team_box", "shots") and on]


def test_an_evening_before_a_correction_differs_where_the_correction_says(home: Home) -> None:
    slate, first, second = corrected(home)[-1]
    with home.situation() as situation:
        evenings = [day for day in situation.calendar.dates if first.date() <= day < second.date()]
    columns: set[str] = set()
    for evening in evenings:
        found = replay(home, evening)
        assert ("player_box", slate) in found.later and found.is_explained
        assert {d.kind for listed in found.differences.values() for d in listed} <= {"column"}
        columns |= {d.column for listed in found.differences.values() for d in listed}
    assert columns == {"steals_mean_last10"}, "a steal on the wrong man stands in two players' means and nowhere else"


def test_a_postponed_game_was_still_expected_that_evening(home: Home) -> None:
    with home.reading() as warehouse:
        ((game, first_day, played_on),) = warehouse.query(
            "select game_id, min(game_date), max(game_date) from raw_schedule where game_id like '002%' "
            "group by game_id having count(distinct game_date) > 1"
        )
    found = replay(home, first_day)
    assert played_on > first_day and ("schedule", first_day) in found.later and found.is_explained
    (difference,) = found.differences["games"]
    assert (difference.kind, difference.key["game_id"]) == ("missing", game)


def test_archives_without_capture_times_cannot_be_replayed(real_home: BuiltHome) -> None:
    with pytest.raises(BackcourtError, match="can't be replayed; ingest archives with their capture time"):
        replay(real_home.home, date(2024, 4, 5))
    with pytest.raises(BackcourtError, match="no game on 2024-07-20"):
        replay(real_home.home, date(2024, 7, 20))


def test_nothing_of_a_replay_is_left_behind(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    stored = home.warehouse_file.read_bytes()
    replay(home, date(2021, 11, 25))
    assert not list(tmp_path.iterdir())
    assert home.warehouse_file.read_bytes() == stored
