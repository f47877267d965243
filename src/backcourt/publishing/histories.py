"""What was forecast of a player over time and what he did, for his files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backcourt.field.markets import MARKETS
from backcourt.publishing.day import SHOWN_SYSTEMS, preference
from backcourt.publishing.edition import Edition
from backcourt.publishing.intervals import ratio_of
from backcourt.publishing.names import slug
from backcourt.publishing.rows import SeenForecast

LEAST_ROWS = 10
"""Below this many graded rows a player's accuracy is not shown."""
BASE = "base_l5"
_PLAYERS_AT_ONCE = 100
_NO_ACCURACY = {"mae": None, "bias": None, "crps_skill": None, "lo": None, "hi": None}


@dataclass(frozen=True)
class MarketHistory:
    """One player's forecasts in one market by one system, oldest first, and the last-5 mean's on the same games."""

    market: str
    system: str
    rows: tuple[SeenForecast, ...]
    base: Mapping[str, SeenForecast]

    def accuracy(self) -> dict[str, Any]:
        """n, mae, bias and CRPS skill with its interval over game dates; nothing but n below LEAST_ROWS."""
        graded = [row for row in self.rows if row.ae is not None and row.mean is not None and row.result is not None]
        n = len(graded)
        if n < LEAST_ROWS:
            return {"n": n, **_NO_ACCURACY}
        pairs = [(row, self.base[row.game_id]) for row in graded if row.game_id in self.base and self.base[row.game_id].crps is not None]
        ratio = ratio_of(
            [row.crps or 0.0 for row, _ in pairs], [base.crps or 0.0 for _, base in pairs], [row.game_date.isoformat() for row, _ in pairs]
        )
        return {
            "n": n,
            "mae": sum(row.ae or 0.0 for row in graded) / n,
            "bias": sum((row.mean or 0.0) - (row.result or 0.0) for row in graded) / n,
            "crps_skill": _less(ratio["est"]),
            "lo": _less(ratio["hi"]),
            "hi": _less(ratio["lo"]),
        }


@dataclass(frozen=True)
class PlayerHistory:
    """One player's forecasts of the kind that is shown."""

    player_id: int
    kind: str
    seen: tuple[SeenForecast, ...]
    missed: frozenset[str] = frozenset()

    @cached_property
    def seasons(self) -> list[str]:
        """The seasons in which he was forecast."""
        return sorted({row.season for row in self.seen})

    def markets(self, season: str | None = None) -> list[MarketHistory]:
        """Each market's history, by the preferred system among those that forecast him most often."""
        found = []
        for market in MARKETS:
            systems: dict[str, list[SeenForecast]] = {}
            for row in self.seen:
                if row.market == market and season in (None, row.season):
                    systems.setdefault(row.system, []).append(row)
            if systems:
                spoken = {system: sum(row.mean is not None for row in rows) for system, rows in systems.items()}
                shown = max(systems, key=lambda system: (spoken[system], -preference(system, market, self.missed)))
                base = {row.game_id: row for row in systems.get(BASE, [])}
                found.append(MarketHistory(market, shown, tuple(systems[shown]), base))
        return found


def histories(edition: Edition, players: Iterable[int]) -> Iterable[PlayerHistory]:
    """The players' histories, a hundred players at a time."""
    listed = sorted(players)
    for start in range(0, len(listed), _PLAYERS_AT_ONCE):
        group = listed[start : start + _PLAYERS_AT_ONCE]
        rows: dict[int, list[SeenForecast]] = {}
        for row in edition.reading.seen(group, (*SHOWN_SYSTEMS, BASE)):
            rows.setdefault(row.player_id, []).append(row)
        for player, seen in rows.items():
            kind = "LIVE" if any(row.kind == "LIVE" for row in seen) else "REPLAY"
            yield PlayerHistory(player, kind, tuple(row for row in seen if row.kind == kind), edition.reading.missed)


def seen_row(row: SeenForecast) -> dict[str, Any]:
    """A forecast and its result as published."""
    status = "OPEN" if row.appeared is None else ("PLAYED" if row.appeared else "DID_NOT_PLAY")
    return {
        "date": row.game_date,
        "mean": row.mean,
        "q10": row.q10,
        "q90": row.q90,
        "line": row.line,
        "actual": row.result,
        "status": status,
    }


def _less(ratio: float | None) -> float | None:
    return None if ratio is None else 1 - ratio


def identity(edition: Edition, player_id: int) -> dict[str, Any]:
    """A player's number, slug and name."""
    person = edition.people[player_id]
    return {"player_id": player_id, "slug": slug(player_id, person.full_name), "name": person.full_name}


def is_due(edition: Edition, player_id: int, name: str) -> bool:
    """Is his file of this name to be written: is he forecast on this publication's dates, or has he no such file yet?"""
    return player_id in edition.players_on_dates or name not in edition.published
