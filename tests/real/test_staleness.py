"""Code and data changes on the real four seasons: exactly what they touch is stale, and equal content stops."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import backcourt
from backcourt.engine.build.plan import Plan
from backcourt.engine.judge.partition import Partition
from tests.conftest import UNAVAILABLE, BuiltHome, foreign

Key = tuple[str, date]


def states_of(built: BuiltHome) -> dict[Key, Partition]:
    """All states of a home."""
    with built.home.situation() as situation:
        states = situation.states(situation.catalog.nodes.values())
    return {(table, day): partition for table, days in states.items() for day, partition in days.items()}


def content_of(built: BuiltHome) -> dict[Key, tuple[int, str]]:
    """Rows and content hash of every partition on record."""
    receipts = built.query("select table_name, game_date, rows, content_hash from receipts")
    return {(str(table), day): (rows, digest) for table, day, rows, digest in receipts}


def edit_formula(built: BuiltHome, table: str, column: str, change: str) -> None:
    """Change the formula of one column, as an edit of the table's file would."""
    node = built.home.catalog[table]
    sql, edits = re.subn(rf"^(\s*)(.+)::(\w+) as {column},", rf"\1((\2) {change})::\3 as {column},", node.table.sql, flags=re.MULTILINE)
    assert edits == 1
    built.home.catalog = built.home.catalog.with_table(table, replace(node.table, sql=sql))


@pytest.mark.slow
def test_a_changed_formula_stales_its_own_partitions_and_moves_only_what_differs(damaged_home: BuiltHome) -> None:
    table = "team_defense_game_summary"
    before = content_of(damaged_home)
    edit_formula(damaged_home, table, "opponent_assists", "+ 1")
    stale = {key for key, p in states_of(damaged_home).items() if p.state == "stale"}
    assert stale == {key for key in before if key[0] == table}
    run = damaged_home.home.run()
    moved = {key for key, content in content_of(damaged_home).items() if before[key] != content}
    assert moved == stale, "no other table copies opponent_assists"
    assert run.by_table["upcoming_team_game_context"]["built"] == 0
    assert "upcoming_player_game_context" not in run.by_table, "equal content passed nothing on"
    assert {p.state for p in states_of(damaged_home).values()} <= {"complete", "unavailable", "no_games"}


@pytest.mark.slow
def test_reformatting_stales_nothing(damaged_home: BuiltHome) -> None:
    for node in damaged_home.home.catalog.built:
        sql = "-- a comment\n" + node.table.sql.replace("\n", "\n  ").replace("select", "SELECT")
        damaged_home.home.catalog = damaged_home.home.catalog.with_table(node.name, replace(node.table, sql=sql))
    assert {p.state for p in states_of(damaged_home).values()} <= {"complete", "unavailable", "no_games"}


def reachable(built: BuiltHome, changed: Key) -> set[Key]:
    """Every partition whose declared windows hold the changed one, directly or not; date by date, without the engine's planner."""
    catalog = built.home.catalog
    with built.home.situation() as situation:
        calendar = situation.calendar
    reached = {changed}
    for node in catalog.built:
        for day in calendar.dates:
            for name, reads in node.reads.items():
                if not reads.undated:
                    lower, upper = calendar.window(reads, day)
                    if any(table == name and lower <= other < upper for table, other in reached):
                        reached.add((node.name, day))
                        break
    return reached


def keys_of(plan: Plan) -> set[Key]:
    """Certain and possible partitions."""
    return {(c.table, day) for c in plan.certain for day in c.days} | {
        (table, day) for table, days in plan.possible.items() for day in days
    }


@pytest.mark.slow
def test_an_assist_moved_between_team_mates_reaches_exactly_what_reads_the_game(
    damaged_home: BuiltHome, data: Path, tmp_path: Path
) -> None:
    import pandas

    home = damaged_home.home
    game, giver, taker = "0022200300", None, None
    frame = pandas.read_parquet(data / "nba" / "player_box_2022-23.parquet")
    rows = frame[frame.GAME_ID == game].sort_values(["TEAM_ID", "AST"], ascending=[True, False])
    giver, taker = rows.PLAYER_ID.iloc[0], rows.PLAYER_ID.iloc[1]
    frame.loc[(frame.GAME_ID == game) & (frame.PLAYER_ID == giver), "AST"] -= 1
    frame.loc[(frame.GAME_ID == game) & (frame.PLAYER_ID == taker), "AST"] += 1
    day = pandas.Timestamp(rows.GAME_DATE.iloc[0]).date()

    before = content_of(damaged_home)
    report = home.ingest(frame[frame.GAME_ID == game], source="leaguegamelog")
    assert report.ok
    with_new_source = content_of(damaged_home)
    assert {key for key in before if with_new_source[key] != before[key]} == {("player_box", day)}

    plan = home.plan()
    assert {(c.table, d) for c in plan.certain for d in c.days} == {(n.name, day) for n in home.catalog.built if "player_box" in n.reads}
    allowed = reachable(damaged_home, ("player_box", day)) - {("player_box", day)}
    planned = keys_of(plan)
    assert planned <= allowed
    expected_rows = {key for key in allowed if before.get(key, (0, ""))[0]}
    assert expected_rows <= planned, "every stored partition whose windows hold the game is named"

    home.run()
    after = content_of(damaged_home)
    moved = {key for key in after if before.get(key) != after[key]} - {("player_box", day)}
    assert moved <= allowed
    assert ("player_game_summary", day) in moved and ("player_form", day) not in moved

    # Brute force: the same corrected data, built from nothing, has the same content everywhere.
    folder = tmp_path / "afresh"
    folder.mkdir()
    shutil.copyfile(UNAVAILABLE, folder / "backcourt.toml")
    with home.reading() as warehouse:
        warehouse.query(f"attach '{folder / 'warehouse.duckdb'}' as afresh")
        warehouse.query(f"copy from database {warehouse.query('select current_database()')[0][0]} to afresh")
    fresh = BuiltHome(backcourt.open(folder))
    with foreign(fresh.home) as warehouse:
        for node in fresh.home.catalog.built:
            warehouse.query(f"drop {'view' if node.is_view else 'table'} {node.name}")
            warehouse.query("delete from receipts where table_name = ?", [node.name])
    fresh.home.run()
    assert content_of(fresh) == after
