"""One writer at a time: a lock on a file, with the name of its owner in it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backcourt.engine.errors import BackcourtError, LockedError
from backcourt.engine.files import free_name

_LOOK_AGAIN_SECONDS = 0.05
_SAY_AFTER_SECONDS = 1.0


def owner(path: Path) -> str | None:
    """The name of whoever holds the lock now; None when nobody does."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _name_in(file)
    finally:
        os.close(file)
    return None


@contextmanager
def write_lock(
    path: Path,
    name: str,
    *,
    patience: float = 0.0,
    on_wait: Callable[[str], None] = lambda name: None,
    describe: Callable[[str], str] = str,
) -> Iterator[None]:
    """Hold the lock while writing, under `name`. The operating system frees it when the process ends, however it ends.

    While another process holds it, wait up to `patience` seconds; `on_wait` is then told the owner's name, once.
    `describe` makes of that name the subject of a sentence. Raises LockedError (exit 3) naming the owner,
    BackcourtError when the folder can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            path.rename(free_name(path))
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise BackcourtError(f"{path.parent} can't be written ({error.strerror}); choose a folder that you may write.") from error
    try:
        _take(file, path, patience, on_wait, describe)
        # On a full disk the lock is held all the same; only its owner's name is lacking.
        with suppress(OSError):
            os.ftruncate(file, 0)
            os.pwrite(file, name.encode(), 0)
        yield
    finally:
        os.close(file)


def _take(file: int, path: Path, patience: float, on_wait: Callable[[str], None], describe: Callable[[str], str]) -> None:
    began = time.monotonic()
    has_said = False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            waited = time.monotonic() - began
            if waited >= patience:
                after = f" for {patience:.0f} s and more" if patience else ""
                raise LockedError(f"{describe(_name_in(file))} holds {path.parent}{after}; wait for it to end and try again.") from error
            if waited >= _SAY_AFTER_SECONDS and not has_said:
                has_said = True
                on_wait(_name_in(file))
        time.sleep(_LOOK_AGAIN_SECONDS)


def _name_in(file: int) -> str:
    return os.pread(file, 200, 0).decode(errors="replace").strip() or "another process"
