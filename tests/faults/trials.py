"""Verbs in processes of their own, stopped at an event or left alone, and what a home holds afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import duckdb

import backcourt
from backcourt.engine.judge.receipts import measure
from backcourt.forecasting.trials import read_trials
from backcourt.home import Home
from backcourt.publishing.generation import Publication
from backcourt.record.chain import verify_chain
from tests.conftest import ROOT
from tests.faults.stopper import ANYWHERE

KILLED, STOPPED = -signal.SIGKILL, 128 + signal.SIGTERM
SIGNALS = (signal.SIGKILL, signal.SIGTERM)
AT_ONCE = 2
HANGS_AFTER_SECONDS = 300.0

Content = dict[tuple[str, str], tuple[int, str]]
Told = dict[tuple[str, ...], object]
_OF_A_JOB = ("run_id", "row_hash", "previous_hash", "batch_hash", "row_hashes")
T = TypeVar("T")


@dataclass(frozen=True)
class Ended:
    """A verb's end: what was asked of it, its exit code (a negative one names the signal that killed it), what it printed."""

    verb: tuple[str, ...]
    code: int
    out: str
    err: str

    def problems(self, *codes: int) -> list[str]:
        """What is wrong with this end, when the exit code should be one of these."""
        told = self.err.strip()[-400:]
        found = [] if self.code in codes else [f"{self.verb[0]} ended with {self.code} instead of {codes}: {told}"]
        return found + ([f"{self.verb[0]} printed a traceback: {told}"] if "Traceback" in self.err else [])


@dataclass(frozen=True)
class Stop:
    """The signal that meets a verb, at which of its events, counted anywhere or within the publication of the snapshot."""

    at: int
    signal: int
    where: str = ANYWHERE


@dataclass(frozen=True)
class Counts:
    """How many events an undisturbed verb has, and how many of them within the publication of the snapshot."""

    all: int
    of_publication: int


@dataclass(frozen=True)
class Step:
    """A verb with its arguments and the clock that it is given."""

    arguments: tuple[str, ...]
    now: str


@dataclass(frozen=True)
class Stage:
    """A step with the home before it and the one after it, to be copied only."""

    step: Step
    before: Path
    after: Path


def verb(home: Path, *arguments: str, now: str, stop: Stop | None = None) -> Ended:
    """A verb on a home by a set clock; `stop` sends it a signal."""
    if stop is None:
        return _ended([sys.executable, "-m", "backcourt"], home, arguments, now)
    given = (os.devnull, str(stop.at), str(int(stop.signal)), stop.where)
    return _ended([sys.executable, "-m", "tests.faults.stopper", *given], home, arguments, now)


def counted(home: Path, *arguments: str, now: str) -> Counts:
    """Let a verb run undisturbed and count its events."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "counts"
        ended = _ended([sys.executable, "-m", "tests.faults.stopper", str(report), "0", "0", ANYWHERE], home, arguments, now)
        assert ended.problems(0) == []
        return Counts(*map(int, report.read_text().split()))


def _ended(program: list[str], home: Path, arguments: tuple[str, ...], now: str) -> Ended:
    # Means of nothing are rows of a league as small as this; NumPy warns of them.
    settings = {**os.environ, "BACKCOURT_NOW": now, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PYTHONWARNINGS": "ignore::RuntimeWarning"}
    done = subprocess.run(
        [*program, *arguments, "--home", str(home)],
        cwd=ROOT, env=settings, capture_output=True, text=True, check=False, timeout=HANGS_AFTER_SECONDS,
    )  # fmt: skip
    return Ended(arguments, done.returncode, done.stdout, done.stderr)


def content(home: Home) -> Content:
    """Rows and content hash of every partition of every relation, the sources' and the built ones."""
    with home.reading() as warehouse:
        return {
            (node.name, str(day)): (measured.rows, measured.content_hash)
            for node in home.catalog.nodes.values()
            if not node.is_appended and warehouse.columns(node.name)
            for day, measured in measure(warehouse, node, content_only=True).items()
        }


def everything(home: Path) -> Told:
    """All that verbs leave in a home, by its kind and name, but for who wrote it: rows, what was said, published files, walk-forwards."""
    place = backcourt.open(home)
    found: Told = {("partition", *key): value for key, value in content(place).items()}
    with place.reading() as warehouse:
        for node in place.catalog.appended:
            if warehouse.columns(node.name):
                names = ", ".join(name for name in node.column_names if name not in _OF_A_JOB)
                for number, row in enumerate(warehouse.query(f"select {names} from {node.name} order by all")):
                    found["said", node.name, str(number)] = row
        faults = verify_chain(warehouse, place.catalog)
    found |= {("fault", str(fault)): True for fault in faults}
    manifest = Publication(home / "published" / "v1").manifest()
    for entry in manifest.files if manifest else ():
        found["published", entry.path.split("/", 2)[-1]] = entry.sha256
    runs = home / "runs" / "backtest"
    for file in sorted(runs.rglob("*")):
        if file.is_file():
            found["walk-forward", str(file.relative_to(runs))] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found | {("attempt", trial.key, str(number)): True for number, trial in enumerate(read_trials(home))}


