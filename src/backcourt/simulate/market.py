"""A market maker who knows the players' true abilities and tonight's line-ups, but not what will happen.

Its expectations come from closed formulas; a practice replay of some games with other luck tells it how far the formulas are off and how
widely results scatter. Lines are medians with noise, prices follow from the distance between line and median plus a margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backcourt.simulate.game import COLUMN, FREE_THROW_TRIP_RATE, TURNOVER_RATE, PlayedGames, play
from backcourt.simulate.rotation import Lineups, line_up
from backcourt.simulate.season import Season, shifts

if TYPE_CHECKING:
    import numpy as np

BASE_MARKETS = ("points", "rebounds", "assists", "threes")
MARKETS: dict[str, tuple[int, ...]] = {
    "player_points": (0,), "player_rebounds": (1,), "player_assists": (2,), "player_threes": (3,),
    "player_points_rebounds_assists": (0, 1, 2), "player_points_rebounds": (0, 1), "player_points_assists": (0, 2),
    "player_rebounds_assists": (1, 2),
}  # fmt: skip
MARKET_NAMES = tuple(MARKETS)
QUOTED_MINUTES = 18.0
# Expected minutes and formula mean that a player needs to be quoted, by market in the order of MARKETS.
MARKET_MINUTES = (QUOTED_MINUTES, 21.0, 22.0, 22.0, 24.0, 26.0, 26.0, 26.0)
SMALLEST_MEAN = (4.0, 2.0, 1.4, 0.8, 8.0, 6.0, 6.0, 4.0)
PRACTICE_GAMES = 400
# The share of quoted lines that a fair book expects to go over.
OVER_SHARE = 0.5


@dataclass
class Opinion:
    """What practice taught.

    By market: median / formula mean and variance / mean. By game: points / formula, margin / formula (leaders ease off), and the standard
    deviations of margin and total around their forecasts.
    """

    median_ratio: np.ndarray
    dispersion: np.ndarray
    points_ratio: float
    margin_ratio: float
    margin_sd: float
    total_sd: float


def expectations(season: Season, lineups: Lineups, make: np.ndarray, pace: np.ndarray) -> np.ndarray:
    """Formula means [rows, slots, 4] of points, rebounds, assists and threes from ability, expected minutes and the opponent."""
    import numpy as np

    able = season.abilities
    player = np.maximum(lineups.player, 0)
    presence = lineups.expected / 48 * (lineups.player >= 0)
    tempo = (1 + np.repeat(pace, 2) / 99.4)[:, None]
    use = presence * able.usage[player]
    use /= use.sum(axis=1, keepdims=True)
    trips = FREE_THROW_TRIP_RATE * able.foul_drawing[player]
    shots = 1 - TURNOVER_RATE * able.turnover[player] - trips
    area = able.area_share[player]
    hit = (able.make[player] + make[:, None, :]) * area
    shot_value = (hit * np.array([2, 2, 2, 3, 3, 3, 3])).sum(axis=2)
    points = use * (trips * 2.03 * able.free_throw[player] + shots * (shot_value + 0.03 * able.free_throw[player]))
    threes = use * shots * hit[:, :, 3:].sum(axis=2)
    offensive = presence * able.offensive_rebound[player]
    defensive = presence * able.defensive_rebound[player]
    rebounds = 0.245 * offensive / offensive.sum(axis=1, keepdims=True) + 0.755 * defensive / defensive.sum(axis=1, keepdims=True)
    helping = presence * able.assist[player]
    assists = helping / helping.sum(axis=1, keepdims=True)
    return np.stack([points * tempo * 112, rebounds * 45 * np.ones_like(tempo), assists * tempo * 27, threes * tempo * 112], axis=2)


def results(batch: PlayedGames) -> np.ndarray:
    """What happened, [rows, slots, 4], in the order of BASE_MARKETS."""
    import numpy as np

    stats = batch.stats
    rebounds = stats[:, :, COLUMN["offensive_rebounds"]] + stats[:, :, COLUMN["defensive_rebounds"]]
    return np.stack([stats[:, :, COLUMN["points"]], rebounds, stats[:, :, COLUMN["assists"]], stats[:, :, COLUMN["three_makes"]]], axis=2)


def half_line(value: np.ndarray) -> np.ndarray:
    """The nearest line that cannot push: x.5, at least 0.5."""
    import numpy as np

    return np.maximum(np.rint(value - 0.5), 0) + 0.5


def practise(season: Season, rng: np.random.Generator) -> Opinion:
    """Replay some games with other luck and compare with the formulas."""
    import numpy as np

    games = max(season.batches, key=lambda batch: len(batch[0]))[0][:PRACTICE_GAMES]
    lineups = line_up(rng, games, season.availability, season.abilities.talent)
    make, pace = shifts(season, games, set())
    batches = [play(rng, lineups, season.abilities, make, pace) for _ in range(3)]
    mean = expectations(season, lineups, make, pace)
    ratios, dispersions = [], []
    for parts, minutes, smallest in zip(MARKETS.values(), MARKET_MINUTES, SMALLEST_MEAN, strict=True):
        quoted = (lineups.expected >= minutes) & (lineups.share > 0) & (mean[:, :, parts].sum(axis=2) >= smallest)
        expected = np.tile(mean[:, :, parts].sum(axis=2)[quoted], len(batches))
        actual = np.concatenate([results(batch)[:, :, parts].sum(axis=2)[quoted] for batch in batches])
        low, high = 0.5, 1.5
        for _ in range(25):
            ratio = (low + high) / 2
            low, high = (ratio, high) if (actual > half_line(expected * ratio)).mean() > OVER_SHARE else (low, ratio)
        ratios.append(ratio)
        dispersions.append(((actual - expected * actual.mean() / expected.mean()) ** 2).mean() / expected.mean())
    team = mean[:, :, 0].sum(axis=1)
    totals = [batch.quarters.sum(axis=1) for batch in batches]
    margins = np.concatenate([total[::2] - total[1::2] for total in totals])
    sums = np.concatenate([total[::2] + total[1::2] for total in totals])
    points_ratio = float(np.mean(totals) / team.mean())
    margin = np.tile((team[::2] - team[1::2]) * points_ratio, len(totals))
    margin_ratio = float((margins * margin).sum() / (margin * margin).sum())
    total = np.tile((team[::2] + team[1::2]) * points_ratio, len(totals))
    return Opinion(
        np.array(ratios),
        np.array(dispersions),
        points_ratio,
        margin_ratio,
        float((margins - margin_ratio * margin).std()),
        float((sums - total).std()),
    )


def normal_cdf(z: np.ndarray) -> np.ndarray:
    """The standard normal distribution function, by the logistic approximation 1 / (1 + exp(-1.702 z)) (error below 0.01)."""
    import numpy as np

    return 1 / (1 + np.exp(-1.702 * z))


def american(probability: np.ndarray, margin: np.ndarray | float) -> np.ndarray:
    """American odds of a probability after the book's margin, in steps of 5, never between -100 and 100."""
    import numpy as np

    p = np.clip(probability * (1 + margin), 0.04, 0.96)
    price = np.where(p >= 0.5, -100 * p / (1 - p), 100 * (1 - p) / p)
    stepped = (np.rint(price / 5) * 5).astype(np.int64)
    return np.where(np.abs(stepped) < 100, 100, stepped)
