"""results/{date}.json: what became of a slate's picks and forecasts."""

from __future__ import annotations

from typing import Any

import numpy as np

from backcourt.field.markets import MARKETS
from backcourt.field.scores import log_loss
from backcourt.publishing.day import Day
from backcourt.publishing.distribution import PublishedPmfs
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import SlateEndpoint
from backcourt.publishing.envelope import day_envelope, fixed_envelope
from backcourt.publishing.intervals import mean_of, ratio_of
from backcourt.publishing.rows import Forecast, Grade, Pick
from backcourt.publishing.settled import STAKED, Settled, money, tally

Scored = tuple[Forecast, Grade, float]
"""A forecast whose player appeared, its grade and the result."""


def build(edition: Edition, day: Day) -> Document:
    """The slate's file; immutable from the moment that every pick and forecast has a final grade."""
    name = f"results/{day.game_date}.json"
    graded = sum(day.grade(pick.pick_id) is not None for pick in day.published)
    counts = {"picks": len(day.published), "forecasts": len(day.said), "graded": graded}
    if day.is_final and day.graded_at is not None:
        made = fixed_envelope(edition, day, counts, made_at=day.graded_at, data_through=day.game_date, behind=day.said)
    elif day.grades:
        made = {**day_envelope(edition, day, counts, status="degraded", reason="NOT_FINAL"), "as_of": day.graded_at}
    else:
        made = day_envelope(edition, day, counts, status="empty", reason="NOTHING_GRADED" if day.said else "NO_FORECASTS")
    return document(name, "results.schema.json", {**made, **_body(day, edition.distributions)}, is_immutable=day.is_final)


def _body(day: Day, distributions: PublishedPmfs) -> dict[str, Any]:
    scored = _scored(day)
    settled = {pick.pick_id: _settled(day, pick) for pick in day.published}
    actions = [action for action in ("BET", "LEAN", "PASS", "NO_LINE") if any(pick.action == action for pick in day.published)]
    return {
        "is_final": day.is_final,
        "summary": {**tally(settled.values()), **money(list(settled.values()))},
        "by_action": [
            {"action": action, **tally(part), **money(part)}
            for action in actions
            for part in [[settled[pick.pick_id] for pick in day.published if pick.action == action]]
        ],
        "forecast": _shown_scores(day, scored),
        "market": _market_scores(day, scored, distributions),
        "by_tier": _by_tier(day, scored),
        "by_side": _by_side(day, settled),
        "by_system": _by_system(scored),
        "rows": [_row(day, pick) for pick in sorted(day.published, key=lambda pick: pick.pick_id)],
    }


def _scored(day: Day) -> list[Scored]:
    found = []
    for forecast in day.said:
        grade = day.grade(forecast.forecast_id)
        result = day.result(forecast.game_id, forecast.player_id, forecast.market)
        if grade is not None and grade.ae is not None and result is not None:
            found.append((forecast, grade, float(result)))
    return found


def _settled(day: Day, pick: Pick) -> Settled:
    grade = day.grade(pick.pick_id)
    if grade is None:
        return Settled(None, None, None, None)
    return Settled(grade.status, grade.units, grade.clv_prob, grade.close_quality)


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _errors(rows: list[Scored]) -> list[float]:
    return [forecast.mean - result for forecast, _, result in rows if forecast.mean is not None]


def _shown_scores(day: Day, scored: list[Scored]) -> list[dict[str, Any]]:
    shown = {forecast.forecast_id for forecast in day.shown.values()}
    groups: dict[tuple[str, str], list[Scored]] = {}
    for row in scored:
        if row[0].forecast_id in shown:
            groups.setdefault((row[0].market, row[0].system), []).append(row)
    return [
        {
            "market": market,
            "system": system,
            "n": len(rows),
            "mae": _mean([grade.ae for _, grade, _ in rows if grade.ae is not None]),
            "crps": _mean([grade.crps for _, grade, _ in rows if grade.crps is not None]),
            "bias": _mean(_errors(rows)),
            "cov80": _mean([float(f.q10 <= result <= f.q90) for f, _, result in rows if f.q10 is not None and f.q90 is not None]),
        }
        for (market, system), rows in sorted(groups.items())
    ]


