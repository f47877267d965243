"""ledger/{date}.json: every pick of a slate as it stands in the ledger, with its place in the chain."""

from __future__ import annotations

from typing import Any

from backcourt.publishing.day import Day
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import SlateEndpoint
from backcourt.publishing.envelope import day_envelope, fixed_envelope
from backcourt.publishing.rows import Pick

_COPIED = (
    "pick_id", "forecast_id", "player_id", "game_id", "market", "book", "line", "captured_at", "lead_seconds", "side", "price", "p_win",
    "p_push", "ev", "ev_low", "break_even", "action", "reason", "circumstances", "policy_version", "published_at", "kind", "batch_id",
)  # fmt: skip


def build(edition: Edition, day: Day) -> Document:
    """The slate's file. With picks it is immutable: the same picks always make the same bytes; without, it is an empty day's."""
    name = f"ledger/{day.game_date}.json"
    if not day.published:
        made = day_envelope(edition, day, _counts(day), status="empty", reason="NO_PICKS")
        return document(name, "ledger.schema.json", {**made, **_body(day)})
    written_at = max(pick.published_at for pick in day.published)
    rested_on = {pick.forecast_id for pick in day.published}
    behind = [forecast for forecast in day.forecasts if forecast.forecast_id in rested_on]
    made = fixed_envelope(edition, day, _counts(day), made_at=written_at, data_through=None, behind=behind)
    return document(name, "ledger.schema.json", {**made, **_body(day)}, is_immutable=True)


def _counts(day: Day) -> dict[str, int]:
    return {"picks": len(day.published)}


def _row(pick: Pick) -> dict[str, Any]:
    return {**{name: getattr(pick, name) for name in _COPIED}, "hash": pick.row_hash}


def _body(day: Day) -> dict[str, Any]:
    used = {pick.batch_id for pick in day.published}
    batches = [batch for batch in day.batches if batch.batch_id in used]
    newest = batches[-1] if batches else None
    return {
        "rows": [_row(pick) for pick in sorted(day.published, key=lambda pick: pick.pick_id)],
        "batches": [
            {"batch_id": b.batch_id, "batch_hash": b.batch_hash, "prev_hash": b.previous_hash, "anchored": b.anchored} for b in batches
        ],
        "batch_hash": newest.batch_hash if newest else None,
        "prev_hash": newest.previous_hash if newest else None,
    }


endpoint = SlateEndpoint("ledger/{date}.json", "ledger.schema.json", "immutable", build)
