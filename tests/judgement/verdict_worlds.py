"""Tables of (forecast, market, outcome) whose truth is known, for the power of a verdict. No pipeline runs.

Both worlds: the market states a probability, a book adds its margin, one price is quoted, a blend sees the market and a signal. In the
no-edge world the market is right and the signal is noise. In the edge world the market errs on a side that the signal knows, by so much
that a bet on the other side returns `edge` at the quoted price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backcourt.field.scores import log_loss
from backcourt.judgement.segments import verdicts
from backcourt.judgement.verdict import Bets, MarketVerdict, Segment

OVERROUND = 0.045
DATES_A_SEASON = 60


@dataclass(frozen=True)
class Table:
    """One simulated segment and the losses of the oracle, which knows each row's probability."""

    segment: Segment
    loss_oracle: np.ndarray


def table(random: np.random.Generator, rows: int, edge: float, overround: float = OVERROUND, noise: float = 0.02) -> Table:
    """A segment of two seasons with `rows` rows. `edge` is the expected return of a bet on the right side; 0 means no edge.

    `noise` is what the blend adds: to the truth in the edge world, to the market in the other.
    """
    market = np.clip(random.normal(0.5, 0.04, rows), 0.3, 0.7)
    side = random.choice([-1.0, 1.0], rows)
    # The least lift that makes a bet on the better side return `edge` at the quoted price.
    is_over = side > 0
    of_side = np.where(is_over, market, 1 - market)
    price = 1 / (of_side * (1 + overround))
    lift = ((1 + edge) / price - of_side) if edge > 0 else np.zeros(rows)
    truth = np.clip(market + side * lift, 0.01, 0.99)
    blend = truth + random.normal(0, noise, rows)
    blend = np.clip(blend, 0.02, 0.98)
    happened = random.random(rows) < truth
    over_price, under_price = 1 / (market * (1 + overround)), 1 / ((1 - market) * (1 + overround))
    ev_over, ev_under = blend * over_price - 1, (1 - blend) * under_price - 1
    bet = np.maximum(ev_over, ev_under) > 0
    bets_over = ev_over >= ev_under
    won = happened == bets_over
    profit = np.where(won, np.where(bets_over, over_price, under_price) - 1, -1.0)[bet]
    day = np.sort(random.integers(0, 2 * DATES_A_SEASON, rows))
    game_date = np.datetime64("2024-01-01") + day + np.where(day >= DATES_A_SEASON, 300, 0)
    intercept = np.clip(market + (happened.mean() - market.mean()), 0.02, 0.98)
    segment = Segment(
        "points", "3h+", "BACKTEST", game_date, np.where(day >= DATES_A_SEASON, "2024-25", "2023-24"),
        log_loss(blend, happened), log_loss(market, happened), log_loss(intercept, happened),
        Bets(game_date[bet], profit, profit, np.zeros(len(profit))),
    )  # fmt: skip
    return Table(segment, log_loss(truth, happened))


def share_of_edge(tables: int, rows: int, edge: float, seed: int, **world: float) -> float:
    """How many of so many tables get the verdict EDGE."""
    random = np.random.default_rng([seed, rows])
    found: list[MarketVerdict] = [verdicts([table(random, rows, edge, **world).segment])[0][1] for _ in range(tables)]
    return sum(verdict.word == "EDGE" for verdict in found) / tables
