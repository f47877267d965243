"""Promotion of a system to a market's champion."""

from __future__ import annotations

from dataclasses import dataclass

from backcourt.engine.errors import BackcourtError
from backcourt.field import clock
from backcourt.field.markets import market_of
from backcourt.home import Home
from backcourt.judgement.champions import Registry, State
from backcourt.judgement.leaks.real_rows import store_material
from backcourt.judgement.leaks.suite import run_suite
from backcourt.judgement.promotion import Gate, candidate, gates
from backcourt.judgement.report_card.inputs import runs_of


@dataclass(frozen=True)
class Promotion:
    """What came of it: the new state, the champion before, all gates."""

    state: State
    before: str | None
    gates: tuple[Gate, ...]


def promote(home: Home, system: str, market: str) -> Promotion:
    """Hold a system of a market's backtest to the gates, with the leak suite run anew, and enter it in `HOME/models/registry.json`.

    Raises BackcourtError without a backtest of the market, or for a system that it hasn't got.
    """
    wanted = market_of(market).id
    with home.working("promote") as job:
        runs = runs_of(home.runs_folder)
        if wanted not in runs:
            raise BackcourtError(f"There is no finished backtest of {wanted}; run `backcourt backtest --market {wanted}` first.")
        registry = Registry.of(home.path)
        before = registry.champion(wanted)
        found = candidate(runs[wanted], system, before)
        store = store_material(home.snapshot(), runs) if home.has_built("ml_feature_store") else None
        listed = gates(found, run_suite(runs, store))
        failed = [gate.name for gate in listed if not gate.passed]
        job.ends(1 if failed else 0, f"{system} for {wanted}: {len(failed)} of {len(listed)} gates failed")
        return Promotion(registry.enter(found, listed, clock.now()), before, tuple(listed))
