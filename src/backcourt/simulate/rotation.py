"""Who plays how long: from the rosters and absences of a day to the court shares of a team-game."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from backcourt.simulate.absences import Availability
    from backcourt.simulate.schedule import Fixture

SLOTS = 15
MINIMUM_AVAILABLE = 9
# Expected minutes of the best available player, the second best, ... ; together 240.
ROTATION_MINUTES = (35.0, 33.6, 32.0, 30.0, 27.6, 23.2, 19.6, 16.0, 12.6, 10.4)
DEEP_BENCH_SHARE = 0.20
CAMEO_SHARE = 0.012
MAXIMUM_SHARE = 0.94


@dataclass
class Lineups:
    """Team-games of a batch; row 2g is the home side of game g, row 2g + 1 the visitors.

    `player` [rows, SLOTS] index into the season's players, -1 = empty; `share` of regulation on the court (sums to 5);
    `expected` minutes that an informed observer would have expected; `closer` True for the five who play overtime;
    laid end to end in slot order the shares fill a line of length 5, and the five on the court are those under a comb that moves along it.
    """

    player: np.ndarray
    share: np.ndarray
    expected: np.ndarray
    closer: np.ndarray


def line_up(
    rng: np.random.Generator, games: list[Fixture], availability: Availability, talent: np.ndarray, is_exhibition: bool = False
) -> Lineups:
    """Choose who plays in each team-game and for how long; injured players sit unless fewer than nine would be left."""
    import numpy as np

    rows = 2 * len(games)
    player = np.full((rows, SLOTS), -1, dtype=np.int64)
    share = np.zeros((rows, SLOTS))
    expected = np.zeros((rows, SLOTS))
    closer = np.zeros((rows, SLOTS), dtype=bool)
    for number, game in enumerate(games):
        day = max(game.day, 0)
        team_today, out_today = availability.team_of[:, day], availability.is_out[:, day]
        for side, team in enumerate((game.home, game.away)):
            members = np.flatnonzero(team_today == team)
            fit = members if is_exhibition else members[~out_today[members]]
            if len(fit) < MINIMUM_AVAILABLE:
                fit = np.concatenate([fit, members[out_today[members]][: MINIMUM_AVAILABLE - len(fit)]])
            row = 2 * number + side
            _fill(rng, row, fit[np.argsort(-talent[fit], kind="stable")], player, share, expected, closer)
    return Lineups(player, share, expected, closer)


def _fill(rng: np.random.Generator, row: int, ranked: np.ndarray, player: np.ndarray, share: np.ndarray, expected: np.ndarray,
          closer: np.ndarray) -> None:  # fmt: skip
    import numpy as np

    core = min(len(ranked), len(ROTATION_MINUTES))
    plan = np.array(ROTATION_MINUTES[:core])
    plan *= 240 / plan.sum()
    minutes = plan * rng.lognormal(0, 0.13, core)
    if core == len(ROTATION_MINUTES) and rng.random() < 0.25:
        minutes[-1] = 0.0
    extra = np.zeros(min(len(ranked) - core, SLOTS - core))
    draws = rng.random(len(extra))
    extra[draws < DEEP_BENCH_SHARE] = rng.uniform(1.0, 8.0, int((draws < DEEP_BENCH_SHARE).sum()))
    cameo = (draws >= DEEP_BENCH_SHARE) & (draws < DEEP_BENCH_SHARE + CAMEO_SHARE)
    extra[cameo] = rng.uniform(0.1, 0.45, int(cameo.sum()))
    minutes *= (240 - extra.sum()) / minutes.sum()
    shares = np.concatenate([minutes, extra]) / 48
    for _ in range(6):
        surplus = np.maximum(shares - MAXIMUM_SHARE, 0).sum()
        if surplus == 0:
            break
        shares = np.minimum(shares, MAXIMUM_SHARE)
        room = (shares < MAXIMUM_SHARE) & (shares > 0.05)
        shares[room] += surplus * shares[room] / shares[room].sum()
    arranged = _arrange([float(value) for value in shares])
    count = len(arranged)
    player[row, :count] = ranked[arranged]
    share[row, :count] = shares[arranged]
    expected[row, :count] = np.concatenate([plan, np.zeros(len(extra))])[arranged]
    closer[row, :count] = np.isin(arranged, np.argsort(-shares, kind="stable")[:5])


def _arrange(shares: list[float]) -> list[int]:
    """An order in which, laid end to end, a starter (one of the first five) lies over each whole number 0 to 4: the opening five."""
    bench = sorted((i for i in range(5, len(shares)) if shares[i] > 0), key=lambda i: -shares[i])
    arranged: list[int] = []
    position = 0.0
    for chair in range(5):
        for i in list(bench):
            if position + shares[i] <= chair:
                arranged.append(i)
                bench.remove(i)
                position += shares[i]
        arranged.append(chair)
        position += shares[chair]
    return arranged + bench
