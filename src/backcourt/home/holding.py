"""A correction whose game fails a check is held where an earlier version passes; the game stays as it was.

Checks need built rows, so a run finds out by trying: it builds the date without one correction, then without another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from backcourt.engine.build import intake
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.catalog import Catalog
from backcourt.engine.judge import records
from backcourt.engine.judge.partition import WAITS_FOR
from backcourt.field import clock
from backcourt.home.custody import Work
from backcourt.sources import corrections, rechoosing
from backcourt.sources.corrections import Correction
from backcourt.sources.decisions import HOLD, OPEN, TRIED, Decision
from backcourt.sources.declared import Sources
from backcourt.sources.touched import Touched

_NOT_OF_THE_ROWS = (WAITS_FOR, "not due yet")
_TRIES = 16
"""So many sets of corrections are tried of a game, each for all games at a time."""

Build = Callable[[Selection], object]


@dataclass
class Failing:
    """A game that a check withholds: its date, the tables, why, and the sets of corrections to try it without."""

    day: date
    tables: list[str]
    reason: str
    sets: list[tuple[Correction, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Holding:
    """Holds corrections of one home during a run; `build` builds a selection and leaves its receipts."""

    work: Work
    catalog: Catalog
    known: Sources
    build: Build

    def failing(self, selection: Selection, seasons: Callable[[date], str]) -> dict[str, Failing]:
        """The games that fail a check in the selection, and have corrections that they weren't tried without."""
        found = self._refused(lambda day: selection.holds(day, seasons(day)))
        for game, sets in corrections.sets_of(self.work.warehouse, list(found), _TRIES).items():
            found[game].sets = sets
        return {game: one for game, one in found.items() if one.sets}

    def hold_back(self, trying: dict[str, Failing]) -> list[str]:
        """Hold the corrections without which these games pass; a sentence for each game that does."""
        told: list[str] = []
        for place in range(max((len(one.sets) for one in trying.values()), default=0)):
            now = {game: one for game, one in trying.items() if place < len(one.sets)}
            self._decide(_held(one, place) for one in now.values())
            passed = self._passing(now)
            told += [_sentence(game, trying.pop(game), place) for game in sorted(passed)]
            failed = [one for game, one in now.items() if game not in passed]
            self._decide(_opened(one, place, is_last=place + 1 == len(one.sets)) for one in failed)
        return told

    def _refused(self, is_meant: Callable[[date], bool]) -> dict[str, Failing]:
        found: dict[str, Failing] = {}
        known = records.read(self.work.warehouse)
        for node in self.catalog.built:
            for day, receipt in known.get(node.name, {}).items():
                refused = {game: why for game, why in receipt.withheld.items() if not why.startswith(_NOT_OF_THE_ROWS)}
                for game, why in refused.items() if refused and is_meant(day) else ():
                    found.setdefault(game, Failing(day, [], _told(why, node.name))).tables.append(node.name)
        return found

    def _passing(self, games: Mapping[str, Failing]) -> set[str]:
        tables = tuple(sorted({table for one in games.values() for table in one.tables}))
        days = tuple(sorted({one.day for one in games.values()}))
        self.build(Selection(tables=tables, dates=days, with_history=False))
        known = records.read(self.work.warehouse)

        def is_there(game: str, one: Failing) -> bool:
            receipts = [known.get(table, {}).get(one.day) for table in one.tables]
            return all(receipt is not None and game not in receipt.withheld for receipt in receipts)

        return {game for game, one in games.items() if is_there(game, one)}

    def _decide(self, found: Iterable[Iterable[Decision]]) -> None:
        """In one transaction: the decisions, the choice that follows, and the receipts of the relations."""
        decided = list(chain.from_iterable(found))
        if not decided:
            return
        warehouse = self.work.warehouse
        with warehouse.transaction():
            touched = Touched(warehouse, self.known)
            rechoosing.decide(warehouse, touched, decided)
            rechoosing.choose_again(warehouse, touched)
            intake.record(warehouse, self.catalog, touched.relations(), self.work.run_id, clock.now())


def _told(reason: str, table: str) -> str:
    """Why a game was withheld, in short: `check players_add_up of team_offense_game_summary fails`."""
    if reason.startswith("check "):
        return f"{reason.split(':', 1)[0]} of {table} fails"
    return f"{table} would have {reason.split(';', 1)[0]}"


def _held(one: Failing, place: int) -> list[Decision]:
    reason = f"{one.reason}; an earlier version counts"
    return [correction.decided(HOLD, reason, "run", clock.now()) for correction in one.sets[place]]


def _opened(one: Failing, place: int, *, is_last: bool) -> list[Decision]:
    """After the last set: a check fails without them as well, which is remembered until something new comes."""
    decision, of = (TRIED, one.sets[place] + one.sets[0]) if is_last else (OPEN, one.sets[place])
    return [correction.decided(decision, "", "run", clock.now()) for correction in dict.fromkeys(of)]


def _sentence(game: str, one: Failing, place: int) -> str:
    files = ", ".join(sorted({correction.file for correction in one.sets[place]}))
    return f"game {game}: what {files} corrects is held, as {one.reason}; the version before counts again"
