"""The read snapshot: a copy of the closed warehouse file that readers may keep open while a run writes.

Two copies take turns. The one that nobody reads any more is brought up to date by writing the blocks that differ, and then takes the
name; a slate changes a few megabytes of a file that grows with every season.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

_CHUNK = 4 << 20
_BLOCK = 256 << 10

_open_here: set[int] = set()


def opened(snapshot: Path) -> None:
    """This process reads the snapshot from now on: locks don't tell a process about its own readers."""
    _open_here.add(snapshot.stat().st_ino)


def publish(warehouse: Path, snapshot: Path) -> None:
    """Give `snapshot` the content of the closed file `warehouse`: copied, synced, renamed in one step. Raises OSError."""
    spare, fresh = snapshot.with_suffix(".spare"), snapshot.with_suffix(".tmp")
    if _is_unread(spare):
        spare.replace(fresh)
        _catch_up(fresh, warehouse)
    else:
        # copyfile lets the kernel copy; read and write through Python took three times as long.
        shutil.copyfile(warehouse, fresh)
    with fresh.open("rb+") as written:
        os.fsync(written.fileno())
    if snapshot.exists():
        spare.unlink(missing_ok=True)
        os.link(snapshot, spare)
    fresh.replace(snapshot)


def _is_unread(spare: Path) -> bool:
    """Is there a spare copy that no process has open? A warehouse driver that reads a file holds a lock on it."""
    try:
        if spare.stat().st_ino in _open_here:
            return False
        with spare.open("rb+") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except OSError:
        return False


def _catch_up(copy: Path, source: Path) -> None:
    with source.open("rb") as theirs, copy.open("rb+") as ours:
        position = 0
        while chunk := theirs.read(_CHUNK):
            ours.seek(position)
            held = ours.read(len(chunk))
            if held != chunk:
                for start in range(0, len(chunk), _BLOCK):
                    block = chunk[start : start + _BLOCK]
                    if held[start : start + _BLOCK] != block:
                        ours.seek(position + start)
                        ours.write(block)
            position += len(chunk)
        ours.truncate(position)
