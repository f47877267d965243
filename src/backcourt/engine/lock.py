"""The write lock of a project home: one writer, with an owner that others can name."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from backcourt.engine.errors import BackcourtError, LockedError


def owner(path: Path) -> dict[str, str] | None:
    """Who holds the lock now (run, pid, since), or None."""
    try:
        with path.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                text = file.read()
                return dict(json.loads(text)) if text else {"run_id": "unknown", "pid": "unknown", "since": "unknown"}
            return None
    except OSError:
        return None


@contextmanager
def write_lock(path: Path, run_id: str, now: datetime) -> Iterator[None]:
    """Hold the lock while writing. The operating system frees it when the process ends, however it ends.

    Raises LockedError (exit 3) naming the owner, BackcourtError when the home can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise BackcourtError(f"{path.parent} can't be written ({error.strerror}); choose a writable home, or use --dry-run.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            text = file.read()
            held = json.loads(text) if text else {}
            raise LockedError(
                f"Run {held.get('run_id', 'unknown')} (pid {held.get('pid', 'unknown')}, since {held.get('since', 'unknown')}) holds "
                f"{path.parent}; wait for it to end and try again."
            ) from error
        file.seek(0)
        file.truncate()
        json.dump({"run_id": run_id, "pid": str(os.getpid()), "since": now.isoformat(timespec="seconds")}, file)
        file.flush()
        yield
