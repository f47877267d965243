"""From a home's folders to what a card stands on: run folders of one snapshot, the trials so far."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from backcourt.engine.errors import BackcourtError
from backcourt.field.markets import MARKETS
from backcourt.forecasting.run_folder import RunFolder
from backcourt.forecasting.trials import full_backtest_seconds, read_trials
from backcourt.judgement.conservation import conservation
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.leaks.real_rows import store_material
from backcourt.judgement.leaks.suite import run_suite
from backcourt.judgement.recent_drift import recent_drift
from backcourt.judgement.target_measures import CardInputs

if TYPE_CHECKING:
    from backcourt.engine.warehouse import Warehouse


def runs_of(runs_folder: Path, snapshot: str | None = None) -> dict[str, EvaluatedRun]:
    """Finished runs by market, in the markets' order, all of one snapshot.

    Raises BackcourtError when there is none, none of `snapshot`, or when markets stand on different snapshots and
    none is named.
    """
    found = {}
    for market in MARKETS:
        folder = RunFolder(runs_folder / "backtest" / market)
        if (folder.path / "run.json").exists():
            found[market] = EvaluatedRun(folder)
    if not found:
        raise BackcourtError(f"{runs_folder / 'backtest'} holds no finished backtest; run `backcourt backtest` first.")
    by_snapshot = {market: str(run.folder.info.get("snapshot_id")) for market, run in found.items()}
    if snapshot is None:
        if len(set(by_snapshot.values())) > 1:
            listed = ", ".join(f"{market} {name}" for market, name in by_snapshot.items())
            raise BackcourtError(f"The backtests stand on different snapshots ({listed}); run `backcourt backtest` again, or name one.")
        return found
    chosen = {market: run for market, run in found.items() if by_snapshot[market] == snapshot}
    if not chosen:
        raise BackcourtError(f"No backtest stands on the snapshot {snapshot}; there are {', '.join(sorted(set(by_snapshot.values())))}.")
    return chosen


def card_inputs(home: Path, runs: Mapping[str, EvaluatedRun], warehouse: Warehouse | None = None) -> CardInputs:
    """The runs with the leak suite, the ledger's picks, seconds of full backtests and drift; `warehouse` is an open read snapshot."""
    seconds = full_backtest_seconds(read_trials(home))
    store = store_material(warehouse, runs) if warehouse is not None else None
    return CardInputs(
        runs,
        run_suite(runs, store),
        conservation(warehouse) if warehouse is not None else None,
        {market: seconds[market] for market in runs if market in seconds},
        () if store is None else tuple(recent_drift(store)),
    )
