"""Which partitions a command is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backcourt.engine.declare.catalog import Catalog, Node


@dataclass(frozen=True)
class Selection:
    """Which partitions are meant: tables (None: all), a range of dates (inclusive), single dates, seasons, states.

    `with_history`: a run builds, and a gate judges, the earlier dates as well that the chosen ones rest on.
    """

    tables: tuple[str, ...] | None = None
    from_date: date | None = None
    to_date: date | None = None
    dates: tuple[date, ...] = ()
    seasons: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    with_history: bool = True

    @property
    def is_narrow(self) -> bool:
        """Does it leave out dates?"""
        return bool(self.from_date or self.to_date or self.dates or self.seasons)

    def holds(self, day: date, season: str) -> bool:
        """Does the selection include this date?"""
        return (
            (self.from_date is None or day >= self.from_date)
            and (self.to_date is None or day <= self.to_date)
            and (not self.dates or day in self.dates)
            and (not self.seasons or season in self.seasons)
        )

    def nodes(self, catalog: Catalog) -> list[Node]:
        """The selected tables with everything upstream of them: upstream closes itself."""
        names = self.tables if self.tables is not None else [node.name for node in catalog.nodes.values()]
        return catalog.upstream(names)
