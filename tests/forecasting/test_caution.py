"""A missed target takes the blend's own view, or its learned weight, away; and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from backcourt.forecasting.blend import BUCKETS, Blend, fit_blend, fit_intercept
from backcourt.forecasting.caution import CAUTIONS, caution, cautious
from backcourt.forecasting.lined import PRIOR_MARKET_WEIGHT, LinedModel

MARKET = np.array([0.45, 0.5, 0.58])
OURS = np.array([0.6, 0.4, 0.7])


@pytest.fixture(scope="module")
def model() -> LinedModel:
    """A blend that has learned to listen to the ensemble."""
    random = np.random.default_rng(7)
    market, ours = random.uniform(0.4, 0.6, 8000), random.uniform(0.3, 0.7, 8000)
    happened = random.uniform(size=8000) < ours
    bucket = random.choice(np.array(BUCKETS, dtype=object), 8000)
    return LinedModel(fit_blend(market, ours, bucket, happened), fit_intercept(market, happened), 0.4)


def _said(blend: Blend, bucket: str, ours: np.ndarray) -> np.ndarray:
    where = np.full(3, bucket, dtype=object)
    return np.array([*blend.over(MARKET, ours, where), blend.high(MARKET, ours, where)])


def test_near_the_start_the_ensemble_has_no_weight(model: LinedModel) -> None:
    near, before = BUCKETS[-1], cautious(model, "T7").blend
    assert not np.allclose(_said(model.blend, near, OURS), _said(model.blend, near, MARKET))
    assert _said(before, near, OURS) == pytest.approx(_said(before, near, MARKET)), "neither the chance nor its bounds listen to it"
    assert before.coefficients(near) == pytest.approx((*model.blend.coefficients(near)[:2], 0.0))
    for bucket in BUCKETS[:-1]:
        assert _said(before, bucket, OURS) == pytest.approx(_said(model.blend, bucket, OURS))
    assert cautious(model, "T7").market_weight == model.market_weight


def test_a_missed_line_target_fixes_the_pool(model: LinedModel) -> None:
    fixed = cautious(model, "T3")
    assert (fixed.market_weight, fixed.blend) == (PRIOR_MARKET_WEIGHT, model.blend)
    assert cautious(model, "") == model


def test_a_caution_binds_the_markets_that_it_was_measured_for() -> None:
    missed = frozenset({"T1", "T3", "T7"})
    assert caution("points", missed) == "T3 T7" and caution("pra", missed) == "T7" and caution("points", frozenset({"T1"})) == ""
    combinations = ((), ("T3",), ("T7",), ("T3", "T7"))
    assert {caution(market, frozenset(some)) for market in ("points", "pra") for some in combinations} == set(CAUTIONS)
