"""What the engine says of the ledger's partitions: what should be there, what is, and whether it is what was written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from backcourt.engine.build.plan import make_plan
from backcourt.engine.build.selection import Selection
from backcourt.engine.prove.verify import explain_partition, verify
from backcourt.tables import declared as declarations
from tests.plain_relations import CATALOG
from tests.record.evening import AFTER, DAY, GAME, LOCK, MORNING, Evening, forecast_row

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    """An evening whose slate lists two players with a team and one without."""
    evening = Evening(tmp_path)
    for player, team in ((101, 1), (102, 1), (103, None)):
        evening.list_player(player, team_id=team)
    evening.slate_is_built()
    yield evening
    evening.warehouse.close()


def state(evening: Evening, table: str, day: date = DAY) -> str | None:
    """The state's name; None when there is no partition."""
    partition = evening.state(table, day)
    return partition.state if partition else None


def test_nothing_is_expected_before_the_first_row(evening: Evening) -> None:
    evening.now = AFTER
    assert {node.name: evening.situation(exact=True).of(node) for node in CATALOG.appended} == {node.name: {} for node in CATALOG.appended}


def test_from_the_first_row_on_every_slate_is_expected(evening: Evening) -> None:
    evening.forecast(101)
    evening.add_game("0022300501", NEXT, LOCK + timedelta(days=1))
    assert state(evening, "forecasts", NEXT) == "not_due"
    evening.list_player(101, "0022300501", NEXT)
    evening.slate_is_built(NEXT)
    evening.now = LOCK + timedelta(days=1)
    assert state(evening, "forecasts", NEXT) == "missing"


def test_a_slate_before_the_first_row_is_never_missing(evening: Evening) -> None:
    earlier = DAY - timedelta(days=3)
    evening.add_game("0022300490", earlier, LOCK - timedelta(days=3))
    evening.list_player(101, "0022300490", earlier)
    evening.slate_is_built(earlier)
    evening.forecast(101, 102)
    evening.now = AFTER
    assert state(evening, "forecasts", earlier) is None and state(evening, "forecasts") == "complete"


def test_a_player_without_a_forecast_is_not_due_before_the_lock_and_missing_after_it(evening: Evening) -> None:
    evening.forecast(101)
    assert state(evening, "forecasts") == "not_due"
    evening.now = LOCK
    partition = evening.state("forecasts")
    assert partition is not None and partition.state == "partial"
    assert (partition.rows_expected, partition.rows_present, partition.games_expected, partition.games_present) == (2, 1, 1, 0)
    assert f"{GAME}: 1 of 2 keys; `backcourt predict --date {DAY}`" in partition.detail
    assert explain_partition(evening.situation(), partition) == [f"missing: 102 of game {GAME}"]
    assert evening.forecast(102).kinds == ("REPLAY",)
    assert state(evening, "forecasts") == "complete"


def test_forecasts_wait_for_a_slate_that_isnt_whole(evening: Evening) -> None:
    evening.forecast(101, 102)
    evening.warehouse.query("delete from slate_players")
    evening.slate_is_built(withheld={GAME: "check two_teams: 1 row(s)"})
    partition = evening.state("forecasts")
    assert partition is not None and partition.state == "blocked" and f"{GAME} waits for slate_players" in partition.detail
    evening.add_game("0022300501", NEXT)
    evening.now = AFTER
    partition = evening.state("forecasts", NEXT)
    assert partition is not None and partition.state == "blocked" and "0022300501 waits for slate_players" in partition.detail


def test_a_postponed_game_is_not_expected(evening: Evening) -> None:
    evening.forecast(101)
    evening.warehouse.query("update schedule set status = 'postponed'")
    evening.warehouse.query("update games set status = 'postponed'")
    evening.now = AFTER
    assert state(evening, "forecasts") == "complete"


@pytest.mark.parametrize("damage", ["set mean = 30 where player_id = 101", "set p_play = null where player_id = 102"])
def test_changed_rows_are_altered(evening: Evening, damage: str) -> None:
    evening.forecast(101, 102)
    evening.warehouse.query(f"update forecasts {damage}")
    assert state(evening, "forecasts") == "altered"


def test_removed_and_smuggled_rows_are_altered_not_surplus(evening: Evening) -> None:
    evening.forecast(101, 102)
    evening.warehouse.query("insert into forecasts by name select * replace ('x' as forecast_id) from forecasts where player_id = 101")
    assert state(evening, "forecasts") == "altered"
    evening.warehouse.query("delete from forecasts")
    assert state(evening, "forecasts") == "altered"
    evening.warehouse.query("delete from receipts")
    evening.warehouse.query("insert into picks (game_date, pick_id, game_id) values (?, 'x', ?)", [DAY, GAME])
    assert state(evening, "picks") == "altered"


def test_a_corrected_box_or_a_new_model_makes_no_forecast_stale(evening: Evening) -> None:
    evening.forecast(101, 102)
    evening.finish(p101={"points": 30})
    evening.warehouse.query("update player_box set points = 31 where player_id = 101")
    evening.append("forecasts", [forecast_row(101, model_hash="m2")], fingerprint="m2")
    evening.now = AFTER
    assert state(evening, "forecasts") == "complete"


def test_grades_are_due_when_the_game_is_over(evening: Evening) -> None:
    evening.pick(101)
    assert state(evening, "grades") == "not_due" and state(evening, "outcomes") == "not_due"
    evening.now = AFTER
    assert state(evening, "grades") == "not_due"
    evening.finish(p101={"points": 30})
    assert state(evening, "grades") == "missing" and state(evening, "outcomes") == "missing"
    partition = evening.state("grades")
    assert partition is not None and "`backcourt grade --date 2024-01-10`" in partition.detail
    assert (partition.rows_expected, partition.rows_present) == (2, 0)


def test_a_date_on_which_nothing_was_said_needs_no_grades(evening: Evening) -> None:
    evening.pick(101)
    evening.add_game("0022300501", NEXT, LOCK + timedelta(days=1))
    evening.finish("0022300501", NEXT)
    evening.now = AFTER + timedelta(days=1)
    assert state(evening, "grades", NEXT) == "no_games" and state(evening, "picks", NEXT) is None


def test_plans_pass_the_ledger_by_and_its_gate_is_its_own(evening: Evening) -> None:
    evening.forecast(101)
    evening.now = AFTER
    situation = evening.situation()
    planned = make_plan(situation, Selection())
    appended = {node.name for node in CATALOG.appended}
    assert appended and not appended & {chunk.table for chunk in planned.certain} and not appended & set(planned.possible)
    phases = declarations.gate("ledger")
    verdict = verify(situation, "ledger", phases.stop, Selection(), from_phase=phases.start)
    assert set(verdict.tables) == appended
    assert [(p.table, p.state) for p in verdict.unmet] == [("forecasts", "partial")] and verdict.exit_code() == 1
    assert verdict.explanations["forecasts", str(DAY)] == [f"missing: 102 of game {GAME}"]
    evening.forecast(102)
    verdict = verify(evening.situation(exact=True), "ledger", phases.stop, Selection(), from_phase=phases.start)
    assert verdict.exit_code() == 0, verdict.sentence
    gate = declarations.gate("predictions")
    assert not appended & set(verify(situation, "predictions", gate.stop, Selection(), explain=0).tables)
    assert evening.now > MORNING