def _market_scores(day: Day, scored: list[Scored], distributions: PublishedPmfs) -> list[dict[str, Any]]:
    found = []
    for market in MARKETS:
        rows = [row for row in scored if row[0].system == "market" and row[0].market == market]
        losses = []
        for forecast, _, result in rows:
            pick = day.standing.get((forecast.game_id, forecast.player_id, market))
            line = pick.line if pick else None
            over = distributions.p_over(forecast, line) if line is not None else None
            if line is not None and over is not None and result != line:
                losses.append(float(log_loss(np.array([over]), np.array([result > line]))[0]))
        if rows:
            mae = _mean([grade.ae for _, grade, _ in rows if grade.ae is not None])
            found.append({"market": market, "n": len(rows), "mae": mae, "logloss": _mean(losses)})
    return found


def _by_tier(day: Day, scored: list[Scored]) -> list[dict[str, Any]]:
    shown = {forecast.forecast_id for forecast in day.shown.values()}
    found = []
    for market in MARKETS:
        tiers = day.tiers(market)
        for tier in tiers.names:
            rows = [r for r in scored if r[0].forecast_id in shown and r[0].market == market and tiers.of(r[0].mean) == tier]
            if rows:
                mae = mean_of([r[1].ae for r in rows if r[1].ae is not None], [r[0].player_id for r in rows])
                found.append({"market": market, "tier": tier, "n": len(rows), "mae": mae, "bias": _mean(_errors(rows))})
    return found


def _by_side(day: Day, settled: dict[str, Settled]) -> list[dict[str, Any]]:
    found = []
    for side in ("over", "under"):
        picks = [pick for pick in day.published if pick.side == side and pick.action in ("BET", "LEAN")]
        part = [settled[pick.pick_id] for pick in picks]
        staked = [(pick, one) for pick, one in zip(picks, part, strict=True) if one.status in STAKED and one.units is not None]
        if picks:
            counted = {name: number for name, number in tally(part).items() if name in ("won", "lost", "push", "void")}
            roi = ratio_of([one.units or 0.0 for _, one in staked], [1.0] * len(staked), [pick.player_id for pick, _ in staked])
            found.append({"side": side, "n": len(picks), **counted, "units": money(part)["units"], "roi": roi})
    return found


def _by_system(scored: list[Scored]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str], list[Scored]] = {}
    for row in scored:
        groups.setdefault((row[0].market, row[0].system), []).append(row)
    return [
        {
            "market": market,
            "system": system,
            "n": len(rows),
            "mae": mean_of([g.ae for _, g, _ in rows if g.ae is not None], [f.player_id for f, _, _ in rows]),
            "crps": mean_of([g.crps for _, g, _ in rows if g.crps is not None], [f.player_id for f, g, _ in rows if g.crps is not None]),
            "bias": _mean(_errors(rows)),
        }
        for (market, system), rows in sorted(groups.items())
    ]


def _row(day: Day, pick: Pick) -> dict[str, Any]:
    grades = day.grades_of.get(pick.pick_id, [])
    current = grades[-1] if grades else None
    return {
        "pick_id": pick.pick_id,
        "hash": pick.row_hash,
        "player_id": pick.player_id,
        "game_id": pick.game_id,
        "market": pick.market,
        "side": pick.side,
        "line": pick.line,
        "price": pick.price,
        "action": pick.action,
        "status": current.status if current else "UNGRADED",
        "reason": current.reason if current else "not_graded",
        "result": day.result(pick.game_id, pick.player_id, pick.market),
        "units": current.units if current else None,
        "clv_line": current.clv_line if current else None,
        "clv_prob": current.clv_prob if current else None,
        "close_quality": current.close_quality if current else None,
        "outcome_version": current.outcome_version if current else None,
        "earlier": [
            {"outcome_version": grade.outcome_version, "status": grade.status, "graded_at": grade.graded_at} for grade in grades[:-1]
        ],
    }


endpoint = SlateEndpoint("results/{date}.json", "results.schema.json", "immutable once final", build)
