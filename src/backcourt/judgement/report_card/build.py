"""The builder: everything that a card says, as one plain dict of numbers and texts. The same inputs give the same bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from backcourt.forecasting.trials import Trial, config_hash, reads
from backcourt.judgement.bootstrap import DRAWS, LOG_LOSS_DRAWS, SEED
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.leaks.suite import SuiteResult
from backcourt.judgement.populations import OPENED_TESTS, mask
from backcourt.judgement.report_card.all_markets import market_lines
from backcourt.judgement.report_card.calibration_section import calibration_section
from backcourt.judgement.report_card.market_section import section
from backcourt.judgement.report_card.plain import interval, plain
from backcourt.judgement.report_card.prices import prices
from backcourt.judgement.segments import segments, verdicts
from backcourt.judgement.target_measures import CardInputs
from backcourt.judgement.targets import TARGETS, TargetOutcome, evaluate
from backcourt.judgement.verdict import MarketVerdict, Segment
from backcourt.judgement.watch import Watched, is_alarmed, watch

CARD_VERSION = 1
CONFIGURATION = ("market", "seasons", "weeks", "systems", "seed", "versions", "manifest_hash", "configuration", "code_hash")
"""Keys of run.json that say what was tried; its other keys say what came of it."""


def build(inputs: CardInputs, trials: list[Trial], *, is_simulated: bool) -> dict[str, Any]:
    """The card of these inputs; `trials` are all attempts so far, this one included. `is_simulated` is the home's, and the card says it."""
    outcomes = [evaluate(target, inputs) for target in TARGETS]
    judged = verdicts([segment for run in inputs.runs.values() for segment in segments(run)])
    watched = {market: watch(run) for market, run in inputs.runs.items()}
    infos = {market: run.folder.info for market, run in inputs.runs.items()}
    card: dict[str, Any] = plain(
        {
            "card_version": CARD_VERSION,
            "snapshot": sorted({str(info.get("snapshot_id")) for info in infos.values()}),
            "code_hash": code_hash(),
            "configurations": {market: configuration_hash(info) for market, info in infos.items()},
            "bootstrap": {"seed": SEED, "draws": DRAWS, "draws_log_loss": LOG_LOSS_DRAWS},
            "kind": "BACKTEST",
            "simulated": is_simulated,
            "trials": len(trials),
            "opened_tests": reads(trials),
            "markets": [section(run) for run in inputs.runs.values()],
            "all_markets": market_lines(inputs.runs),
            "prices": prices(inputs.runs),
            "calibration": {market: calibration_section(run) for market, run in inputs.runs.items()},
            "targets": [_target(outcome) for outcome in outcomes],
            "verdicts": [_verdict(segment, verdict) for segment, verdict in judged],
            "monitors": {market: _watched(found) for market, found in watched.items()},
            "drift": {"features": len(inputs.drift), "moved": [{**vars(d)} for d in inputs.drift if d.has_moved]},
            "leaks": None if inputs.suite is None else _leaks(inputs.suite),
            "conservation": None if inputs.conservation is None else vars(inputs.conservation),
            "timings": dict(inputs.seconds),
        }
    )
    return card


def code_hash() -> str:
    """The first 16 hex digits of a SHA-256 over the package's Python files, by name."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def configuration_hash(info: dict[str, Any]) -> str:
    """Names what a run tried, apart from its data and results."""
    return config_hash({name: info[name] for name in CONFIGURATION if name in info})


def trial_of(run: EvaluatedRun, verb: str, seconds: float | None = None) -> Trial:
    """The attempt that a run is, with the ensemble's main results and the opened tests that it reads.

    `seconds` belong to a backtest that did all its work anew.
    """
    opened = tuple(population for population in OPENED_TESTS if mask(run, population).any())
    results: dict[str, float | None] = {}
    for population in opened:
        inside = mask(run, population)
        for metric, column in (("mae", "ae"), ("crps", "crps")):
            values = run.score("ensemble", column)[inside]
            known = values[~np.isnan(values)]
            results[f"{metric} {population}"] = plain(known.mean()) if len(known) else None
    info = run.folder.info
    return Trial(verb, run.market.id, str(info.get("snapshot_id")), configuration_hash(info), results, opened, seconds)


def standing(card: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Market -> lead bucket -> verdict, as the card says; an EDGE of a market whose monitor stands above its limit is EDGE(alarm)."""
    found: dict[str, dict[str, str]] = {}
    for verdict in card["verdicts"]:
        market, word = verdict["market"], verdict["verdict"]
        alarmed = word == "EDGE" and card["monitors"][market]["is_alarmed"]
        found.setdefault(market, {})[verdict["lead_bucket"]] = "EDGE(alarm)" if alarmed else word
    return found


_NOT_SWITCHED = {"T4": "the pool of such distributions stays shown", "T8": "the recalibration stays on"}
"""Targets whose fallback is a word only, and what stays as it is; docs/forecasting.md says why."""


def fallbacks(card: dict[str, Any]) -> list[dict[str, str]]:
    """`target` and `sentence` for each bound that the card says was missed: what was measured, and what follows."""
    return [{"target": target["id"], "sentence": _missed(target)} for target in card["targets"] if target["status"] == "missed"]


def _missed(target: dict[str, Any]) -> str:
    kept = _NOT_SWITCHED.get(target["id"])
    found = f"{target['id']} missed, {target['metric']}: {target['measured']:.4g}, wanted {target['target']}"
    return f"{found}; fallback: {target['verdict']}{f' (said, not done: {kept})' if kept else ''}."


def _target(outcome: TargetOutcome) -> dict[str, Any]:
    found = outcome.found
    return {
        "id": outcome.target.id, "metric": outcome.target.metric, "target": outcome.target.bound.text,
        "stretch": outcome.target.stretch.text if outcome.target.stretch else None, "measured": found.value,
        "interval": interval(found.interval) if found.interval else None, "status": outcome.status, "verdict": outcome.verdict,
        "reason": found.reason, "note": found.note,
    }  # fmt: skip


def _verdict(segment: Segment, verdict: MarketVerdict) -> dict[str, Any]:
    evidence = verdict.evidence
    found: dict[str, Any] = {
        "market": segment.market, "lead_bucket": segment.lead_bucket, "verdict": verdict.label, "unmet": verdict.unmet,
        "because": verdict.because, "rows": len(segment.loss_blend), "rows_needed": verdict.rows_needed,
        "bets_needed": verdict.bets_needed,
    }  # fmt: skip
    if evidence is not None:
        found |= {
            "log_loss_less_market": interval(evidence.loss_vs_market), "log_loss_less_intercept": interval(evidence.loss_vs_intercept),
            "roi_taken": interval(evidence.roi_taken), "roi_median": interval(evidence.roi_median), "q": evidence.q_value,
            "by_season": {season: {"dates": dates, "difference": mean} for season, (dates, mean) in evidence.by_season.items()},
        }  # fmt: skip
    return found


def _watched(found: list[Watched]) -> dict[str, Any]:
    return {"is_alarmed": is_alarmed(found), "watched": [vars(one) for one in found]}


def _leaks(suite: SuiteResult) -> dict[str, Any]:
    return {
        "is_green": suite.is_green,
        "share_found": suite.share_found,
        "false_alarms": suite.false_alarms,
        "planted": [vars(result) for result in suite.planted],
        "findings": [{"on": name, **vars(finding)} for name, finding in suite.findings],
        "remade": [
            {**{name: value for name, value in vars(r).items() if name != "minus_line"}, "minus_line": interval(r.minus_line)}
            for r in suite.remade
        ],
    }
