"""The one place of thresholds, and what the project declares as unavailable. Its hash stands in every verdict."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date

from backcourt.engine.judge.calendar import Game


@dataclass(frozen=True)
class Unavailable:
    """A source that has no data over a range, declared in the project's `backcourt.toml`, with a reason.

    The range is a conjunction: dates (inclusive), game ids (inclusive), season types; what isn't given doesn't narrow
    it.
    """

    source: str
    reason: str
    from_date: date | None = None
    to_date: date | None = None
    from_game: str | None = None
    to_game: str | None = None
    kinds: tuple[str, ...] = ()

    def covers(self, source: str, game: Game) -> bool:
        """Does the declaration excuse this source for this game?"""
        return (
            source == self.source
            and (self.from_date is None or game.game_date >= self.from_date)
            and (self.to_date is None or game.game_date <= self.to_date)
            and (self.from_game is None or game.game_id >= self.from_game)
            and (self.to_game is None or game.game_id <= self.to_game)
            and (not self.kinds or game.kind in self.kinds)
        )


@dataclass(frozen=True)
class Policy:
    """Thresholds and deadlines. Changing one changes verdicts, never data."""

    legacy_coverage_percent: float = 95.0
    """The old rule, printed beside the exact verdict: percent of dates with full coverage."""
    chunk_deadline_seconds: float = 600.0
    attempts: int = 3
    """How often a chunk that failed for a transient reason is tried."""
    chunk_rows: int = 500_000
    """A chunk is cut only above this many expected rows."""
    unavailable: tuple[Unavailable, ...] = field(default=())

    @property
    def hash(self) -> str:
        """Sixteen hex digits over all of it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=str).encode()).hexdigest()[:16]

    def excuse(self, source: str, game: Game) -> Unavailable | None:
        """The declaration that covers this source and game, if any."""
        return next((entry for entry in self.unavailable if entry.covers(source, game)), None)
