"""Waivers: a person lets a partition through, or one game of it, with a reason and until a date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from backcourt.engine.judge.receipts import UNDATED
from backcourt.engine.warehouse import Warehouse

COLUMNS = ("table_name", "from_date", "to_date", "reason", "author", "expires", "game_id")
_FOR_EVER = date.max


@dataclass(frozen=True)
class Waiver:
    """A recorded exception for a table between two dates (inclusive), or for one game there; in force up to and including `until`."""

    table: str
    start: date
    end: date
    reason: str
    author: str = ""
    until: date = _FOR_EVER
    game_id: str = ""

    def covers(self, day: date, game_id: str = "") -> bool:
        """Is it about this date, and about this game of it? A waiver of one game isn't about its date as a whole."""
        return self.start <= day <= self.end and self.game_id in ("", game_id)

    @property
    def sentence(self) -> str:
        """What is waived, why, by whom, until when."""
        what = f"game {self.game_id}" if self.game_id else "all of the date"
        by = f" by {self.author}" if self.author else ""
        until = f" until {self.until}" if self.until < _FOR_EVER else ""
        return f"{what} waived{by}{until}: {self.reason}"


class Waivers:
    """Those that are in force."""

    def __init__(self, found: Iterable[Waiver] = ()) -> None:
        self.found = tuple(found)
        self._by_table: dict[str, list[Waiver]] = {}
        for waiver in self.found:
            self._by_table.setdefault(waiver.table, []).append(waiver)

    def of(self, table: str, day: date) -> list[Waiver]:
        """Every waiver that is about the date, or about a game of it."""
        return [waiver for waiver in self._by_table.get(table, ()) if waiver.start <= day <= waiver.end]

    def covering(self, table: str, day: date, game_id: str = "") -> Waiver | None:
        """The waiver of a game, or of its whole date; without a game only of the date."""
        return next((waiver for waiver in self.of(table, day) if waiver.covers(day, game_id)), None)

    def policy_hash(self, policy_hash: str, table: str, day: date) -> str:
        """The hash under which a partition is judged: another one while a waiver is in force, so that it is stale when that ends."""
        listed = sorted((waiver.game_id, waiver.reason, str(waiver.until)) for waiver in self.of(table, day))
        return hashlib.sha256(f"{policy_hash} {listed}".encode()).hexdigest()[:16] if listed else policy_hash


def read(warehouse: Warehouse, today: date) -> Waivers:
    """The waivers that are in force today."""
    stored = {name for name, _ in warehouse.columns("waivers")}
    if not stored:
        return Waivers()
    # A home of an earlier version has waivers of whole dates only.
    game = "coalesce(game_id, '')" if "game_id" in stored else "''"
    rows = warehouse.query(
        f"select table_name, from_date, to_date, reason, author, expires, {game} from waivers where expires is null or expires >= ?",
        [today],
    )
    return Waivers(
        Waiver(
            str(table),
            start or UNDATED,
            end or _FOR_EVER,
            str(reason),
            str(author or ""),
            until or _FOR_EVER,
            str(game_id),
        )
        for table, start, end, reason, author, until, game_id in rows
    )


def write(warehouse: Warehouse, waiver: Waiver) -> None:
    """Record a waiver."""
    until = None if waiver.until == _FOR_EVER else waiver.until
    row = (waiver.table, waiver.start, waiver.end, waiver.reason, waiver.author, until, waiver.game_id)
    warehouse.insert("waivers", COLUMNS, [row])


def end(warehouse: Warehouse, waiver: Waiver) -> None:
    """Take a waiver back; what was let through is stale from then on."""
    # A row that was written by hand may be open at either end.
    warehouse.query(
        "delete from waivers where table_name = ? and coalesce(from_date, ?) = ? and coalesce(to_date, ?) = ?"
        " and coalesce(game_id, '') = ?",
        [waiver.table, UNDATED, waiver.start, _FOR_EVER, waiver.end, waiver.game_id],
    )
