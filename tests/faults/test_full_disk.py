"""Fill the disk at any moment of a verb: one sentence and exit code 2, and with room the same verb ends as if nothing had been."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

import backcourt
from tests.conftest import ROOT
from tests.faults.trials import NOW, Ended, Stage, Step, copy_of, differences, each, job_in, moments, verb

PAGE = 4096
PROGRESS = re.compile(r"^\w+: [\d,]+ built, ")


@pytest.fixture(scope="module")
def disks(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where a test may not mount a file system."""
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path_factory.mktemp("disk"))]
    if subprocess.run(tried, capture_output=True, check=False).returncode:
        pytest.skip("this machine doesn't let a test mount a small file system")


@pytest.fixture(scope="module")
def steps(disks: None, twelve_dates: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stage]:
    """Each verb with the home that it begins with."""
    folder = tmp_path_factory.mktemp("before")
    home = backcourt.open(folder / "home")
    home.init(simulated=True)
    made, ingest, run = copy_of(home.path, folder / "made").path, Step(("ingest", str(twelve_dates)), NOW), Step(("run",), NOW)
    assert verb(home.path, *ingest.arguments, now=NOW).problems(0) == []
    loaded = copy_of(home.path, folder / "loaded").path
    return {"ingest": Stage(ingest, made, loaded), "run": Stage(run, loaded, loaded)}


@dataclass(frozen=True)
class Told:
    """How the verb ended on a full disk, what `status` said there, how the verb ended with room; what the home holds then."""

    full: Ended | None
    status: Ended | None
    last: Ended
    holds: dict[tuple[str, ...], Any]
    grown: int


def on_a_disk(stage: Stage, room: int | None, folder: Path) -> Told:
    disk, given, told = folder / "disk", folder / "given.json", folder / "told.json"
    disk.mkdir()
    asked = {"disk": str(disk), "home": str(stage.before), "arguments": stage.step.arguments, "now": stage.step.now, "room": room}
    given.write_text(json.dumps(asked))
    program = [sys.executable, "-m", "tests.faults.full_disk", str(given), str(told)]
    done = subprocess.run(["unshare", "--mount", *program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    body = json.loads(told.read_text())
    *first, last = [Ended(tuple(end["verb"]), end["code"], end["out"], end["err"]) for end in body["ends"]]
    full, status = first or (None, None)
    return Told(full, status, last, {tuple(key): value for key, value in body["holds"]}, body["grown"])


@pytest.mark.parametrize(
    ("name", "sizes"),
    [("ingest", 1), *(pytest.param(name, 30, marks=pytest.mark.slow) for name in ("ingest", "run", "predict", "publish"))],
)
def test_a_full_disk_is_one_sentence_and_heals(
    name: str, sizes: int, steps: dict[str, Stage], tmp_path: Path, request: pytest.FixtureRequest
) -> None:  # fmt: skip
    # The league with a walk-forward takes a minute, and only some verbs need it.
    stage = steps.get(name) or request.getfixturevalue("stages")[name]
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    expected = on_a_disk(stage, None, undisturbed)
    assert expected.last.problems(0) == [] and expected.grown > 50 * PAGE
    codes: list[int] = []

    def trial(room: int, folder: Path) -> list[str]:
        told = on_a_disk(stage, room, folder)
        assert told.full is not None and told.status is not None
        codes.append(told.full.code)
        problems = told.full.problems(2, 0) + told.status.problems(0) + told.last.problems(0)
        sentences = [line for line in told.full.err.splitlines() if not PROGRESS.match(line)]
        if told.full.code == 2:
            if len(sentences) != 1 or "full" not in sentences[0]:
                problems.append(f"it said {sentences} instead of one sentence about the full disk")
            job = job_in(told.status, name)
            if (job["state"], job["exit_code"]) != ("failed", 2):
                problems.append(f"status says {job}")
        return problems + differences(told.holds, expected.holds)

    rooms = [(page - 1) * PAGE for page in moments(Random(f"{name} {sizes}"), expected.grown // PAGE, sizes)]
    assert each(rooms, tmp_path, trial) == []
    assert codes.count(2) >= 0.8 * sizes, codes
