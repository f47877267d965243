"""What the guard found before a publication."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GuardVerdict:
    """`failures` stop the publication, `notices` are published as known issues; `is_unknown`: the state could not be determined."""

    failures: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    is_unknown: bool = False

    @property
    def is_open(self) -> bool:
        """May the files of the dates be replaced?"""
        return not self.failures and not self.is_unknown

    @property
    def reason(self) -> str | None:
        """The failures as one text; None when there are none."""
        return " ".join(self.failures) or None
