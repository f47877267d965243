"""Everything that the ledger and the schedule say about one slate, and which of it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from backcourt.publishing.rows import Batch, Forecast, Grade, Outcome, Pick, Quote, SlateGame, SlatePlayer
from backcourt.publishing.tiers import Tiers

SHOWN_SYSTEMS = ("market_blend", "ensemble", "market")
"""Whose forecast a player's row shows: the first of these that doesn't abstain, else the first of all others by name."""

_BLEND_TARGET = {"points": "T5"}
"""Market -> the target that its blend must meet; while it is missed, the market's own distribution is shown before the blend's."""

RowKey = tuple[str, int, str]
"""(game_id, player_id, market)."""


@dataclass(frozen=True)
class Day:
    """One slate's rows, as read."""

    game_date: date
    games: tuple[SlateGame, ...]
    players: tuple[SlatePlayer, ...]
    forecasts: tuple[Forecast, ...]
    picks: tuple[Pick, ...]
    grades: tuple[Grade, ...]
    outcomes: tuple[Outcome, ...]
    quotes: tuple[Quote, ...]
    batches: tuple[Batch, ...]
    moved: tuple[str, ...]
    """Games that were forecast for this date and are now scheduled on another; what was said of them stays said."""
    missed: frozenset[str] = frozenset()
    """The targets that the last report card found missed."""

    @classmethod
    def without_rows(cls, day: date) -> Day:
        """A date of which nothing is known."""
        return cls(day, (), (), (), (), (), (), (), (), ())

    @cached_property
    def kind(self) -> str | None:
        """LIVE if anything was said before the lock, else REPLAY; None when nothing was said. The two are never mixed in a file."""
        kinds = {forecast.kind for forecast in self.forecasts} | {pick.kind for pick in self.picks}
        return "LIVE" if "LIVE" in kinds else ("REPLAY" if "REPLAY" in kinds else None)

    @cached_property
    def said(self) -> tuple[Forecast, ...]:
        """The shown kind's newest forecast of each system, market, player and game."""
        newest: dict[tuple[str, str, int, str], Forecast] = {}
        for row in sorted((f for f in self.forecasts if f.kind == self.kind), key=lambda f: (f.cutoff_at, f.created_at, f.forecast_id)):
            newest[row.system, row.market, row.player_id, row.game_id] = row
        return tuple(newest[key] for key in sorted(newest))

    @cached_property
    def systems_of(self) -> dict[RowKey, list[Forecast]]:
        """All systems' forecasts of a row, the preferred systems first."""
        found: dict[RowKey, list[Forecast]] = {}
        for forecast in self.said:
            found.setdefault((forecast.game_id, forecast.player_id, forecast.market), []).append(forecast)
        return {
            key: sorted(rows, key=lambda row: (preference(row.system, row.market, self.missed), row.system)) for key, rows in found.items()
        }

    @cached_property
    def shown(self) -> dict[RowKey, Forecast]:
        """The forecast that stands for a row: the most preferred system that doesn't abstain, or one that says why not."""
        return {
            key: next((f for f in rows if f.mean is not None), rows[0]) for key, rows in self.systems_of.items()
        }  # fmt: skip

    def tiers(self, market: str) -> Tiers:
        """The tiers of the slate's shown forecasts in a market."""
        return Tiers(market, [f.mean for (_, _, m), f in self.shown.items() if m == market and f.mean is not None])

    @cached_property
    def published(self) -> tuple[Pick, ...]:
        """All picks of the shown kind, oldest first."""
        return tuple(sorted((p for p in self.picks if p.kind == self.kind), key=lambda p: (p.published_at, p.pick_id)))

    @cached_property
    def standing(self) -> dict[RowKey, Pick]:
        """The newest pick of a row; those before it stay in the ledger and are graded on their own lines."""
        return {(pick.game_id, pick.player_id, pick.market): pick for pick in self.published}

    @cached_property
    def grades_of(self) -> dict[str, list[Grade]]:
        """All grades of a forecast or pick, the current one last."""
        found: dict[str, list[Grade]] = {}
        for grade in sorted(self.grades, key=lambda g: (g.outcome_version, g.grader_version, g.is_final, g.graded_at, g.grade_id)):
            found.setdefault(grade.subject_id, []).append(grade)
        return found

    def grade(self, subject_id: str) -> Grade | None:
        """The current grade: latest outcome, current grader."""
        grades = self.grades_of.get(subject_id)
        return grades[-1] if grades else None

    @cached_property
    def outcome_of(self) -> dict[tuple[str, int], Outcome]:
        """(game, player) -> the latest facts."""
        return {(outcome.game_id, outcome.player_id): outcome for outcome in self.outcomes}

    def result(self, game_id: str, player_id: int, market: str) -> float | None:
        """The result in a market; None while open or when he did not appear."""
        outcome = self.outcome_of.get((game_id, player_id))
        return outcome.results[market] if outcome and outcome.appeared else None

    @cached_property
    def is_final(self) -> bool:
        """Something was said, and every pick and every forecast has a grade that only a correction can change."""
        subjects = [p.pick_id for p in self.published] + [f.forecast_id for f in self.said]
        current = [self.grade(subject) for subject in subjects]
        return bool(subjects) and all(grade is not None and grade.is_final for grade in current)

    @cached_property
    def said_at(self) -> datetime | None:
        """When the newest pick or forecast was written."""
        return max((*(f.created_at for f in self.said), *(p.published_at for p in self.published)), default=None)

    @cached_property
    def graded_at(self) -> datetime | None:
        """When the newest grade was written."""
        return max((grade.graded_at for grade in self.grades), default=None)

    @property
    def season(self) -> str | None:
        """The season of the slate's games."""
        return min((game.season for game in self.games), default=None)

    @property
    def run_id(self) -> str | None:
        """The run that wrote the newest forecast."""
        newest = max(self.said, key=lambda f: (f.created_at, f.run_id or ""), default=None)
        return newest.run_id if newest else None

    @property
    def model_ids(self) -> list[str]:
        """The models behind the shown forecasts."""
        return sorted({forecast.model_hash for forecast in self.said})


def preference(system: str, market: str, missed: frozenset[str]) -> int:
    """The place of a system among those whose forecast is shown, given the targets that were missed."""
    if system == "market" and _BLEND_TARGET.get(market) in missed:
        return -1
    return SHOWN_SYSTEMS.index(system) if system in SHOWN_SYSTEMS else len(SHOWN_SYSTEMS)
