"""How the ledger names the model that made a forecast."""

from __future__ import annotations

from hashlib import sha256


def model_hash(artefact: str, made_of: str, system: str, caution: str = "") -> str:
    """One system of a week's models: `artefact` names the fitted models' bytes, `made_of` the layer and the weeks behind them.

    `caution` names what missed targets take away from the system (see forecasting.caution).
    """
    under = f" under {caution}" if caution else ""
    return sha256(f"{artefact}-{made_of}/{system}{under}".encode()).hexdigest()[:16]