def differences(found: Mapping[Any, object], expected: Mapping[Any, object]) -> list[str]:
    """A sentence for what differs, if anything does."""
    keys = [key for key in sorted(found.keys() | expected.keys()) if found.get(key) != expected.get(key)]
    return [f"{len(keys)} things differ, e.g. {keys[0]}: {found.get(keys[0])}, should be {expected.get(keys[0])}"] if keys else []


def leavings(home: Path) -> list[str]:
    """Unfinished files that lie about in a home in which nobody works."""
    found = [file for pattern in (".*.part", "*.tmp", "*.wal") for file in home.rglob(pattern)]
    return [f"left behind: {file.relative_to(home)}" for file in found]


def job_of(home: Path, name: str, now: str) -> dict[str, Any]:
    """What `status` tells of a job: its state, exit code, note."""
    return job_in(verb(home, "status", "--json", now=now), name)


def job_in(status: Ended, name: str) -> dict[str, Any]:
    """The same from the output of `status --json`."""
    assert status.problems(0) == [], status
    (told,) = [part for part in json.loads(status.out)["health"] if part["name"] == name]
    return dict(told)


def has_record(home: Path, name: str, known: frozenset[str]) -> bool:
    """Has a job of this verb left a record, besides the known ones?"""
    return any(file.parent.name not in known for file in (home / "runs").glob(f"{name}-*/job.json"))


def jobs_of(home: Path) -> frozenset[str]:
    """The names of all jobs that left a record."""
    return frozenset(file.parent.name for file in (home / "runs").glob("*/job.json"))


def copy_of(home: Path, folder: Path) -> Home:
    """A copy that counts as untouched: its engine has left it, with its snapshot."""
    shutil.copytree(home, folder)
    copied = backcourt.open(folder)
    copied.custody.stamp.put()
    # After the second time there is a spare, too, that is brought up to date by blocks.
    copied.custody.snapshot.publish()
    copied.custody.snapshot.publish()
    return copied


def each(trials: Iterable[T], folder: Path, trial: Callable[[T, Path], list[str]]) -> list[str]:
    """The problems of all trials, each in a folder of its own, of which those of the failed ones stay; some run at a time."""

    def run(number: int, one: T) -> list[str]:
        place = folder / f"trial-{number}"
        place.mkdir()
        problems = [f"{one}: {problem}" for problem in trial(one, place)]
        if not problems:
            shutil.rmtree(place)
        return problems

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [problem for found in pool.map(run, *zip(*enumerate(trials), strict=True)) for problem in found]


def moments(chance: Random, count: int, wanted: int) -> list[int]:
    """So many events of the first `count`, spread over all of them: one of each stretch of equal length."""
    edges = [1 + count * place // wanted for place in range(wanted + 1)]
    return [chance.randrange(first, max(last, first + 1)) for first, last in pairwise(edges)]


def cut(source: Path, target: Path, *, dates: int, games_a_day: int, without: tuple[str, ...] = ()) -> None:
    """The raw files of a league's first dates of the regular season and on, of few games each; files named in `without` are left out."""
    connection = duckdb.connect()
    (schedule,) = (source / "nba").glob("schedule_2*.parquet")
    connection.execute(
        'create table kept as select id, slate, home from (select "gameId" as id, left("gameDateEst", 10) as slate, '
        '"homeTeam.teamCity" || \' \' || "homeTeam.teamName" as home, row_number() over (partition by slate order by id) as place, '
        f"dense_rank() over (order by slate) as slate_number from '{schedule}' where id >= '002') "
        f"where place <= {games_a_day} and slate_number <= {dates}"
    )
    of_game, of_home = "{} in (select id from kept)", "(home_team, {}::varchar) in (select (home, slate) from kept)"
    of_time = "{}::varchar <= (select max(slate) from kept)"
    conditions = {
        "GAME_ID": of_game, "gid": of_game, "gameId": of_game,
        # No game begins in the first ten hours of a day, UTC.
        "commence_time": of_home.format("(commence_time::timestamp - interval 10 hour)::date"),
        "event_date": of_home, "date": of_time, "Date": of_time,
    }  # fmt: skip
    for file in sorted(source.rglob("*.parquet")):
        if file.name.startswith(without):
            continue
        named = {str(row[0]) for row in connection.execute(f"describe select * from '{file}'").fetchall()}
        condition = next((text.format(name) for name, text in conditions.items() if name in named), "true")
        copied = target / file.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        query = f"select * from '{file}' where {condition}"
        if connection.execute(f"select 1 from ({query}) limit 1").fetchall():
            connection.execute(f"copy ({query}) to '{copied}' (format parquet)")
            note = file.with_name(f"{file.name}.meta.json")
            if note.exists():
                shutil.copyfile(note, copied.with_name(note.name))


NOW = "2022-03-01T12:00:00"
"""A moment after everything."""
