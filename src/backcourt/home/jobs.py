"""The keeper of jobs: what every verb that works leaves in `runs/<id>/`, also when it is killed.

job.json       who, when, how it ended
events.jsonl   what it did, a line each, written as it goes
stop           made by whoever wants it to end
"""

from __future__ import annotations

import errno
import getpass
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backcourt import __version__
from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import sweep, write_all, write_whole
from backcourt.engine.stop import Stopped, asked
from backcourt.field import clock
from backcourt.home import processes

JOB_FILE, EVENTS_FILE, STOP_FILE = "job.json", "events.jsonl", "stop"
MET_BY_EXCEPTION = 4
"""The exit code of a verdict that only declared holes and waivers make good, where that was asked: nothing went wrong."""
OUTCOMES = ("running", "ok", "unmet", "failed", "stopped", "out_of_time", "refused", "died", "unreadable")
RESERVE_FILE = ".reserve"
_RESERVED_BYTES = 64 << 10


@dataclass(frozen=True)
class Record:
    """One job. Moments are UTC by the home's clock; `exit_code` is None while it runs and when it was killed.

    `outcome`: running, ok, unmet (exit 1: something is not as it should be), failed (an error), stopped (SIGTERM,
    Ctrl-C, `stop`), out_of_time, refused (another job kept it out), died (its process is gone without a word) or
    unreadable (nobody can tell any more).
    """

    job: str
    verb: str
    outcome: str
    host: str
    pid: int
    process_started: str | None
    user: str
    arguments: list[str]
    version: str
    clock: str | None
    started_at: str
    ended_at: str | None = None
    exit_code: int | None = None
    message: str = ""
    last_ok: str | None = None
    summary: dict[str, Any] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Is it at work, as far as can be seen from here? A process of another machine is believed."""
        return self.outcome == "running" and processes.is_alive(self.pid, self.process_started, self.host) is not False

    @property
    def seen_outcome(self) -> str:
        """The outcome, with `died` for a job that says it runs under a process that is no more."""
        return "died" if self.outcome == "running" and not self.is_running else self.outcome

    @property
    def last_ok_at(self) -> datetime | None:
        """When the verb last ended well."""
        return datetime.fromisoformat(self.last_ok) if self.last_ok else None

    @property
    def told(self) -> str:
        """Who it is, as the subject of a sentence."""
        where = "" if self.host == processes.host() else f" on {self.host}"
        return f"{self.verb} {self.job} (process {self.pid}{where}, since {self.started_at} UTC)"


class Job:
    """A job at work. Without a folder (a home that can't be written) it leaves nothing behind."""

    def __init__(self, folder: Path | None, record: Record) -> None:
        self.folder = folder
        self.record = record
        self.kept = ""
        self.is_kept_out = False
        """Does it wait for the writer's seat?"""
        self._end: tuple[int, str, dict[str, Any]] = (0, "", {})

    @property
    def id(self) -> str:
        """The job's name: verb, time and process."""
        return self.record.job

    def emit(self, event: dict[str, Any]) -> None:
        """Add a line to the job's events. On a full disk the line is lost and the job goes on."""
        if self.folder is None:
            return
        try:
            with (self.folder / EVENTS_FILE).open("a", encoding="utf-8") as log:
                log.write(json.dumps({"at": clock.now().isoformat(), **event}, default=str) + "\n")
        except OSError:
            return

    def keep(self, kept: str) -> None:
        """Say what is kept if the job is stopped now, e.g. `3 of 12 files are loaded`."""
        self.kept = kept

    def check(self) -> None:
        """Raise Stopped when somebody asked this job, or this process, to end."""
        if (stop := asked()) is not None:
            raise stop
        if self.folder is not None and (self.folder / STOP_FILE).exists():
            raise Stopped("Cancelled", 143)

    def ends(self, exit_code: int, message: str = "", summary: dict[str, Any] | None = None) -> None:
        """Say how the job will have ended, unless an error ends it."""
        self._end = (exit_code, message, summary or {})

    @property
    def end(self) -> tuple[int, str, dict[str, Any]]:
        """What `ends` was told last: exit code, sentence, summary."""
        return self._end


class Jobs:
    """The jobs of a home, in its folder `runs`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, verb: str, *, records: bool = True) -> Job:
        """Start a job's record; `records` False, or a folder that can't be written, gives one that leaves nothing behind."""
        if records and self.folder.exists() and not self.folder.is_dir():
            raise BackcourtError(f"{self.folder} is no folder, and there the records of jobs belong; move it away and run this again.")
        last_ok = next((one.last_ok for one in self.records(verb) if one.outcome != "unreadable"), None) if records else None
        record = Record(
            _new_id(verb), verb, "running", processes.host(), os.getpid(), processes.own_start(), _user(), list(sys.argv[1:]), __version__,
            clock.given(), clock.now().isoformat(), last_ok=last_ok,
        )  # fmt: skip
        if not records:
            return Job(None, record)
        self._settle_the_dead()
        try:
            job = Job(self._new_folder(record.job), record)
            _write(self.folder, job.folder, record)
        except OSError:
            return Job(None, record)
        self._reserve()
        return job

    def end(self, job: Job, outcome: str, exit_code: int, message: str, summary: dict[str, Any] | None = None) -> None:
        """Finish a job's record."""
        ended = clock.now().isoformat()
        job.record = replace(
            job.record, outcome=outcome, ended_at=ended, exit_code=exit_code, message=message, summary=summary or {},
            last_ok=ended if outcome == "ok" else job.record.last_ok,
        )  # fmt: skip
        if job.folder is None:
            return
        try:
            _write(self.folder, job.folder, job.record)
        except OSError:
            return

    def records(self, verb: str | None = None) -> Iterator[Record]:
        """The jobs of a verb, or all, newest first. A record that can't be read is `unreadable`: it may have told of a failure."""
        try:
            names = [entry.name for entry in os.scandir(self.folder) if "-" in entry.name]
        except OSError:
            return
        wanted = [name for name in names if verb is None or name.rpartition("-")[0].rpartition("-")[0] == verb]
        for name in sorted(wanted, key=lambda name: name.split("-")[-2:], reverse=True):
            record = read_record(self.folder / name) or _unreadable(self.folder / name)
            if record is not None:
                yield record

    def get(self, job: str) -> Record | None:
        """One job by its name."""
        return read_record(self.folder / job) if job and "/" not in job else None

    def last(self, verb: str) -> Record | None:
        """The verb's job that tells how it stands: one at work, else the newest that wasn't kept out by another."""
        newest = None
        for place, record in enumerate(self.records(verb)):
            if record.outcome == "refused":
                continue
            if record.is_running:
                return record
            newest = newest or record
            if place >= 5:
                break
        return newest

    def verbs(self) -> list[str]:
        """Every verb that left a job, sorted."""
        try:
            names = [entry.name for entry in os.scandir(self.folder) if entry.name.count("-") >= 2]
        except OSError:
            return []
        return sorted({name.rpartition("-")[0].rpartition("-")[0] for name in names})

    def describe(self, job: str) -> str:
        """Who a job is, for a sentence; a name without a record is given as it is."""
        record = self.get(job)
        return record.told if record else job

    def _new_folder(self, job: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        folder = self.folder / job
        try:
            folder.mkdir()
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            self._give_up_reserve()
            folder.mkdir()
        return folder

    def _settle_the_dead(self) -> None:
        """Write `died` into the records of jobs whose process is gone, and remove the files that it left unfinished."""
        for place, record in enumerate(self.records()):
            if place >= 40:
                return
            if record.outcome == "running" and not record.is_running:
                message = f"process {record.pid} began at {record.started_at} and ended without a word; what it had committed is kept"
                try:
                    _write(self.folder, self.folder / record.job, replace(record, outcome="died", message=message))
                except OSError:
                    return
                sweep(self.folder.parent, record.pid)

    def _reserve(self) -> None:
        """Keep some bytes aside, so that a job that fills the disk can still say so."""
        file = self.folder / RESERVE_FILE
        try:
            if not file.exists() or file.stat().st_size < _RESERVED_BYTES:
                write_whole(file, bytes(_RESERVED_BYTES))
        except OSError:
            return

    def _give_up_reserve(self) -> None:
        (self.folder / RESERVE_FILE).unlink(missing_ok=True)


def read_record(folder: Path) -> Record | None:
    """The record in a job's folder; None for anything else."""
    try:
        body = json.loads((folder / JOB_FILE).read_text(encoding="utf-8"))
        record = Record(**body)
        datetime.fromisoformat(record.started_at)
        is_whole = record.job == folder.name and record.outcome in OUTCOMES and isinstance(record.pid, int)
        return record if is_whole and (record.last_ok is None or record.last_ok_at) else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _unreadable(folder: Path) -> Record | None:
    """What a job's name tells of it; None for what is no job, or one that is about to write its record."""
    verb, _, number = folder.name.partition("-")[0], "", folder.name.rpartition("-")[2]
    try:
        began = datetime.strptime(folder.name.split("-")[-2], "%Y%m%dT%H%M%S%f")  # noqa: DTZ007 - moments are UTC without zone
        pid = int(number)
    except (ValueError, IndexError):
        return None
    if not folder.is_dir() or (not (folder / JOB_FILE).exists() and processes.started(pid) is not None):
        return None
    message = f"{folder / JOB_FILE} can't be read, so how it ended is not known"
    return Record(
        folder.name, verb, "unreadable", processes.host(), pid, None, "", [], "", None, began.isoformat(), message=message,
    )  # fmt: skip


def outcome_of(error: BaseException) -> tuple[str, int, str]:
    """Outcome, exit code and sentence of a job that an exception ends."""
    message = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, Stopped):
        return "stopped", error.exit_code, error.said
    if isinstance(error, KeyboardInterrupt):
        return "stopped", 130, "Interrupted"
    if isinstance(error, BackcourtError):
        named = {3: "refused", 1: "unmet", 124: "out_of_time"}
        return named.get(error.exit_code, "failed"), error.exit_code, message
    return "failed", 2, f"{type(error).__name__}: {message}"


def _write(jobs: Path, folder: Path | None, record: Record) -> None:
    assert folder is not None
    text = json.dumps(asdict(record), indent=1) + "\n"
    try:
        write_whole(folder / JOB_FILE, text)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        (jobs / RESERVE_FILE).unlink(missing_ok=True)
        try:
            write_whole(folder / JOB_FILE, text)
        except OSError:
            _overwrite(folder / JOB_FILE, replace(record, summary={}))


def _overwrite(file: Path, record: Record) -> None:
    """The last resort of a full disk: over the record that is there, whose space is the job's already."""
    data = (json.dumps(asdict(record), indent=1) + "\n").encode()
    stream = os.open(file, os.O_RDWR)
    try:
        write_all(stream, data, 0)
        os.ftruncate(stream, len(data))
    finally:
        os.close(stream)


def _new_id(verb: str) -> str:
    """By the machine's own time, so that jobs sort in the order in which they began whatever the home's clock says."""
    return f"{verb}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{os.getpid()}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
