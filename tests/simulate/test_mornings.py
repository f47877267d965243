"""A season archived morning by morning says what was known when, and ends with the same facts as the whole-season files."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from backcourt.simulate import simulate
from tests.simulate.conftest import Written

ARGUMENTS = {"seasons": 1, "seed": 21, "games_per_team": 10, "share_of_games_with_props": 0.1}
BOXES = "read_parquet('{here}/nba/daily/*/player_box_2021-22_*.parquet', filename = true)"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(simulate(tmp_path_factory.mktemp("whole"), **ARGUMENTS))


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(simulate(tmp_path_factory.mktemp("daily"), mornings=True, **ARGUMENTS))


def test_every_file_says_when_it_was_taken_and_holds_nothing_later(daily: Written) -> None:
    files = sorted((daily.summary.out / "nba" / "daily").rglob("*.parquet"))
    assert len(files) > 100
    for file in files:
        taken = datetime.fromisoformat(json.loads(file.with_name(f"{file.name}.meta.json").read_text())["captured_at"])
        assert taken.date().isoformat() == file.parent.name
    late = daily.one(f"SELECT count(*), count_if(filename.split('/')[-2]::DATE <= GAME_DATE) FROM {BOXES}")
    assert late[0] > 1000 and late[1] == 0
    schedules = "read_parquet('{here}/nba/daily/*/schedule_*.parquet', filename = true)"
    early, final = daily.one(
        f"""SELECT count_if(st = 3 AND etdate >= filename.split('/')[-2]), count_if(st = 3) FROM {schedules}
        WHERE "h.s" IS NOT NULL OR st = 3"""
    )
    assert early == 0 and final > 1000


def test_the_season_files_are_gone_and_not_counted(daily: Written) -> None:
    assert not list((daily.summary.out / "nba").glob("player_box_*"))
    assert all((daily.summary.out / name).exists() for name in daily.summary.files)


def test_two_slates_are_corrected_and_the_last_version_is_the_truth(daily: Written, whole: Written) -> None:
    versions = f"(SELECT * EXCLUDE (filename), filename.split('/')[-2]::DATE AS taken FROM {BOXES})"
    slates = daily.query(f"SELECT GAME_DATE, min(taken), max(taken) FROM {versions} GROUP BY 1 HAVING count(DISTINCT taken) > 1 ORDER BY 1")
    assert [second - first for _, first, second in slates] == [timedelta(days=2)] * 2
    changed = daily.query(
        f"""SELECT GAME_DATE, count(*), count(DISTINCT TEAM_ID) FROM (SELECT GAME_DATE, GAME_ID, PLAYER_ID, TEAM_ID
            FROM {versions} GROUP BY ALL HAVING count(DISTINCT (AST, STL, FANTASY_PTS)) > 1) GROUP BY 1 ORDER BY 1"""
    )
    assert [row[1:] for row in changed] == [(2, 1), (2, 1)]
    truth = "SELECT GAME_ID, PLAYER_ID, PTS, REB, AST, STL, FANTASY_PTS FROM"
    last = daily.query(f"{truth} {versions} QUALIFY taken = max(taken) OVER (PARTITION BY GAME_ID) ORDER BY ALL")
    assert last == whole.query(f"{truth} '{{here}}/nba/player_box_2021-22.parquet' ORDER BY ALL")


def test_the_postponed_game_is_on_its_first_date_until_that_has_passed(daily: Written) -> None:
    schedules = "read_parquet('{here}/nba/daily/*/schedule_*.parquet', filename = true)"
    moved = daily.query(
        f"""SELECT gid, etdate, max(filename.split('/')[-2]) FROM {schedules} WHERE gid IN
        (SELECT gid FROM {schedules} GROUP BY 1 HAVING count(DISTINCT etdate) > 1) GROUP BY ALL ORDER BY etdate"""
    )
    assert len(moved) == 2
    assert moved[0][2] == moved[0][1] < moved[1][1]


def test_shots_and_team_boxes_are_whole(daily: Written, whole: Written, tmp_path: Path) -> None:
    for table, name in (("team_box", "team_box_2021-22"), ("shots", "shots_shotchartdetail_2021-22")):
        parts = daily.one(f"SELECT count(*), sum(hash(t)) FROM read_parquet('{{here}}/nba/daily/*/{table}_*.parquet') t")
        assert parts == whole.one(f"SELECT count(*), sum(hash(t)) FROM '{{here}}/nba/{name}.parquet' t")
