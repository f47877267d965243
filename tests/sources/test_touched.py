"""Which dates of which relations a load may have changed: no fewer than it did, and not everything."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.sources.rows import GAME, event, load, player, prop, scheduled, warehouse, write_csv

FIRST, MOVED, OTHER = date(2023, 10, 24), date(2023, 11, 2), date(2023, 10, 25)


def test_a_box_touches_its_date_and_the_undated_players(tmp_path: Path) -> None:
    connection = warehouse()
    load(connection, write_csv(tmp_path / "schedule.csv", [scheduled(), scheduled("0022300062", etdate="2023-10-25")]))
    report = load(connection, write_csv(tmp_path / "box.csv", [player(11)]))
    assert report.touched == {"player_box": {FIRST}, "players": None, "player_aliases": None}


def test_a_moved_game_touches_both_dates(tmp_path: Path) -> None:
    connection = warehouse()
    load(connection, write_csv(tmp_path / "schedule.csv", [scheduled(), scheduled("0022300062", etdate="2023-10-25")]))
    report = load(connection, write_csv(tmp_path / "moved.csv", [scheduled(etdate="2023-11-02")]))
    assert report.touched["schedule"] == {FIRST, MOVED}
    assert report.touched["player_box"] == {FIRST, MOVED}
    assert "results" in report.touched
    assert OTHER not in (report.touched["schedule"] or set())


def test_a_moved_event_touches_its_quotes_on_both_dates(tmp_path: Path) -> None:
    connection = warehouse()
    first = load(connection, write_csv(tmp_path / "props.csv", [prop("Over"), prop("Under")]))
    assert first.touched == {"odds_events": {FIRST}, "prop_quote_captures": {FIRST}, "game_line_captures": {FIRST}}
    later = event(timestamp="2023-10-24T20:00:00Z", commence_time="2023-11-03T00:10:00Z")
    report = load(connection, write_csv(tmp_path / "events.csv", [later]))
    assert report.touched == {name: {FIRST, MOVED} for name in ("odds_events", "prop_quote_captures", "game_line_captures")}
    assert connection.execute("select game_date from prop_quote_captures").fetchall() == [(MOVED,)]


def test_a_box_before_its_schedule_is_counted_and_dated_later(tmp_path: Path) -> None:
    connection = warehouse()
    report = load(connection, write_csv(tmp_path / "box.csv", [player(11), player(12)]))
    assert report.touched["player_box"] == set()
    assert report.without_schedule == {"player_box": 2}
    report = load(connection, write_csv(tmp_path / "schedule.csv", [scheduled(GAME)]))
    assert report.touched["player_box"] == {FIRST}
    assert report.without_schedule == {}
    assert report.as_dict()["touched"]["player_box"] == ["2023-10-24"]
