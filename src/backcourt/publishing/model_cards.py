"""The cards of the models that the ledger names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError
from backcourt.ledger.model_names import model_hash
from backcourt.predictions.caution import CAUTIONS

_LOADERS_OWN = "golden"
"""Forecasts of a few rows by which a loaded model is proved; they say nothing to a reader."""


class ModelCards:
    """The cards in a home's `models` folder, found by the hash that the ledger has for one system of a week's models."""

    def __init__(self, folder: Path) -> None:
        self._cards: list[dict[str, Any]] = []
        for file in sorted(folder.rglob("card.json")):
            try:
                self._cards.append(dict(json.loads(file.read_text(encoding="utf-8"))))
            except (OSError, ValueError) as error:
                raise BackcourtError(f"{file} can't be read ({error}); delete its folder to fit the models again.") from error

    def of(self, named: str, systems: tuple[str, ...]) -> Mapping[str, Any] | None:
        """The card of a model hash that these systems bear; None when its models were replaced or lie elsewhere."""
        for card in self._cards:
            artefact, made_of = str(card["sha256"])[:16], str(card["made_of"])
            if any(model_hash(artefact, made_of, system, caution) == named for system in systems for caution in CAUTIONS):
                return {name: value for name, value in card.items() if name != _LOADERS_OWN}
        return None
