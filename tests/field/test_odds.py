"""Prices: conversion, two ways to take out the margin, expected value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backcourt.field.odds import decimal, expected_value, multiplicative_devig, overround, power_devig

prices = st.floats(1.2, 6.0)
two_sided = st.tuples(prices, prices).filter(lambda pair: 1.001 < 1 / pair[0] + 1 / pair[1] < 1.3)


def test_american_prices() -> None:
    assert decimal(np.array([150.0, -120, 100, -100])) == pytest.approx([2.5, 1 + 100 / 120, 2, 2])
    assert np.isnan(decimal(np.array([0.0]))[0])


@given(two_sided)
def test_without_its_margin_a_price_and_its_opposite_make_one(pair: tuple[float, float]) -> None:
    over, under = (np.array([price]) for price in pair)
    for devig in (power_devig, multiplicative_devig):
        assert devig(over, under)[0] + devig(under, over)[0] == pytest.approx(1, abs=1e-9)
        assert 0 < devig(over, under)[0] < 1 / pair[0]


@given(two_sided)
def test_the_favourite_keeps_more_of_the_margin(pair: tuple[float, float]) -> None:
    over, under = (np.array([price]) for price in sorted(pair))
    assert power_devig(over, under)[0] >= multiplicative_devig(over, under)[0] - 1e-9


@given(prices)
def test_even_prices_are_a_half(price: float) -> None:
    if price < 1.95:
        even = np.array([price])
        assert power_devig(even, even)[0] == pytest.approx(0.5)
        assert overround(even, even)[0] == pytest.approx(2 / price - 1)


@given(st.floats(0.02, 0.98), st.floats(0, 0.2), prices)
def test_a_fair_price_is_worth_nothing(p: float, push: float, price: float) -> None:
    p_win = np.array([p * (1 - push)])
    fair = np.array([1 + (1 - p) / p])
    assert expected_value(p_win, np.array([push]), fair)[0] == pytest.approx(0, abs=1e-9)
    value = expected_value(p_win, np.array([push]), np.array([price]))[0]
    assert value == pytest.approx((1 - push) * (p * price - 1), abs=1e-9)
