"""A verb that a signal meets at the n-th thing it does to warehouse or disk.

    python -m tests.faults.stopper REPORT AT SIGNAL WHERE VERB...

Every statement, and every opening for writing, rename, link, removal, sync and write by position counts as one. With AT 0 nothing is
sent. REPORT is a file that is told how many things there were, and how many of them lay within the publication of the snapshot; with
WHERE `publication` only those count towards AT. Only the process that was started counts, not the workers that it forks.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from backcourt.home.snapshot import Snapshot

ANYWHERE, PUBLICATION = "anywhere", "publication"
_CHANGES = {
    "os.rename", "os.remove", "os.link", "os.symlink", "os.mkdir", "os.rmdir", "os.truncate", "shutil.copyfile", "shutil.rmtree",
}  # fmt: skip
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Stopper:
    """Counts, and sends its process the signal when the count is reached."""

    def __init__(self, at: int, number: int, where: str) -> None:
        self.at = at
        self.number = number
        self.where = where
        self.all = self.of_publication = 0
        self.is_publishing = False
        self._process = os.getpid()
        # The next number comes in one step, whichever thread asks.
        self._numbers = itertools.count(1)

    def event(self, half: Callable[[], object] = lambda: None) -> None:
        """One thing is about to be done; `half` does a part of it, where it can be torn, before the process is killed."""
        if os.getpid() != self._process:
            return
        self.all += 1
        self.of_publication += self.is_publishing
        if self.where == PUBLICATION and not self.is_publishing:
            return
        if next(self._numbers) == self.at:
            if self.number == signal.SIGKILL:
                half()
            os.kill(self._process, self.number)

    def hears(self, name: str, arguments: tuple[Any, ...]) -> None:
        """An audit event of the interpreter."""
        if name == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _FOR_WRITING and not str(path).startswith(("/dev/", "/proc/")):
                self.event()
        elif name in _CHANGES:
            self.event()

    def listen(self) -> None:
        """Begin to count."""
        driver = duckdb.DuckDBPyConnection
        for method in ("execute", "rollback", "close"):
            setattr(driver, method, self._counted(getattr(driver, method)))
        os.fsync = self._counted(os.fsync)  # type: ignore[assignment]
        os.write, os.pwrite = self._torn(os.write), self._torn(os.pwrite)
        publish = Snapshot.publish

        def noted(snapshot: Snapshot) -> None:
            self.is_publishing = True
            try:
                publish(snapshot)
            finally:
                self.is_publishing = False

        Snapshot.publish = noted  # type: ignore[method-assign]
        sys.addaudithook(self.hears)

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.event()
            return call(*given, **named)

        return counted

    def _torn(self, call: Callable[..., int]) -> Callable[..., int]:
        def torn(file: int, data: bytes, *place: int) -> int:
            self.event(lambda: call(file, data[: len(data) // 2], *place))
            return call(file, data, *place)

        return torn


def main(report: str, at: str, number: str, where: str, *verb: str) -> None:
    """Run the verb as the command line does."""
    from backcourt.cli.main import main as run_verb

    sys.argv = ["backcourt", *verb]
    stopper = Stopper(int(at), int(number), where)
    stopper.listen()
    try:
        run_verb()
    finally:
        counts = f"{stopper.all} {stopper.of_publication}"
        stopper.at = 0
        Path(report).write_text(counts)


if __name__ == "__main__":
    main(*sys.argv[1:])
