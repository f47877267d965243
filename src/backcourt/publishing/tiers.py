"""Tiers of forecasts, by the forecast mean alone: what happened later may not decide to which group a forecast belongs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from backcourt.field.markets import MARKETS

_QUARTERS = (0.25, 0.5, 0.75)


class Tiers:
    """The bands of a market's forecast means: the market's own, or the quarters of the means given."""

    def __init__(self, market: str, means: Iterable[float]) -> None:
        bands = MARKETS[market].bands
        if bands:
            self._edges = [float(edge) for edge in bands]
            bounds = [f"{edge:g}" for edge in bands]
            self.names = [f"<{bounds[0]}", *(f"{low}-{high}" for low, high in pairwise(bounds)), f"{bounds[-1]}+"]
        else:
            known = list(means)
            self._edges = [float(edge) for edge in np.quantile(known, _QUARTERS)] if known else []
            self.names = ["lowest quarter", "second quarter", "third quarter", "highest quarter"]

    def of(self, mean: float | None) -> str | None:
        """The tier of a forecast mean; None without one."""
        if mean is None or not self._edges:
            return None
        return self.names[sum(mean >= edge for edge in self._edges)]
