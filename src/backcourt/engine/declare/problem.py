"""A file from outside the package that can't be used, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """The file, its line (None where there is none) and the reason with the next step, as a clause without a full stop."""

    file: str
    line: int | None
    reason: str

    @property
    def sentence(self) -> str:
        """One sentence that names file and line."""
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {' '.join(self.reason.split()).rstrip('.')}."
