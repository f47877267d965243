"""Prices: American to decimal, the margin taken out, expected value. Decimal odds everywhere; American ones are never averaged."""

from __future__ import annotations

import numpy as np

from backcourt.field.pmf import Array


def decimal(american: Array) -> Array:
    """What a staked unit returns, by an American price: +150 -> 2.5, -120 -> 1.8333."""
    american = np.asarray(american, dtype=float)
    safe = np.where(american == 0, np.nan, american)
    return np.where(safe > 0, 1 + safe / 100, 1 - 100 / safe)


def power_devig(over_price: Array, under_price: Array) -> Array:
    """P(over) without the margin, power method: p^c + q^c = 1 for the implied p and q, so that the favourite keeps more of the margin."""
    p, q = 1 / np.asarray(over_price, dtype=float), 1 / np.asarray(under_price, dtype=float)
    low, high = np.full(p.shape, 0.2), np.full(p.shape, 8.0)
    for _ in range(60):
        middle = (low + high) / 2
        too_large = p**middle + q**middle > 1
        low, high = np.where(too_large, middle, low), np.where(too_large, high, middle)
    over: Array = p ** ((low + high) / 2)
    return over


def multiplicative_devig(over_price: Array, under_price: Array) -> Array:
    """P(over) without the margin, both sides scaled alike."""
    p, q = 1 / np.asarray(over_price, dtype=float), 1 / np.asarray(under_price, dtype=float)
    return p / (p + q)


def overround(over_price: Array, under_price: Array) -> Array:
    """The book's margin: implied probabilities less 1."""
    return 1 / np.asarray(over_price, dtype=float) + 1 / np.asarray(under_price, dtype=float) - 1


def expected_value(p_win: Array, p_push: Array, price: Array) -> Array:
    """Expected profit of one staked unit at a decimal price; a push returns the stake."""
    return p_win * (price - 1) - (1 - p_win - p_push)
