"""Consensus lines of a market as SQL: the lower median over books of the last readable quote, in one definition."""

from __future__ import annotations


def lower_median_rank(over: str, value: str) -> str:
    """The position of each value in its group; the lower median is the one at `(n + 1) / 2`, rounded down."""
    return f"row_number() over (partition by {over} order by {value} nulls last)"


def lower_median(value: str, rank: str, n: str) -> str:
    """The lower median of a group as an aggregate over rows that carry their rank and the group's number of values."""
    return f"max(case when {value} is not null and 2 * {rank} in ({n}, {n} + 1) then {value} end)"


def over_probability(over_price: str, under_price: str) -> str:
    """F12: the no-vig probability of the over from American prices; NULL when a side has no price."""
    return f"{implied(over_price)} / nullif({implied(over_price)} + {implied(under_price)}, 0)"


def implied(price: str) -> str:
    """F12: the probability that an American price implies, margin included."""
    return f"(case when {price} > 0 then 100.0::double / nullif({price} + 100, 0) else -{price}::double / nullif(100 - {price}, 0) end)"
