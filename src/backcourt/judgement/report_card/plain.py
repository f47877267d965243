"""Figures as JSON can hold them: rounded, so that the last bits of a sum can't change a file, and null where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from backcourt.judgement.bootstrap import Interval
from backcourt.judgement.comparison import Compared, Comparison

DIGITS = 6


def plain(value: Any) -> Any:
    """Numbers rounded to six decimals, NaN and infinity as None, arrays and tuples as lists, dates as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        # Adding 0 turns -0.0, which a rounded difference may be, into 0.0.
        return round(float(value), DIGITS) + 0.0 if isfinite(value) else None
    return value if value is None or isinstance(value, str) else str(value)


def interval(found: Interval) -> dict[str, Any]:
    """Estimate, interval, rows and blocks."""
    return {"estimate": found.estimate, "low": found.low, "high": found.high, "n": found.n, "blocks": found.n_blocks}


def compared(found: Compared) -> dict[str, Any]:
    """One system's row of a table."""
    row: dict[str, Any] = {
        "system": found.system, "n": found.n, "value": found.value, "reference_value": found.reference_value,
        "difference": found.difference.estimate, "low": found.difference.low, "high": found.difference.high,
    }  # fmt: skip
    if found.by_player is not None:
        row |= {"player_low": found.by_player.low, "player_high": found.by_player.high}
    return row


def comparison(found: Comparison) -> dict[str, Any]:
    """A paired table."""
    return {
        "population": found.population, "metric": found.metric, "reference": found.reference, "n": found.n, "dates": found.n_dates,
        "systems": [compared(row) for row in found.systems], "apart": [compared(row) for row in found.apart],
    }  # fmt: skip
