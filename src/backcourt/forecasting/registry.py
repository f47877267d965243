"""Fitted models on disk: `HOME/models/<market>/<monday>/`, one pickle per week with a card that says what it is made of.

A model is loaded only by the code and the library versions that wrote it, and only if it still forecasts its golden
rows; there is no stand-in for one that can't be loaded.
"""

from __future__ import annotations

import hashlib
import json
import pickle
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
from backcourt.forecasting.pickles import unpickled
from backcourt.forecasting.system import Model, Sample

GOLDEN_ROWS = 5


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


def store(folder: Path, models: Mapping[str, Model], chance: ChanceModel, golden: Sample, facts: Mapping[str, Any]) -> Artefact:
    """Write the artefact; `golden` are rows whose forecasts it must repeat when it is loaded, `facts` what it was fitted on and by."""
    golden = golden.select(np.arange(min(GOLDEN_ROWS, len(golden))))
    body = pickle.dumps({"models": dict(models), "chance": chance, "golden": golden}, protocol=5)
    card = {
        **facts,
        "sha256": hashlib.sha256(body).hexdigest(),
        "versions": _versions(),
        "golden": {name: model.forecast(golden).mean.tolist() for name, model in models.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "models.pkl", body)
    write_whole(folder / "card.json", json.dumps(card, indent=1, sort_keys=True, default=str) + "\n")
    return Artefact(models, chance, card)


def load(folder: Path, is_current: Callable[[dict[str, Any]], bool]) -> Artefact | None:
    """The artefact of a week; None when there is none or it was made of other code or inputs (`is_current` judges its card).

    Raises UnusableModelError when it should be usable and isn't: damaged, of other libraries, or with other forecasts
    of its golden rows; OtherCodeError when its classes are not this code's.
    """
    try:
        card = read_object(folder / "card.json", f"delete {folder} to fit it again")
        if card is None or not is_current(card):
            return None
        body = (folder / "models.pkl").read_bytes()
    except FileNotFoundError:
        return None
    except BackcourtError as error:
        raise UnusableModelError(str(error)) from error
    except (TypeError, KeyError) as error:
        raise UnusableModelError(f"{folder / 'card.json'} is no card of a model; delete {folder} to fit it again.") from error
    if hashlib.sha256(body).hexdigest() != card["sha256"]:
        raise UnusableModelError(f"{folder / 'models.pkl'} is not the file that its card names; delete {folder} to fit it again.")
    if card["versions"] != _versions():
        raise UnusableModelError(f"{folder} was fitted with other library versions ({card['versions']}); delete it to fit it again.")
    found = unpickled(body, str(folder))
    for name, model in found["models"].items():
        if not np.allclose(model.forecast(found["golden"]).mean, card["golden"][name], rtol=1e-9, atol=1e-9):
            raise UnusableModelError(f"{name} of {folder} forecasts its golden rows differently; delete {folder} to fit it again.")
    return Artefact(found["models"], found["chance"], card)


def _versions() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}
