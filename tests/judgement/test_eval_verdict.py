"""EDGE is never called without an edge, is found with the power that the documentation states, and each condition can withhold it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.judgement.bootstrap import Interval
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.segments import segments, verdicts
from backcourt.judgement.verdict import LIVE_DATES, RunEvidence, decide, evidence_of
from tests.judgement.verdict_worlds import share_of_edge, table

ROWS_AT_HALF_POWER, ROWS_AT_POWER_80 = 6_200, 14_000
NO_EDGE_WORLDS = [{}, {"overround": 0.0, "noise": 0.02}, {"overround": 0.0, "noise": 0.002}]


def interval(estimate: float, low: float, high: float, n: int = 5_000) -> Interval:
    return Interval(estimate, low, high, n, 100)


EDGE = RunEvidence(
    loss_vs_market=interval(-0.003, -0.005, -0.001),
    loss_vs_intercept=interval(-0.003, -0.005, -0.001),
    by_season={"2023-24": (60, -0.003), "2024-25": (60, -0.003)},
    roi_taken=interval(0.05, 0.01, 0.09, 800),
    roi_median=interval(0.02, -0.01, 0.05, 800),
    q_value=0.02,
)
UNSURE = interval(-0.0005, -0.002, 0.001)


def test_all_conditions_together_make_an_edge_that_live_rows_must_confirm() -> None:
    assert decide(EDGE).label == "EDGE(backtest)" and not decide(EDGE).unmet
    assert decide(replace(EDGE, live_dates=LIVE_DATES, live_loss=-0.0004)).label == "EDGE"
    assert decide(replace(EDGE, live_dates=LIVE_DATES - 1, live_loss=-0.0004)).label == "EDGE(backtest)"
    assert decide(replace(EDGE, live_dates=LIVE_DATES, live_loss=0.0004)).label == "EDGE(backtest)"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"loss_vs_market": interval(-0.003, -0.005, -0.001, 2_999)}, "2,999 of 3,000 rows"),
        ({"loss_vs_market": interval(-0.003, -0.007, 0.0)}, "log loss less market"),
        ({"loss_vs_intercept": interval(-0.003, -0.007, 0.0)}, "intercept-only"),
        ({"by_season": {"2023-24": (60, -0.003), "2024-25": (60, 0.001)}}, "1 of 2 seasons"),
        ({"by_season": {"2023-24": (60, -0.003), "2024-25": (39, -0.003)}}, "1 of 1 seasons"),
        ({"roi_taken": interval(0.05, 0.01, 0.09, 499)}, "499 of 500 settled"),
        ({"roi_taken": interval(0.05, -0.01, 0.11, 800)}, "return of eligible bets"),
        ({"roi_median": interval(0.0, -0.05, 0.05)}, "median price"),
        ({"q_value": 0.11}, "q 0.11"),
        ({"loss_vs_market": Interval(-0.003, float("nan"), float("nan"), 5_000, 5)}, "log loss less market"),
    ],
)
def test_each_condition_alone_withholds_the_edge(change: dict[str, object], sentence: str) -> None:
    verdict = decide(replace(EDGE, **change))  # type: ignore[arg-type]
    assert verdict.word != "EDGE"
    assert any(sentence in reason for reason in verdict.unmet) and len(verdict.unmet) == 1


def test_no_edge_needs_a_tight_interval_or_a_losing_return() -> None:
    tight = replace(EDGE, loss_vs_market=interval(0.0003, -0.0009, 0.0015), roi_taken=interval(0.0, -0.1, 0.1))
    assert decide(tight).word == "NO_EDGE"
    losing = replace(EDGE, loss_vs_market=UNSURE, roi_taken=interval(-0.05, -0.08, -0.01))
    assert decide(losing).word == "NO_EDGE" and "up to -1.00%" in decide(losing).because[0]
    assert decide(replace(losing, roi_taken=interval(-0.05, -0.11, 0.01))).word == "UNRESOLVED"


def test_an_unresolved_segment_says_how_many_rows_are_needed() -> None:
    evidence = replace(EDGE, loss_vs_market=UNSURE, roi_taken=interval(0.01, -0.05, 0.07, 200))
    verdict = decide(evidence)
    # The half width is 0.0015 at 5,000 rows and must fall to 0.0005, a third: nine times the rows.
    assert verdict.word == "UNRESOLVED" and verdict.rows_needed == pytest.approx(8 * 5_000, abs=2)
    assert verdict.bets_needed == 300
    few = replace(evidence, loss_vs_market=Interval(-0.01, float("nan"), float("nan"), 50, 3))
    assert decide(few).word == "UNRESOLVED" and decide(few).rows_needed is None


def test_a_backtest_cannot_stand_for_a_live_record() -> None:
    segment = table(np.random.default_rng(1), 400, 0.0).segment
    with pytest.raises(BackcourtError, match="kind BACKTEST can't stand for a live record"):
        evidence_of(segment, 1.0, live=segment)
    found = evidence_of(segment, 1.0, live=replace(segment, kind="LIVE"))
    assert found.live_dates == len(np.unique(segment.game_date))


def test_old_prices_don_t_count() -> None:
    segment = table(np.random.default_rng(2), 4_000, 0.03).segment
    stale = replace(segment, bets=replace(segment.bets, price_age_seconds=np.full(len(segment.bets.profit_taken), 1801.0)))
    assert evidence_of(segment, 0.0).roi_taken.n > 500 and evidence_of(stale, 0.0).roi_taken.n == 0


@pytest.mark.parametrize("world", NO_EDGE_WORLDS, ids=["usual", "no margin", "no margin, small blend"])
def test_without_an_edge_none_is_called(world: dict[str, float]) -> None:
    assert share_of_edge(120, ROWS_AT_HALF_POWER, 0.0, seed=1, **world) <= 0.05


def test_a_planted_edge_is_found_when_there_are_rows_enough() -> None:
    few, many = (share_of_edge(60, rows, 0.03, seed=2) for rows in (1_500, ROWS_AT_POWER_80))
    assert few <= 0.25 and many >= 0.65


def test_the_oracle_scores_best() -> None:
    random = np.random.default_rng(3)
    oracle, others = [], []
    for _ in range(20):
        found = table(random, ROWS_AT_HALF_POWER, 0.03)
        oracle.append(found.loss_oracle.mean())
        others.append([loss.mean() for loss in (found.segment.loss_blend, found.segment.loss_market, found.segment.loss_intercept)])
    assert (np.mean(oracle) < np.mean(others, axis=0)).all()


@pytest.mark.slow
@pytest.mark.parametrize("world", NO_EDGE_WORLDS, ids=["usual", "no margin", "no margin, small blend"])
def test_without_an_edge_none_is_called_in_two_thousand_tables(world: dict[str, float]) -> None:
    assert share_of_edge(2_000, ROWS_AT_HALF_POWER, 0.0, seed=4, **world) <= 0.05


@pytest.mark.slow
def test_the_stated_power_in_two_thousand_tables() -> None:
    assert share_of_edge(2_000, ROWS_AT_POWER_80, 0.03, seed=5) == pytest.approx(0.80, abs=0.04)
    assert share_of_edge(2_000, ROWS_AT_HALF_POWER, 0.03, seed=5) == pytest.approx(0.45, abs=0.06)


def test_a_run_gives_one_segment_per_lead_bucket(run: EvaluatedRun) -> None:
    found = segments(run)
    assert [segment.lead_bucket for segment in found] == ["3h+", "<30m"]
    judged = verdicts(found)
    assert all(verdict.word in ("NO_EDGE", "UNRESOLVED") for _, verdict in judged)
    assert all(len(segment.loss_blend) == judged[place][1].evidence.loss_vs_market.n for place, segment in enumerate(found))  # type: ignore[union-attr]
