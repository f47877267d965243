"""Who may speak for a market: `HOME/models/registry.json`, states candidate, champion and retired, each with its model card."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import read_object, write_whole
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.populations import mask
from backcourt.judgement.promotion import Candidate, Gate
from backcourt.judgement.report_card.build import code_hash
from backcourt.judgement.report_card.plain import plain

FILE = "models/registry.json"
State = Literal["candidate", "champion", "retired"]


@dataclass(frozen=True)
class Registry:
    """The file of a home: market -> system -> {state, changed_at, card, gates}."""

    path: Path

    @staticmethod
    def of(home: Path) -> Registry:
        """The registry of a home."""
        return Registry(home / FILE)

    def read(self) -> dict[str, dict[str, dict[str, Any]]]:
        """All entries; empty before the first promotion. Raises BackcourtError for a file that can't be read."""
        remedy = "restore it, or remove it to begin without champions"
        body = read_object(self.path, remedy)
        if body is None:
            return {}
        if not isinstance(body.get("markets"), dict):
            raise BackcourtError(f"{self.path} holds no markets; {remedy}.")
        return dict(body["markets"])

    def champion(self, market: str) -> str | None:
        """The market's champion, if it has one."""
        return next((system for system, entry in self.read().get(market, {}).items() if entry["state"] == "champion"), None)

    def enter(self, found: Candidate, listed: list[Gate], now: datetime) -> State:
        """Enter a system with its gates: champion when all pass (the one before retires), else candidate. Replaces the file as a whole."""
        markets = self.read()
        entries = markets.setdefault(found.run.market.id, {})
        state: State = "champion" if all(gate.passed for gate in listed) else "candidate"
        if state == "champion":
            for entry in entries.values():
                if entry["state"] == "champion":
                    entry.update(state="retired", changed_at=now.isoformat())
        entries[found.system] = {
            "state": state, "changed_at": now.isoformat(), "card": model_card(found), "gates": [vars(gate) for gate in listed]
        }  # fmt: skip
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, json.dumps({"schema_version": 1, "markets": markets}, indent=1, sort_keys=True) + "\n")
        return state


def model_card(found: Candidate) -> dict[str, Any]:
    """What a system is made of and how it scored: hashes of its forecasts, code and features, versions, window, seed, snapshot, scores."""
    run, info = found.run, found.run.folder.info
    rows = found.rows
    card: dict[str, Any] = plain(
        {
            "system": found.system, "market": run.market.id, "content_hash": content_hash(run, found.system, found.population),
            "code_hash": code_hash(), "versions": info.get("versions"), "manifest_hash": info.get("manifest_hash"),
            "weeks": info.get("weeks"), "seasons": info.get("seasons"), "seed": info.get("seed"), "snapshot_id": info.get("snapshot_id"),
            "population": found.population, "n": int(rows.sum()), "against": found.champion,
            "scores": {
                column: found.score(found.system, column)[rows & ~np.isnan(found.score(found.system, column))].mean()
                for column in ("ae", "crps", "logs", "bias")
            },
        }
    )  # fmt: skip
    return card


def content_hash(run: EvaluatedRun, system: str, population: str) -> str:
    """The first 16 hex digits of a SHA-256 over the system's means and CRPS in the order of the run's rows."""
    digest = hashlib.sha256()
    for column in ("mean", "crps"):
        digest.update(np.ascontiguousarray(run.score(system, column, population)[mask(run, population)]).tobytes())
    return digest.hexdigest()[:16]
