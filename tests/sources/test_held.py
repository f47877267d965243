"""A version never silently takes away: parts of a group displace nothing, honest corrections are taken, and a person settles the rest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from backcourt.sources import held, rechoosing
from backcourt.sources.decisions import DROP, TAKE
from backcourt.sources.declared import sources
from backcourt.sources.touched import Touched
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse
from tests.sources.rows import (
    BOSTON,
    GAME,
    NEW_YORK,
    NOW,
    Row,
    at,
    load,
    native_shot,
    player,
    prop,
    scheduled,
    shot,
    team,
    warehouse,
    write_csv,
)

HOME, AWAY = (11, 12, 13, 14, 15), (21, 22, 23, 24, 25)
POINTS = {"h.s": 125.0, "v.s": 125.0 - 1}


def side(team_id: int, players: Sequence[int], **changes: Any) -> list[Row]:
    """A side's lines of the player log."""
    return [player(number, team_id, **changes) for number in players]


def sums(team_id: int, count: int = 5, **changes: Any) -> Row:
    """The team's row that these lines add up to."""
    stats = ("PTS", "FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TOV", "PF")
    line = player(0)
    return team(team_id, **{stat: count * line[stat] for stat in stats}) | changes


WHOLE = [*side(BOSTON, HOME), *side(NEW_YORK, AWAY)]
TEAMS = [sums(BOSTON), sums(NEW_YORK)]


