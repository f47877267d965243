"""The same facts from every shape in which feeds give them."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas
import pytest

from backcourt.sources.declared import sources
from tests.sources.rows import BOSTON, GAME, NEW_YORK, at, event, load, player, prop, scheduled, team, warehouse, write_csv, write_parquet


def as_result_set(file: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    body = {"resultSets": [{"name": name, "headers": list(rows[0]), "rowSet": [list(row.values()) for row in rows]}]}
    file.write_text(json.dumps(body))
    return file


def test_every_shape_gives_the_same_box(tmp_path: Path) -> None:
    rows = [player(11), player(12, MIN=0, PTS=0, FGM=0, FG3M=0, FTM=0)]
    records = tmp_path / "records.json.gz"
    records.write_bytes(gzip.compress(json.dumps(rows).encode()))
    inputs = [
        write_csv(tmp_path / "a.csv", rows), write_parquet(tmp_path / "b.parquet", rows), records,
        as_result_set(tmp_path / "d.json", "LeagueGameLog", rows), pandas.DataFrame(rows),
    ]  # fmt: skip
    found = []
    for given in inputs:
        connection = warehouse()
        assert load(connection, given).ok
        found.append(connection.execute("select * from player_box order by player_id").fetchall())
    assert len(found[0]) == 2
    assert found == [found[0]] * len(inputs)


def test_minutes_are_whole_or_a_clock(tmp_path: Path) -> None:
    connection = warehouse()
    rows = [player(11, MIN="33"), player(12, MIN="20:30"), player(13, MIN="5.000000:06")]
    assert load(connection, write_csv(tmp_path / "box.csv", rows)).ok
    found = connection.execute(
        "select minutes, seconds_played, minutes_precision, appearance from player_box order by player_id"
    ).fetchall()
    assert found == [(33.0, None, "minute", "played"), (20.5, 1230, "second", "played"), (5.1, 306, "second", "played")]


def test_ids_get_their_zeros_back(tmp_path: Path) -> None:
    connection = warehouse()
    rows = [player(11, game_id="22300061"), player(12, game_id="0022300061")]
    assert load(connection, write_csv(tmp_path / "box.csv", rows)).ok
    assert connection.execute("select distinct game_id from player_box").fetchall() == [(GAME,)]


def test_a_player_who_did_not_play_has_no_statistics(tmp_path: Path) -> None:
    absent = dict.fromkeys(("MIN", "PTS", "FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST"), 0)
    rows = [
        player(11, START_POSITION="G", COMMENT=""),
        player(12, START_POSITION="", COMMENT="DNP - Coach's Decision", **absent),
        player(13, START_POSITION="", COMMENT="DND - Injury/Illness", **absent),
        player(14, START_POSITION="", COMMENT="NWT - Personal", **absent),
    ]
    connection = warehouse()
    assert load(connection, write_csv(tmp_path / "box.csv", rows)).ok
    found = connection.execute(
        "select appearance, minutes, points, is_starter, start_position from player_box order by player_id"
    ).fetchall()
    assert found == [
        ("played", 33.0, 25, True, "G"), ("dnp_coach", None, None, False, None), ("dnp_injury", None, None, False, None),
        ("not_with_team", None, None, False, None),
    ]  # fmt: skip


def test_box_scores_of_both_versions_say_the_same(tmp_path: Path) -> None:
    second = player(11, MIN="33:15", START_POSITION="G", COMMENT="", TO=3)
    del second["TOV"]
    names = {
        "points": "PTS", "fieldGoalsMade": "FGM", "fieldGoalsAttempted": "FGA", "threePointersMade": "FG3M",
        "threePointersAttempted": "FG3A",
        "freeThrowsMade": "FTM", "freeThrowsAttempted": "FTA", "reboundsOffensive": "OREB", "reboundsDefensive": "DREB",
        "reboundsTotal": "REB", "assists": "AST", "steals": "STL", "blocks": "BLK", "turnovers": "TO", "foulsPersonal": "PF",
        "plusMinusPoints": "PLUS_MINUS", "minutes": "MIN",
    }  # fmt: skip
    third = {
        "personId": 11, "firstName": "Player", "familyName": "11", "position": "G", "comment": "",
        "statistics": {name: second[source] for name, source in names.items()},
    }  # fmt: skip
    away = third | {"personId": 21, "familyName": "21"}
    body = {"boxScoreTraditional": {
        "gameId": GAME, "homeTeam": {"teamId": BOSTON, "players": [third]}, "awayTeam": {"teamId": NEW_YORK, "players": [away]},
    }}  # fmt: skip
    (tmp_path / "v3.json").write_text(json.dumps(body))
    rows = [second, second | {"PLAYER_ID": 21, "PLAYER_NAME": "Player 21", "TEAM_ID": NEW_YORK}]
    found = []
    for file in (as_result_set(tmp_path / "v2.json", "PlayerStats", rows), tmp_path / "v3.json"):
        connection = warehouse()
        assert load(connection, file).ok
        found.append(connection.execute("select * from player_box order by player_id").fetchall())
    assert found[0] == found[1]
    assert len(found[0]) == 2


def test_eastern_wall_time_and_false_zulu_both_become_utc(tmp_path: Path) -> None:
    league = {
        "gameId": "0022400001", "gameStatus": 1, "gameDateEst": "2024-11-30T00:00:00Z", "gameDateTimeEst": "2024-11-30T22:30:00Z",
        "gameDateTimeUTC": "2024-12-01T03:30:00Z", "homeTeam": {"teamId": BOSTON, "score": 0}, "awayTeam": {"teamId": NEW_YORK, "score": 0},
    }  # fmt: skip
    undecided = league | {"gameId": "0022400002", "homeTeam": {"teamId": 0, "score": 0}}
    postponed = league | {"gameId": "0022400003", "postponedStatus": "P"}
    file = tmp_path / "league.json"
    file.write_text(json.dumps({"leagueSchedule": {"gameDates": [{"games": [league, undecided, postponed]}]}}))
    # The clocks went back on 2023-11-05.
    summer = scheduled("0022300062", etdate="2023-11-04", ettime="22:30:00")
    winter = scheduled("0022300063", etdate="2023-11-05", ettime="22:30")
    connection = warehouse()
    report = load(connection, file, write_csv(tmp_path / "mobile.csv", [summer, winter]))
    assert report.ok
    assert [note.split(": ")[1] for note in report.files[0].notes] == ["game 0022400002 has no teams yet (rule"]
    found = connection.execute("select game_id, game_date, tip_at, status, season from schedule order by 1").fetchall()
    assert found == [
        ("0022300062", date(2023, 11, 4), at("2023-11-05 02:30"), "scheduled", "2023-24"),
        ("0022300063", date(2023, 11, 5), at("2023-11-06 03:30"), "scheduled", "2023-24"),
        ("0022400001", date(2024, 11, 30), at("2024-12-01 03:30"), "scheduled", "2024-25"),
        ("0022400003", date(2024, 11, 30), at("2024-12-01 03:30"), "postponed", "2024-25"),
    ]
    assert connection.execute("select distinct is_neutral_site, is_cup_game from schedule order by all").fetchall() == [(False, None)]


def test_a_time_with_an_offset_becomes_utc(tmp_path: Path) -> None:
    connection = warehouse()
    connection.execute("set timezone = 'Asia/Tokyo'")
    rows = [event(commence_time="2023-10-24T19:40:00-04:00"), event(timestamp="2023-10-24 12:55:00", commence_time="2023-10-24T23:40:00Z")]
    assert load(connection, write_csv(tmp_path / "events.csv", rows)).ok
    found = connection.execute("select game_date, captured_at, commence_time from odds_events order by captured_at").fetchall()
    assert found == [(date(2023, 10, 24), at(f"2023-10-24 {hour}:55"), at("2023-10-24 23:40")) for hour in (11, 12)]


def test_an_event_is_dated_by_what_was_last_said_before_its_start(tmp_path: Path) -> None:
    rows = [
        event(), event(timestamp="2023-10-24T20:00:00Z", commence_time="2023-10-26T00:10:00Z"),
        event(timestamp="2023-10-26T01:00:00Z", commence_time="2023-10-27T00:10:00Z") | {"id": "e2"},
        event(timestamp="2023-10-27T03:00:00Z", commence_time="2023-10-27T00:12:00Z") | {"id": "e2"},
    ]  # fmt: skip
    connection = warehouse()
    load(connection, write_csv(tmp_path / "events.csv", rows), write_csv(tmp_path / "props.csv", [prop("Over"), prop("Under")]))
    found = connection.execute("select distinct source_event_id, game_date from odds_events order by 1").fetchall()
    assert found == [("e1", date(2023, 10, 25)), ("e2", date(2023, 10, 26))]
    assert connection.execute("select game_date, over_price, under_price from prop_quote_captures").fetchall() == [
        (date(2023, 10, 25), -110, -110)
    ]


def test_line_sides_keep_their_team_and_sign(tmp_path: Path) -> None:
    base = event() | {"bookmaker_key": "fanduel", "last_update": "2023-10-24T11:50:00Z", "price": -110.0}
    rows = [
        base | {"market_key": "spreads", "outcome_name": "Boston Celtics", "point": -5.5},
        base | {"market_key": "spreads", "outcome_name": "New York Knicks", "point": 5.5},
        base | {"market_key": "totals_h1", "outcome_name": "Over", "point": 110.5},
        base | {"market_key": "totals_h1", "outcome_name": "Under", "point": 110.5},
        base | {"market_key": "h2h", "outcome_name": "Boston Celtics", "point": None},
    ]
    connection = warehouse()
    assert load(connection, write_parquet(tmp_path / "lines.parquet", rows)).ok
    found = connection.execute("select market, period, outcome, team_id, line from game_line_captures order by market, outcome").fetchall()
    assert found == [
        ("moneyline", "full", str(BOSTON), BOSTON, None), ("spread", "full", str(BOSTON), BOSTON, -5.5),
        ("spread", "full", str(NEW_YORK), NEW_YORK, 5.5), ("total", "h1", "over", None, 110.5), ("total", "h1", "under", None, 110.5),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["LA Clippers", "Los Angeles Clippers"])
def test_both_names_of_the_clippers_are_known(tmp_path: Path, name: str) -> None:
    connection = warehouse()
    assert load(connection, write_csv(tmp_path / "events.csv", [event(home_team=name)])).ok
    assert connection.execute("select home_team_id from odds_events").fetchall() == [(1610612746,)]


def test_names_are_normalised_and_aliases_found(tmp_path: Path) -> None:
    connection = warehouse()
    rows = [player(11, PLAYER_NAME="Nic Claxton", game_id="0022200001"), player(11, PLAYER_NAME="Nic Clâxton Jr.")]
    bios = [{"PLAYER_ID": 11, "POSITION": "Forward-Center", "HEIGHT": "6-11", "WEIGHT": 215.0}]
    report = load(connection, write_csv(tmp_path / "box.csv", rows), write_csv(tmp_path / "bios.csv", bios))
    assert report.ok
    assert connection.execute("select * from players").fetchall() == [(11, "Nic Clâxton Jr.", "nic claxton", "forward", 83, 215.0)]
    assert connection.execute("select name_normalised, player_id, method from player_aliases").fetchall() == [
        ("nicolas claxton", 11, "nickname")
    ]


def test_a_team_log_is_not_taken_for_a_player_log() -> None:
    assert load(warehouse(), pandas.DataFrame([team(BOSTON)])).files[0].source == "stats.nba.com team box"
    assert load(warehouse(), pandas.DataFrame([player(11)])).files[0].source == "stats.nba.com player log"


def test_every_feed_declares_what_it_fills() -> None:
    assert len(sources().feeds) >= 17
    for name, feed in sources().feeds.items():
        assert feed.fills, name
        for fill in feed.fills:
            assert set(fill.key) <= set(fill.facts), name
