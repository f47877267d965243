"""Weighted mean, weights halved every 8 appearances; the shrunken mean before the first."""

from __future__ import annotations

from backcourt.forecasting.plain_window import WindowModel
from backcourt.forecasting.system import Bench, System


def fit(bench: Bench) -> WindowModel:
    """Nothing is fitted."""
    return WindowModel(("ewma8",))


system = System(fit=fit, layer="plain")
