"""What every published file begins with: the fields of JSON, the mark of a simulated home in texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from backcourt.judgement.report_card.mark import MARK
from backcourt.publishing.day import Day
from backcourt.publishing.edition import Edition
from backcourt.publishing.rows import Forecast

SCHEMA_VERSION = 1


def envelope(
    edition: Edition,
    counts: Mapping[str, int],
    *,
    kind: str | None,
    season: str | None = None,
    status: str = "ok",
    reason: str | None = None,
    model_ids: list[str] | None = None,
    run_id: str | None = None,
) -> dict[str, Any]:
    """The envelope of a file that covers many dates. `kind` has no default: LIVE, REPLAY, BACKTEST, or None without a forecast."""
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": edition.now,
        "as_of": edition.ledger_at or edition.now,
        "data_through": edition.data_through,
        "game_date": None,
        "season": season,
        "status": status,
        "reason": reason,
        "run_id": run_id,
        "model_ids": model_ids or [],
        "kind": kind,
        "simulated": edition.is_simulated,
        "counts": dict(counts),
    }


def day_envelope(edition: Edition, day: Day, counts: Mapping[str, int], *, status: str = "ok", reason: str | None = None) -> dict[str, Any]:
    """The envelope of one slate's file."""
    return {
        **envelope(
            edition, counts, kind=day.kind, season=day.season, status=status, reason=reason, model_ids=day.model_ids, run_id=day.run_id
        ),
        "as_of": day.said_at or edition.now,
        "game_date": day.game_date,
    }


def fixed_envelope(
    edition: Edition, day: Day, counts: Mapping[str, int], *, made_at: datetime, data_through: date | None, behind: Sequence[Forecast]
) -> dict[str, Any]:
    """The envelope of an immutable file: nothing in it depends on when it is made, only on the ledger rows in it.

    `behind` are the forecasts that the rows rest on.
    """
    newest = max(behind, key=lambda f: (f.created_at, f.run_id or ""), default=None)
    return {
        **day_envelope(edition, day, counts),
        "generated_at": made_at,
        "as_of": made_at,
        "data_through": data_through,
        "run_id": newest.run_id if newest else None,
        "model_ids": sorted({forecast.model_hash for forecast in behind}),
    }


def text_head(edition: Edition) -> str:
    """The first lines of a text: a simulated home's mark, nothing of a real one."""
    return f"> {MARK}\n\n" if edition.is_simulated else ""
