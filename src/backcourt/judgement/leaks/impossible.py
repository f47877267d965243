"""Results that no blind forecast can have: read them as a leak until disproved."""

from __future__ import annotations

import numpy as np

from backcourt.field.pmf import Array
from backcourt.judgement.leaks.finding import Finding

LARGEST_GAIN_ON_LINE = 0.10
LARGEST_SHARE_RIGHT = 0.56
LEAST_DISTANT_ROWS = 1_000
DISTANCE = 1.0


def beats_the_line(point: Array, line: Array, actual: Array) -> Finding:
    """A blind point forecast [rows] of points may not err more than .10 less than the line."""
    gain = float((np.abs(line - actual) - np.abs(point - actual)).mean())
    return Finding(
        "error below the line", gain <= LARGEST_GAIN_ON_LINE, gain, LARGEST_GAIN_ON_LINE, len(actual),
        f"error {-gain:+.3f} against the line on {len(actual):,} rows",
    )  # fmt: skip


def right_at_a_distance(point: Array, line: Array, actual: Array) -> tuple[float, int]:
    """Share of forecasts at least 1 from the line that were on the right side of it, and how many; pushes count for neither."""
    distant = (np.abs(point - line) >= DISTANCE) & (actual != line)
    right = np.sign(point - line) == np.sign(actual - line)
    return (float(right[distant].mean()) if distant.any() else float("nan")), int(distant.sum())


def too_often_right(point: Array, line: Array, actual: Array) -> Finding:
    """More than 56 % right at a distance of 1 or more fails from 1,000 such rows on."""
    share, n = right_at_a_distance(point, line, actual)
    return Finding(
        "right against the line", not (n >= LEAST_DISTANT_ROWS and share > LARGEST_SHARE_RIGHT), share, LARGEST_SHARE_RIGHT, n,
        f"{share:.1%} of {n:,} rows at distance {DISTANCE:g} or more",
    )  # fmt: skip
