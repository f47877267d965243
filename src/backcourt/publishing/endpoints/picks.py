"""picks/{date}.json: the bets and leans of a slate, best lower bound first."""

from __future__ import annotations

import json
from typing import Any

from backcourt.publishing.day import Day
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import SlateEndpoint
from backcourt.publishing.envelope import day_envelope
from backcourt.publishing.rows import Pick

SHOWN_ACTIONS = ("BET", "LEAN")


def build(edition: Edition, day: Day) -> Document:
    """The slate's file; without picks it says why."""
    chosen = [pick for pick in day.published if pick.action in SHOWN_ACTIONS]
    chosen.sort(key=lambda pick: (-(pick.ev_low if pick.ev_low is not None else float("-inf")), pick.pick_id))
    reason = None if chosen else _why_none(day)
    body = {
        **day_envelope(edition, day, _counts(day), status="ok" if chosen else "empty", reason=reason),
        "picks": [_pick(pick) for pick in chosen],
    }
    return document(f"picks/{day.game_date}.json", "picks.schema.json", body)


def halted(edition: Edition, day: Day) -> Document:
    """The file of a date whose state isn't good: no picks."""
    made = day_envelope(edition, day, {"picks": 0}, status="halted", reason="HALTED")
    return document(f"picks/{day.game_date}.json", "picks.schema.json", {**made, "picks": []})


def _counts(day: Day) -> dict[str, int]:
    return {action.lower(): sum(pick.action == action for pick in day.published) for action in ("BET", "LEAN", "PASS", "NO_LINE")}


def _why_none(day: Day) -> str:
    return "NO_EDGE" if any(pick.action == "PASS" for pick in day.published) else "NO_LINES"


def _pick(pick: Pick) -> dict[str, Any]:
    age = int((pick.published_at - pick.captured_at).total_seconds()) if pick.captured_at else None
    return {
        "pick_id": pick.pick_id,
        "hash": pick.row_hash,
        "published_at": pick.published_at,
        "policy_version": pick.policy_version,
        "player_id": pick.player_id,
        "game_id": pick.game_id,
        "market": pick.market,
        "side": pick.side,
        "line": pick.line,
        "book": pick.book,
        "price": pick.price,
        "price_age_s": age,
        "p_win": pick.p_win,
        "p_win_lo": _lowest(pick),
        "p_win_hi": None,
        "break_even": pick.break_even,
        "ev": pick.ev,
        "ev_lcb": pick.ev_low,
        "action": pick.action,
        "reason_code": pick.reason,
        "reasons": _reasons(pick),
    }


def _lowest(pick: Pick) -> float | None:
    """Expected value is p_win x price + p_push - 1; this is the p_win at which it is ev_low."""
    if pick.ev_low is None or pick.price is None or pick.p_push is None:
        return None
    return min(1.0, max(0.0, (pick.ev_low + 1 - pick.p_push) / pick.price))


def _reasons(pick: Pick) -> list[dict[str, Any]]:
    sign = 1 if pick.side == "over" else -1
    return [{"feature": feature, "effect": sign * effect} for feature, effect in json.loads(pick.circumstances or "[]")]


endpoint = SlateEndpoint("picks/{date}.json", "picks.schema.json", "300 s", build)
