"""The read snapshot: a copy of the closed warehouse file that readers may keep open while a run writes.

Two copies take turns. The one that nobody reads any more is brought up to date by writing the blocks that differ, and then takes the
name; a slate changes a few megabytes of a file that grows with every season.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

_BLOCK = 256 << 10
# A DuckDB file begins with three headers of 4 KB; the second and the third hold the size of a block.
_HEADERS = 12 << 10
_SIZE_AT = 40

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
        if _has_checksums(theirs) and _has_checksums(ours):
            _copy_differing(theirs, ours, _blocks_by_checksum(theirs, ours))
        else:
            size = os.fstat(theirs.fileno()).st_size
            _copy_differing(theirs, ours, [(start, _BLOCK) for start in range(0, size, _BLOCK)])
        ours.truncate(os.fstat(theirs.fileno()).st_size)


def _has_checksums(file: BinaryIO) -> bool:
    """Is it a DuckDB file of 256 KB blocks, each of which begins with a checksum of the rest?"""
    headers = os.pread(file.fileno(), _HEADERS, 0)
    sizes = {headers[start + _SIZE_AT : start + _SIZE_AT + 8] for start in (4096, 8192)}
    return headers[8:12] == b"DUCK" and sizes == {_BLOCK.to_bytes(8, "little")}


def _blocks_by_checksum(theirs: BinaryIO, ours: BinaryIO) -> Iterator[tuple[int, int]]:
    """The headers, and the blocks whose checksum differs: reading eight bytes a block instead of all costs nothing beside many seasons."""
    yield 0, _HEADERS
    source, copy = theirs.fileno(), ours.fileno()
    for start in range(_HEADERS, os.fstat(source).st_size, _BLOCK):
        if os.pread(source, 8, start) != os.pread(copy, 8, start):
            yield start, _BLOCK


def _copy_differing(theirs: BinaryIO, ours: BinaryIO, places: Iterable[tuple[int, int]]) -> None:
    for start, length in places:
        block = os.pread(theirs.fileno(), length, start)
        if os.pread(ours.fileno(), length, start) != block:
            os.pwrite(ours.fileno(), block, start)
