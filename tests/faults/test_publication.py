"""Kill a writer between its commit and the publication of the snapshot: whoever comes next publishes, and the reader sees the rows."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from random import Random

import pytest

import backcourt
from tests.faults.stopper import PUBLICATION
from tests.faults.trials import KILLED, NOW, SIGNALS, STOPPED, Stop, copy_of, counted, each, leavings, moments, verb

QUERIES = {"ingest": "select count(*) from raw_loads", "run": "select count(*) from ml_feature_store"}
"""What a reader sees only after the verb."""

FIRST_COMMIT_BYTES = 10_000
"""The first commit of a load is longer than that in the log."""

NEXT = (("status",), ("sql",), ("verify",), ("run",))


def answer(home: Path, query: str) -> str:
    """What the command line's reader finds; empty when the table isn't there yet."""
    return verb(home, "sql", query, "--format", "csv", now=NOW).out


def is_behind(home: Path) -> bool:
    return (home / "snapshot.duckdb").read_bytes() != (home / "warehouse.duckdb").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_whoever_comes_next_publishes(kills: int, twelve_dates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", NOW)
    arguments = {"ingest": ("ingest", str(twelve_dates)), "run": ("run",)}
    home = tmp_path / "home"
    backcourt.open(home).init(simulated=True)
    before, events, expected = {}, {}, {}
    for name, given in arguments.items():
        before[name] = copy_of(home, tmp_path / f"before-{name}").path
        events[name] = counted(copy_of(home, tmp_path / f"counted-{name}").path, *given, now=NOW).of_publication
        assert verb(home, *given, now=NOW).problems(0) == []
        expected[name] = answer(home, QUERIES[name])
    found_behind: list[bool] = []

    def trial(given: tuple[str, Stop, tuple[str, ...]], folder: Path) -> list[str]:
        name, stop, following = given
        home = copy_of(before[name], folder / "home").path
        killed = verb(home, *arguments[name], now=NOW, stop=stop)
        problems = killed.problems(KILLED if stop.signal == -KILLED else STOPPED)
        was_behind = is_behind(home)
        found_behind.append(was_behind)
        if was_behind and stop.signal != -KILLED:
            problems.append("a stopped verb left the snapshot behind")
        asked = (*following, QUERIES[name]) if following == ("sql",) else following
        problems += verb(home, *asked, now=NOW).problems(*((0, 1) if following == ("verify",) else (0,)))
        problems += ["the snapshot isn't the warehouse"] if is_behind(home) else []
        seen = answer(home, QUERIES[name])
        # A reader without a record of its own leaves what a killed writer left unfinished to the next job.
        problems += leavings(home) if following in (("verify",), ("run",)) else []
        return problems + ([] if seen == expected[name] else [f"the reader sees {seen!r}, not {expected[name]!r}"])

    chance = Random(30)
    trials = [
        (name, Stop(at, SIGNALS[place % 3 == 2], PUBLICATION), NEXT[(place + number) % 4])
        for number, name in enumerate(arguments)
        for place, at in enumerate(moments(chance, events[name], (kills + 1 - number) // 2))
    ]
    assert len(trials) == kills
    assert each(trials, tmp_path, trial) == []
    assert sum(found_behind) >= kills // 3, "most kills came after the new snapshot had its name"


@pytest.mark.slow
@pytest.mark.parametrize("kills", [24])
def test_a_log_that_ends_within_a_commit_holds_nobody_up(
    kills: int, twelve_dates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", NOW)
    load = ("ingest", str(twelve_dates))
    new = tmp_path / "new"
    backcourt.open(new).init(simulated=True)
    # Before the publication the warehouse is closed, which empties its log; a kill some events earlier leaves all of it.
    events = counted(copy_of(new, tmp_path / "counted").path, *load, now=NOW).all
    loads = answer(tmp_path / "counted", QUERIES["ingest"])
    killed = copy_of(new, tmp_path / "killed").path
    assert verb(killed, *load, now=NOW, stop=Stop(events * 3 // 4, SIGNALS[0])).problems(KILLED) == []
    size = (killed / "warehouse.duckdb.wal").stat().st_size

    def trial(given: tuple[int, tuple[str, ...]], folder: Path) -> list[str]:
        kept, following = given
        home = shutil.copytree(killed, folder / "home")
        os.truncate(home / "warehouse.duckdb.wal", kept)
        asked = (*following, QUERIES["ingest"]) if following == ("sql",) else following
        problems = verb(home, *asked, now=NOW).problems(*((0, 1, 5) if following == ("verify",) else (0,)))
        problems += ["the snapshot isn't the warehouse"] if is_behind(home) else []
        problems += ["the log is still there"] if (home / "warehouse.duckdb.wal").exists() else []
        problems += verb(home, *load, now=NOW).problems(0)
        seen = answer(home, QUERIES["ingest"])
        return problems + ([] if seen == loads else [f"the reader sees {seen!r}, not {loads!r}"])

    # Half of them within the first commit: then the log holds nothing that was ever committed.
    kept = [*moments(Random(40), FIRST_COMMIT_BYTES, kills // 2), *moments(Random(41), size, kills // 2)]
    trials = [(length, NEXT[place % 4]) for place, length in enumerate(kept)]
    assert each(trials, tmp_path, trial) == []
