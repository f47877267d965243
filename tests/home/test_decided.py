"""A name and an event that a person decides resolve earlier rows, are proven as-of, and outlive a lost warehouse."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import backcourt
from backcourt.engine.errors import BackcourtError
from backcourt.home import Home
from backcourt.work.decide import alias, map_event
from backcourt.work.proof import leaktest
from backcourt.work.reports.unsettled import unsettled
from tests.sources.rows import BOSTON, NEW_YORK, player, prop, scheduled, team, write_csv

NOW = "2023-11-01T12:00:00"
OTHER = "0022300062"
LAKERS, SUNS = 1610612747, 1610612756


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with two games of a date, quotes of a spelling that no box has, and an event that is listed a day late."""
    monkeypatch.setenv("BACKCOURT_NOW", NOW)
    made = backcourt.open(tmp_path / "home")
    made.init(simulated=True)
    late = {
        "id": "e2", "home_team": "Los Angeles Lakers", "away_team": "Phoenix Suns", "commence_time": "2023-10-27T02:10:00Z",
        "bookmakers.markets.last_update": "2023-10-26T15:00:00Z", "outcomes_description": "Player 31",
    }  # fmt: skip
    quotes = [prop(side, outcomes_description="Twelve, P.") for side in ("Over", "Under")]
    games = [scheduled(), scheduled(OTHER, **{"h.tid": LAKERS, "v.tid": SUNS})]
    boxes = [player(11), player(12), player(21, NEW_YORK), player(31, LAKERS, OTHER), player(41, SUNS, OTHER)]
    report = made.ingest(
        write_csv(tmp_path / "schedule.csv", games),
        write_csv(tmp_path / "box.csv", boxes),
        write_csv(tmp_path / "teams.csv", [team(BOSTON), team(NEW_YORK), team(LAKERS, OTHER), team(SUNS, OTHER)]),
        write_csv(tmp_path / "props.csv", [*quotes, *(prop(side, **late) for side in ("Over", "Under"))]),
    )
    assert report.ok
    made.run()
    return made


def resolved(home: Home) -> list[tuple[str, str | None, int | None]]:
    with home.reading() as warehouse:
        rows = warehouse.query("select cast(game_date as varchar), game_id, player_id from prop_quotes order by source_event_id")
    return [tuple(row) for row in rows]


def listed(home: Home) -> tuple[list[str], list[str]]:
    with home.situation() as situation:
        found = unsettled(home, situation)
    return [event.id for event in found.events], [name for name, _ in found.names]


def test_a_name_and_an_event_resolve_earlier_rows(home: Home) -> None:
    assert resolved(home) == [("2023-10-24", "0022300061", None), ("2023-10-26", None, 31)]
    assert listed(home) == (["e2"], ["Twelve, P."])
    alias(home, "Twelve, P.", "Player 12")
    assert home.plan().partitions, "earlier rows are stale"
    map_event(home, "e2", OTHER)
    home.run()
    assert resolved(home) == [("2023-10-24", "0022300061", 12), ("2023-10-24", OTHER, 31)]
    assert listed(home) == ([], [])
    proof = leaktest(home, days=(date(2023, 10, 24),))
    assert proof.leaks == [] and proof.locks == 2
    again = backcourt.open(home.path)
    alias(again, "Twelve, P.", None)
    map_event(again, "e2", None)
    again.run()
    assert resolved(again) == [("2023-10-24", "0022300061", None), ("2023-10-26", None, 31)]


@pytest.mark.slow
def test_an_alias_holds_in_the_words_of_a_source_and_from_a_date_on(home: Home) -> None:
    alias(home, "Twelve, P.", "11")
    alias(home, "Twelve, P.", "12", source="the odds api props")
    home.run()
    assert resolved(home)[0][2] == 12
    alias(home, "Twelve, P.", None, source="the odds api props")
    alias(home, "Twelve, P.", "21", start=date(2023, 10, 24))
    home.run()
    assert resolved(home)[0][2] == 21, "the later date is nearer"
    alias(home, "Twelve, P.", "12", start=date(2023, 10, 25))
    home.run()
    assert resolved(home)[0][2] == 21, "that is later than the quote"


@pytest.mark.slow
def test_what_was_decided_outlives_a_lost_warehouse(home: Home) -> None:
    alias(home, "Twelve, P.", "Player 12")
    map_event(home, "e2", OTHER)
    home.run()
    before = resolved(home)
    for file in (home.warehouse_file, home.snapshot_file, home.snapshot_file.with_suffix(".spare")):
        file.unlink(missing_ok=True)
    backcourt.open(home.path).repair()
    again = backcourt.open(home.path)
    again.run()
    assert resolved(again) == before


WRONG = [
    (lambda home: alias(home, "Twelve, P.", "nobody at all"), "Nobody is called"),
    (lambda home: alias(home, "Twelve, P.", "Player"), "fits several players"),
    (lambda home: alias(home, "...", "Player 12"), "holds no name"),
    (lambda home: alias(home, "Twelve, P.", "12", source="nowhere"), "There is no source 'nowhere'"),
    (lambda home: alias(home, "Twelve, P.", None), "nothing to take back"),
    (lambda home: alias(home, "Nobody Atall", "12"), "No feed spells a player"),
    (lambda home: alias(home, "Player 31", "12"), "name of another player in the boxes"),
    (lambda home: map_event(home, "e9", OTHER), "No feed has an event 'e9'"),
    (lambda home: map_event(home, "e2", "0022300099"), "The schedule has no game"),
    (lambda home: map_event(home, "e2", None), "nothing to take back"),
    (lambda home: map_event(home, "e2", "0022300061"), "give a game of these two teams"),
]


def test_what_is_mistyped_is_one_sentence_and_changes_nothing(home: Home) -> None:
    before = home.warehouse_file.read_bytes()
    for wrong, told in WRONG:
        with pytest.raises(BackcourtError, match=told):
            wrong(home)
    assert not home.layout.decisions_file.exists() and resolved(home)[0][2] is None
    assert len(before) > 0
