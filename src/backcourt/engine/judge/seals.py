"""Which seasons of a table a run found settled, remembered by a digest of everything that the finding rests on.

A season that is over costs a run nothing while its digest is the same: no receipt of it is read, no inputs hash
computed. A seal is a remembered answer and no watermark: whatever changes a receipt, a declaration or the calendar
changes the digest, and the season is judged again. A lost file only costs time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from backcourt.engine import cache_file
from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.judge import records, waivers
from backcourt.engine.judge.calendar import EARLIEST, Calendar
from backcourt.engine.warehouse import Warehouse

_VERSION = "4"
_DAY = timedelta(days=1)

Season = tuple[str, int]
"""A table and the number of a season in the calendar; -1 is what lies before the first."""


class Seals:
    """The digests of settled seasons, in a file of the home's cache."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: frozenset[str] = frozenset()
        match cache_file.recall(path):
            case {"version": str(version), "digests": list(digests)} if version == _VERSION:
                self._known = frozenset(digests)

    def first_open(self, warehouse: Warehouse, catalog: Catalog, calendar: Calendar) -> int:
        """The number of the first season that some table has to be judged in; beyond the last one when every season is sealed."""
        digests = _digests(warehouse, catalog, calendar)
        return min(
            (number for (_, number), digest in digests.items() if digest not in self._known),
            default=len(calendar.seasons),
        )

    def remember(
        self,
        warehouse: Warehouse,
        catalog: Catalog,
        calendar: Calendar,
        first_judged: int,
        unsettled: Mapping[str, Iterable[int]],
    ) -> None:
        """Seal the seasons from `first_judged` on that hold no unsettled date, for the tables in `unsettled`, which were judged."""
        digests = _digests(warehouse, catalog, calendar)
        found = {
            digest
            for (name, number), digest in digests.items()
            if digest in self._known or (name in unsettled and number >= first_judged and number not in set(unsettled[name]))
        }
        if found == self._known:
            return
        cache_file.keep(self._path, {"version": _VERSION, "digests": sorted(found)})


def _digests(warehouse: Warehouse, catalog: Catalog, calendar: Calendar) -> dict[Season, str]:
    """A digest per table and season over its declaration, its receipts, those of all that it may read, and the dates of the calendar."""
    held = records.digests(warehouse, calendar.starts)
    waived = waivers.read(warehouse, calendar.today).found
    games: dict[int, list[str]] = {}
    for day in calendar.dates:
        # What is due hangs on today; for a season that is over this says the same for ever.
        listed = (f"{day} {game.game_id} {game.status} {day <= calendar.today}" for game in calendar.by_date[day])
        games.setdefault(calendar.number_of(day), []).extend(listed)
    calendars = {number: hashlib.sha256("\n".join(listed).encode()).hexdigest() for number, listed in games.items()}
    found = {}
    for node in catalog.built:
        for number in range(-1, len(calendar.seasons)):
            parts = [
                node.name,
                node.fingerprint,
                node.policy_hash,
                sorted(str(waiver) for waiver in waived if waiver.table == node.name),
                # The windows of a season hang on where it and the seasons before it begin, and where it ends.
                [str(start) for start in calendar.starts[: number + 2]],
                calendars.get(number, ""),
                held.get((node.name, number)),
                _read(node, calendar, number, held),
            ]
            found[node.name, number] = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
    return found


def _read(node: Node, calendar: Calendar, number: int, held: Mapping[Season, str]) -> list[tuple[str, int, str]]:
    """The digests of whatever the dates of a season may read or expect their keys from."""
    last = len(calendar.seasons) - 1
    start = calendar.starts[number] if number >= 0 else EARLIEST
    reached = {(name, at) for name in node.expects_relations for at in (-1, number)}
    for name, reads in node.reads.items():
        if reads.undated:
            reached |= {season for season in held if season[0] == name}
            continue
        lower = calendar.number_of(calendar.window(reads, start)[0])
        upper = last if number == last else calendar.number_of(calendar.window(reads, calendar.starts[number + 1] - _DAY)[1] - _DAY)
        reached |= {(name, at) for at in range(lower, upper + 1)}
    return [(name, at, held.get((name, at), "")) for name, at in sorted(reached)]
