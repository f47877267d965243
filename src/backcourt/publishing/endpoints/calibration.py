"""calibration.json: do the probabilities that live picks stated come true?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from backcourt.field.markets import MARKETS
from backcourt.field.scores import calibration
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope
from backcourt.publishing.rows import GradedPick
from backcourt.publishing.tiers import Tiers

LEAST_ROWS = 10
"""Below this a slope says nothing and is null."""
_BINS, _Z = 10, 1.959964

Stated = tuple[float, bool]
"""P(side wins | no push) and whether it did."""


def build(edition: Edition) -> Iterator[Document]:
    """Every LIVE pick with a line whose player appeared and whose result was not the line, whatever its action."""
    picks = [pick for pick in edition.reading.live_picks() if _stated(pick)]
    overs = [_over(pick) for pick in picks]
    body = {
        **envelope(
            edition, {"picks": len(picks)}, kind="LIVE", status="ok" if picks else "empty", reason=None if picks else "NO_LIVE_PICKS"
        ),
        **_curve(overs),
        "by_side": [
            {"side": side, **_curve([stated for pick in picks if pick.side == side and (stated := _stated(pick))])}
            for side in ("over", "under")
        ],
        "by_tier": _by_tier(picks),
    }
    yield document("calibration.json", "calibration.schema.json", body)


def _stated(pick: GradedPick) -> Stated | None:
    if pick.side is None or pick.line is None or pick.p_win is None or pick.p_push is None or pick.result is None:
        return None
    if pick.result == pick.line or pick.p_push >= 1:
        return None
    return pick.p_win / (1 - pick.p_push), (pick.result > pick.line) == (pick.side == "over")


def _over(pick: GradedPick) -> Stated:
    stated = _stated(pick)
    assert stated is not None
    probability, happened = stated
    return (probability, happened) if pick.side == "over" else (1 - probability, not happened)


def _by_tier(picks: Sequence[GradedPick]) -> list[dict[str, Any]]:
    found = []
    for market in MARKETS:
        rows = [pick for pick in picks if pick.market == market]
        tiers = Tiers(market, [pick.forecast_mean for pick in rows if pick.forecast_mean is not None])
        for tier in tiers.names:
            part = [_over(pick) for pick in rows if tiers.of(pick.forecast_mean) == tier]
            if part:
                found.append({"market": market, "tier": tier, **_curve(part)})
    return found


def _curve(rows: Sequence[Stated]) -> dict[str, Any]:
    probability = np.array([p for p, _ in rows], dtype=float)
    happened = np.array([h for _, h in rows], dtype=bool)
    fitted: dict[str, float | None] = {"slope": None, "intercept": None, "ece": None}
    if len(rows) >= LEAST_ROWS and 0 < happened.sum() < len(rows):
        found = calibration(probability, happened, _BINS)
        fitted = {name: _known(getattr(found, name)) for name in fitted}
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, min(_BINS, max(1, len(rows) // LEAST_ROWS))) if len(part)]
    return {"n": len(rows), **fitted, "bins": [_bin(probability[part], happened[part]) for part in parts]}


def _bin(probability: np.ndarray[Any, Any], happened: np.ndarray[Any, Any]) -> dict[str, Any]:
    n, share = len(happened), float(happened.mean())
    low, high = _wilson(share, n)
    return {
        "lo": float(probability.min()),
        "hi": float(probability.max()),
        "n": n,
        "p_mean": float(probability.mean()),
        "freq": share,
        "lo95": low,
        "hi95": high,
    }


def _wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    middle = (share + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n)) / (1 + _Z * _Z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


endpoint = GlobalEndpoint("calibration.json", "calibration.schema.json", "1 d", build)
