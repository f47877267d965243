"""Targets are judged by value and interval, say what they fall back to, and why they can't be measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backcourt.judgement.bootstrap import Interval
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.leaks.suite import run_suite
from backcourt.judgement.target_measures import CardInputs, Measurement, lined_share, missing
from backcourt.judgement.targets import TARGETS, Bound, Target, evaluate


def target(bound: Bound, found: Measurement, stretch: Bound | None = None) -> Target:
    return Target("T0", "a metric", lambda inputs: found, bound, stretch, "the fallback")


def judged(bound: Bound, value: float, high: float | None = None, stretch: Bound | None = None) -> str:
    interval = None if high is None else Interval(value, value - 1, high, 500, 50)
    return evaluate(target(bound, Measurement(value, interval), stretch), CardInputs({})).status


@pytest.mark.parametrize(
    ("bound", "value", "high", "status"),
    [
        (Bound(4.5), 4.5, None, "met"),
        (Bound(4.5), 4.51, None, "missed"),
        (Bound(0.82, 0.78), 0.77, None, "missed"),
        (Bound(low=0.98), 0.97, None, "missed"),
        (Bound(-0.01, interval_below=0), -0.02, -0.001, "met"),
        (Bound(-0.01, interval_below=0), -0.02, 0.0, "missed"),
        (Bound(-0.01, interval_below=0), -0.02, None, "missed"),
        (Bound(interval_at_most=0.001), 0.0, 0.001, "met"),
        (Bound(interval_at_most=0.001), 0.0, 0.0011, "missed"),
    ],
)
def test_a_bound_needs_value_and_interval(bound: Bound, value: float, high: float | None, status: str) -> None:
    assert judged(bound, value, high) == status


def test_a_stretch_is_named_only_when_the_target_is_met_too() -> None:
    assert judged(Bound(4.5), 4.4, None, Bound(4.45)) == "stretch met"
    assert judged(Bound(4.5), 4.48, None, Bound(4.45)) == "met"
    assert judged(Bound(4.5, interval_below=0), 4.4, 0.1, Bound(4.45)) == "missed"


def test_a_missed_target_publishes_its_fallback_and_an_unmeasured_one_its_reason() -> None:
    assert evaluate(target(Bound(1), Measurement(2.0)), CardInputs({})).verdict == "the fallback"
    unknown = evaluate(target(Bound(1), missing("no feed")), CardInputs({}))
    assert (unknown.status, unknown.verdict, unknown.found.reason) == ("not measured", "", "no feed")


def test_all_fourteen_are_there_and_print_their_bound() -> None:
    assert {t.id for t in TARGETS} == {*(f"T{number}" for number in range(1, 15)), "T2b", "T2c"}
    assert all(t.bound.text and t.fallback and t.metric for t in TARGETS)


def test_without_a_run_nothing_is_measured_and_every_reason_is_said() -> None:
    outcomes = [evaluate(t, CardInputs({})) for t in TARGETS]
    assert all(outcome.status == "not measured" and outcome.found.reason for outcome in outcomes)


def test_a_run_is_measured_where_it_has_rows(run: EvaluatedRun) -> None:
    inputs = CardInputs({"points": run}, run_suite({"points": run}), seconds={"points": 400.0})
    outcomes = [(t, evaluate(t, inputs)) for t in TARGETS]
    status = {(t.id, t.metric): outcome.status for t, outcome in outcomes}
    assert status["T1", "points MAE of the ensemble, A25s (interval: less base_l5)"] == "stretch met"
    assert status["T14", "seconds of the longest backtest of one market, from nothing"] == "met"
    assert status["T12", "share of planted leaks that the suite finds"] == "met"
    unmeasured = {t.id for t, outcome in outcomes if outcome.status == "not measured"}
    assert unmeasured == {"T2c", "T6", "T7", "T10", "T13"}
    slow = evaluate(TARGETS[-1], replace(inputs, seconds={"points": 900.0}))
    assert slow.status == "missed" and slow.verdict == "cut rounds or go two-weekly, say so"


def test_a_quoted_player_whom_the_store_did_not_list_lowers_the_share(run: EvaluatedRun) -> None:
    whole = lined_share(CardInputs({"points": run}))
    lacking = EvaluatedRun(run.folder)
    lined = len({*run.lines["position"].tolist()} & set(np.flatnonzero(run.appeared & (run.rows["appearances_before"] >= 1)).tolist()))
    lacking.__dict__["not_forecast"] = {
        "population": np.array(["S24", "S24", "S24", "A25"], dtype=object), "appearances_before": np.array([9, 0, 9, 9]),
        "reason": np.array(["not_listed", "not_listed", "quoted_too_late", "not_listed"], dtype=object),
    }  # fmt: skip
    share = lined_share(CardInputs({"points": lacking}))
    assert whole.value == 1 and share.value == pytest.approx(lined / (lined + 1))
