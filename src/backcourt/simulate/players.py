"""The people of a simulated league: who exists, how good they are, how they age, retire and change teams between seasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backcourt.field.teams import TEAMS
from backcourt.simulate.names import draw_name

if TYPE_CHECKING:
    import numpy as np

FIRST_PLAYER_ID = 9_000_001
STRENGTH_SD = 0.015
POSITIONS = ("G", "G-F", "F-G", "F", "F-C", "C-F", "C")
POSITION_WORDS = {"G": "Guard", "F": "Forward", "C": "Center"}
# 17 men by position, in the proportions of the league's own list.
ROSTER_POSITIONS = ("G",) * 7 + ("G-F", "F-G") + ("F",) * 5 + ("F-C", "C-F", "C")

AREAS = (
    "Restricted Area", "In The Paint (Non-RA)", "Mid-Range", "Left Corner 3", "Right Corner 3", "Above the Break 3", "Backcourt",
)  # fmt: skip
# Share of attempts and make probability by area, for guards, forwards and centers; their mix is near the league's zone means.
AREA_SHARES = {
    "G": (0.225, 0.175, 0.125, 0.042, 0.042, 0.389, 0.002),
    "F": (0.295, 0.175, 0.100, 0.066, 0.064, 0.299, 0.001),
    "C": (0.455, 0.285, 0.095, 0.010, 0.010, 0.1445, 0.0005),
}
AREA_MAKES = (0.668, 0.438, 0.418, 0.388, 0.388, 0.354, 0.025)
# Relative propensities: assists, offensive and defensive rebounds, steals, blocks, fouls, turnovers, free-throw trips.
PROPENSITIES = {
    "G": (1.55, 0.45, 0.75, 1.20, 0.45, 0.90, 1.05, 0.95),
    "F": (0.75, 1.00, 1.05, 1.00, 0.95, 1.00, 0.90, 1.00),
    "C": (0.70, 2.20, 1.55, 0.75, 2.20, 1.25, 1.05, 1.15),
}
HEIGHTS = {"G": (75.5, 2.0), "F": (80.0, 1.6), "C": (83.5, 1.6)}


@dataclass
class Player:
    """One fictional player. `talent` orders the rotation (0 = average professional); vectors follow `AREAS` and `PROPENSITIES`."""

    player_id: int
    name: str
    position: str
    age: int
    talent: float
    usage: float
    shares: np.ndarray
    makes: np.ndarray
    propensities: np.ndarray
    free_throw: float
    fragility: float
    height_inches: int
    weight_lb: float
    team_id: int
    seasons: set[str] = field(default_factory=set)


@dataclass
class People:
    """Everyone a league has ever had, the 17 of each team now, and each team's strength.

    `strength` [teams, 2]: make probability that a team adds to its own shots and takes from its opponents', beyond its players' skill.
    """

    strength: np.ndarray
    everyone: list[Player] = field(default_factory=list)
    active: list[Player] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    next_id: int = FIRST_PLAYER_ID


def found_league(rng: np.random.Generator, next_id: int, names: set[str]) -> People:
    """30 teams of 17, ages 20 to 36."""
    people = People(rng.normal(0, STRENGTH_SD, (len(TEAMS), 2)), next_id=next_id, names=names)
    for team_id in TEAMS:
        for position in ROSTER_POSITIONS:
            _join(people, rng, position, team_id, age=int(rng.integers(20, 37)))
    return people


def between_seasons(people: People, rng: np.random.Generator) -> None:
    """Everyone ages; the old and the unlucky retire; rookies of the same position take their places; some change teams."""
    people.strength = 0.7 * people.strength + rng.normal(0, 0.71 * STRENGTH_SD, people.strength.shape)
    staying = []
    vacancies = []
    for player in people.active:
        player.age += 1
        peak_distance = player.age - 27
        player.talent += rng.normal(0.10 if peak_distance < 0 else -0.03 * peak_distance, 0.25)
        player.usage *= float(rng.lognormal(0, 0.06))
        player.makes = (player.makes + rng.normal(0, 0.008, len(AREAS))).clip(0.01, 0.85)
        leaves = player.age > 39 or rng.random() < 0.02 + 0.03 * max(0, player.age - 32) + (0.32 if player.talent < -0.9 else 0.0)
        if leaves:
            vacancies.append((player.position, player.team_id))
        else:
            staying.append(player)
    people.active = staying
    for position, team_id in vacancies:
        _join(people, rng, position, team_id, age=int(rng.integers(19, 24)))
    _move_free_agents(people, rng)


def _move_free_agents(people: People, rng: np.random.Generator) -> None:
    """About a sixth of the league changes team: within each position a random subset swaps places in a circle."""
    for position in POSITIONS:
        movers = [player for player in people.active if player.position == position and rng.random() < 0.16]
        teams = [player.team_id for player in movers]
        for player, team_id in zip(movers, teams[1:] + teams[:1], strict=True):
            player.team_id = team_id


def _join(people: People, rng: np.random.Generator, position: str, team_id: int, age: int) -> None:
    import numpy as np

    main, second = position[0], position[-1]
    talent = float(rng.normal(-0.3 if age < 23 else 0.0, 1.0))
    shares = (0.7 * np.array(AREA_SHARES[main]) + 0.3 * np.array(AREA_SHARES[second])) * rng.lognormal(0, 0.35, len(AREAS))
    # A corner specialist is one on both sides.
    shares[3:5] *= rng.lognormal(0, 0.3)
    propensities = 0.7 * np.array(PROPENSITIES[main]) + 0.3 * np.array(PROPENSITIES[second])
    height = round(rng.normal(*HEIGHTS[main]))
    player = Player(
        player_id=people.next_id,
        name=draw_name(rng, people.names),
        position=position,
        age=age,
        talent=talent,
        usage=float(np.exp(0.27 * talent + rng.normal(0, 0.22))),
        shares=shares / shares.sum(),
        makes=(np.array(AREA_MAKES) + 0.006 * talent + rng.normal(0, 0.018, len(AREAS))).clip(0.01, 0.85),
        propensities=propensities * rng.lognormal(0, 0.30, len(propensities)),
        free_throw=float(np.clip(rng.normal(0.79 if main != "C" else 0.70, 0.07), 0.45, 0.94)),
        fragility=float(rng.lognormal(-0.12, 0.5)),
        height_inches=height,
        weight_lb=float(round(215 + 5.5 * (height - 79) + rng.normal(0, 9))),
        team_id=team_id,
    )
    people.next_id += 1
    people.everyone.append(player)
    people.active.append(player)
