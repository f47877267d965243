"""Kill any verb of the day at any of its events: `status` tells it, the same command again ends where an undisturbed one did."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.faults.trials import (
    KILLED,
    SIGNALS,
    STOPPED,
    Stage,
    Stop,
    copy_of,
    counted,
    differences,
    each,
    everything,
    has_record,
    job_of,
    jobs_of,
    leavings,
    moments,
    verb,
)

KILLS = 12
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["backtest", "predict", "grade", "publish", "run"])
def test_the_same_verb_again_ends_as_undisturbed(name: str, stages: dict[str, Stage], tmp_path: Path) -> None:
    stage = stages[name]
    arguments, now = stage.step.arguments, stage.step.now
    events = counted(copy_of(stage.before, tmp_path / "counted").path, *arguments, now=now).all
    expected = everything(stage.after)
    assert differences(everything(tmp_path / "counted"), expected) == []
    assert differences(everything(stage.before), expected) != [], "the verb does nothing that could be killed"
    proof = ("verify", "--for", "ledger")
    verdict = verb(tmp_path / "counted", *proof, now=now)
    ends: Counter[str] = Counter()

    def trial(stop: Stop, folder: Path) -> list[str]:
        home = copy_of(stage.before, folder / "home").path
        known = jobs_of(home)
        killed = verb(home, *arguments, now=now, stop=stop)
        is_killed = stop.signal == -KILLED
        problems = killed.problems(*((KILLED,) if is_killed else (STOPPED, 0)))
        if has_record(home, name, known):
            told = job_of(home, name, now)
            ends[told["state"]] += 1
            wanted = ("died", None) if is_killed else ("stopped", STOPPED)
            if killed.code and (told["state"], told["exit_code"]) != wanted:
                problems.append(f"status says {told}, not {wanted}")
        problems += verb(home, *arguments, now=now).problems(0)
        again = job_of(home, name, now)
        problems += [] if again["exit_code"] == 0 else [f"after it went well status says {again}"]
        problems += differences(everything(home), expected) + leavings(home)
        proven = verb(home, *proof, now=now)
        if (proven.code, proven.out) != (verdict.code, verdict.out):
            problems.append(f"the ledger's verdict is {proven}, not {verdict}")
        if name == "publish":
            problems += verb(home, "publish", "--check", now=now).problems(0)
        return problems

    trials = [Stop(at, SIGNALS[place % 2]) for place, at in enumerate(moments(Random(f"{name} 60"), events, KILLS))]
    assert each(trials, tmp_path, trial) == []
    assert ends["died"] >= KILLS // 3 and ends["stopped"] >= KILLS // 3, ends
