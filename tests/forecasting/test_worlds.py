"""Whole leagues walked forward: no edge where the market knows the truth, an edge where it keeps mistaking players."""

from __future__ import annotations

from pathlib import Path

import pytest

import backcourt
from backcourt.judgement.report_card.inputs import runs_of
from backcourt.judgement.segments import segments, verdicts
from backcourt.judgement.verdict import MarketVerdict, Segment
from backcourt.simulate import simulate
from backcourt.work.backtest import backtest

pytestmark = pytest.mark.slow
LEAGUE = {"seasons": 3, "seed": 11, "games_per_team": 30}


def judged(folder: Path, **market: float) -> dict[str, tuple[Segment, MarketVerdict]]:
    """Verdicts by lead bucket after a walk-forward of points through two seasons of a league."""
    simulate(folder / "raw", **LEAGUE, **market)
    home = backcourt.open(folder / "home")
    home.init(simulated=True)
    home.ingest(folder / "raw")
    home.run()
    backtest(home, "points", workers=2)
    found = verdicts(segments(runs_of(home.runs_folder)["points"]))
    return {segment.lead_bucket: (segment, verdict) for segment, verdict in found}


def test_no_edge_where_the_market_knows_the_truth(tmp_path: Path) -> None:
    found = judged(tmp_path, market_noise=0.0)
    segment, verdict = found["3h+"]
    assert len(segment.loss_blend) > 8_000 and verdict.word == "NO_EDGE", verdict
    assert all(other.word != "EDGE" for _, other in found.values())


def test_an_edge_where_the_market_keeps_mistaking_players(tmp_path: Path) -> None:
    segment, verdict = judged(tmp_path, market_mistake=0.15)["3h+"]
    assert len(segment.loss_blend) > 8_000 and verdict.word == "EDGE", verdict
    assert verdict.label == "EDGE(backtest)", "until 60 live dates keep the sign"
    assert verdict.evidence is not None and verdict.evidence.roi_taken.low > 0
