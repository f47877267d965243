"""The rules that bets are settled under, named per book. A rule that changes gets a new id and raises GRADER_VERSION."""

from __future__ import annotations

from dataclasses import dataclass

GRADER_VERSION = 1
"""Rises when the same facts would be graded in another way; grades of earlier versions stand beside the new ones."""

UNSETTLED_AFTER_HOURS = 36
"""A game that should have been over for so long and can't be settled is reported, never dropped."""


@dataclass(frozen=True)
class RuleSet:
    """When a bet stands.

    `settles` is False for fantasy operators, whose lines have no price to settle. A game that is moved counts if it
    is played at most `postponed_days` calendar days after the date that the bet was made for.
    """

    id: str
    settles: bool
    postponed_days: int


# Sportsbooks agree on what matters here: who enters the court has played, overtime counts, an equal result is
# returned, and a game that isn't played to its end within two days is void. One that departs from it gets a rule set
# of its own.
STANDARD = RuleSet("standard", settles=True, postponed_days=2)
FANTASY = RuleSet("fantasy", settles=False, postponed_days=2)

BOOKS = {"prizepicks": FANTASY, "underdog": FANTASY}
"""Bookmaker's key -> its rules; all others have the standard ones."""


def rules_of(book: str | None) -> RuleSet:
    """The rules of a book; the standard ones without a book."""
    return BOOKS.get(book or "", STANDARD)
