"""A disk that breaks off at a chosen step, and a program that publishes on it: `python -m tests.publishing.broken_disk ROOT WORD STEP`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from backcourt.publishing.disk import Disk
from backcourt.publishing.documents import Document
from backcourt.publishing.generation import Publication

NOW = datetime.fromisoformat("2024-04-05T18:00:00")


class BrokenError(OSError):
    """The disk gave up."""


def give_up() -> None:
    """Fail as a full disk does."""
    raise BrokenError(28, "No space left on device")


def die() -> None:
    """Die as `kill -9` does it."""
    os.kill(os.getpid(), signal.SIGKILL)


class BrokenDisk(Disk):
    """Works until step number `breaks_at`, which it leaves half done, and calls `end` there."""

    def __init__(self, breaks_at: int, end: Callable[[], None] = give_up) -> None:
        self.steps = 0
        self._breaks_at = breaks_at
        self._end = end

    def _step(self) -> bool:
        self.steps += 1
        return self.steps == self._breaks_at

    def make_folder(self, folder: Path) -> None:
        if self._step():
            self._end()
        super().make_folder(folder)

    def write(self, file: Path, data: bytes) -> None:
        if self._step():
            file.write_bytes(data[: len(data) // 2])
            self._end()
        super().write(file, data)

    def link(self, source: Path, target: Path) -> None:
        if self._step():
            self._end()
        super().link(source, target)

    def rename(self, source: Path, target: Path) -> None:
        if self._step():
            self._end()
        super().rename(source, target)

    def sync_folder(self, folder: Path) -> None:
        if self._step():
            self._end()
        super().sync_folder(folder)

    def remove_folder(self, folder: Path) -> None:
        if self._step():
            for file in sorted(folder.rglob("*"))[:1]:
                file.unlink()
            self._end()
        super().remove_folder(folder)


def documents(word: str) -> list[Document]:
    """Three files that change with `word` and one that never changes."""
    return [
        Document("picks/2024-04-05.json", f'{{"word":"{word}"}}\n'.encode(), "picks.schema.json"),
        Document("status.json", f'{{"status":"{word}"}}\n'.encode(), "status.schema.json"),
        Document("ledger/2024-04-05.json", b'{"rows":[1]}\n', "ledger.schema.json", is_immutable=True),
        Document(f"results/{word}.json", f'{{"won":"{word}"}}\n'.encode(), "results.schema.json", is_immutable=True),
    ]


def publish(root: Path, word: str, disk: Disk | None = None) -> None:
    """Publish the files of `word` and, in the first generation, one that later ones carry along."""
    publication = Publication(root, keep=2, disk=disk)
    carried = [Document("methodology.md", b"how\n", None)] if publication.manifest() is None else []
    publication.publish([*documents(word), *carried], NOW, is_simulated=False)


if __name__ == "__main__":
    publish(Path(sys.argv[1]), sys.argv[2], BrokenDisk(int(sys.argv[3]), die))
