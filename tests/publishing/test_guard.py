"""What the guard must stop, each on a fixture that is wrong in that one way, and what it must let pass."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backcourt.publishing.generation import Publication, PublishedFiles
from backcourt.publishing.publish import PublishReport, publish
from tests.publishing.fortnight import LAST, NOW, YESTERDAY, Fortnight, hashed

START = YESTERDAY - timedelta(days=1)


def of_day(rows: list[dict[str, Any]], **wanted: Any) -> list[dict[str, Any]]:
    """The last day's rows with these values."""
    return [row for row in rows if row["game_date"] == LAST and all(row[name] == value for name, value in wanted.items())]


def a_forecast_twice(fortnight: Fortnight) -> None:
    row = of_day(fortnight.rows["forecasts"], player_id=101, market="points", system="ensemble")[0]
    fortnight.rows["forecasts"].append({**row, "forecast_id": hashed("again")[:32]})


def a_player_in_two_games(fortnight: Fortnight) -> None:
    for row in of_day(fortnight.rows["forecasts"], player_id=101, market="points"):
        fortnight.rows["forecasts"].append({**row, "forecast_id": hashed("two", row["system"])[:32], "game_id": "0022301401"})


def a_player_listed_twice(fortnight: Fortnight) -> None:
    fortnight.rows["slate_players"].append(of_day(fortnight.rows["slate_players"], player_id=101)[0])


def one_team_missing(fortnight: Fortnight) -> None:
    fortnight.rows["forecasts"] = [
        row for row in fortnight.rows["forecasts"] if not (row["game_date"] == LAST and row["player_id"] in (301, 302))
    ]


def a_game_missing(fortnight: Fortnight) -> None:
    fortnight.rows["forecasts"] = [row for row in fortnight.rows["forecasts"] if row["game_id"] != "0022301401"]


def a_game_that_is_not_scheduled(fortnight: Fortnight) -> None:
    row = of_day(fortnight.rows["forecasts"], player_id=101, market="points", system="ensemble")[0]
    fortnight.rows["forecasts"].append({**row, "forecast_id": hashed("else")[:32], "game_id": "0022309999", "player_id": 999})


def _bet(fortnight: Fortnight) -> dict[str, Any]:
    return next(
        row for row in fortnight.rows["grades"]
        if row["game_date"] == YESTERDAY and row["subject_kind"] == "pick" and row["status"] in ("WON", "LOST")
    )  # fmt: skip


def a_final_grade_that_changed_back(fortnight: Fortnight) -> None:
    grade = _bet(fortnight)
    fortnight.add_grade(
        "pick", grade["subject_id"], YESTERDAY, grade["game_id"], "UNGRADED", "no_source", graded_at=grade["graded_at"] + timedelta(hours=1)
    )


def a_final_grade_that_changed_without_a_new_outcome(fortnight: Fortnight) -> None:
    grade = _bet(fortnight)
    other = "LOST" if grade["status"] == "WON" else "WON"
    fortnight.add_grade(
        "pick", grade["subject_id"], YESTERDAY, grade["game_id"], other, "settled", graded_at=grade["graded_at"] + timedelta(hours=1)
    )


def an_older_outcome_after_a_newer(fortnight: Fortnight) -> None:
    grade = _bet(fortnight)
    earlier = grade["graded_at"] - timedelta(hours=1)
    fortnight.add_grade(
        "pick", grade["subject_id"], YESTERDAY, grade["game_id"], grade["status"], "settled", outcome_version=2, graded_at=earlier
    )


def a_published_pick_gone(fortnight: Fortnight) -> None:
    gone = of_day(fortnight.rows["picks"], player_id=101, market="points")[0]
    fortnight.rows["picks"].remove(gone)


def a_published_pick_changed(fortnight: Fortnight) -> None:
    of_day(fortnight.rows["picks"], player_id=101, market="points")[0]["row_hash"] = hashed("another")


def rows_from_the_future(fortnight: Fortnight) -> None:
    for row in of_day(fortnight.rows["forecasts"]):
        row["created_at"] = NOW + timedelta(minutes=1)


def results_that_stopped(fortnight: Fortnight) -> None:
    # The next slate is forecast, but nobody loaded a result since.
    fortnight.rows["results"] = [row for row in fortnight.rows["results"] if row["game_date"] < START]


