"""A game of which a row was rejected isn't whole: its source is partial and says so, until the row is brought right."""

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
