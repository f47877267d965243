"""A clean stop: SIGTERM, Ctrl-C or a closed terminal end work at once, but never in the middle of putting things in order."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol
from weakref import WeakSet

SIGNALS = {signal.SIGINT: "Interrupted", signal.SIGTERM: "Terminated", signal.SIGHUP: "Hung up"}
_AGAIN_SECONDS = 0.1
_LOOK_FOR_PARENT_SECONDS = 0.5


class Stopped(BaseException):
    """Somebody asked the process, or the job, to stop. Nothing but the end of a verb catches it."""

    def __init__(self, said: str, exit_code: int) -> None:
        super().__init__(said)
        self.said = said
        self.exit_code = exit_code


class _Interruptible(Protocol):
    def interrupt(self) -> None: ...


class _Listener:
    """What has been asked of this process, and what keeps its main thread from hearing it."""

    def __init__(self) -> None:
        self.asked: Stopped | None = None
        self.is_told = False
        self.is_heard = False
        self.holders = 0
        self.working: WeakSet[_Interruptible] = WeakSet()


_listener = _Listener()


@contextmanager
def listening() -> Iterator[None]:
    """Turn the signals into Stopped, raised in the main thread. For the command line; a notebook keeps Python's own handling."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = {number: signal.signal(number, _on_signal) for number in SIGNALS}
    wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    # A statement of the warehouse keeps the main thread out of Python, where alone a handler runs; another thread has
    # to interrupt it.
    is_over = threading.Event()
    watching = threading.Thread(target=_interrupt_statements, args=(reader, is_over), daemon=True)
    watching.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        is_over.set()
        os.close(writer)
        watching.join()
        os.close(reader)
        _listener.asked, _listener.is_told, _listener.is_heard = None, False, False


@contextmanager
def held() -> Iterator[None]:
    """Put off a stop until the block is done: what it does must be done whole."""
    _listener.holders += 1
    try:
        yield
    finally:
        _listener.holders -= 1
    if _listener.holders == 0 and _listener.asked is not None and not _listener.is_told:
        _listener.is_told = True
        raise _listener.asked


def asked() -> Stopped | None:
    """The stop that was asked for, None for none.

    What fails after it fails because of it: the driver, and Python's clean-up of objects, swallow what a handler
    raises.
    """
    return _listener.asked


def dropped() -> None:
    """The work is done and on record: a stop that was asked for meanwhile has nothing left to stop."""
    _listener.asked, _listener.is_told, _listener.is_heard = None, False, False


def heard() -> Stopped | None:
    """As `asked`, for whoever ends the work: from now on no statement is interrupted."""
    _listener.is_heard = _listener.asked is not None
    return _listener.asked


def interrupted_by_a_stop(warehouse: _Interruptible) -> None:
    """A stop interrupts the statement that the main thread runs on this connection."""
    _listener.working.add(warehouse)


def leave_to_parent(parent: int) -> None:
    """In a forked worker: only `parent`, which forked it, decides when it stops; when that one is killed, the worker ends too.

    The workers of a pool hold each other's pipes open, so that none of them would ever notice.
    """
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_FOR_PARENT_SECONDS)
    os._exit(1)


def _on_signal(number: int, _: object) -> None:
    if _listener.asked is None:
        _listener.asked = Stopped(SIGNALS[signal.Signals(number)], 128 + number)
    # A second signal doesn't interrupt what the first one has set going.
    if _listener.holders or _listener.is_told:
        return
    _listener.is_told = True
    raise _listener.asked


def _interrupt_statements(reader: int, is_over: threading.Event) -> None:
    while os.read(reader, 1):
        # A statement may begin just after an interruption, and what the handler raised may have been swallowed:
        # again, until it is heard.
        while not _listener.is_heard and not is_over.wait(_AGAIN_SECONDS):
            if not _listener.holders and not _listener.is_heard:
                for warehouse in list(_listener.working):
                    with suppress(Exception):
                        warehouse.interrupt()
