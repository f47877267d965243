"""Which games there are, on which dates and in which seasons, and which of them are due."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta

from backcourt.engine.declare.table import GameSet, Reads
from backcourt.engine.warehouse import Warehouse

EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True)
class Game:
    """One game of the calendar. `status` is final, open (not final yet), postponed or cancelled; `kind` is the season type."""

    game_id: str
    game_date: date
    season: str
    kind: str
    status: str


class Calendar:
    """The games by date, read from one query with the columns game_date, game_id, season, kind, status."""

    def __init__(self, games: list[Game], today: date) -> None:
        self.today = today
        self.games = games
        self.by_id = {game.game_id: game for game in games}
        self.by_date: dict[date, list[Game]] = {}
        starts: dict[str, date] = {}
        for game in games:
            self.by_date.setdefault(game.game_date, []).append(game)
            starts[game.season] = min(starts.get(game.season, game.game_date), game.game_date)
        self.dates = sorted(self.by_date)
        ordered = sorted((start, season) for season, start in starts.items())
        self.starts = [start for start, _ in ordered]
        self.seasons = [season for _, season in ordered]

    @classmethod
    def read(cls, warehouse: Warehouse, sql: str, today: date) -> Calendar:
        """Run the calendar query."""
        return cls([Game(str(i), d, str(s), str(k), str(st)) for d, i, s, k, st in warehouse.query(sql)], today)

    def season_of(self, day: date) -> str | None:
        """The season that a date falls into: the latest one that had started by then."""
        at = self.number_of(day)
        return self.seasons[at] if at >= 0 else None

    def number_of(self, day: date) -> int:
        """The place of a date's season in `seasons`; -1 before the first."""
        return bisect_right(self.starts, day) - 1

    def season_bounds(self, season: str) -> tuple[date, date]:
        """First and last date with a game of the season."""
        days = [game.game_date for game in self.games if game.season == season]
        return min(days), max(days)

    def season_start(self, day: date, back: int) -> date:
        """First day of the season of `day` (back = 1), of the season before that (2), ...; before the first season: the earliest date."""
        at = bisect_right(self.starts, day) - back
        return self.starts[at] if at >= 0 else EARLIEST

    def window(self, reads: Reads, day: date) -> tuple[date, date]:
        """The half-open range [from, to) that the partition of `day` may read of an input."""
        lower = day
        if reads.back_seasons:
            lower = self.season_start(day, reads.back_seasons)
        elif reads.back_days:
            lower = day - timedelta(days=reads.back_days)
        upper = day + timedelta(days=reads.ahead_days + 1) if reads.includes_day else day
        return lower, upper

    def due(self, games: GameSet, day: date) -> list[Game]:
        """The games of `day` that a table with this game set must hold now."""
        if games == "none" or day > self.today:
            return []
        wanted = ("final",) if games == "final" else ("final", "open")
        return [game for game in self.by_date.get(day, []) if game.status in wanted]

    def pending(self, games: GameSet, day: date) -> list[Game]:
        """The games of `day` that will be due later: not final yet, or a date to come."""
        if games == "none":
            return []
        due = {game.game_id for game in self.due(games, day)}
        return [game for game in self.by_date.get(day, []) if game.status in ("final", "open") and game.game_id not in due]
