"""Injuries and trades of one season, fixed before a ball is thrown: who is out on which day, and who plays for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from backcourt.simulate.players import Player

SPELLS_A_SEASON = 2.3
TRADES = 44
TRADE_DAYS = (30, 107)
INJURIES = (
    "sprained right ankle", "sprained left ankle", "sore left knee", "sore right knee", "illness", "strained left hamstring",
    "sore lower back", "fractured left hand", "strained right calf", "sore right shoulder", "bruised left hip",
)  # fmt: skip


@dataclass
class Spell:
    """One absence: player (index into the season's list), first and last day out (days since opening night), why."""

    player: int
    first_day: int
    last_day: int
    reason: str


@dataclass
class Availability:
    """`is_out` [players, days]; `team_of` [players, days] as indices into the team list; `spells` in order of their first day."""

    is_out: np.ndarray
    team_of: np.ndarray
    spells: list[Spell]


def season_availability(
    rng: np.random.Generator, players: list[Player], team_index: dict[int, int], days: int, trades: bool
) -> Availability:
    """Draw a season of `days` days: about 2.3 spells a player with a geometric length, and one-for-one trades of the same position."""
    import numpy as np

    is_out = np.zeros((len(players), days), dtype=bool)
    spells: list[Spell] = []
    counts = rng.poisson([SPELLS_A_SEASON * player.fragility for player in players])
    for index, count in enumerate(counts):
        for first_day in rng.integers(-10, days, count):
            length = int(rng.geometric(0.22)) if rng.random() < 0.85 else int(rng.geometric(0.025))
            last_day = min(int(first_day) + length, days - 1)
            first = max(int(first_day), 0)
            if last_day < first or is_out[index, max(first - 2, 0) : last_day + 3].any():
                continue
            is_out[index, first : last_day + 1] = True
            spells.append(Spell(index, first, last_day, INJURIES[rng.integers(len(INJURIES))]))
    team_of = np.repeat(np.array([[team_index[player.team_id]] for player in players], dtype=np.int64), days, axis=1)
    if trades:
        _trade(rng, players, team_of)
    spells.sort(key=lambda spell: (spell.first_day, spell.player))
    return Availability(is_out, team_of, spells)


def _trade(rng: np.random.Generator, players: list[Player], team_of: np.ndarray) -> None:
    traded: set[int] = set()
    for day in sorted(int(day) for day in rng.integers(*TRADE_DAYS, TRADES)):
        if day >= team_of.shape[1]:
            continue
        one = int(rng.integers(len(players)))
        others = [
            index
            for index, player in enumerate(players)
            if player.position == players[one].position and team_of[index, day] != team_of[one, day] and index not in traded
        ]
        if one in traded or not others:
            continue
        other = others[int(rng.integers(len(others)))]
        team_of[one, day:], team_of[other, day:] = team_of[other, day], team_of[one, day]
        traded.update((one, other))
