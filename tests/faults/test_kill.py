"""Kill a load at any of its statements and file operations: the obvious next commands end where an undisturbed home stands."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import backcourt
from tests.faults.trials import KILLED, NOW, SIGNALS, STOPPED, Stop, content, counted, differences, each, leavings, moments, verb

WAYS_ON = (("ingest", "run"), ("run", "ingest", "run"), ("status", "ingest", "run"))
"""What somebody types who found the load killed."""


def new_home(folder: Path) -> Path:
    backcourt.open(folder).init(simulated=True)
    return folder


def loads(home: Path) -> list[tuple[object, ...]]:
    with backcourt.open(home).reading() as warehouse:
        return warehouse.query(
            "select load_id, source, file_hash, rows_in, rows_new, rows_changed, rows_rejected from raw_loads order by 1"
        )


@pytest.mark.slow
@pytest.mark.parametrize("kills", [200])
def test_a_killed_load_needs_no_hand(kills: int, twelve_dates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", NOW)
    load = ("ingest", str(twelve_dates))
    undisturbed = new_home(tmp_path / "undisturbed")
    events = counted(undisturbed, *load, now=NOW).all
    assert verb(undisturbed, "run", now=NOW).problems(0) == []
    assert verb(undisturbed, "verify", now=NOW).problems(0) == []
    expected, loaded = content(backcourt.open(undisturbed)), loads(undisturbed)
    assert len(expected) > 300 and len({day for table, day in expected if table == "ml_feature_store"}) == 12
    ends: list[int] = []

    def trial(given: tuple[Stop, tuple[str, ...]], folder: Path) -> list[str]:
        stop, way_on = given
        home = new_home(folder / "home")
        killed = verb(home, *load, now=NOW, stop=stop)
        ends.append(killed.code)
        problems = killed.problems(-stop.signal if stop.signal == -KILLED else STOPPED, 0)
        for name in way_on:
            problems += verb(home, *(load if name == "ingest" else (name,)), now=NOW).problems(0)
        problems += verb(home, "verify", now=NOW).problems(0)
        problems += differences(content(backcourt.open(home)), expected) + leavings(home)
        return problems + ([] if loads(home) == loaded else [f"the loads are {loads(home)}, not {loaded}"])

    chance = Random(20)
    at = moments(chance, events, kills)
    trials = [(Stop(n, SIGNALS[place % 2]), chance.choice(WAYS_ON)) for place, n in enumerate(at)]
    assert each(trials, tmp_path, trial) == []
    assert len([code for code in ends if code]) >= 0.9 * kills, ends
