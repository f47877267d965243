"""Where shots are taken: coordinates in the native system (tenths of feet, hoop at the origin) and the names of zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

RESTRICTED, PAINT, MID_RANGE, LEFT_CORNER, RIGHT_CORNER, ABOVE_BREAK, BACKCOURT = range(7)
SIDES = ("Left Side", "Left Side Center", "Center", "Right Side Center", "Right Side", "Back Court")
SIDE_CODES = ("L", "LC", "C", "RC", "R", "BC")
RANGES = ("Less Than 8 ft.", "8-16 ft.", "16-24 ft.", "24+ ft.", "Back Court Shot")
ACTIONS = (
    ("Driving Layup Shot", "Running Layup Shot", "Cutting Dunk Shot", "Layup Shot"),
    ("Driving Floating Jump Shot", "Pullup Jump shot", "Turnaround Hook Shot", "Driving Layup Shot"),
    ("Pullup Jump shot", "Jump Shot", "Step Back Jump shot", "Fadeaway Jump Shot"),
    ("Jump Shot", "Jump Shot", "Jump Shot", "Jump Shot"),
    ("Jump Shot", "Jump Shot", "Jump Shot", "Jump Shot"),
    ("Jump Shot", "Jump Shot", "Pullup Jump shot", "Step Back Jump shot"),
    ("Heave", "Heave", "Jump Shot", "Jump Shot"),
)


def locate(rng: np.random.Generator, area: np.ndarray) -> dict[str, np.ndarray]:
    """x, y (tenths of feet, left side negative), distance (whole feet), side and range (indices into SIDES and RANGES), action 0-3."""
    import numpy as np

    many = len(area)
    one, two, three = rng.random((3, many))
    sign = np.where(three < 0.5, -1.0, 1.0)
    angle = np.radians(23 + 134 * one)
    radius = {
        RESTRICTED: 39 * np.sqrt(two),
        MID_RANGE: 165 + 54 * two,
        ABOVE_BREAK: 239 + np.minimum(-14 * np.log1p(-two), 150),
    }
    x, y = np.zeros(many), np.zeros(many)
    for kind, length in radius.items():
        turn = 2 * np.pi * one if kind == RESTRICTED else angle if kind == ABOVE_BREAK else np.radians(5 + 170 * one)
        x, y = np.where(area == kind, length * np.cos(turn), x), np.where(area == kind, length * np.sin(turn), y)
    short = (area == MID_RANGE) & (rng.random(many) < 0.45)
    x, y = np.where(short, sign * (86 + 68 * one), x), np.where(short, -15 + 110 * two, y)
    x, y = np.where(area == PAINT, -78 + 156 * one, x), np.where(area == PAINT, 43 + 93 * two**1.3, y)
    corner = (area == LEFT_CORNER) | (area == RIGHT_CORNER)
    x = np.where(corner, np.where(area == LEFT_CORNER, -1, 1) * (222 + 16 * one), x)
    y = np.where(corner, -45 + 130 * two, y)
    x, y = np.where(area == BACKCOURT, -200 + 400 * one, x), np.where(area == BACKCOURT, 425 + 300 * two, y)
    x, y = np.rint(x).astype(np.int64), np.rint(y).astype(np.int64)
    distance = np.floor(np.sqrt(x * x + y * y) / 10).astype(np.int64)
    return {"x": x, "y": y, "distance": distance, "side": _side(area, x, y, distance), "range": _range(area, distance),
            "action": (rng.random(many) * 4).astype(np.int64)}  # fmt: skip


def _range(area: np.ndarray, distance: np.ndarray) -> np.ndarray:
    import numpy as np

    reach = np.select([distance < 8, distance < 16, area < LEFT_CORNER], [0, 1, 2], 3)
    return np.where(area == BACKCOURT, 4, reach)


def _side(area: np.ndarray, x: np.ndarray, y: np.ndarray, distance: np.ndarray) -> np.ndarray:
    import numpy as np

    degrees = np.degrees(np.arctan2(y, -x))
    five = np.select([degrees < 36, degrees < 72, degrees < 108, degrees < 144], [0, 1, 2, 3], 4)
    five = np.where(degrees < -90, 4, five)
    wide = np.select([np.abs(x) <= np.maximum(y, 0), x < 0], [2, 0], 4)
    side = np.where(distance < 16, wide, five)
    side = np.where((area == RESTRICTED) | ((area == PAINT) & (distance < 8)), 2, side)
    break_side = np.clip(five, 1, 3)
    side = np.select([area == LEFT_CORNER, area == RIGHT_CORNER, area == ABOVE_BREAK, area == BACKCOURT], [0, 4, break_side, 5], side)
    return side
