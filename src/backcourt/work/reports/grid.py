"""The grid of seasons x tables: how many partitions are good, and the worst state of each cell."""

from __future__ import annotations

from dataclasses import dataclass

from backcourt.engine.judge.partition import GOOD, PENDING, Partition
from backcourt.engine.judge.situation import Situation

WORST_FIRST = (
    "unknown", "surplus", "altered", "failed", "blocked", "missing", "partial", "stale", "thin", "not_due", "unavailable", "complete",
    "no_games",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One table in one season: partitions that are good, all that are due, present and expected keys, worst state."""

    good: int
    due: int
    rows_present: int
    rows_expected: int
    games_present: int
    games_expected: int
    worst: str

    @property
    def percent(self) -> float:
        """|expected and present| / |expected|, of games where a table expects games, else of rows; never above 100."""
        have, want = (self.games_present, self.games_expected) if self.games_expected else (self.rows_present, self.rows_expected)
        return 100.0 * have / want if want else 100.0


def grid(situation: Situation) -> tuple[list[str], dict[str, dict[str, Cell]]]:
    """The seasons, and per table and season its cell; undated sources and an empty ledger are left out."""
    states = situation.states(situation.catalog.nodes.values())
    cells: dict[str, dict[str, Cell]] = {}
    for name, partitions in states.items():
        if not situation.catalog[name].dated or (situation.catalog[name].is_appended and not partitions):
            continue
        by_season: dict[str, list[Partition]] = {}
        for partition in partitions.values():
            by_season.setdefault(partition.season, []).append(partition)
        cells[name] = {season: _cell(found) for season, found in by_season.items() if season}
    return situation.calendar.seasons, cells


def _cell(partitions: list[Partition]) -> Cell:
    due = [p for p in partitions if p.state not in ("no_games", *PENDING)]
    states = {p.state for p in partitions}
    return Cell(
        sum(p.state in GOOD for p in due),
        len(due),
        sum(p.rows_present for p in partitions),
        sum(p.rows_expected for p in partitions),
        sum(p.games_present for p in partitions),
        sum(p.games_expected for p in partitions),
        next(state for state in WORST_FIRST if state in states),
    )
