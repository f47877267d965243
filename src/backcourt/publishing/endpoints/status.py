"""status.json: is the system well, what may be believed, what is known to be wrong?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from backcourt.field.markets import MARKETS
from backcourt.forecasting.run_folder import LEAD_BUCKETS
from backcourt.judgement.standing import standing_fallbacks, standing_verdicts
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope
from backcourt.publishing.guard import RESULT_DUE_AFTER

UNRESOLVED = "UNRESOLVED"


def build(edition: Edition) -> Iterator[Document]:
    """The only file that a publication which the guard stops still replaces."""
    guard = edition.guard
    status = "ok" if guard.is_open else "halted"
    reason = guard.reason
    # Where the ledger can't be read, nothing else may be claimed.
    components = [_component("guard", "failed", None, edition.now)] if guard.is_unknown else _components(edition)
    if guard.is_open and any(part["state"] in ("late", "failed") for part in components):
        status, reason = (
            "degraded",
            ", ".join(f"{part['name']} {part['state']}" for part in components if part["state"] in ("late", "failed")),
        )
    body = {
        **envelope(edition, {"dates": len(edition.dates)}, kind=None, status=status, reason=reason),
        "components": components,
        "verdicts": _verdicts(edition),
        "known_issues": [*guard.failures, *guard.notices, *standing_fallbacks(edition.home)],
    }
    yield document("status.json", "status.schema.json", body)


def _components(edition: Edition) -> list[dict[str, Any]]:
    now, written = edition.now, edition.written_at
    games = edition.reading.games(edition.today, edition.today)
    counted = edition.date_counts.get(edition.today)
    forecasts_wanted = any(game.is_to_be_played for game in games)
    due = edition.reading.last_due_date(now - RESULT_DUE_AFTER)
    known = edition.reading.last_result_date()
    results_late = due is not None and (known is None or known < due)
    open_grades = edition.reading.picks_open_since(now - RESULT_DUE_AFTER)
    is_broken = edition.reading.chain_breaks() > 0
    parts = [
        ("forecasts", "late" if forecasts_wanted and not (counted and counted.forecasts) else None, written.get("forecasts")),
        ("quotes", None, edition.reading.last_quote_at()),
        ("results", "late" if results_late else None, written.get("outcomes")),
        ("grades", "late" if open_grades else None, written.get("grades")),
        ("ledger", "failed" if is_broken else None, edition.ledger_at),
        ("guard", None if edition.guard.is_open else "failed", now),
    ]
    return [_component(name, trouble, last, now) for name, trouble, last in parts]


def _component(name: str, trouble: str | None, last: datetime | None, now: datetime) -> dict[str, Any]:
    age = max(0, int((now - last).total_seconds())) if last else None
    return {"name": name, "state": trouble or ("empty" if last is None else "ok"), "last_ok": last, "age_s": age}


def _verdicts(edition: Edition) -> list[dict[str, str]]:
    """What the last report card says; a segment that it doesn't judge is UNRESOLVED, which is the default of the rules."""
    standing = standing_verdicts(edition.home)
    return [
        {"market": market, "lead": lead, "verdict": standing.get(market, {}).get(lead, UNRESOLVED)}
        for market in MARKETS
        for lead, _ in LEAD_BUCKETS
    ]


endpoint = GlobalEndpoint("status.json", "status.schema.json", "60 s", build)
