"""The gate on the real four seasons: what is there, what the source lacks, and what damage does."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from backcourt.engine.build.selection import Selection
from backcourt.engine.judge.partition import Partition
from backcourt.engine.prove.verify import Verdict
from tests.conftest import BuiltHome, foreign

FIVE = (
    "player_game_summary",
    "team_offense_game_summary",
    "team_defense_game_summary",
    "upcoming_player_game_context",
    "upcoming_team_game_context",
)


def wrong(verdict: Verdict) -> list[Partition]:
    """What is unmet for what is wrong there, and not on the dates that it rests on."""
    return [partition for partition in verdict.unmet if partition.state != "thin"]


def test_what_the_sources_lack_is_unmet_and_counted(undeclared_home: BuiltHome) -> None:
    verdict = undeclared_home.home.verify("phase4")
    assert verdict.exit_code() == 1
    holes = {table: {hole.game_id for p in verdict.partitions if p.table == table for hole in p.holes} for table in ("shots", "player_box")}
    assert (len(holes["shots"]), len(holes["player_box"])) == (1013, 26)
    assert len(verdict.missing_games) == 1013
    assert {p.state for p in verdict.unmet} == {"missing", "partial", "blocked", "thin"}
    # What a box lacks is read by every later date; a table that can do without shots is not thin for want of them.
    games = {hole.game_id for p in verdict.partitions if p.table == "player_box" for hole in p.holes}
    assert max(p.history_games_lacking for p in verdict.partitions) == len(games) == 26


def test_declared_holes_meet_the_gate_and_fail_it_strictly(damaged_home: BuiltHome) -> None:
    verdict = damaged_home.home.verify("phase4")
    assert [(p.table, p.game_date, p.detail) for p in verdict.unmet] == []
    assert (verdict.exit_code(), verdict.exit_code(strict=True)) == (0, 4)
    assert len(verdict.unavailable_games) == 1013 and not any(p.history_games_lacking for p in verdict.partitions)
    dates = {table: {p.game_date for p in verdict.partitions if p.table == table and p.state != "no_games"} for table in FIVE}
    assert {table: len(days) for table, days in dates.items()} == dict.fromkeys(FIVE, 847)


PHASE_FOUR = (
    "team_defense_zone_analysis", "team_defense_position_analysis", "player_shot_zone_analysis", "player_recency",
    "player_composite_factors",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("table", PHASE_FOUR)
def test_one_deleted_row_of_phase_four_is_named_and_repaired(table: str, damaged_home: BuiltHome) -> None:
    home, day = damaged_home.home, date(2022, 3, 9)
    key = "team_id" if table.startswith("team_") else "player_id"
    with foreign(home) as warehouse:
        ((victim,),) = warehouse.query(f"select {key} from {table} where game_date = ? order by 1 limit 1", [day])
        warehouse.query(f"delete from {table} where game_date = ? and {key} = ?", [day, victim])
    verdict = home.verify("predictions")
    assert verdict.exit_code() == 1
    assert {p.game_date for p in wrong(verdict)} == {day} and table in {p.table for p in verdict.unmet}
    assert f"missing row: game_date {day}, {key} {victim}" in verdict.explanations[table, str(day)][0]
    assert [(chunk.table, chunk.days) for chunk in home.plan().certain] == [(table, (day,))]
    home.run()
    assert home.verify("predictions").exit_code() == 0


@pytest.mark.slow
@pytest.mark.parametrize("table", (*FIVE, "slate_players", "player_form"))
def test_one_deleted_row_of_2022_is_named_and_repaired(table: str, damaged_home: BuiltHome) -> None:
    home, day = damaged_home.home, date(2022, 3, 9)
    key = "team_id" if table.startswith(("team_", "upcoming_team")) else "player_id"
    with foreign(home) as warehouse:
        ((victim, game),) = warehouse.query(f"select {key}, game_id from {table} where game_date = ? order by 1 limit 1", [day])
        warehouse.query(f"delete from {table} where game_date = ? and {key} = ?", [day, victim])
    verdict = home.verify("phase4")
    assert verdict.exit_code() == 1
    assert [(p.table, p.game_date) for p in wrong(verdict)] == [(table, day)]
    (sentence,) = verdict.explanations[table, str(day)]
    assert f"missing row: game_date {day}, {key} {victim}, game_id {game}" in sentence
    plan = home.plan()
    assert [(chunk.table, chunk.days) for chunk in plan.certain] == [(table, (day,))]
    home.run()
    assert home.verify("phase4").exit_code() == 0


@pytest.mark.slow
@pytest.mark.parametrize("table", FIVE)
def test_a_surplus_row_is_named(table: str, damaged_home: BuiltHome) -> None:
    home, day = damaged_home.home, date(2022, 3, 9)
    key = "team_id" if table.startswith(("team_", "upcoming_team")) else "player_id"
    with foreign(home) as warehouse:
        warehouse.query(
            f"insert into {table} select * replace (99 as {key}) from {table} where game_date = ? order by {key} limit 1", [day]
        )
    verdict = home.verify("phase4")
    assert [(p.table, p.game_date, p.state) for p in wrong(verdict)] == [(table, day, "surplus")]
    assert f"surplus row: game_date {day}, {key} 99" in verdict.explanations[table, str(day)][0]
    home.run()
    assert home.verify("phase4").exit_code() == 0


@pytest.mark.slow
def test_a_nulled_column_is_named_and_repaired(damaged_home: BuiltHome) -> None:
    home, first, last = damaged_home.home, date(2022, 11, 1), date(2022, 11, 30)
    with foreign(home) as warehouse:
        warehouse.query("update player_game_summary set usage_rate = null where game_date between ? and ?", [first, last])
    verdict = home.verify("phase4")
    found = wrong(verdict)
    assert {p.table for p in found} == {"player_game_summary"}
    assert {p.state for p in found} == {"altered"} and len(found) == 28
    assert all("column usage_rate holds 0 of" in p.detail for p in found)
    planned = {day for chunk in home.plan().certain for day in chunk.days}
    assert planned == {p.game_date for p in found}
    home.run()
    assert home.verify("phase4").exit_code() == 0


@pytest.mark.slow
def test_a_season_cut_to_117_dates_names_the_others(damaged_home: BuiltHome) -> None:
    home = damaged_home.home
    with foreign(home) as warehouse:
        days = [
            d for (d,) in warehouse.query("select distinct game_date from team_offense_game_summary where season = '2022-23' order by 1")
        ]
        warehouse.query("delete from team_offense_game_summary where season = '2022-23' and game_date > ?", [days[116]])
    verdict = home.verify("phase4", Selection(seasons=("2022-23",)))
    assert {p.game_date for p in verdict.unmet if p.table == "team_offense_game_summary"} == set(days[117:])


@pytest.mark.slow
def test_a_run_trusts_its_own_warehouse_and_nobody_elses(damaged_home: BuiltHome) -> None:
    home, day = damaged_home.home, date(2022, 3, 9)
    home.run()
    assert home.custody.stamp.holds() and home.run().planned == 0
    with duckdb.connect(str(home.warehouse_file)) as other:
        other.execute("update team_offense_game_summary set points = points + 1 where game_date = ?", [day]).fetchall()
    assert not home.custody.stamp.holds()
    summary = home.run()
    assert summary.by_table["team_offense_game_summary"]["unchanged"] == 1 and summary.planned == 1
    assert not home.custody.stamp.holds(), "damage was found: the next run looks again"
    assert home.run().planned == 0 and home.custody.stamp.holds()
    assert home.verify("predictions").exit_code() == 0
