"""Mean of the season's appearances; before the first of a season the weighted mean of half-life 30, then the shrunken mean."""

from __future__ import annotations

from backcourt.forecasting.plain_window import WindowModel
from backcourt.forecasting.system import Bench, System


def fit(bench: Bench) -> WindowModel:
    """Nothing is fitted."""
    return WindowModel(("season", "ewma30"))


system = System(fit=fit, layer="plain")
