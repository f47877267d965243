"""Calibrated forecasts look calibrated, narrow ones narrow, and a miscalibrated probability shows its slope."""

from __future__ import annotations

import numpy as np
import pytest

from backcourt.judgement.calibration import (
    Probabilities,
    calibrations_by,
    coverages,
    coverages_by,
    error_correlations,
    pit_histogram,
    probabilities,
    reliability,
)
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.populations import mask
from backcourt.judgement.slices import SLICES

TIER, SIDE = (next(chosen for chosen in SLICES if chosen.name == name) for name in ("tier", "side"))


def stated(p: np.ndarray, truth: np.ndarray, seed: int = 1) -> Probabilities:
    random = np.random.default_rng(seed)
    return Probabilities(np.datetime64("2024-01-01") + np.arange(len(p)) % 90, np.arange(len(p)), p, random.random(len(p)) < truth)


def test_intervals_hold_about_as_often_as_they_say(run: EvaluatedRun) -> None:
    found = {coverage.percent: coverage for coverage in coverages(run, "ensemble", mask(run, "A25s"))}
    for percent, coverage in found.items():
        assert coverage.share.estimate == pytest.approx(percent / 100, abs=0.04)
        assert coverage.share.low < coverage.share.estimate < coverage.share.high
        assert coverage.between_quantiles == pytest.approx(percent / 100, abs=0.08)


def test_tiers_together_are_all_rows(run: EvaluatedRun) -> None:
    found = coverages_by(run, "ensemble", "A25s", TIER)
    assert [label for label, _ in found] == ["bench", "rotation", "starter", "star"] or len(found) == 4
    assert sum(parts[0].share.n for _, parts in found) == mask(run, "A25s").sum()


def test_a_pit_histogram_is_shares(run: EvaluatedRun) -> None:
    found = pit_histogram(run, "ensemble", mask(run, "A25s"))
    assert found.sum() == pytest.approx(1) and found == pytest.approx(np.full(10, 0.1), abs=0.03)
    assert np.isnan(pit_histogram(run, "ensemble", np.zeros(len(run.appeared), dtype=bool))).all()


def test_an_overconfident_probability_has_a_small_slope() -> None:
    random = np.random.default_rng(4)
    logit = random.normal(0, 0.6, 20_000)
    p = 1 / (1 + np.exp(-logit))
    assert stated(p, p).calibration.slope == pytest.approx(1, abs=0.1)
    quiet = stated(p, 1 / (1 + np.exp(-0.2 * logit)))
    assert quiet.calibration.slope == pytest.approx(0.2, abs=0.06) and quiet.calibration.ece > 0.05


def test_reliability_bins_hold_all_rows_and_the_truth() -> None:
    p = np.random.default_rng(5).uniform(0.3, 0.7, 9_000)
    bins = reliability(stated(p, p))
    assert sum(part.share.n for part in bins) == 9_000 and len(bins) == 10
    assert sum(part.share.low <= part.mean <= part.share.high for part in bins) >= 8
    assert all(part.low <= part.mean <= part.high for part in bins)
    assert reliability(stated(p[:0], p[:0])) == []


def test_pushes_and_absences_are_no_outcome(run: EvaluatedRun) -> None:
    found = probabilities(run, "S24", "market_blend")
    lines = run.lines_of("S24")
    assert 0 < len(found.p_over) == run.appeared[lines["position"]].sum()
    assert found.is_over.sum() == (run.rows["actual"][lines["position"]] > lines["modal_line"]).sum()


def test_calibration_by_side_splits_the_rows(run: EvaluatedRun) -> None:
    found = calibrations_by(run, "S24", "market_blend", SIDE)
    assert [label for label, _ in found] == ["over", "under"]
    assert sum(calibration.n for _, calibration in found) == len(probabilities(run, "S24", "market_blend").p_over)


def test_errors_correlate_with_themselves_and_share_the_luck_of_the_game(run: EvaluatedRun) -> None:
    found = error_correlations(run, ("base_l5", "ridge", "ensemble"), mask(run, "A25s"))
    assert np.allclose(np.diag(found), 1) and np.allclose(found, found.T)
    assert found[1, 2] > found[0, 1] > 0.5
