"""The report card of a home: its finished backtests judged, written, and their verdicts kept for picks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backcourt.forecasting.trials import read_trials, record
from backcourt.home import Home
from backcourt.judgement.report_card.build import build, fallbacks, standing, trial_of
from backcourt.judgement.report_card.inputs import card_inputs, runs_of
from backcourt.judgement.report_card.write import write_card
from backcourt.judgement.standing import keep_fallbacks, keep_verdicts


@dataclass(frozen=True)
class ReportCard:
    """What was written, and the card itself."""

    files: tuple[Path, ...]
    card: dict[str, Any]


def reportcard(home: Home, snapshot: str | None = None) -> ReportCard:
    """Judge the backtests (of one `snapshot`, where they differ), record the attempt, write the card to `HOME/reports/<snapshot>/`.

    Where the feature store is built, the leak suite also tries the feature store, which fits models and takes a
    minute. The same run folders, store, code and attempts give the same bytes. Raises BackcourtError without a
    finished backtest.
    """
    with home.working("reportcard") as job:
        runs = runs_of(home.runs_folder, snapshot)
        inputs = card_inputs(home.path, runs, home.snapshot() if home.has_built("ml_feature_store") else None)
        record(home.path, [trial_of(run, "reportcard") for run in runs.values()])
        card = build(inputs, read_trials(home.path), is_simulated=home.is_simulated)
        job.check()
        files = write_card(home.path / "reports" / "-".join(card["snapshot"]), card)
        keep_verdicts(home.path, standing(card))
        keep_fallbacks(home.path, fallbacks(card))
        job.ends(0, f"written: {files[0]}")
        return ReportCard(tuple(files), card)