def a_broken_chain(fortnight: Fortnight) -> None:
    fortnight.rows["batches"].append(
        {
            "game_date": LAST, "batch_id": 999, "previous_hash": "f" * 64, "batch_hash": hashed("x"), "table_name": "picks", "kind": "LIVE",
            "rows": 1, "row_hashes": "", "anchored": "unanchored", "run_id": "run", "created_at": NOW,
        }
    )  # fmt: skip


BROKEN: dict[str, tuple[Callable[[Fortnight], None], str]] = {
    "forecast twice": (a_forecast_twice, "player 101 has 2 LIVE forecasts of ensemble in points"),
    "two games": (a_player_in_two_games, "player 101 is forecast in 2 games"),
    "listed twice": (a_player_listed_twice, "the slate lists player 101 2 times"),
    "one team missing": (one_team_missing, "game 0022301401 has no forecast of BOS"),
    "a game missing": (a_game_missing, "1 of 2 scheduled games have no forecast: 0022301401"),
    "a surplus game": (a_game_that_is_not_scheduled, "game 0022309999 is forecast but isn't in the schedule"),
    "grade changed back": (a_final_grade_that_changed_back, "and became UNGRADED"),
    "grade changed alone": (a_final_grade_that_changed_without_a_new_outcome, "without a new outcome"),
    "older outcome": (an_older_outcome_after_a_newer, "went back from outcome 2 to 1"),
    "pick gone": (a_published_pick_gone, "is no longer in the ledger"),
    "pick changed": (a_published_pick_changed, "was changed in the ledger"),
    "future": (rows_from_the_future, "after now"),
    "stale results": (results_that_stopped, "ingest them, then predict again"),
    "broken chain": (a_broken_chain, "don't follow the batch before them"),
}


def publish_days(fortnight: Fortnight, folder: Path, now: datetime = NOW) -> PublishReport:
    return publish(fortnight.store(), folder, folder / "out", YESTERDAY, LAST, now, is_simulated=False)


def manifest_of(folder: Path) -> PublishedFiles:
    manifest = Publication(folder / "out" / "v1").manifest()
    assert manifest is not None
    return manifest


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    report = publish_days(Fortnight(START), folder)
    assert report.verdict.is_open and report.is_new
    return folder


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_stops_the_publication_and_is_named(name: str, good: Path, tmp_path: Path) -> None:
    breaks, sentence = BROKEN[name]
    shutil.copytree(good / "out", tmp_path / "out")
    before = manifest_of(tmp_path).by_name
    fortnight = Fortnight(START)
    breaks(fortnight)
    report = publish_days(fortnight, tmp_path, NOW + timedelta(seconds=30))
    assert not report.verdict.is_open and sentence in (report.verdict.reason or ""), report.sentence
    after = manifest_of(tmp_path).by_name
    assert set(after) == set(before)
    changed = {name for name in before if before[name].sha256 != after[name].sha256}
    assert changed - {"status.json"} == {name for name in before if name.endswith("/latest.json")} & changed, "the last good files stay"
    status = Publication(tmp_path / "out" / "v1").read_json("status.json")
    assert status is not None and status["status"] == "halted" and sentence in status["reason"]
    assert Publication(tmp_path / "out" / "v1").problems() == []


def test_a_first_publication_that_is_stopped_shows_no_picks(tmp_path: Path) -> None:
    fortnight = Fortnight(START)
    one_team_missing(fortnight)
    report = publish_days(fortnight, tmp_path)
    assert not report.verdict.is_open
    files = Publication(tmp_path / "out" / "v1")
    assert files.names() == {"status.json", "picks/2024-04-04.json", "picks/2024-04-05.json", "picks/latest.json"}
    shown = files.read_json("picks/2024-04-05.json")
    assert shown is not None and (shown["status"], shown["reason"], shown["picks"]) == ("halted", "HALTED", [])


