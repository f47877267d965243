"""Fitted models on disk: `HOME/models/<market>/<monday>/`, one pickle per week with a card that says what it is made of.

A model is loaded only by the code and the library versions that wrote it, and only if it still forecasts its golden
rows; there is no stand-in for one that can't be loaded. The card lies beside the pickle and vouches for nothing: what
may be loaded stands in the home's register (`pickles.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import read_object, write_whole
from backcourt.forecasting.chance import ChanceModel
from backcourt.forecasting.fits import LIBRARIES
from backcourt.forecasting.pickles import AlteredError, Pickles
from backcourt.forecasting.system import Model, Sample

GOLDEN_ROWS = 5
FILE = "models.pkl"
_NEEDED = {"made_of", "sha256", "versions", "golden", "inputs"}


class UnusableModelError(BackcourtError):
    """An artefact that must not forecast; the message names it, what is wrong, and the next step."""


@dataclass(frozen=True)
class Artefact:
    """The models of one week by system, the chance of appearing, and the card."""

    models: Mapping[str, Model]
    chance: ChanceModel
    card: dict[str, Any]

    @property
    def hash(self) -> str:
        """Names the content: the first 16 hex digits of the pickle's SHA-256."""
        return str(self.card["sha256"])[:16]


def store(
    pickles: Pickles, folder: Path, models: Mapping[str, Model], chance: ChanceModel, golden: Sample, facts: Mapping[str, Any]
) -> Artefact:
    """Write and register the artefact; `golden` are rows whose forecasts it must repeat, `facts` what made it."""
    golden = golden.select(np.arange(min(GOLDEN_ROWS, len(golden))))
    folder.mkdir(parents=True, exist_ok=True)
    # A kill before the new card leaves none: the week is fitted again.
    (folder / "card.json").unlink(missing_ok=True)
    digest = pickles.keep(folder / FILE, {"models": dict(models), "chance": chance, "golden": golden})
    card = {
        **facts,
        "sha256": digest,
        "versions": _versions(),
        "golden": {name: model.forecast(golden).mean.tolist() for name, model in models.items()},
    }
    write_whole(folder / "card.json", json.dumps(card, indent=1, sort_keys=True, default=str) + "\n")
    return Artefact(models, chance, card)


def load(pickles: Pickles, folder: Path, is_current: Callable[[dict[str, Any]], bool]) -> Artefact | None:
    """The artefact of a week; None when there is none, when it was made of other code or inputs (`is_current` judges its
    card), or when this home never registered it: then it was fitted elsewhere, or before homes kept a register.

    Raises UnusableModelError when it should be usable and isn't: damaged, of other libraries, or with other forecasts
    of its golden rows; OtherCodeError when its classes are not this code's.
    """
    again = f"delete {folder} to fit it again"
    card = _card(folder, again)
    registered = pickles.registered(folder / FILE)
    if card is None or not is_current(card) or registered is None:
        return None
    if registered != card["sha256"]:
        raise UnusableModelError(f"{folder / FILE} is registered with another hash than its card has; {again}.")
    if card["versions"] != _versions():
        raise UnusableModelError(f"{folder} was fitted with other library versions ({card['versions']}); {again}.")
    try:
        found = pickles.load(folder / FILE)
    except AlteredError as error:
        raise UnusableModelError(f"{error}; {again}.") from error
    if found is None:
        return None
    for name, model in found["models"].items():
        if not _repeats(model, found["golden"], card["golden"], name):
            raise UnusableModelError(f"{name} of {folder} forecasts its golden rows differently; {again}.")
    return Artefact(found["models"], found["chance"], card)


def _card(folder: Path, again: str) -> dict[str, Any] | None:
    try:
        card = read_object(folder / "card.json", again)
    except BackcourtError as error:
        raise UnusableModelError(str(error)) from error
    if card is not None and not _NEEDED <= set(card):
        raise UnusableModelError(f"{folder / 'card.json'} is no card of a model; {again}.")
    return card


def _repeats(model: Model, golden: Sample, said: Any, name: str) -> bool:
    """Does a model forecast its golden rows as its card says? A card may hold anything."""
    mean = model.forecast(golden).mean
    try:
        stated = np.asarray(said[name], dtype=float)
    except (TypeError, KeyError, ValueError):
        return False
    return stated.shape == mean.shape and np.allclose(mean, stated, rtol=1e-9, atol=1e-9)


def _versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}
