"""Is a file still the one that the engine left, or did anyone else write it since?"""

from __future__ import annotations

import hashlib
from pathlib import Path

from backcourt.engine import cache_file

# A warehouse file's headers hold a counter that every checkpoint raises.
_HEADER = 12 * 1024

State = dict[str, object]


def state_of(file: Path, *, headers: bool = True) -> State | None:
    """Size, time, inode and headers of a closed warehouse file; None when there is none, or its log isn't in the file yet.

    Without `headers` the file isn't opened: closing it again would take away the lock that this process may hold on
    it as a reader.
    """
    try:
        if file.with_name(f"{file.name}.wal").exists():
            return None
        found = file.stat()
        state: State = {"size": found.st_size, "changed": found.st_mtime_ns, "inode": found.st_ino}
        if headers:
            with file.open("rb") as stream:
                state["headers"] = hashlib.sha256(stream.read(_HEADER)).hexdigest()
    except OSError:
        return None
    return state


class Stamp:
    """A note of a closed file's state, and what holding it means: trust of its rows, or having been published.

    While the file still bears it, nobody else wrote the file. Anything that writes it, by whatever tool, voids the
    stamp.
    """

    def __init__(self, file: Path, note: Path, *, headers: bool = True) -> None:
        self._file = file
        self._note = note
        self._headers = headers

    def holds(self) -> bool:
        """Is the file the one that was stamped?"""
        now = state_of(self._file, headers=self._headers)
        return now is not None and cache_file.recall(self._note) == now

    def put(self) -> None:
        """Stamp the closed file; a home that can't be written has no stamp."""
        now = state_of(self._file, headers=self._headers)
        if now is not None:
            cache_file.keep(self._note, now)
