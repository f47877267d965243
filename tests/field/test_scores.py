"""Scores by their definition: brute force, quadratic form, propriety, uniform PITs, a known slope."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backcourt.field import scores as s
from backcourt.field.pmf import cdf, negative_binomial, pool
from tests.field.distributions import pmfs

results = st.lists(st.integers(0, 40), min_size=3, max_size=3).map(lambda values: np.array(values))


@given(pmfs(), results)
def test_crps_is_the_sum_of_squares(found: np.ndarray, actual: np.ndarray) -> None:
    for row, y, ours in zip(found, actual, s.crps(found, actual), strict=True):
        y = min(y, len(row) - 1)
        brute = sum((sum(row[: k + 1]) - (y <= k)) ** 2 for k in range(len(row)))
        assert ours == pytest.approx(brute, abs=1e-9)


@given(pmfs(), results)
def test_crps_is_the_expected_distance_less_half_the_spread(found: np.ndarray, actual: np.ndarray) -> None:
    k = np.arange(found.shape[1])
    distance = np.abs(k[:, None] - k[None, :])
    y = np.minimum(actual, found.shape[1] - 1)
    other = np.array([row @ distance[:, at] - row @ distance @ row / 2 for row, at in zip(found, y, strict=True)])
    assert np.allclose(s.crps(found, actual), other, atol=1e-9)


@given(pmfs(), results, st.floats(0, 1))
def test_crps_of_a_pool_is_a_quadratic_form(found: np.ndarray, actual: np.ndarray, weight: float) -> None:
    members, w = [found, found[::-1].copy()], np.array([weight, 1 - weight])
    y = np.minimum(actual, found.shape[1] - 1)
    errors = [cdf(member) - (np.arange(found.shape[1]) >= y[:, None]) for member in members]
    products = np.array([[(a * b).sum(axis=1).mean() for b in errors] for a in errors])
    assert s.crps(pool(w, members), actual).mean() == pytest.approx(w @ products @ w, abs=1e-9)


@given(st.integers(0, 20), st.integers(0, 20))
def test_crps_of_a_certain_forecast_is_its_error(forecast: int, actual: int) -> None:
    certain = np.zeros((1, 21))
    certain[0, forecast] = 1
    assert s.crps(certain, np.array([actual]))[0] == pytest.approx(abs(forecast - actual))


def test_the_true_distribution_scores_best_in_expectation() -> None:
    truth = negative_binomial(np.array([6.0]), np.array([11.0]), 60)[0]
    for mean, variance in ((5.0, 11.0), (7.0, 11.0), (6.0, 7.0), (6.0, 20.0)):
        other = negative_binomial(np.array([mean]), np.array([variance]), 60)
        y = np.arange(61)
        for score in (s.crps, s.log_score):
            assert truth @ score(np.tile(truth, (61, 1)), y) < truth @ score(np.tile(other, (61, 1)), y)


def test_log_score_has_a_floor() -> None:
    assert s.log_score(np.array([[1.0, 0.0]]), np.array([1]))[0] == pytest.approx(-np.log(1e-6))


def test_pits_of_the_truth_are_uniform() -> None:
    random = np.random.default_rng(1)
    mean = random.uniform(0.3, 25, 20_000)
    truth = negative_binomial(mean, 1.8 * mean, 100)
    actual = (cdf(truth) < random.random(len(mean))[:, None]).sum(axis=1)
    pits = s.pit(truth, actual, random.random(len(mean)))
    assert np.histogram(pits, 10, (0, 1))[0] / len(pits) == pytest.approx(np.full(10, 0.1), abs=0.01)
    too_narrow = s.pit(negative_binomial(mean, 1.03 * mean, 100), actual, random.random(len(mean)))
    assert (np.abs(too_narrow - 0.5) > 0.4).mean() > 0.25


@given(pmfs(), results, st.floats(0, 1))
def test_a_pit_lies_in_the_results_cell(found: np.ndarray, actual: np.ndarray, u: float) -> None:
    y = np.minimum(actual, found.shape[1] - 1)
    pits, cumulated = s.pit(found, actual, np.full(3, u)), cdf(found)
    below = np.where(y > 0, cumulated[np.arange(3), y - 1], 0)
    assert (pits >= below - 1e-12).all() and (pits <= cumulated[np.arange(3), y] + 1e-12).all()


def test_the_random_number_of_a_row_depends_on_its_keys_alone() -> None:
    player, game = np.array([1, 2, 3]), np.array(["a", "b", "c"])
    first = s.uniform(player, game)
    assert np.array_equal(first[[2, 0]], s.uniform(player[[2, 0]], game[[2, 0]]))
    assert not np.isin(first, s.uniform(game, player)).any()
    many = s.uniform(np.arange(20_000))
    assert (many > 0).all() and (many < 1).all()
    assert np.histogram(many, 10, (0, 1))[0] / len(many) == pytest.approx(np.full(10, 0.1), abs=0.01)


@given(st.floats(0.05, 0.95))
def test_pinball_is_least_at_the_quantile(level: float) -> None:
    sample = np.random.default_rng(2).gamma(3, 4, 4_000)
    best = s.pinball(np.full(4_000, np.quantile(sample, level)), sample, level).mean()
    for shift in (-1.0, 1.0):
        assert s.pinball(np.full(4_000, np.quantile(sample, level) + shift), sample, level).mean() >= best


def test_losses_of_a_probability_by_hand() -> None:
    p, happened = np.array([0.8, 0.8, 1.0]), np.array([True, False, False])
    assert s.log_loss(p, happened) == pytest.approx([-np.log(0.8), -np.log(0.2), -np.log(1e-6)])
    assert s.brier(p, happened) == pytest.approx([0.04, 0.64, 1.0])


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.25, 0.1), (1.6, -0.2)])
def test_calibration_recovers_a_known_slope(slope: float, intercept: float) -> None:
    random = np.random.default_rng(3)
    logit = random.normal(0, 0.8, 60_000)
    happened = random.random(60_000) < 1 / (1 + np.exp(-(intercept + slope * logit)))
    found = s.calibration(1 / (1 + np.exp(-logit)), happened)
    assert found.slope == pytest.approx(slope, abs=0.05) and found.intercept == pytest.approx(intercept, abs=0.03)
    assert (found.ece < 0.012) == (slope == 1.0 and intercept == 0.0) and found.n == 60_000


def test_the_ece_of_exact_probabilities_is_what_chance_says() -> None:
    random = np.random.default_rng(4)
    p = random.uniform(0.4, 0.6, 3000)
    mean, low, high = s.ece_by_chance(p)
    seen = [s.calibration(p, random.random(3000) < p).ece for _ in range(200)]
    assert mean == pytest.approx(np.mean(seen), abs=0.001)
    assert low < mean < high and np.mean([low <= ece <= high for ece in seen]) == pytest.approx(0.95, abs=0.05)
    assert s.ece_by_chance(np.tile(p, 100))[2] < low, "more rows, less luck"


def test_calibration_of_no_rows_is_unknown_not_perfect() -> None:
    found = s.calibration(np.array([]), np.array([], dtype=bool))
    assert found.n == 0 and np.isnan(found.slope) and np.isnan(found.ece)


@pytest.mark.parametrize("happened", [True, False])
def test_one_sided_outcomes_have_no_slope(happened: bool) -> None:
    found = s.calibration(np.array([0.4, 0.5, 0.6]), np.full(3, happened))
    assert np.isnan(found.slope) and np.isnan(found.intercept) and found.ece == pytest.approx(0.5, abs=0.11)


def test_one_probability_or_separated_outcomes_have_no_slope() -> None:
    assert np.isnan(s.calibration(np.full(10, 0.5), np.arange(10) < 4).slope)
    assert np.isnan(s.calibration(np.linspace(0.3, 0.7, 10), np.arange(10) >= 5).slope)
