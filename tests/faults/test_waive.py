"""A waiver, and the run that builds under it, stopped anywhere, twice at once or on a full disk: nothing lost, and the same again heals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import duckdb
import pytest

import backcourt
from backcourt.simulate import simulate
from tests.conftest import ROOT, _once
from tests.faults.conftest import WITHOUT
from tests.faults.test_full_disk import PAGE, disks, on_a_disk  # noqa: F401 - disks is a fixture
from tests.faults.trials import (
    KILLED,
    NOW,
    SIGNALS,
    STOPPED,
    Stage,
    Step,
    Stop,
    copy_of,
    counted,
    cut,
    differences,
    each,
    everything,
    leavings,
    moments,
    verb,
)

pytestmark = pytest.mark.slow
TRIALS = 16
TABLE = "team_offense_game_summary"


@pytest.fixture(scope="module", params=[31, 77])
def steps(request: pytest.FixtureRequest, shared_folder: Path) -> dict[str, Stage]:
    """Of two leagues: a home with a game that a check withholds, before and after it is waived, and after that was built."""
    seed: int = request.param

    def build(folder: Path) -> None:
        simulate(folder / "all", seasons=1, seed=seed, games_per_team=6, share_of_games_with_props=0.5)
        cut(folder / "all", folder / "raw", dates=8, games_a_day=2, without=WITHOUT)
        file = next((folder / "raw").rglob("team_box_*.parquet"))
        with duckdb.connect() as database:
            database.execute(f"create table rows as select * from '{file}'")
            wrong = 'case when row_number() over (order by "GAME_ID", "TEAM_ID") = 5 then "AST" + 1 else "AST" end'
            database.execute(f"copy (select * replace ({wrong} as \"AST\") from rows) to '{file}' (format parquet)")
        home = folder / "home"
        assert verb(home, "init", "--simulated", now=NOW).problems(0) == []
        assert verb(home, "ingest", str(folder / "raw"), now=NOW).problems(0) == []
        assert verb(home, "run", now=NOW).problems(1) == []
        copy_of(home, folder / "failed")
        assert verb(home, *waive(folder / "failed"), now=NOW).problems(0) == []
        copy_of(home, folder / "waived")
        assert verb(home, "run", now=NOW).problems(0) == []

    folder = _once(shared_folder / f"waived_{seed}", build)
    return {
        "waive": Stage(Step(waive(folder / "failed"), NOW), folder / "failed", folder / "waived"),
        "run": Stage(Step(("run",), NOW), folder / "waived", folder / "home"),
    }


def waive(home: Path) -> tuple[str, ...]:
    with backcourt.open(home).reading() as warehouse:
        ((day, withheld),) = warehouse.query(
            f"select game_date, withheld from receipts where table_name = '{TABLE}' and withheld <> '{{}}'"
        )
    game = withheld.split('"')[1]
    return ("waive", TABLE, str(day), "--game", game, "--reason", "counted by hand", "--until", "2099-01-01", "--author", "me")


def waivers(home: Path) -> int:
    with backcourt.open(home).reading() as warehouse:
        return int(warehouse.query("select count(*) from waivers")[0][0])


def ends_well(name: str, home: Path, stage: Stage, was_recorded: bool) -> list[str]:
    """The same verb again, and what it leaves; a waiver that stands is refused a second time."""
    again = verb(home, *stage.step.arguments, now=NOW)
    problems = again.problems(2 if was_recorded else 0)
    if was_recorded and "already" not in again.err:
        problems.append(f"it said {again.err!r}")
    problems += [] if waivers(home) == 1 else [f"{waivers(home)} waivers"]
    return problems + differences(everything(home), everything(stage.after)) + leavings(home)


@pytest.mark.parametrize("name", ["waive", "run"])
def test_stopped_anywhere_the_same_again_ends_as_undisturbed(name: str, steps: dict[str, Stage], tmp_path: Path) -> None:
    stage = steps[name]
    events = counted(copy_of(stage.before, tmp_path / "counted").path, *stage.step.arguments, now=NOW).all

    def trial(stop: Stop, folder: Path) -> list[str]:
        home = copy_of(stage.before, folder / "home").path
        is_killed = stop.signal == -KILLED
        problems = verb(home, *stage.step.arguments, now=NOW, stop=stop).problems(*((KILLED,) if is_killed else (STOPPED, 0)))
        problems += verb(home, "status", now=NOW).problems(0)
        return problems + ends_well(name, home, stage, name == "waive" and waivers(home) == 1)

    found = [Stop(at, SIGNALS[place % 2]) for place, at in enumerate(moments(Random(name), events, TRIALS))]
    assert each(found, tmp_path, trial) == []


@pytest.mark.parametrize("name", ["waive", "run"])
def test_a_full_disk_is_one_sentence_and_heals(name: str, disks: None, steps: dict[str, Stage], tmp_path: Path) -> None:  # noqa: F811
    stage = steps[name]
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    expected = on_a_disk(stage, None, undisturbed)
    full: list[int] = []

    def trial(room: int, folder: Path) -> list[str]:
        told = on_a_disk(stage, room, folder)
        assert told.full is not None and told.status is not None
        full.append(told.full.code)
        problems = told.full.problems(0, 2) + told.status.problems(0)
        if told.full.code == 2 and "full" not in told.full.err:
            problems.append(f"it said {told.full.err!r}")
        # A waiver that got in before the disk was full stands, and is refused a second time.
        problems += told.last.problems(0, 2) if name == "waive" else told.last.problems(0)
        problems += [] if told.last.code == 0 or "already" in told.last.err else [f"it said {told.last.err!r}"]
        return problems + differences(told.holds, expected.holds)

    rooms = [(page - 1) * PAGE for page in moments(Random(name), max(expected.grown // PAGE, TRIALS), TRIALS)]
    assert each(rooms, tmp_path, trial) == []
    assert 2 in full, "no disk was full"


@pytest.mark.parametrize("is_end", [False, True], ids=["begun", "ended"])
def test_of_two_at_once_one_is_refused(is_end: bool, steps: dict[str, Stage], tmp_path: Path) -> None:
    stage = steps["waive"]
    home = copy_of(stage.after if is_end else stage.before, tmp_path / "home").path
    given = stage.step.arguments
    arguments = (*given[: given.index("--reason")], "--end") if is_end else given
    program = [sys.executable, "-m", "backcourt", *arguments, "--home", str(home)]
    settings = {"BACKCOURT_NOW": NOW, "PYTHONPATH": f"{ROOT / 'src'}"}
    both = [subprocess.Popen(program, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ends = [(process.communicate(), process.returncode) for process in both]
    assert sorted(code for _, code in ends) in ([0, 2], [0, 3]), ends
    assert not any("Traceback" in err for (_, err), _ in ends) and waivers(home) == (0 if is_end else 1)
