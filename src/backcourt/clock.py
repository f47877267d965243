"""The one clock. `BACKCOURT_NOW` (ISO, UTC unless it says otherwise) sets it, for replays and tests."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

from backcourt.domain import eastern_date
from backcourt.engine.errors import BackcourtError


def now() -> datetime:
    """The current moment, UTC, without zone (as timestamps are stored)."""
    text = os.environ.get("BACKCOURT_NOW")
    if not text:
        return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BackcourtError(f"BACKCOURT_NOW={text!r} is not an ISO date and time; write e.g. 2024-04-05T18:00:00.") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def today() -> date:
    """The slate date of now, US Eastern."""
    return eastern_date(now())
