"""How the ledger names the model that made a forecast."""

from __future__ import annotations

from hashlib import sha256


def model_hash(artefact: str, made_of: str, system: str) -> str:
    """One system of a week's models: `artefact` names the fitted models' bytes, `made_of` the layer and the weeks behind them."""
    return sha256(f"{artefact}-{made_of}/{system}".encode()).hexdigest()[:16]
