"""What failed, in the user's terms: a full disk and a damaged warehouse come out of many places under many names."""

from __future__ import annotations

import errno
import os

from backcourt.engine.errors import DamagedError, LockedError, NoSpaceError, OutOfTimeError, QueryError
from backcourt.engine.stop import Stopped
from backcourt.home.layout import REPAIR, Layout


def plain(error: BaseException, layout: Layout, verb: str) -> BaseException:
    """The error as NoSpaceError or DamagedError when it is the disk or the file that failed; else itself."""
    if isinstance(error, BrokenPipeError):
        return Stopped("Its output was closed", 141)
    kind = kind_of(error)
    if isinstance(error, NoSpaceError | DamagedError) or kind is None:
        return error
    if kind == "space":
        return NoSpaceError(
            f"The disk of {layout.path} is full ({free_mb(layout)} MB free); what was finished is kept. Make room and run "
            f"`backcourt {verb}` again."
        )
    return DamagedError(f"The warehouse of {layout.path} is damaged ({_first(error)}); {REPAIR}.")


def kind_of(error: BaseException | None) -> str | None:
    """`space` or `damaged` when that is what an error, or one that led to it, comes from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, NoSpaceError) or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)):
            return "space"
        if isinstance(error, DamagedError):
            return "damaged"
        if isinstance(error, QueryError) and error.kind in ("space", "damaged"):
            return error.kind
        if isinstance(error, OutOfTimeError | Stopped | LockedError):
            return None
        error = error.__cause__ or error.__context__
    return None


def free_mb(layout: Layout) -> str:
    """Megabytes that are free on a home's disk, as text."""
    try:
        state = os.statvfs(layout.path)
    except OSError:
        return "no"
    return f"{state.f_bavail * state.f_frsize / 1e6:.1f}"


def _first(error: BaseException) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
