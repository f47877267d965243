"""leaderboard.json: systems compared on the same rows, the market and the last-5 mean first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from backcourt.field.markets import MARKETS
from backcourt.field.pmf import negative_binomial, over_without_push
from backcourt.field.scores import log_loss
from backcourt.judgement.bootstrap import DRAWS, LEAST_BLOCKS, draw_weights
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope
from backcourt.publishing.intervals import ratio_of
from backcourt.publishing.rows import DaySums, LinedRow

FIRST = ("market", "base_l5")


def build(edition: Edition) -> Iterator[Document]:
    """One board per market and kind; kinds are never mixed."""
    groups: dict[tuple[str, str], dict[str, list[DaySums]]] = {}
    for sums in edition.reading.score_sums():
        groups.setdefault((sums.market, sums.kind), {}).setdefault(sums.system, []).append(sums)
    losses = _log_losses(edition.reading.lined_rows())
    boards = [_board(*key, systems, losses.get(key, {})) for key, systems in sorted(groups.items())]
    kinds = {board["kind"] for board in boards}
    kind = "LIVE" if "LIVE" in kinds else min(kinds, default=None)
    made = envelope(
        edition, {"boards": len(boards)}, kind=kind, status="ok" if boards else "empty", reason=None if boards else "NOTHING_GRADED"
    )
    yield document("leaderboard.json", "leaderboard.schema.json", {**made, "boards": boards})


def _log_losses(rows: Sequence[LinedRow]) -> dict[tuple[str, str], dict[str, float]]:
    """(market, kind) -> mean log loss of P(over | no push) of the market and the blend, on the lines that picks were made on."""
    groups: dict[tuple[str, str], list[LinedRow]] = {}
    for row in rows:
        groups.setdefault((row.market, row.kind), []).append(row)
    found = {}
    for (market, kind), part in groups.items():
        line, result = np.array([row.line for row in part]), np.array([row.result for row in part])
        won = np.array([row.p_win / (1 - row.p_push) for row in part])
        blend = np.where([row.side == "over" for row in part], won, 1 - won)
        sd = np.array([row.market_sd for row in part])
        pmf = negative_binomial(np.array([row.market_mean for row in part]), sd * sd, MARKETS[market].kmax)
        stated = {"market": over_without_push(pmf, line), "market_blend": blend}
        found[market, kind] = {system: float(log_loss(p, result > line).mean()) for system, p in stated.items()}
    return found


def _board(market: str, kind: str, systems: dict[str, list[DaySums]], losses: dict[str, float]) -> dict[str, Any]:
    days = sorted({sums.game_date for rows in systems.values() for sums in rows})
    ranks = _rank_intervals(systems)
    listed = [
        {
            "id": system,
            "kind": kind,
            **_means(rows),
            "logloss": losses.get(system),
            "vs_market": _versus(rows, systems.get("market"), system),
            "vs_l5": _versus(rows, systems.get("base_l5"), system),
            "rank_lo": ranks[system][0] if ranks else None,
            "rank_hi": ranks[system][1] if ranks else None,
        }
        for system, rows in systems.items()
    ]
    listed.sort(key=lambda row: (FIRST.index(row["id"]) if row["id"] in FIRST else len(FIRST), row["crps"], row["id"]))
    common = sum(sums.n for sums in next(iter(systems.values())))
    return {"market": market, "kind": kind, "window": {"from": days[0], "to": days[-1]}, "rows_common": common, "systems": listed}


def _means(rows: Sequence[DaySums]) -> dict[str, Any]:
    n = sum(row.n for row in rows)
    return {
        "n": n,
        "mae": sum(row.ae for row in rows) / n,
        "crps": sum(row.crps for row in rows) / n,
        "logs": sum(row.logs for row in rows) / n,
        "bias": sum(row.error for row in rows) / n,
        "cov80": sum(row.covered for row in rows) / n,
    }


def _versus(rows: Sequence[DaySums], base: Sequence[DaySums] | None, system: str) -> dict[str, float | None] | None:
    """CRPS less the base's on the same rows, blocks of game dates; None for the base itself or without one."""
    if base is None or base[0].system == system:
        return None
    differences = [row.crps - theirs.crps for row, theirs in zip(rows, base, strict=True)]
    return ratio_of(differences, [row.n for row in rows], [row.game_date.isoformat() for row in rows])


def _rank_intervals(systems: dict[str, list[DaySums]]) -> dict[str, tuple[int, int]] | None:
    names = sorted(systems)
    n = np.array([row.n for row in systems[names[0]]], dtype=float)
    if len(n) < LEAST_BLOCKS:
        return None
    weights = draw_weights(len(n), DRAWS)
    scores = np.column_stack([weights @ np.array([row.crps for row in systems[name]]) for name in names]) / (weights @ n)[:, None]
    ranks = scores.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable") + 1
    bounds = np.percentile(ranks, (2.5, 97.5), axis=0, method="nearest")
    return {name: (int(bounds[0, place]), int(bounds[1, place])) for place, name in enumerate(names)}


endpoint = GlobalEndpoint("leaderboard.json", "leaderboard.schema.json", "1 h", build)
