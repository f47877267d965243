"""Under a time limit a chunk is built in pieces that fit into what is left, so that a run that ends early has got on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date

_FIRST = 1
_GROWTH = 8
# A piece that takes longer than the pace so far says must not take all that is left.
_SHARE_OF_THE_REST = 0.6


def pieces(days: list[date], deadline: float | None, now: Callable[[], float] = time.monotonic) -> Iterator[list[date]]:
    """The dates in pieces, in order; all at once without a deadline (a moment of `now`).

    The first piece is a single date; each further one is as long as a good half of the time left allows by the pace
    of the one before, and at most eight times as long. The time from handing out a piece to being asked for the next
    is taken to be what it cost.
    """
    if deadline is None:
        yield days
        return
    done, count = 0, _FIRST
    while done < len(days):
        piece = days[done : done + count]
        began = now()
        yield piece
        done += len(piece)
        seconds = max(now() - began, 1e-6)
        fitting = int(len(piece) * (deadline - now()) * _SHARE_OF_THE_REST / seconds)
        count = max(1, min(fitting, _GROWTH * len(piece)))
