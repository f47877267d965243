"""What one publication is made from: the dates asked for, the whole ledger behind them, the guard's verdict and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from backcourt.field.seasons import eastern_date
from backcourt.publishing.distribution import PublishedPmfs
from backcourt.publishing.guard_verdict import GuardVerdict
from backcourt.publishing.reading import Reading
from backcourt.publishing.rows import DateCounts, Person, SlatePlayer


@dataclass(frozen=True)
class Edition:
    """What the files of one publication share.

    `home` is the folder with kept distributions, model cards and report cards. `dates` are the dates asked for,
    `seasons` theirs, `listings` each player's newest place on their slates. `is_simulated` is the home's, and every
    file says it. `published` are the names that the generation before holds.
    """

    reading: Reading
    home: Path
    now: datetime
    dates: tuple[date, ...]
    is_simulated: bool
    guard: GuardVerdict = field(default_factory=GuardVerdict)
    seasons: frozenset[str] = frozenset()
    listings: Mapping[int, SlatePlayer] = field(default_factory=dict)
    published: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        """The slate date of now."""
        return eastern_date(self.now)

    @cached_property
    def distributions(self) -> PublishedPmfs:
        """The kept distributions of forecasts."""
        return PublishedPmfs(self.home)

    @cached_property
    def data_through(self) -> date | None:
        """The last date whose results are all known."""
        return self.reading.data_through()

    @cached_property
    def written_at(self) -> dict[str, datetime]:
        """Ledger table -> when its newest row was written."""
        return self.reading.written_at()

    @cached_property
    def ledger_at(self) -> datetime | None:
        """When the newest row of any ledger table was written."""
        return max(self.written_at.values(), default=None)

    @cached_property
    def date_counts(self) -> dict[date, DateCounts]:
        """Date -> what the ledger holds of the kind that is shown."""
        found: dict[date, DateCounts] = {}
        # REPLAY first, so that LIVE stands where both are.
        for counted in sorted(self.reading.date_counts(), key=lambda c: c.kind, reverse=True):
            found[counted.game_date] = counted
        return dict(sorted(found.items()))

    @cached_property
    def people(self) -> dict[int, Person]:
        """Every player with a forecast."""
        return {person.player_id: person for person in self.reading.people()}

    @cached_property
    def players_on_dates(self) -> set[int]:
        """Who is forecast on this publication's dates."""
        return self.reading.players_on(list(self.dates))
