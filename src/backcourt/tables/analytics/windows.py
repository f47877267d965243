"""Windows over appearances or team games as SQL text (tables 1.3): exact sums over ordered rows first, one division at the end.

A window is named by its suffix: `last3` ... `last20` (games), `last7d`, `last14d` (days) or `season`. The functions of the first part
give lines for the CTE that sums; those of the second part give lines of the last select, from such sums: `<alias>.<statistic>_<window>`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backcourt.tables.analytics.conventions import column

IN_WORDS = {
    "last3": "last 3 appearances",
    "last5": "last 5 appearances",
    "last10": "last 10 appearances",
    "last20": "last 20 appearances",
    "season": "appearances of the season",
    "last7d": "last 7 days",
    "last14d": "last 14 days",
}


@dataclass(frozen=True)
class Statistic:
    """A counted quantity: the name of its sums, its unit in words, and how many counted units make one (minutes are counted in seconds)."""

    name: str
    unit: str
    counted: str = ""
    per_unit: int = 1

    @property
    def summed(self) -> str:
        """The name of the column that is summed."""
        return self.counted or self.name

    def in_units(self, expression: str) -> str:
        """A count as a number of units."""
        return expression if self.per_unit == 1 else f"({expression}) / {self.per_unit}.0"


def rows_frame(window: str, *, before_current: bool = False) -> str:
    """The frame of `window`, up to the current row or (`before_current`) up to the row before it."""
    start = "unbounded preceding" if window == "season" else f"{_length(window) - (0 if before_current else 1)} preceding"
    return f"rows between {start} and {'1 preceding' if before_current else 'current row'}"


def days_frame(days: int) -> str:
    """The frame [D - days, D - 1] of an order by day number."""
    return f"range between {days} preceding and 1 preceding"


def sums(columns: Iterable[str], over: str, frame: str, window: str, kind: str = "bigint") -> str:
    """Lines `sum(x) over (...) as x_<window>`: exact, so that their result depends neither on order nor on threads."""
    return "\n".join(f"        sum({name}) over ({over} {frame})::{kind} as {name}_{window}," for name in columns)


def mean(source: str, statistic: Statistic, window: str, group: str) -> str:
    """The line of `<statistic>_mean_<window>`."""
    total = statistic.in_units(f"{source}.{statistic.summed}_{window}")
    return column(
        f"({total}) / nullif({source}.games_{window}, 0)::double",
        "double", f"{statistic.name}_mean_{window}", f"{statistic.unit} per appearance, {IN_WORDS[window]}", group,
    )  # fmt: skip


def standard_deviation(source: str, statistic: Statistic, window: str, group: str) -> str:
    """The line of `<statistic>_sd_<window>`: sample standard deviation (n - 1), at least 3 games."""
    return column(
        sample_sd(f"{source}.games_{window}", f"{source}.{statistic.summed}_{window}", f"{source}.{statistic.summed}_squared_{window}", 3)
        + (f" / {statistic.per_unit}.0" if statistic.per_unit > 1 else ""),
        "double", f"{statistic.name}_sd_{window}", f"sample standard deviation of {statistic.unit}, {IN_WORDS[window]}, n >= 3", group,
    )  # fmt: skip


def sample_sd(n: str, total: str, squares: str, least: int) -> str:
    """Sample standard deviation from exact power sums; NULL below `least` values."""
    return f"case when {n} >= {least} then sqrt(({n} * {squares} - {total} * {total})::double / nullif({n} * ({n} - 1), 0)) end"


def slope(source: str, statistic: Statistic, window: str, group: str) -> str:
    """The line of `<statistic>_slope_<window>`: least squares on 1 ... n, oldest game = 1, at least 5 games.

    From the sums of y and of (game number of the season) * y; the number of the season less (last number - n) is the position 1 ... n.
    """
    n, total = f"{source}.games_{window}", f"{source}.{statistic.summed}_{window}"
    weighted = f"({source}.{statistic.summed}_numbered_{window} - ({source}.game_number - {n}) * {total})"
    value = f"(12 * {weighted} - 6 * ({n} + 1) * {total})::double / nullif({n} * ({n} * {n} - 1), 0)"
    scaled = f"{value} / {statistic.per_unit}.0" if statistic.per_unit > 1 else value
    return column(
        f"case when {n} >= 5 then {scaled} end",
        "double", f"{statistic.name}_slope_{window}", f"least-squares {statistic.unit} per game, {IN_WORDS[window]}, n >= 5", group,
    )  # fmt: skip


def skewness(source: str, statistic: Statistic, window: str, group: str) -> str:
    """The line of `<statistic>_skew_<window>`: adjusted sample skewness (G1), at least 10 games, NULL when all values are equal."""
    n, s1 = f"{source}.games_{window}", f"{source}.{statistic.summed}_{window}"
    s2, s3 = (f"{source}.{statistic.summed}_{power}_{window}" for power in ("squared", "cubed"))
    spread = f"({n} * {s2} - {s1} * {s1})"
    third = f"({n} * {n} * {s3} - 3 * {n} * {s1} * {s2} + 2 * {s1} * {s1} * {s1})"
    return column(
        f"case when {n} >= 10 then {third}::double / nullif({spread} * sqrt({spread}::double), 0)"
        f" * sqrt(({n} * ({n} - 1))::double) / nullif({n} - 2, 0) end",
        "double", f"{statistic.name}_skew_{window}", f"adjusted sample skewness of {statistic.unit}, {IN_WORDS[window]}, n >= 10", group,
    )  # fmt: skip


def pooled(numerator: str, denominator: str, name: str, meaning: str, group: str) -> str:
    """The line of a pooled ratio: sum of numerators / sum of denominators, NULL when the latter is 0."""
    return column(f"({numerator})::double / nullif(({denominator})::double, 0)", "double", name, meaning, group)


def _length(window: str) -> int:
    return int(window.removeprefix("last"))
