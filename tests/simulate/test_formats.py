"""The files have the columns and types of the public ones, and the same seed writes the same bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from backcourt.simulate import simulate
from tests.simulate.conftest import Written

REAL = Path(__file__).resolve().parents[3] / "shared" / "data"
PAIRS = [
    ("nba/schedule_2021-22", "nba/schedule_2021-22"),
    ("nba/schedule_asof_*_2021-22", "nba/schedule_asof_2024-11-19_2024-25"),
    ("nba/schedule_2022-23", "nba/schedule_2024-25"),
    ("nba/player_box_2021-22", "nba/player_box_2021-22"),
    ("nba/player_box_playoffs_2021-22", "nba/player_box_playoffs_2021-22"),
    ("nba/player_box_playoffs_2022-23", "nba/player_box_playoffs_2024-25"),
    ("nba/team_box_2022-23", "nba/team_box_2022-23"),
    ("nba/shots_shotchartdetail_2021-22", "nba/shots_shotchartdetail_partial_2021-22"),
    ("nba/shots_2022-23", "nba/shots_2024-25"),
    ("nba/injuries_pst_il_*", "nba/injuries_pst_il_2021-09_2023-04"),
    ("nba/player_positions", "nba/player_positions"),
    ("nba/player_height_weight", "nba/player_height_weight"),
    ("odds/odds_events_2021-22", "odds/odds_events_2021-22"),
    ("odds/odds_games_oddsapi_2022-23", "odds/odds_games_oddsapi_2022-23"),
    ("odds/odds_games", "odds/odds_games"),
    ("odds/props_oddsapi_sportsbooks_2021-22", "odds/props_oddsapi_sportsbooks_2024-03_05"),
    ("odds/props_oddsapi_long_2022-23", "odds/props_oddsapi_long_2024-25"),
    ("odds/props_pra_2022-23", "odds/props_pra_2023-24"),
]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_columns_and_types_are_the_public_ones(short: Written, ours: str, theirs: str) -> None:
    if not REAL.exists():
        pytest.skip("needs the real files in ../shared/data")
    con = duckdb.connect()
    described = [
        [row[:2] for row in con.execute(f"DESCRIBE SELECT * FROM read_parquet('{folder}/{name}.parquet')").fetchall()]
        for folder, name in ((short.summary.out, ours), (REAL, theirs))
    ]
    assert described[0] == described[1]


def test_middle_seasons_have_positions_in_their_shots_like_the_older_files(tmp_path: Path) -> None:
    written = Written(simulate(tmp_path, seasons=3, seed=1, games_per_team=2, share_of_games_with_props=0.1))
    columns = [row[0] for row in written.query("DESCRIBE SELECT * FROM '{here}/nba/shots_2022-23.parquet'")]
    assert columns[6:8] == ["POSITION_GROUP", "POSITION"]


def test_same_seed_same_bytes(short: Written, again: Path) -> None:
    def digests(folder: Path) -> dict[str, str]:
        return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.*"))}

    first, second = digests(short.summary.out), digests(again)
    assert len(first) > 20
    assert first == second


def test_another_seed_is_another_league(short: Written, tmp_path: Path) -> None:
    other = Written(simulate(tmp_path, seasons=1, seed=12, games_per_team=12, share_of_games_with_props=0.1))
    sql = "SELECT list(PLAYER_NAME ORDER BY GAME_ID, PLAYER_ID) FROM '{here}/nba/player_box_2021-22.parquet'"
    assert short.one(sql) != other.one(sql)


def test_the_earlier_schedule_states_when_it_was_captured(short: Written) -> None:
    metas = sorted((short.summary.out / "nba").glob("schedule_asof_*.meta.json"))
    assert len(metas) == 2
    for meta in metas:
        assert json.loads(meta.read_text())["captured_at"].endswith("T05:00:00Z")
        assert meta.with_name(meta.name.removesuffix(".meta.json")).exists()


def test_leagues_follow_one_another_with_new_players(tmp_path: Path) -> None:
    written = Written(simulate(tmp_path, seasons=1, leagues=2, games_per_team=2, share_of_games_with_props=0.1, first_season=2000))
    assert written.summary.seasons == ("2000-01", "2001-02")
    assert written.one(
        """SELECT count(*), count(DISTINCT SEASON) FROM '{here}/nba/player_positions.parquet' p
        WHERE PLAYER_ID IN (SELECT PLAYER_ID FROM '{here}/nba/player_positions.parquet' q WHERE q.SEASON <> p.SEASON)"""
    ) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ({"first_season": 1999}, "two-digit year"),
        ({"first_season": 2041, "seasons": 3, "leagues": 2}, "two-digit year"),
        ({"first_season": 2046}, "two-digit year"),
        ({"first_season": 2050, "seasons": 40, "leagues": 2}, "two-digit year"),
        ({"seed": -1}, "below 0"),
        ({"seasons": 0}, "at least 1"),
        ({"games_per_team": 7}, "even number"),
        ({"games_per_team": 84}, "even number"),
        ({"share_of_games_with_props": 0.0}, "above 0"),
    ],
)
def test_impossible_leagues_are_refused_in_one_sentence(tmp_path: Path, arguments: dict[str, int], rule: str) -> None:
    with pytest.raises(ValueError, match=rule) as caught:
        simulate(tmp_path, **arguments)
    assert str(caught.value).endswith(".") and str(caught.value).count(". ") == 0
    assert not list(tmp_path.iterdir())
