"""The read snapshot: a copy of the closed warehouse file that readers may keep open while a run writes.

Two copies take turns. The one that nobody reads any more is brought up to date by writing the blocks that differ, and
then takes the name; a slate changes a few megabytes of a file that grows with every season.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from backcourt.engine.files import free_name, whole, write_all
from backcourt.home.stamp import Stamp, State, state_of

_BLOCK = 256 << 10
# A DuckDB file begins with three headers of 4 KB; the second and the third hold the size of a block.
_HEADERS = 12 << 10
_SIZE_AT = 40


def held_open(snapshot: Path) -> BinaryIO:
    """The snapshot's file, locked as being read for as long as the stream is open; what takes its name meanwhile is another file.

    The lock belongs to the stream: unlike the driver's own, it outlasts another reader of this process that closes
    the same file.
    """
    while True:
        stream = snapshot.open("rb")
        fcntl.flock(stream, fcntl.LOCK_SH)
        # Between opening and locking it, two publications could have made it the copy that is written to.
        if snapshot.exists() and os.fstat(stream.fileno()).st_ino == snapshot.stat().st_ino:
            return stream
        stream.close()


class Snapshot:
    """The read snapshot of a warehouse file, the copy before it, and notes of which files they are."""

    def __init__(self, warehouse: Path, file: Path, notes: Path) -> None:
        self.file = file
        self._warehouse = warehouse
        self._spare = file.with_suffix(".spare")
        self._published: State | None = None
        self._made_of = Stamp(warehouse, notes / "published.json", headers=False)
        self._sound = Stamp(file, notes / "snapshot.json", headers=False)
        self._sound_spare = Stamp(self._spare, notes / "spare.json", headers=False)

    def is_current(self) -> bool:
        """Is it, whole, what the warehouse file holds now? Files that were copied or touched by others are unknown, hence not."""
        return (self._made_of.holds() and self._sound.holds()) or self._is_as_published_here()

    def is_equal(self) -> bool:
        """Without notes, by reading: does it hold what the closed warehouse file holds? A file beside its log is not closed."""
        if self._warehouse.with_name(f"{self._warehouse.name}.wal").exists():
            return False
        try:
            with self._warehouse.open("rb") as theirs, self.file.open("rb") as ours:
                if os.fstat(theirs.fileno()).st_size != os.fstat(ours.fileno()).st_size:
                    return False
                return all(
                    os.pread(theirs.fileno(), length, start) == os.pread(ours.fileno(), length, start)
                    for start, length in _places(theirs, ours)
                )
        except OSError:
            return False

    def is_sound(self) -> bool:
        """Is the file the one that was published last?"""
        return self._sound.holds()

    def keep(self, target: Path) -> None:
        """Copy it to `target`, unless something stands there or it isn't the one that was published last. Raises OSError."""
        if target.exists() or not self.is_sound():
            return
        target.parent.mkdir(exist_ok=True)
        with whole(target) as unfinished:
            shutil.copyfile(self.file, unfinished)

    def publish(self) -> None:
        """Give the snapshot the content of the closed warehouse file: copied, synced, renamed in one step. Raises OSError.

        Only a spare that is as it was left is brought up to date by blocks; in anything else a damaged block could
        stay.
        """
        was_sound = self._sound.holds()
        publish(self._warehouse, self.file, spare_is_sound=self._sound_spare.holds())
        if was_sound:
            self._sound_spare.put()
        self._sound.put()
        self._made_of.put()
        self._published = self._states()

    def _is_as_published_here(self) -> bool:
        """The same without notes, for a home whose cache can't be written: did this process publish it, and has nothing changed since?"""
        return self._published is not None and self._published == self._states()

    def _states(self) -> State:
        return {"warehouse": state_of(self._warehouse, headers=False), "snapshot": state_of(self.file, headers=False)}


def publish(warehouse: Path, snapshot: Path, *, spare_is_sound: bool = True) -> None:
    """Give `snapshot` the content of the closed file `warehouse`. Raises OSError, and leaves what was there."""
    spare, fresh = snapshot.with_suffix(".spare"), snapshot.with_suffix(".tmp")
    for file in (snapshot, spare, fresh):
        if file.is_dir():
            # Whoever put a folder there may want what is in it.
            file.rename(free_name(file))
    try:
        if spare_is_sound and _is_unread(spare):
            spare.replace(fresh)
            _catch_up(fresh, warehouse)
        else:
            # copyfile lets the kernel copy; read and write through Python took three times as long.
            shutil.copyfile(warehouse, fresh)
        with fresh.open("rb+") as written:
            os.fsync(written.fileno())
    except BaseException:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    if snapshot.exists():
        spare.unlink(missing_ok=True)
        os.link(snapshot, spare)
    fresh.replace(snapshot)


def _is_unread(spare: Path) -> bool:
    """Is there a spare copy that nobody has open? Our readers hold one kind of lock, another program's driver holds the other."""
    try:
        with spare.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except OSError:
        return False


def _catch_up(copy: Path, source: Path) -> None:
    with source.open("rb") as theirs, copy.open("rb+") as ours:
        _copy_differing(theirs, ours, _places(theirs, ours))
        ours.truncate(os.fstat(theirs.fileno()).st_size)


def _places(theirs: BinaryIO, ours: BinaryIO) -> Iterable[tuple[int, int]]:
    """Where the files may differ: (start, length)."""
    if _has_checksums(theirs) and _has_checksums(ours):
        return _blocks_by_checksum(theirs, ours)
    return [(start, _BLOCK) for start in range(0, os.fstat(theirs.fileno()).st_size, _BLOCK)]


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
            write_all(ours.fileno(), block, start)
