"""What a guard found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One guard on one input. `measured` and `limit` are in the guard's unit, NaN where it only counts; `sentence` says what was seen."""

    guard: str
    passed: bool
    measured: float
    limit: float
    n: int
    sentence: str
