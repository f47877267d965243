"""The cards of the models that the ledger names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import read_object
from backcourt.forecasting.caution import CAUTIONS
from backcourt.record.model_names import model_hash

_LOADERS_OWN = "golden"
"""Forecasts of a few rows by which a loaded model is proved; they say nothing to a reader."""


class ModelCards:
    """The cards in a home's `models` folder, found by the hash that the ledger has for one system of a week's models."""

    def __init__(self, folder: Path) -> None:
        self._cards: list[dict[str, Any]] = []
        for file in sorted(folder.rglob("card.json")):
            remedy = "delete its folder to fit the models again"
            card = read_object(file, remedy)
            if card is None or not {"sha256", "made_of"} <= set(card):
                raise BackcourtError(f"{file} is no card of a model; {remedy}.")
            self._cards.append(card)

    def of(self, named: str, systems: tuple[str, ...]) -> Mapping[str, Any] | None:
        """The card of a model hash that these systems bear; None when its models were replaced or lie elsewhere."""
        for card in self._cards:
            artefact, made_of = str(card["sha256"])[:16], str(card["made_of"])
            if any(model_hash(artefact, made_of, system, caution) == named for system in systems for caution in CAUTIONS):
                return {name: value for name, value in card.items() if name != _LOADERS_OWN}
        return None
