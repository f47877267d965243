"""The one clock. `BACKCOURT_NOW` sets it, for replays and tests; `BACKCOURT_CLOCK` names a file that somebody moves it by."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

from backcourt.engine.errors import BackcourtError
from backcourt.field.seasons import eastern_date

NOW, FILE = "BACKCOURT_NOW", "BACKCOURT_CLOCK"
FIRST, LAST = date(1946, 1, 1), date(2099, 12, 31)
"""Dates that can be meant. What lies outside is a slip, and days before or after it may not exist to compute with."""


def now() -> datetime:
    """The current moment, UTC, without zone (as timestamps are stored).

    `BACKCOURT_NOW` (ISO, UTC unless it says otherwise) comes first, then the first line of the file that
    `BACKCOURT_CLOCK` names.
    """
    text, file = os.environ.get(NOW), os.environ.get(FILE)
    if text:
        return moment(text, f"{NOW}=")
    if file:
        try:
            return moment(Path(file).read_text(encoding="utf-8").strip(), f"{file} ({FILE}): ")
        except (OSError, UnicodeDecodeError) as error:
            raise BackcourtError(f"{FILE}={file} can't be read ({error}); name a file that holds a time, or unset it.") from error
    return wall()


def wall() -> datetime:
    """The machine's own time, UTC, whatever the environment says."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def given() -> str | None:
    """What stands in for the machine's own time, as NAME=VALUE; None when nothing does."""
    return next((f"{name}={os.environ[name]}" for name in (NOW, FILE) if os.environ.get(name)), None)


def moment(text: str, given_as: str) -> datetime:
    """An ISO date and time as UTC without zone; without an offset it is UTC. `given_as` names its origin in the sentence of an error."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BackcourtError(f"{given_as}{text!r} is not an ISO date and time; write e.g. 2024-04-05T18:00:00 (UTC).") from error
    _require_meant(found.date(), given_as)
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def day(value: date | str) -> date:
    """A date, or the one that ISO text names. Raises BackcourtError for other text, and a date that nobody can mean."""
    if isinstance(value, datetime):
        value = value.date()
    try:
        found = value if isinstance(value, date) else date.fromisoformat(value)
    except ValueError as error:
        raise BackcourtError(f"{value!r} is not an ISO date; write e.g. 2024-04-05.") from error
    _require_meant(found)
    return found


def _require_meant(found: date, given_as: str = "") -> None:
    if not FIRST <= found <= LAST:
        told = f"{given_as}{found} lies outside of the dates that can be meant"
        raise BackcourtError(f"{told}; write one from {FIRST} to {LAST}.")


def day_range(start: date | str, end: date | str) -> tuple[date, date]:
    """First and last date, inclusive. Raises BackcourtError when they are in the wrong order."""
    first, last = day(start), day(end)
    if first > last:
        raise BackcourtError(f"{first} lies after {last}; ranges are inclusive, first date first.")
    return first, last


def today() -> date:
    """The slate date of now, US Eastern."""
    return eastern_date(now())
