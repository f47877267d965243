"""A season's players as arrays, and what an informed observer expects of them in a given game."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from backcourt.simulate.players import Player


@dataclass
class Abilities:
    """Arrays over the season's players (index = position in the list); `area_cumulated` and `make` have one column an area."""

    talent: np.ndarray
    usage: np.ndarray
    area_share: np.ndarray
    area_cumulated: np.ndarray
    make: np.ndarray
    free_throw: np.ndarray
    assist: np.ndarray
    offensive_rebound: np.ndarray
    defensive_rebound: np.ndarray
    steal: np.ndarray
    block: np.ndarray
    foul: np.ndarray
    turnover: np.ndarray
    foul_drawing: np.ndarray


def abilities_of(players: list[Player]) -> Abilities:
    """Stack the players' traits; propensities that multiply a rate are scaled to mean 1 over the league."""
    import numpy as np

    propensities = np.array([player.propensities for player in players]).T
    assist, offensive, defensive, steal, block, foul, turnover, drawing = propensities / propensities.mean(axis=1, keepdims=True)
    shares = np.array([player.shares for player in players])
    return Abilities(
        talent=np.array([player.talent for player in players]),
        usage=np.array([player.usage for player in players]),
        area_share=shares,
        area_cumulated=shares.cumsum(axis=1),
        make=np.array([player.makes for player in players]),
        free_throw=np.array([player.free_throw for player in players]),
        assist=assist,
        offensive_rebound=offensive,
        defensive_rebound=defensive,
        steal=steal,
        block=block,
        foul=foul,
        turnover=turnover.clip(0.4, 1.9),
        foul_drawing=drawing.clip(0.3, 2.2),
    )