def test_an_unknown_state_closes(good: Path, tmp_path: Path) -> None:
    shutil.copytree(good / "out", tmp_path / "out")
    warehouse = Fortnight(START).store()
    warehouse.query("alter table grades drop column status")
    report = publish(warehouse, tmp_path, tmp_path / "out", YESTERDAY, LAST, NOW + timedelta(seconds=30), is_simulated=False)
    assert report.verdict.is_unknown and "could not be determined" in report.sentence
    files = Publication(tmp_path / "out" / "v1")
    for day in ("2024-04-04", "2024-04-05"):
        shown = files.read_json(f"picks/{day}.json")
        assert shown is not None and shown["status"] == "halted" and shown["picks"] == []
        assert files.read_json(f"ledger/{day}.json")["rows"], "what was published in the ledger stays"  # type: ignore[index]
    status = files.read_json("status.json")
    assert status is not None and [part["name"] for part in status["components"]] == ["guard"]
    # And once the state is known again, the picks come back.
    assert publish_days(Fortnight(START), tmp_path, NOW + timedelta(seconds=60)).verdict.is_open
    assert files.read_json("picks/2024-04-05.json")["picks"]  # type: ignore[index]


def test_a_correction_with_a_new_outcome_passes_and_both_grades_are_shown(good: Path, tmp_path: Path) -> None:
    shutil.copytree(good / "out", tmp_path / "out")
    before = manifest_of(tmp_path).by_name["results/2024-04-04.json"]
    fortnight = Fortnight(START)
    grade = _bet(fortnight)
    other = "LOST" if grade["status"] == "WON" else "WON"
    fortnight.add_grade(
        "pick", grade["subject_id"], YESTERDAY, grade["game_id"], other, "settled", outcome_version=2, units=-1.0,
        graded_at=grade["graded_at"] + timedelta(hours=1),
    )  # fmt: skip
    report = publish_days(fortnight, tmp_path, NOW + timedelta(seconds=30))
    assert report.verdict.is_open, report.sentence
    files = Publication(tmp_path / "out" / "v1")
    rows = {row["pick_id"]: row for row in files.read_json("results/2024-04-04.json")["rows"]}  # type: ignore[index]
    corrected = rows[grade["subject_id"]]
    assert (corrected["status"], corrected["outcome_version"]) == (other, 2)
    assert [(old["status"], old["outcome_version"]) for old in corrected["earlier"]] == [(grade["status"], 1)]
    after = manifest_of(tmp_path).by_name["results/2024-04-04.json"]
    assert after.path != before.path and (files.root / before.path).is_file(), "the earlier final result is a file for ever"


def test_dates_before_the_first_forecast_and_days_off_are_valid_and_empty(tmp_path: Path) -> None:
    early = START - timedelta(days=2)
    report = publish(Fortnight(START).store(), tmp_path, tmp_path / "out", early, early, NOW, is_simulated=False)
    assert report.verdict.is_open, report.sentence
    files = Publication(tmp_path / "out" / "v1")
    for folder, reason in (("predictions", "NO_GAMES"), ("picks", "NO_LINES"), ("ledger", "NO_PICKS"), ("results", "NO_FORECASTS")):
        empty = files.read_json(f"{folder}/{early}.json")
        assert empty is not None and (empty["status"], empty["reason"], empty["kind"]) == ("empty", reason, None)


def test_a_game_that_moved_to_another_date_is_a_notice_and_its_picks_stay(tmp_path: Path) -> None:
    fortnight = Fortnight(START)
    for row in of_day(fortnight.rows["games"], game_id="0022301401"):
        row["game_date"] = LAST + timedelta(days=3)
    fortnight.rows["slate_players"] = [row for row in fortnight.rows["slate_players"] if row["game_id"] != "0022301401"]
    report = publish_days(fortnight, tmp_path)
    assert report.verdict.is_open, report.sentence
    assert any("1 games were forecast and have since been moved to another date: 0022301401" in notice for notice in report.verdict.notices)
    files = Publication(tmp_path / "out" / "v1")
    rows = files.read_json("ledger/2024-04-05.json")["rows"]  # type: ignore[index]
    assert sum(row["game_id"] == "0022301401" for row in rows) == 8
    record = files.read_json("record.json")
    assert record is not None and record["counts"]["picks"] == 6 + 6 + 8, "a moved game's picks stay in the record"
    players = {player["player_id"]: player for player in files.read_json("predictions/2024-04-05.json")["players"]}  # type: ignore[index]
    assert players[301]["name"] == "Elias Ekholm" and players[301]["team"] is None and len(players[301]["markets"]) == 2
