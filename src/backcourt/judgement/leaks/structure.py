"""Guards on shape and time: keys that repeat, joins that multiply, splits that mix, quotes that came late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backcourt.judgement.leaks.finding import Finding

_NONE = float("nan")


def unique_keys(columns: Mapping[str, NDArray[Any]]) -> Finding:
    """The columns together name one row."""
    values = list(columns.values())
    rows = len(values[0])
    codes = np.column_stack([np.unique(column.astype(str), return_inverse=True)[1] for column in values]) if rows else np.zeros((0, 1))
    repeated = rows - len(np.unique(codes, axis=0))
    return Finding("unique keys", repeated == 0, float(repeated), 0.0, rows, f"{repeated:,} rows repeat a key of {', '.join(columns)}")


def same_rows(before: int, after: int) -> Finding:
    """A join may add columns, never rows, and lose none."""
    return Finding("rows kept by a join", before == after, float(after - before), 0.0, before, f"{before:,} rows before, {after:,} after")


def split_in_time(train_date: NDArray[np.datetime64], test_date: NDArray[np.datetime64]) -> Finding:
    """Every fitted row lies before every tested one."""
    late = int((train_date >= test_date.min()).sum()) if len(test_date) else 0
    return Finding(
        "split in time", late == 0, float(late), 0.0, len(train_date), f"{late:,} fitted rows lie after the first tested date began"
    )


def quotes_before_lock(captured_at: NDArray[np.datetime64], lock_at: NDArray[np.datetime64]) -> Finding:
    """Every quote was captured before its game's lock: odds of a running game know the result in part."""
    late = int((captured_at >= lock_at).sum())
    return Finding("quotes before the lock", late == 0, float(late), 0.0, len(lock_at), f"{late:,} quotes came at the lock or later")


def seen_before_target(known_at: NDArray[np.datetime64], as_of_at: NDArray[np.datetime64]) -> Finding:
    """No row reads anything that became known at its cut-off or later."""
    late = int((known_at >= as_of_at).sum())
    return Finding("known before the cut-off", late == 0, _NONE, _NONE, len(as_of_at), f"{late:,} rows read something known too late")
