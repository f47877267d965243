"""Word that each job leaves in `HOME/heartbeats/<job>.json`: when it began and ended, how, and when it last ended well."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Concatenate, Literal, ParamSpec, Protocol, TypeVar

from backcourt import clock
from backcourt.engine.errors import BackcourtError, LockedError

FOLDER = "heartbeats"
P = ParamSpec("P")
R = TypeVar("R")


class _Placed(Protocol):
    @property
    def path(self) -> Path: ...


H = TypeVar("H", bound=_Placed)


@dataclass(frozen=True)
class Heartbeat:
    """A job's latest word; moments are UTC. A job that was killed still says `running`, under a process that is no more."""

    job: str
    outcome: Literal["running", "ok", "failed"]
    pid: int
    started_at: str
    ended_at: str | None = None
    last_ok: str | None = None
    message: str = ""

    @property
    def is_alive(self) -> bool:
        """Does its process exist? A process of another user does."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    @property
    def last_ok_at(self) -> datetime | None:
        """When the job last ended well."""
        return datetime.fromisoformat(self.last_ok) if self.last_ok else None


def read_heartbeat(home: Path, job: str) -> Heartbeat | None:
    """The latest word of a job; None when it never left any. Raises BackcourtError for a file that can't be read."""
    file = home / FOLDER / f"{job}.json"
    try:
        return Heartbeat(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise BackcourtError(f"{file} can't be read ({error}); delete it, the next {job} writes it again.") from error


def beats(job: str) -> Callable[[Callable[Concatenate[H, P], R]], Callable[Concatenate[H, P], R]]:
    """Let a function whose first argument is a home leave word as `job`: when it begins, and when it returns or raises.

    A job that another one keeps out leaves none, so that it doesn't hide the one that is at work.
    """

    def wrap(work: Callable[Concatenate[H, P], R]) -> Callable[Concatenate[H, P], R]:
        @functools.wraps(work)
        def beating(home: H, *args: P.args, **kwargs: P.kwargs) -> R:
            before = _known(home.path, job)
            word = Heartbeat(job, "running", os.getpid(), _now(), None, before.last_ok if before else None)
            if before is None or before.outcome != "running" or not before.is_alive:
                _write(home.path, word)
            try:
                result = work(home, *args, **kwargs)
            except LockedError:
                if before is None:
                    (home.path / FOLDER / f"{job}.json").unlink(missing_ok=True)
                else:
                    _write(home.path, before)
                raise
            except BaseException as error:
                message = str(error).splitlines()[0] if str(error) else type(error).__name__
                _write(home.path, replace(word, outcome="failed", ended_at=_now(), message=message))
                raise
            ended = _now()
            _write(home.path, replace(word, outcome="ok", ended_at=ended, last_ok=ended))
            return result

        return beating

    return wrap


def _known(home: Path, job: str) -> Heartbeat | None:
    try:
        return read_heartbeat(home, job)
    except BackcourtError:
        return None


def _now() -> str:
    return clock.now().isoformat()


def _write(home: Path, word: Heartbeat) -> None:
    """A home that isn't there yet, or that can't be written, gets no word: the job itself says what is wrong with it."""
    if not home.is_dir():
        return
    file = home / FOLDER / f"{word.job}.json"
    try:
        file.parent.mkdir(exist_ok=True)
        part = file.with_name(f".{file.name}.{word.pid}.part")
        part.write_text(json.dumps(asdict(word), indent=1) + "\n")
        part.replace(file)
    except OSError:
        return
