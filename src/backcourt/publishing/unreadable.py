"""What stands for a ledger that can't be read: nothing is known of it."""

from __future__ import annotations

from datetime import date, datetime

from backcourt.publishing.reading import Reading


class Unreadable(Reading):
    """Answers what a halted publication's envelope asks for, with nothing."""

    def __init__(self) -> None:
        pass

    def data_through(self) -> date | None:
        """Not known."""
        return None

    def written_at(self) -> dict[str, datetime]:
        """Not known."""
        return {}
