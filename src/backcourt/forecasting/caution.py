"""What a missed target takes away from the blend until a report card finds it met: T3 the learned weights of its distribution, T7 its own
view within half an hour of the start.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from backcourt.forecasting.blend import BUCKETS, Blend
from backcourt.forecasting.lined import PRIOR_MARKET_WEIGHT, LinedModel

_MARKETS: dict[str, tuple[str, ...] | None] = {"T3": ("points",), "T7": None}
"""Target -> the markets that it was measured for and so binds, None for all."""

CAUTIONS = tuple(" ".join(found) for count in range(len(_MARKETS) + 1) for found in combinations(sorted(_MARKETS), count))
"""Every name that `caution` can give; the first, empty one is none."""


def caution(market: str, missed: frozenset[str]) -> str:
    """The missed targets that bind this market's blend, as one name: part of the name of the model that speaks."""
    return " ".join(target for target in sorted(_MARKETS) if target in missed and market in (_MARKETS[target] or (market,)))


def cautious(model: LinedModel, named: str) -> LinedModel:
    """The blend under a caution: the pool weight at its prior (T3), no weight of the ensemble's view of P(over) below 30 minutes (T7)."""
    if "T3" in named:
        model = replace(model, market_weight=PRIOR_MARKET_WEIGHT)
    return replace(model, blend=_without_own_view(model.blend, BUCKETS[-1])) if "T7" in named else model


def _without_own_view(blend: Blend, bucket: str) -> Blend:
    """The posterior given that c and the bucket's departure from it cancel."""
    shared, own = 2, 3 + BUCKETS.index(bucket)
    onto = np.eye(len(blend.mode))
    onto[own] = 0.0
    onto[own, shared] = -1.0
    return replace(blend, mode=onto @ blend.mode, covariance=onto @ blend.covariance @ onto.T)
