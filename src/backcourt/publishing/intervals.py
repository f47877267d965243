"""Intervals as published: an estimate with the bounds of its block bootstrap, None where there are too few blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from backcourt.judgement.bootstrap import Interval, mean_interval, ratio_interval

NO_INTERVAL = {"est": None, "lo": None, "hi": None}


def mean_of(values: Sequence[float], blocks: Sequence[Any]) -> dict[str, float | None]:
    """The mean over rows; None for no rows."""
    return _published(mean_interval(np.array(values), np.array(blocks))) if values else dict(NO_INTERVAL)


def ratio_of(numerator: Sequence[float], denominator: Sequence[float], blocks: Sequence[Any]) -> dict[str, float | None]:
    """A ratio of sums, such as units over stakes; None for no rows."""
    if not numerator:
        return dict(NO_INTERVAL)
    return _published(ratio_interval(np.array(numerator, dtype=float), np.array(denominator, dtype=float), np.array(blocks)))


def _published(interval: Interval) -> dict[str, float | None]:
    return {"est": _known(interval.estimate), "lo": _known(interval.low), "hi": _known(interval.high)}


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
