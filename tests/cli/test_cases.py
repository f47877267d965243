"""The inputs of ../shared/cases that hold a part of what is there, or contradict it: each comes out right, and is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import backcourt
from backcourt.cli.main import app
from backcourt.home import Home
from backcourt.work.decide import list_held
from tests.conftest import ROOT, _once

CASES = ROOT.parent / "shared" / "cases"
NOW = "2021-10-25T12:00:00"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"{CASES} is absent: the inputs that failed")


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", NOW)


@pytest.fixture
def home(shared_folder: Path, tmp_path: Path) -> Home:
    """A built home of two dates."""

    def build(folder: Path) -> None:
        made = backcourt.open(folder / "home")
        made.init(simulated=True)
        assert made.ingest(CASES / "_base").ok
        assert made.run().exit_code == 0

    shutil.copytree(_once(shared_folder / "two_dates", build) / "home", tmp_path / "home")
    return backcourt.open(tmp_path / "home")


def case(number: str, file: str) -> Path:
    return next(CASES.glob(f"{number}-*")) / file


def call(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home.path), *arguments])


def ask(home: Home, sql: str) -> list[tuple[object, ...]]:
    with home.reading() as warehouse:
        return [tuple(row) for row in warehouse.query(sql)]


TEAMS = "select team_id, count(*) from player_game_summary where game_id = '0022100001' group by 1 order by 1"
ZONES = "select team_id, shot_zones_complete, paint_attempts from team_offense_game_summary where game_id = '0022100001' order by 1"

PARTS = [
    ("01", "one_team.csv", "game 0022100001: 1 of 2 teams and 9 of 19 players are missing in one_team.csv"),
    ("02", "shots_one_player.csv", "game 0022100001, team 1610612742: 59 of 78 shots are missing in shots_one_player.csv"),
    ("09", "v3_one_bad.json", "game 0022100001: 1 of 19 players are missing in v3_one_bad.json; that of stats.nba.com player log counts"),
]


@pytest.mark.parametrize(("number", "file", "told"), PARTS)
def test_a_part_displaces_nothing_and_is_told_by_ingest_gaps_and_the_hand_off(number: str, file: str, told: str, home: Home) -> None:
    before = ask(home, TEAMS), ask(home, ZONES)
    loaded = call(home, "ingest", str(case(number, file)))
    assert loaded.exit_code == 1 and told in loaded.output
    assert call(home, "run").exit_code == 0 and call(home, "verify").exit_code == 0
    assert (ask(home, TEAMS), ask(home, ZONES)) == before
    assert told in call(home, "gaps").output and told in call(home, "handoff").output and told in call(home, "held").output
    assert "1 held versions" in call(home, "verify").output
    dropped = call(home, "held", "--drop", file)
    assert dropped.exit_code == 0 and list_held(home) == []


def test_an_event_with_its_teams_swapped_is_the_only_game_of_that_pair_and_day(home: Home) -> None:
    before = ask(home, "select count(*) from prop_quotes where game_id = '0022100001'")
    assert call(home, "ingest", str(case("11", "swapped.csv"))).exit_code == 0
    assert call(home, "run").exit_code == 0
    ((count,),) = ask(home, "select count(*) from prop_quotes where game_id = '0022100001'")
    assert count == before[0][0] + 14  # type: ignore[operator]
    assert ask(home, "select count(*) from prop_quotes where game_id is null") == [(0,)]


def test_a_player_in_two_games_of_a_day_leaves_both_as_they_were(home: Home) -> None:
    row = "select game_id, team_id, points from player_game_summary where player_id = 9000087 and game_date = date '2021-10-19'"
    before = ask(home, row)
    loaded = call(home, "ingest", str(case("14", "traded.csv")))
    assert loaded.exit_code == 1 and "1 of 21 players are missing in traded.csv; the version of" in loaded.output
    assert call(home, "run").exit_code == 0
    assert ask(home, row) == before and before[0][0] == "0022100001"
    assert call(home, "verify").exit_code == 0 and [one.file for one in list_held(home)] == ["traded.csv"]
