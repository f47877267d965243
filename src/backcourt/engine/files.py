"""One way to keep a file: whole under its name, or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError

_numbers = count(1)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Gives a path beside `path` to write to; what was written there takes the name when all of it is on the disk.

    An exception leaves what stood under the name, and nothing else. The folder must exist. Raises OSError. An
    unfinished file is called `.NAME.PID.N.part`: its process can be told from others', so that two writers don't meet
    and a killed one's leavings can be swept up.

    Example:
        with whole(folder / "rows.npy") as unfinished, unfinished.open("wb") as stream:
            numpy.save(stream, rows)
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{next(_numbers)}.part")
    try:
        yield unfinished
        with unfinished.open("rb+") as written:
            os.fsync(written.fileno())
        unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: str | bytes) -> None:
    """Write a file whole or not at all; text is UTF-8. The folder must exist. Raises OSError."""
    with whole(path) as unfinished:
        unfinished.write_bytes(data.encode() if isinstance(data, str) else data)


def read_json(path: Path, remedy: str) -> Any | None:
    """What a JSON file holds; None when there is none. Raises BackcourtError with `remedy`, the next step, for one that can't be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise BackcourtError(f"{path} can't be read ({str(error) or type(error).__name__}); {remedy}.") from error


def read_object(path: Path, remedy: str) -> dict[str, Any] | None:
    """As `read_json`, of a file that holds an object; anything else raises BackcourtError too."""
    body = read_json(path, remedy)
    if body is not None and not isinstance(body, dict):
        raise BackcourtError(f"{path} holds no object; {remedy}.")
    return body


def free_name(path: Path) -> Path:
    """Where to put aside what stands under a name that is needed: nothing of anybody's is deleted."""
    return next(name for number in count(1) if not (name := path.with_name(f"{path.name}.set-aside-{number}")).exists())


def write_all(file: int, data: bytes, start: int | None = None) -> None:
    """Write all of it, at `start` or where the file stands. Raises OSError, also on a disk that is full after the first part.

    The system writes what fits and reports its length as a success; only the next call fails.
    """
    rest = memoryview(data)
    while rest:
        done = os.write(file, rest) if start is None else os.pwrite(file, rest, start)
        rest = rest[done:]
        start = None if start is None else start + done


def append_line(path: Path, line: str) -> None:
    """Add a line to a log, on the disk before this returns. Raises OSError.

    What a killed writer left unfinished stays a line of its own.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(file).st_size
        torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        write_all(file, (b"\n" if torn else b"") + line.encode() + b"\n")
        os.fsync(file)
    finally:
        os.close(file)


def sweep(folder: Path, pid: int) -> None:
    """Remove the unfinished files of a process that is no more, from the folder and those below it."""
    for unfinished in folder.rglob(f".*.{pid}.*.part"):
        # A file's own name may hold the number, too.
        if unfinished.name.split(".")[-3] == str(pid):
            with suppress(OSError):
                unfinished.unlink()
