"""Intervals cover what they should, keep blocks together and are the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.judgement.bootstrap import LEAST_BLOCKS, draw_weights, mean_interval, ratio_interval, resampled_ratio


def test_a_mean_is_over_rows_not_over_days() -> None:
    values = np.array([1.0] * 30 + [4.0])
    blocks = np.array([0] * 30 + [1])
    assert mean_interval(values, blocks).estimate == pytest.approx(34 / 31)


def test_the_interval_of_independent_rows_is_the_normal_one() -> None:
    values = np.random.default_rng(3).normal(2.0, 5.0, 4_000)
    found = mean_interval(values, np.arange(4_000) // 20)
    half = 1.96 * values.std() / np.sqrt(4_000)
    assert found.low == pytest.approx(values.mean() - half, abs=0.2 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.2 * half)


def test_shared_news_widens_the_interval() -> None:
    random = np.random.default_rng(4)
    blocks = np.repeat(np.arange(100), 40)
    values = random.normal(0, 1, 4_000) + random.normal(0, 1, 100)[blocks]
    by_row, by_block = mean_interval(values, np.arange(4_000)), mean_interval(values, blocks)
    assert by_block.high - by_block.low > 4 * (by_row.high - by_row.low)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(5)
    blocks = np.repeat(np.arange(80), 10)
    covered = 0
    for _ in range(400):
        found = mean_interval(random.normal(0, 1, 800) + random.normal(0, 0.5, 80)[blocks], blocks)
        covered += found.low <= 0 <= found.high
    assert 0.92 <= covered / 400 <= 0.975


def test_a_ratio_resamples_stakes_with_their_profits() -> None:
    blocks = np.repeat(np.arange(40), 5)
    profit, staked = np.where(np.arange(200) % 2, 0.9, -1.0), np.ones(200)
    staked[::10] = 0
    profit[::10] = 0
    found = ratio_interval(profit, staked, blocks)
    assert found.estimate == pytest.approx(profit.sum() / 180)
    assert found.low < found.estimate < found.high and found.n_blocks == 40


def test_every_draw_holds_as_many_blocks_as_there_are_and_seeds_fix_them() -> None:
    weights = draw_weights(30, 500)
    assert (weights.sum(axis=1) == 30).all()
    draw_weights.cache_clear()
    assert np.array_equal(weights, draw_weights(30, 500))
    _, first, _ = resampled_ratio(np.arange(60.0), np.ones(60), np.arange(60) // 2)
    _, second, _ = resampled_ratio(np.arange(60.0), np.ones(60), np.arange(60) // 2)
    assert np.array_equal(first, second)


def test_few_blocks_give_no_interval_rather_than_a_narrow_one() -> None:
    found = mean_interval(np.full(500, -1.0), np.arange(500) % (LEAST_BLOCKS - 1))
    assert found.estimate == -1 and not found.is_known and not found.is_below_zero


def test_no_rows_give_no_estimate() -> None:
    found = mean_interval(np.array([]), np.array([]))
    assert np.isnan(found.estimate) and found.n == 0 and not found.is_known


def test_a_missing_value_is_refused() -> None:
    with pytest.raises(BackcourtError, match="1 of 3 values are missing"):
        mean_interval(np.array([1.0, np.nan, 2.0]), np.arange(3))
