"""Distributions keep their mass, and lines split it into over, push and under."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import nbinom

from backcourt.field import pmf as p
from tests.field.distributions import lines, pmfs, smooth_pmfs


@given(st.lists(st.floats(0, 300), min_size=1, max_size=6), st.floats(0, 500), st.integers(1, 140))
def test_a_negative_binomial_is_a_distribution(means: list[float], variance: float, kmax: int) -> None:
    found = p.negative_binomial(np.array(means), np.full(len(means), variance), kmax)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-9) and (found >= 0).all()


@given(st.floats(0.05, 40), st.floats(1.05, 8))
def test_a_negative_binomial_is_scipys(mean: float, ratio: float) -> None:
    found = p.negative_binomial(np.array([mean]), np.array([ratio * mean]), 60)[0]
    size = mean / (ratio - 1)
    assert np.allclose(found[:60], nbinom.pmf(np.arange(60), size, size / (size + mean)), atol=1e-10)


def test_its_moments_are_those_asked_for() -> None:
    found = p.negative_binomial(np.array([3.0, 20.0]), np.array([5.0, 55.0]), 140)
    assert p.mean(found) == pytest.approx([3, 20]) and p.variance(found) == pytest.approx([5, 55], rel=1e-6)


def test_too_small_a_variance_is_raised_to_the_least() -> None:
    found = p.negative_binomial(np.array([10.0]), np.array([0.0]), 140)
    assert p.variance(found)[0] == pytest.approx(10 * p.LEAST_DISPERSION)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(1, 30))
def test_shares_of_equal_weights_are_counts(values: list[int], kmax: int) -> None:
    found = p.empirical(np.array([values]), np.ones((1, len(values))), kmax)
    clipped = np.minimum(values, kmax)
    assert np.allclose(found[0], np.bincount(clipped, minlength=kmax + 1) / len(values))


@given(pmfs())
def test_a_distribution_function_gives_its_masses_back(found: np.ndarray) -> None:
    cumulated = p.cdf(found)
    assert (np.diff(cumulated, axis=1) >= -1e-15).all() and (cumulated[:, -1] == 1).all()
    assert np.allclose(p.from_cdf(cumulated), found, atol=1e-12)


def test_dips_of_a_calibration_map_are_levelled() -> None:
    found = p.from_cdf(np.array([[0.2, 0.5, 0.4, 1.2]]))
    assert np.allclose(found, [[0.2, 0.3, 0.0, 0.5]])


@given(pmfs())
def test_quantiles_rise_with_their_level(found: np.ndarray) -> None:
    levels = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
    quantiles = p.quantiles(found, levels)
    assert (np.diff(quantiles, axis=1) >= -1e-9).all()
    assert (quantiles >= 0).all() and (quantiles <= found.shape[1] - 0.5).all()


@given(pmfs(), st.floats(0.001, 0.999))
def test_a_quantile_lies_in_the_cell_where_the_distribution_function_passes_its_level(found: np.ndarray, level: float) -> None:
    cumulated = p.cdf(found)
    # Next to a step, rounding decides which cell it is.
    assume((np.abs(cumulated - level) > 1e-9).all())
    cell = (cumulated < level).sum(axis=1)
    quantile = p.quantiles(found, (level,))[:, 0]
    assert (quantile >= np.maximum(cell - 0.5, 0) - 1e-9).all() and (quantile <= cell + 0.5 + 1e-9).all()
    assert (found[np.arange(len(found)), cell] > 0).all()


def test_the_median_of_a_symmetric_distribution_is_its_centre() -> None:
    assert p.median(np.array([[0.0, 0.25, 0.5, 0.25, 0.0]]))[0] == pytest.approx(2)


@given(pmfs(), lines)
def test_over_push_and_under_are_everything(found: np.ndarray, line: float) -> None:
    over, push, under = p.over_push_under(found, np.full(len(found), line))
    assert np.allclose(over + push + under, 1, atol=1e-12)
    k = np.arange(found.shape[1])
    for ours, where in ((over, k > line), (push, k == line), (under, k < line)):
        assert np.allclose(ours, found[:, where].sum(axis=1), atol=1e-9)
        assert (ours >= -1e-12).all()


@given(pmfs(), st.integers(0, 30))
def test_a_half_line_has_no_push(found: np.ndarray, floor: int) -> None:
    assert (p.over_push_under(found, np.full(len(found), floor + 0.5))[1] == 0).all()


@given(smooth_pmfs(), lines)
def test_over_falls_as_the_line_rises(found: np.ndarray, line: float) -> None:
    low, high = (p.over_push_under(found, np.full(len(found), at))[0] for at in (line, line + 0.5))
    assert (high <= low + 1e-12).all()


@given(pmfs(), st.lists(st.floats(0.01, 1), min_size=2, max_size=2))
def test_a_pool_lies_between_its_members(found: np.ndarray, weights: list[float]) -> None:
    other = found[::-1]
    pooled = p.pool(np.array(weights), [found, other])
    assert np.allclose(pooled.sum(axis=1), 1)
    assert (pooled >= np.minimum(found, other) - 1e-12).all() and (pooled <= np.maximum(found, other) + 1e-12).all()


@given(pmfs())
def test_a_pool_of_one_with_all_the_weight_is_it(found: np.ndarray) -> None:
    assert np.allclose(p.pool(np.array([1.0, 0.0]), [found, found[::-1]]), found)
    by_row = p.pool(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), [found, found[::-1]])
    assert np.allclose(by_row[1], found[::-1][1]) and np.allclose(by_row[0], found[0])


@given(smooth_pmfs(), st.integers(1, 60).map(lambda half: half / 2), st.floats(0.02, 0.98))
def test_a_tilt_hits_its_target_and_leaves_the_push(found: np.ndarray, line: float, target: float) -> None:
    at = np.full(len(found), line)
    over, push, under = p.over_push_under(found, at)
    assume((over > 1e-9).all() and (under > 1e-9).all())
    tilted = p.tilt(found, at, np.full(len(found), target))
    assert np.allclose(tilted.sum(axis=1), 1) and (tilted >= 0).all()
    assert np.allclose(p.over_without_push(tilted, at), target, atol=1e-9)
    assert np.allclose(p.over_push_under(tilted, at)[1], push, atol=1e-9)


def test_a_tilt_without_mass_on_one_side_changes_nothing() -> None:
    found = np.array([[0.5, 0.5, 0.0, 0.0]])
    assert np.array_equal(p.tilt(found, np.array([2.5]), np.array([0.6])), found)