@pytest.fixture
def connection(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A warehouse that knows of the game: its schedule, both teams' boxes and all ten players."""
    made = warehouse()
    for name, rows in (("schedule", [scheduled(st=2)]), ("teams", TEAMS), ("log", WHOLE)):
        assert load(made, write_csv(tmp_path / f"{name}.csv", rows)).ok
    return made


def boxes(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    return connection.execute("select team_id, count(*) from player_box group by 1 order by 1").fetchall()


BOTH_SIDES = [(BOSTON, 5), (NEW_YORK, 5)]

PARTS: dict[str, tuple[list[Row], str]] = {
    "one team": (side(BOSTON, HOME), "1 of 2 teams and 5 of 10 players are missing in part.csv; the version of 2026-01-01 stands"),
    "one player": (side(BOSTON, HOME[:1]), "1 of 2 teams and 9 of 10 players are missing"),
    "all but one player": (WHOLE[1:], "1 of 10 players are missing"),
    "a better source's one team": (
        side(BOSTON, HOME, START_POSITION="", COMMENT=""), "1 of 2 teams and 5 of 10 players are missing in part.csv; that of stats.nba.com"
    ),
    "a better source's rejected row": (
        [row | {"START_POSITION": "", "COMMENT": "", "PTS": row["PTS"] + (row["PLAYER_ID"] == 11)} for row in WHOLE],
        "1 of 10 players are missing in part.csv; that of stats.nba.com player log counts",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_of_a_box_displaces_nothing(kind: str, connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows, told = PARTS[kind]
    report = load(connection, write_csv(tmp_path / "part.csv", rows))
    assert boxes(connection) == BOTH_SIDES
    assert report.exit_code == 1 and len(report.files[0].held) == 1
    assert report.files[0].held[0].startswith(f"game {GAME}: ") and told in report.files[0].held[0]


def test_a_spoilt_better_source_does_not_count_where_nothing_else_is_known(tmp_path: Path) -> None:
    connection = warehouse()
    load(connection, write_csv(tmp_path / "log.csv", WHOLE))
    rows = [row | {"START_POSITION": "", "COMMENT": "DNP", "PTS": row["PTS"] + (row["PLAYER_ID"] == 11)} for row in WHOLE]
    spoilt = load(connection, write_csv(tmp_path / "part.csv", [row | {"MIN": "x"} if row["PLAYER_ID"] == 11 else row for row in rows]))
    assert spoilt.exit_code == 1
    assert boxes(connection) == BOTH_SIDES


HONEST: dict[str, tuple[list[Row], list[Row], list[tuple[int, int]], str]] = {
    "a player who never was": ([*WHOLE, player(99)], WHOLE, BOTH_SIDES, "1 of 11 players are missing"),
    "a corrected count": (WHOLE, [row | {"STL": 1} for row in WHOLE], BOTH_SIDES, ""),
    "another player for one": (
        [row | {"PLAYER_ID": 98 if row["PLAYER_ID"] == 11 else row["PLAYER_ID"]} for row in WHOLE], WHOLE, BOTH_SIDES, "1 of 10 players"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_correction_is_taken_and_a_loss_is_one_line(kind: str, tmp_path: Path) -> None:
    before, after, found, told = HONEST[kind]
    connection = warehouse()
    for name, rows in (("schedule", [scheduled()]), ("teams", TEAMS), ("before", before)):
        load(connection, write_csv(tmp_path / f"{name}.csv", rows))
    report = load(connection, write_csv(tmp_path / "after.csv", after))
    assert report.ok and boxes(connection) == found
    assert [told in note for note in report.files[0].notes] == ([True] if told else [])


def test_who_did_not_play_is_no_loss(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    absent = dict.fromkeys((*list(player(0))[9:], "PLUS_MINUS"), "")
    rows = [row | {"START_POSITION": "", "COMMENT": ""} for row in WHOLE]
    listed = [*rows, player(16) | absent | {"START_POSITION": "", "COMMENT": "DNP - Coach's Decision"}]
    assert load(connection, write_csv(tmp_path / "listed.csv", listed)).ok
    assert boxes(connection) == [(BOSTON, 6), (NEW_YORK, 5)]
    # The log lacks him, and so does a later version of the same source.
    assert load(connection, write_csv(tmp_path / "later.csv", [row | {"SEASON_ID": "2"} for row in WHOLE])).ok
    report = load(connection, write_csv(tmp_path / "shrunk.csv", rows))
    assert report.ok and report.files[0].notes == []
    assert boxes(connection) == BOTH_SIDES


def shots_of(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    return connection.execute("select team_id, count(*) from shots group by 1 order by 1").fetchall()


def test_one_player_s_shots_displace_nothing_whichever_source_they_are_of(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert load(connection, write_csv(tmp_path / "season.csv", [shot(clock) for clock in (BOSTON,) * 90])).ok
    assert shots_of(connection) == [(BOSTON, 90)]
    report = load(connection, write_csv(tmp_path / "one.csv", [native_shot(event) for event in range(1, 19)]))
    assert shots_of(connection) == [(BOSTON, 90)]
    assert "72 of 90 shots are missing in one.csv; that of shots by season counts" in report.files[0].held[0]
    assert load(connection, write_csv(tmp_path / "whole.csv", [native_shot(event) for event in range(1, 91)])).ok
    again = load(connection, write_csv(tmp_path / "other.csv", [native_shot(event) for event in range(7, 25)]))
    assert shots_of(connection) == [(BOSTON, 90)]
    assert "72 of 90 shots are missing in other.csv; the version of" in again.files[0].held[0]
    # A shot that never was may go.
    assert load(connection, write_csv(tmp_path / "less.csv", [native_shot(event) for event in range(1, 90)])).ok
    assert shots_of(connection) == [(BOSTON, 89)]


def test_a_box_with_another_player_s_id_is_held_by_who_took_the_shots(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    taken = [shot(PLAYER_ID=number) for number in HOME for _ in range(18)]
    assert load(connection, write_csv(tmp_path / "shots.csv", taken)).ok
    wrong = [row | {"PLAYER_ID": 98} if row["PLAYER_ID"] == 11 else row for row in WHOLE]
    report = load(connection, write_csv(tmp_path / "wrong.csv", wrong))
    assert "1 of 10 players are missing in wrong.csv; the version of" in report.files[0].held[0]
    assert connection.execute("select count(*) from player_box where player_id = 98").fetchall() == [(0,)]
    # The other way round it is a correction.
    other = warehouse()
    for name, rows in (("schedule", [scheduled()]), ("teams", TEAMS), ("taken", taken), ("wrong", wrong), ("right", WHOLE)):
        report = load(other, write_csv(tmp_path / f"other_{name}.csv", rows))
    assert report.ok and other.execute("select count(*) from player_box where player_id = 98").fetchall() == [(0,)]


def test_shots_that_go_one_by_one_are_held_once_they_are_several(tmp_path: Path) -> None:
    connection, counts = warehouse(), []
    threes_only = sums(BOSTON, FG3A=90, FG3M=45, PTS=155)
    for name, rows in (("schedule", [scheduled(st=2)]), ("teams", [threes_only, sums(NEW_YORK)])):
        assert load(connection, write_csv(tmp_path / f"{name}.csv", rows)).ok
    for left in range(90, 84, -1):
        load(connection, write_csv(tmp_path / f"{left}.csv", [native_shot(event) for event in range(1, left + 1)]))
        counts.append(shots_of(connection)[0][1])
    assert counts == [90, 89, 88, 88, 88, 88]


def test_held_rows_are_neither_new_nor_changed(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    later = [row | {"GAME_ID": "0022300062"} for row in WHOLE]
    report = load(connection, write_csv(tmp_path / "both.csv", [*side(BOSTON, HOME), *later]))
    assert [report.total(count) for count in ("new", "changed", "unchanged")] == [10, 0, 0] and len(report.files[0].held) == 1
    again = load(connection, write_csv(tmp_path / "again.csv", list(reversed(side(BOSTON, HOME)))))
    assert again.exit_code == 1 and "in again.csv" in again.files[0].held[0], "the same rows in another file are held as well"


def quotes(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute("select player_name_raw, line, over_price, under_price from prop_quote_captures order by all").fetchall()


def test_one_player_s_quotes_take_nobody_else_s_and_a_side_is_not_lost(tmp_path: Path) -> None:
    connection = warehouse()
    both = [prop(over, outcomes_description=name) for name in ("Player 11", "Player 12") for over in ("Over", "Under")]
    load(connection, write_csv(tmp_path / "both.csv", both))
    before = quotes(connection)
    assert load(connection, write_csv(tmp_path / "one.csv", [prop("Over", outcomes_price=-115), prop("Under", outcomes_price=-105)])).ok
    assert quotes(connection) == [("Player 11", 24.5, -115, -105), before[1]]
    report = load(connection, write_csv(tmp_path / "side.csv", [prop("Over", outcomes_price=-120)]))
    assert "1 of 1 under prices are missing in side.csv" in report.files[0].held[0]
    assert quotes(connection) == [("Player 11", 24.5, -115, -105), before[1]]


def settle(connection: duckdb.DuckDBPyConnection, name: str, decision: str) -> None:
    opened = DuckDBWarehouse(connection)
    touched = Touched(opened, sources())
    found = held.named(held.held(opened), name)
    rechoosing.decide(opened, touched, [one.decided(decision, "asked", "me", NOW) for one in found])
    rechoosing.choose_again(opened, touched)


def test_what_is_taken_counts_and_what_is_dropped_is_never_asked_about_again(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    part = write_csv(tmp_path / "part.csv", side(BOSTON, HOME))
    load(connection, part)
    assert load(connection, part).exit_code == 1, "the same file again is still held"
    settle(connection, "part.csv", DROP)
    assert held.held(DuckDBWarehouse(connection)) == []
    dropped = load(connection, part)
    assert dropped.ok and dropped.files[0].notes == []
    assert load(connection, part, again=True).ok
    assert load(connection, write_csv(tmp_path / "same.csv", list(reversed(side(BOSTON, HOME))))).ok
    assert boxes(connection) == BOTH_SIDES
    load(connection, write_csv(tmp_path / "other.csv", side(NEW_YORK, AWAY)))
    settle(connection, GAME, TAKE)
    assert boxes(connection) == [(NEW_YORK, 5)]
    # What comes later is compared with what was taken, and is no less.
    assert load(connection, write_csv(tmp_path / "whole.csv", [row | {"STL": 3} for row in WHOLE])).ok
    assert boxes(connection) == BOTH_SIDES


FILES: dict[str, list[Row]] = {
    "schedule": [scheduled()],
    "teams": TEAMS,
    "log": WHOLE,
    "one team": side(BOSTON, HOME),
    "better but one team": side(NEW_YORK, AWAY, START_POSITION="", COMMENT=""),
}


@pytest.mark.parametrize("orders", [3, pytest.param(120, marks=pytest.mark.slow)])
def test_what_counts_does_not_hang_on_the_order_of_the_files(orders: int, tmp_path: Path) -> None:
    files = {name: write_csv(tmp_path / f"{name}.csv", rows) for name, rows in FILES.items()}
    captured = {name: at(f"2023-11-0{day}") for day, name in enumerate(FILES, start=1)}
    found = set()
    for order in Random(orders).sample(list(permutations(FILES)), orders):
        connection = warehouse()
        for name in order:
            load(connection, files[name], captured_at=captured[name])
        rows = connection.execute("select player_id, team_id, is_starter from player_box order by all").fetchall()
        listed = tuple(sorted((one.file, one.why) for one in held.held(DuckDBWarehouse(connection))))
        found.add((tuple(rows), listed))
    assert len(found) == 1
    ((rows, listed),) = found
    assert len(rows) == 10 and [file for file, _ in listed] == ["better but one team.csv", "one team.csv"]


def test_nothing_of_an_id_that_is_not_held_is_settled(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(Exception, match="Nothing held is called 'nowhere'; nothing is held"):
        held.named(held.held(DuckDBWarehouse(connection)), "nowhere")
