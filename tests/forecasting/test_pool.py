"""The pool's weights: best of earlier forecasts, by band of the level where a band has rows enough."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="forecasting needs the extra `ml`: pip install 'backcourt[ml]'")

from backcourt.field.pmf import Array, negative_binomial
from backcourt.field.scores import crps
from backcourt.forecasting.ensemble import BANDS, LEAST_POOLED, crps_form, crps_forms, pool_weights, weights_by_band

KMAX = 60


def world(rows: int, seed: int) -> tuple[list[Array], np.ndarray, np.ndarray]:
    """Two systems: the first knows low levels and is noisy on high ones, the second the reverse."""
    random = np.random.default_rng(seed)
    band = random.integers(0, 2, rows) * 3
    level = np.where(band == 0, 5.0, 22.0)
    truth = level * random.uniform(0.7, 1.3, rows)
    actual = random.poisson(truth)
    noisy = level * random.uniform(0.5, 1.5, rows)
    systems = [np.where(band == 0, truth, noisy), np.where(band == 0, noisy, truth)]
    return [negative_binomial(mean, 1.05 * mean, KMAX) for mean in systems], actual, band


def test_the_form_is_the_pools_crps() -> None:
    pmfs, actual, _ = world(300, 1)
    weights = np.array([0.3, 0.7])
    pooled = weights[0] * pmfs[0] + weights[1] * pmfs[1]
    assert weights @ crps_form(pmfs, actual) @ weights / 300 == pytest.approx(crps(pooled, actual).mean(), rel=1e-4)


def test_a_band_finds_the_system_that_is_good_there() -> None:
    pmfs, actual, band = world(6 * LEAST_POOLED, 2)
    common, own = weights_by_band(*crps_forms(pmfs, actual, band))
    assert own[0, 0] > 0.9 and own[3, 1] > 0.9
    assert np.allclose(own[1], common) and np.allclose(own[2], common), "an empty band has the weights of all rows"
    assert np.allclose(own.sum(axis=1), 1) and (own >= 0).all()


def test_few_rows_leave_equal_weights_and_a_small_band_the_common_ones() -> None:
    pmfs, actual, band = world(LEAST_POOLED - 1, 3)
    common, own = weights_by_band(*crps_forms(pmfs, actual, band))
    assert np.allclose(common, 0.5) and np.allclose(own, 0.5)
    pmfs, actual, band = world(2 * LEAST_POOLED, 4)
    band = np.where(np.arange(len(band)) < 50, 1, 0)
    forms, rows = crps_forms(pmfs, actual, band)
    common, own = weights_by_band(forms, rows)
    assert np.allclose(own[1], common) and not np.allclose(own[0], own[1])


def test_bands_add_up_to_all_rows() -> None:
    pmfs, actual, band = world(500, 5)
    forms, rows = crps_forms(pmfs, actual, band)
    assert forms.shape == (BANDS, 2, 2) and rows.sum() == 500
    assert np.allclose(forms.sum(axis=0), crps_form(pmfs, actual), rtol=1e-5)


def test_ties_go_to_equal_weights() -> None:
    pmfs, actual, _ = world(400, 6)
    assert pool_weights(crps_form([pmfs[0], pmfs[0]], actual), 400) == pytest.approx([0.5, 0.5])
