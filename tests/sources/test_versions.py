"""Groups and their versions: corrections, reverts, deletions, repeats, and the order of loading."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path

import duckdb
import pytest

from tests.sources.rows import (
    BOSTON,
    GAME,
    NEW_YORK,
    at,
    fantasy,
    load,
    native_shot,
    player,
    prop,
    scheduled,
    shot,
    team,
    warehouse,
    write_csv,
    write_parquet,
)


def assists(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    return connection.execute("select player_id, assists from player_box order by 1").fetchall()


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    connection = warehouse()
    file = write_parquet(tmp_path / "box.parquet", [player(11), player(12)])
    first = load(connection, file)
    assert [first.total(count) for count in ("rows_in", "new", "changed")] == [2, 2, 0]
    second = load(connection, file)
    assert second.files[0].already_loaded
    assert [second.total(count) for count in ("new", "changed", "unchanged")] == [0, 0, 2]
    assert second.touched == {}
    third = load(connection, file, again=True)
    assert [third.total(count) for count in ("new", "changed", "unchanged")] == [0, 0, 2]
    assert connection.execute("select count(*) from raw_player_box").fetchall() == [(2,)]


def test_equal_facts_in_another_file_change_nothing(tmp_path: Path) -> None:
    connection = warehouse()
    load(connection, write_parquet(tmp_path / "box.parquet", [player(11), player(12)]))
    report = load(connection, write_csv(tmp_path / "box.csv", [player(12), player(11)]))
    assert [report.total(count) for count in ("new", "changed", "unchanged", "rejected")] == [0, 0, 2, 0]


def test_a_correction_counts_and_its_revert_too(tmp_path: Path) -> None:
    connection = warehouse()
    for number, count in enumerate((11, 12, 11)):
        report = load(connection, write_csv(tmp_path / f"box{number}.csv", [player(11, AST=count), player(12, SEASON_ID=str(number))]))
        assert report.total("changed") == (2 if number else 0)
        assert assists(connection) == [(11, count), (12, 11)]
    assert connection.execute("select count(*) from raw_player_box").fetchall() == [(6,)]
    first = tmp_path / "box0.csv"
    load(connection, write_csv(tmp_path / "box3.csv", [player(11, AST=13)]))
    again = load(connection, first)
    assert again.files[0].already_loaded and "newer versions, which count; `--again`" in again.files[0].notes[0]
    assert assists(connection) == [(11, 13)]
    load(connection, first, again=True)
    assert assists(connection) == [(11, 11), (12, 11)]


def test_a_row_that_a_corrected_box_lacks_is_gone(tmp_path: Path) -> None:
    connection = warehouse()
    load(connection, write_csv(tmp_path / "box.csv", [player(11), player(12)]))
    load(connection, write_csv(tmp_path / "corrected.csv", [player(11)]))
    assert assists(connection) == [(11, 11)]


def test_a_bad_correction_leaves_the_good_version(tmp_path: Path) -> None:
    connection = warehouse()
    load(connection, write_csv(tmp_path / "box.csv", [player(11), player(12)]))
    report = load(connection, write_csv(tmp_path / "bad.csv", [player(11, AST=12), player(12, PTS=99)]))
    assert report.total("rejected") == 1
    assert f"{GAME} in raw_player_box keeps its earlier version" in report.files[0].notes[0]
    assert assists(connection) == [(11, 11), (12, 11)]


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_the_newest_capture_counts_in_any_order_of_loading(tmp_path: Path, order: tuple[int, ...]) -> None:
    connection = warehouse()
    counts = {1: 11, 2: 12, 3: 11}
    for day in order:
        file = write_csv(tmp_path / f"box{day}.csv", [player(11, AST=counts[day], SEASON_ID=str(day))])
        load(connection, file, captured_at=at(f"2023-11-0{day}"))
    assert assists(connection) == [(11, 11)]


def test_an_archive_taken_before_does_not_displace_the_schedule(tmp_path: Path) -> None:
    final = write_csv(tmp_path / "schedule.csv", [scheduled(etdate="2023-10-25")])
    archive = write_csv(tmp_path / "schedule_asof_2023-10-01.csv", [scheduled(**{"st": 1, "stt": "7:30 pm", "h.s": "", "v.s": ""})])
    for files in ((final, archive), (archive, final)):
        connection = warehouse()
        report = load(connection, *files)
        assert report.ok
        assert connection.execute("select game_date, status from schedule").fetchall() == [(date(2023, 10, 25), "scheduled")]
        assert connection.execute("select is_final, home_points from results").fetchall() == [(True, 100)]
        assert connection.execute("select max(captured_at) from raw_loads").fetchall() == [(at("2023-10-02 05:00"),)]


def test_a_note_beside_the_file_says_when_it_was_captured(tmp_path: Path) -> None:
    connection = warehouse()
    file = write_csv(tmp_path / "box.csv", [player(11)])
    (tmp_path / "box.csv.meta.json").write_text('{"captured_at": "2023-10-25T01:00:00-04:00"}')
    load(connection, tmp_path)
    assert connection.execute("select file, captured_at from raw_loads").fetchall() == [(str(file), at("2023-10-25 05:00"))]


def test_a_better_source_counts_whichever_comes_first(tmp_path: Path) -> None:
    plain = write_csv(tmp_path / "log.csv", [player(11), player(12)])
    listed = write_csv(tmp_path / "starters.csv", [player(number, START_POSITION="G", COMMENT="") for number in (11, 12)])
    for files in ((plain, listed), (listed, plain)):
        connection = warehouse()
        assert load(connection, *files).ok
        assert connection.execute("select player_id, is_starter from player_box order by 1").fetchall() == [(11, True), (12, True)]


def test_two_files_with_a_team_each_make_one_shot_chart(tmp_path: Path) -> None:
    connection = warehouse()
    load(connection, write_csv(tmp_path / "home.csv", [native_shot(7), native_shot(9)]))
    load(connection, write_csv(tmp_path / "away.csv", [native_shot(8, NEW_YORK)]))
    assert connection.execute("select team_id, count(*) from shots group by 1 order by 1").fetchall() == [(BOSTON, 2), (NEW_YORK, 1)]
    load(connection, write_parquet(tmp_path / "season.parquet", [shot(), shot(), shot(NEW_YORK)]))
    assert connection.execute("select count(*), count(distinct source_shot_no) from shots").fetchall() == [(3, 3)]


def test_equal_shots_are_two_shots(tmp_path: Path) -> None:
    connection = warehouse()
    assert load(connection, write_parquet(tmp_path / "shots.parquet", [shot(), shot()])).ok
    found = connection.execute("select game_id, clock_seconds, shot_value, x_ft, y_ft from shots").fetchall()
    assert found == [(GAME, 680, 3, 0.0, 30.0)] * 2


def test_quotes_in_several_day_files_are_one_set(tmp_path: Path) -> None:
    later = {"bookmakers.markets.last_update": "2023-10-24T18:00:00Z"}
    day = [prop("Over"), prop("Under")]
    other_book = {"bookmakers.key": "fanduel"}
    connection = warehouse()
    load(connection, write_csv(tmp_path / "one.csv", [*day, prop("Over", **other_book), prop("Under", **other_book)]))
    load(connection, write_csv(tmp_path / "two.csv", [*day, prop("Over", 25.5, **later), prop("Under", 25.5, **later)]))
    found = connection.execute("select book, line, captured_at from prop_quote_captures order by all").fetchall()
    assert found == [
        ("draftkings", 24.5, at("2023-10-24 15:00")), ("draftkings", 25.5, at("2023-10-24 18:00")),
        ("fanduel", 24.5, at("2023-10-24 15:00")),
    ]  # fmt: skip


def test_fantasy_lines_of_several_files_add_up_without_repeats(tmp_path: Path) -> None:
    connection = warehouse()
    load(connection, write_csv(tmp_path / "one.csv", [fantasy("Over"), fantasy("Under"), fantasy("Over")]))
    load(connection, write_csv(tmp_path / "two.csv", [fantasy("Over", line=25.5), fantasy("Over"), fantasy("Under")]))
    found = connection.execute("select line, over_price, under_price, captured_at, is_dfs from prop_quote_captures order by 1").fetchall()
    assert found == [(24.5, -137, -137, None, True), (25.5, -137, None, None, True)]


def test_a_schedule_that_lacks_a_played_game_says_so(tmp_path: Path) -> None:
    connection = warehouse()
    load(connection, write_csv(tmp_path / "schedule.csv", [scheduled(), scheduled("0022300062")]))
    load(connection, write_csv(tmp_path / "teams.csv", [team(BOSTON), team(NEW_YORK)]))
    report = load(connection, write_csv(tmp_path / "later.csv", [scheduled("0022300062", stt="Final/OT")]))
    assert report.ok and f"1 games that were played aren't in this schedule, e.g. {GAME}" in report.files[0].notes[0]
    assert connection.execute("select count(*) from schedule").fetchall() == [(2,)]
    whole = load(connection, write_csv(tmp_path / "whole.csv", [scheduled(stt="Final/OT"), scheduled("0022300062")]))
    assert whole.files[0].notes == []
