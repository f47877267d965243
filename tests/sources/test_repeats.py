"""Rows of one load that share a key: copies are one, a later update counts, and what disagrees is rejected with both values."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.sources.containers import TEXTS
from tests.sources.rows import at, event, fantasy, load, native_shot, player, prop, scheduled, team, warehouse

PRA = {
    "player_name": "Player 11", "event_id": "e1", "home_team": "Boston Celtics", "away_team": "New York Knicks", "bookmaker": "DraftKings",
    "line": 30.5, "timestamp": "2023-10-24T15:00:00Z", "over_price": -110, "under_price": -120,
}  # fmt: skip
MONEYLINE = event() | {
    "bookmaker_key": "fanduel", "last_update": "2023-10-24T11:50:00Z", "market_key": "h2h", "outcome_name": "Boston Celtics", "price": -150,
    "point": None,
}  # fmt: skip
BIOS = {"PLAYER_ID": 11, "POSITION": "Guard", "HEIGHT": "6-3", "WEIGHT": 200.0}

Rows = list[dict[str, Any]]

DISAGREEING: list[tuple[str, Rows, str]] = [
    ("raw_player_box", [player(11), player(11, AST=3)], "assists 11 or 3"),
    ("raw_team_box", [team(1610612738), team(1610612738, TOV=13)], "turnovers 12 or 13"),
    ("raw_schedule", [scheduled(), scheduled(an="Hall")], "arena_name Arena or Hall"),
    ("raw_shots", [native_shot(1), native_shot(1, SHOT_DISTANCE=23)], "distance_ft 23 or 24"),
    ("raw_players", [BIOS, BIOS | {"WEIGHT": 201.0}], "weight_lb 200.0 or 201.0"),
    ("raw_prop_quotes", [PRA, PRA | {"over_price": -105}], "over_price -105 or -110"),
    ("raw_prop_quotes", [prop("Over"), prop("Under"), prop("Over", outcomes_price=-105)], "over_price -105 or -110"),
    ("raw_prop_quotes", [fantasy("Under"), fantasy("Over"), fantasy("Under", price=100)], "under_price -137 or 100"),
    ("raw_prop_quotes", [prop("Over"), prop("Over", outcomes_price=105, **{"bookmakers.key": "DraftKings"})], "over_price -110 or 105"),
    ("raw_game_line_quotes", [MONEYLINE, MONEYLINE | {"price": -145}], "price -145 or -150"),
]


@pytest.mark.parametrize(("raw", "rows", "values"), DISAGREEING)
def test_two_records_that_disagree_are_both_rejected_with_both_values(raw: str, rows: Rows, values: str, tmp_path: Path) -> None:
    for number, order in enumerate(permutations(rows)):
        connection = warehouse()
        file = tmp_path / f"{number}.json"
        file.write_bytes(TEXTS[".json"](list(order)))
        report = load(connection, file)
        assert connection.execute(f"select count(*) from {raw}").fetchall() == [(0,)]
        assert len(report.files[0].sentences) == 2
        assert all(f": {values} (rule: one row per key)." in sentence for sentence in report.files[0].sentences)
        assert report.exit_code == 1


@pytest.mark.parametrize("place", range(len(DISAGREEING)))
def test_equal_copies_are_one(place: int, tmp_path: Path) -> None:
    raw, rows, _ = DISAGREEING[place]
    connection = warehouse()
    file = tmp_path / "copies.json"
    copy = {name: f"{value:.1f}" if isinstance(value, int) and "name" not in name.lower() else value for name, value in rows[0].items()}
    file.write_bytes(TEXTS[".json"]([rows[0], rows[0], copy]))
    assert load(connection, file).files[0].sentences == []
    assert connection.execute(f"select count(*) from {raw}").fetchall() == [(1,)]


def test_the_later_update_counts_in_any_order(tmp_path: Path) -> None:
    later = MONEYLINE | {"price": -145, "last_update": "2023-10-24T11:54:00Z"}
    for number, order in enumerate(permutations([MONEYLINE, later, MONEYLINE])):
        connection = warehouse()
        file = tmp_path / f"{number}.json"
        file.write_bytes(TEXTS[".json"](list(order)))
        assert load(connection, file).ok
        assert connection.execute("select price from raw_game_line_quotes").fetchall() == [(-145,)]


def test_an_update_of_an_unknown_time_decides_nothing(tmp_path: Path) -> None:
    file = tmp_path / "lines.json"
    file.write_bytes(TEXTS[".json"]([MONEYLINE, MONEYLINE | {"price": -145, "last_update": None}]))
    assert load(warehouse(), file).files[0].rejected == 2


@pytest.mark.parametrize("key", ["williamhill_us", "Caesars", "CAESARS", "caesars", "WilliamHill_US"])
def test_a_book_is_one_under_its_title_and_its_key(key: str, tmp_path: Path) -> None:
    files = {
        "props": [prop("Over", **{"bookmakers.key": key})], "dfs": [fantasy("Over", bookmaker=key)], "pra": [PRA | {"bookmaker": key}],
        "lines": [MONEYLINE | {"bookmaker_key": key}],
    }  # fmt: skip
    connection = warehouse()
    for name, rows in files.items():
        (tmp_path / f"{name}.json").write_bytes(TEXTS[".json"](rows))
    assert load(connection, tmp_path).ok
    found = "select book from raw_prop_quotes union all select book from raw_game_line_quotes"
    assert connection.execute(found).fetchall() == [("williamhill_us",)] * 4


def test_both_sides_of_a_quote_meet_however_book_line_and_time_are_written(tmp_path: Path) -> None:
    under = prop("under ", outcomes_point="24.50", **{"bookmakers.key": "DraftKings"})
    under |= {"bookmakers.markets.last_update": "2023-10-24 15:00:00+00:00"}
    file = tmp_path / "props.json"
    file.write_bytes(TEXTS[".json"]([prop("Over"), under]))
    connection = warehouse()
    assert load(connection, file).ok
    found = connection.execute("select book, line, over_price, under_price, captured_at from raw_prop_quotes").fetchall()
    assert found == [("draftkings", 24.5, -110, -110, at("2023-10-24 15:00"))]
