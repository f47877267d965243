"""Which games there are, on which dates and in which seasons, and which of them are due."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from backcourt.engine.declare.table import GameSet, Reads
from backcourt.engine.warehouse import Warehouse

EARLIEST = date(1900, 1, 1)
_DAY = timedelta(days=1)
_RESULT_AFTER = timedelta(hours=8)
# A tip-off that nobody knows is taken to be as late as a slate can be: midnight in New York, in winter.
_LATEST_TIP = timedelta(days=1, hours=5)


@dataclass(frozen=True)
class Game:
    """One game of the calendar. `status` is final, open (not final yet), postponed or cancelled; `kind` is the season type.

    `tip_at` is UTC, None where it isn't known.
    """

    game_id: str
    game_date: date
    season: str
    kind: str
    status: str
    tip_at: datetime | None = None


class Calendar:
    """The games by date, read from one query with the columns game_date, game_id, season, kind, status, tip_at.

    `now` (UTC) decides which games should have a result by now; without it none should.
    """

    def __init__(self, games: list[Game], today: date, now: datetime | None = None) -> None:
        self.today = today
        self.now = now
        self.games = games
        self.by_id = {game.game_id: game for game in games}
        self.by_date: dict[date, list[Game]] = {}
        starts: dict[str, date] = {}
        for game in games:
            self.by_date.setdefault(game.game_date, []).append(game)
            starts[game.season] = min(starts.get(game.season, game.game_date), game.game_date)
        self.dates = sorted(self.by_date)
        self.open_dates = frozenset(game.game_date for game in games if game.status == "open")
        """The dates of which a game isn't final."""
        ordered = sorted((start, season) for season, start in starts.items())
        self.starts = [start for start, _ in ordered]
        self.seasons = [season for _, season in ordered]

    @classmethod
    def read(cls, warehouse: Warehouse, sql: str, today: date, now: datetime | None = None) -> Calendar:
        """Run the calendar query; a game without a date is on none (`verify` names its row in the schedule)."""
        dated = [row for row in warehouse.query(sql) if row[0] is not None]
        return cls([Game(str(i), d, str(s), str(k), str(st), tip) for d, i, s, k, st, tip in dated], today, now)

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

    def readers(self, reads: Reads, first: date, last: date) -> tuple[date, date]:
        """The half-open range [from, to) of the dates whose window holds a date from `first` to `last`: `window`, the other way round."""
        start = first - timedelta(days=reads.ahead_days) if reads.includes_day else first + _DAY
        end = last + _DAY
        if reads.back_seasons:
            following = self.number_of(last) + reads.back_seasons
            end = self.starts[following] if following < len(self.starts) else date.max
        elif reads.back_days:
            end = last + timedelta(days=reads.back_days + 1)
        return start, end

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

    def overdue(self, day: date) -> list[Game]:
        """The games of a past slate that have no result 8 hours after their tip."""
        if self.now is None or day >= self.today or day not in self.open_dates:
            return []
        return [game for game in self.by_date.get(day, []) if game.status == "open" and self._tip(game) + _RESULT_AFTER <= self.now]

    @property
    def is_overdue(self) -> bool:
        """Is there any such game?"""
        return any(self.overdue(day) for day in self.open_dates)

    @staticmethod
    def _tip(game: Game) -> datetime:
        return game.tip_at or datetime.combine(game.game_date, time()) + _LATEST_TIP
