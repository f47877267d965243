"""A game of which a row was rejected, or that no schedule lists, isn't there: its source says so until that is right."""

from __future__ import annotations

from pathlib import Path

import pytest

import backcourt
from backcourt.work.reports.unsettled import unsettled
from tests.sources.rows import BOSTON, GAME, NEW_YORK, player, scheduled, team, write_csv

PLAYERS = [*(player(number) for number in range(11, 18)), *(player(number, NEW_YORK) for number in range(21, 28))]


def test_a_rejected_row_makes_its_source_partial_until_it_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", "2023-11-01T12:00:00")
    home = backcourt.open(tmp_path / "home")
    home.init(simulated=True)
    bad = [row | {"PTS": 99} if row["PLAYER_ID"] == 11 else row for row in PLAYERS]
    files = {"schedule": [scheduled()], "teams": [team(BOSTON), team(NEW_YORK)], "box": bad}
    assert home.ingest(*(write_csv(tmp_path / f"{name}.csv", rows) for name, rows in files.items())).exit_code == 1

    def told() -> tuple[str, str, str]:
        with home.situation() as situation:
            ((partition),) = situation.states([situation.catalog["player_box"]])["player_box"].values()
            return partition.state, partition.detail, unsettled(home, situation).sentence

    state, detail, beside = told()
    assert state == "partial" and f"1 rows of {GAME} were rejected" in detail
    assert beside.startswith("1 rejected rows")
    assert home.ingest(write_csv(tmp_path / "right.csv", PLAYERS)).ok
    assert told() == ("complete", "", "")


def test_rows_of_a_game_that_no_schedule_lists_are_surplus_for_every_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", "2023-11-01T12:00:00")
    home = backcourt.open(tmp_path / "home")
    home.init(simulated=True)
    unlisted = [row | {"GAME_ID": "0022300062"} for row in PLAYERS]
    for name, rows in {"schedule": [scheduled()], "teams": [team(BOSTON), team(NEW_YORK)], "box": [*PLAYERS, *unlisted]}.items():
        assert home.ingest(write_csv(tmp_path / f"{name}.csv", rows)).ok

    def told() -> list[str]:
        with home.situation() as situation:
            found = situation.states([situation.catalog["player_box"]])["player_box"].values()
            return [partition.detail for partition in found if partition.state == "surplus"]

    (detail,) = told()
    assert "14 row(s) without a game_date" in detail and "0022300062" in detail
    home.ingest(write_csv(tmp_path / "whole.csv", [scheduled(), scheduled("0022300062", etdate="2023-10-25")]))
    assert told() == []
