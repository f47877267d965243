"""The monitors of one market: its newest season watched day by day, with limits from the seasons before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.forecasts.pmf import Array
from backcourt.grading.evaluated_run import EvaluatedRun
from backcourt.grading.monitors import daily_means, fit_cusum

BLIND = "ensemble"


@dataclass(frozen=True)
class Watched:
    """One monitor over the newest season: days before and since, limit and last standing in daily spreads, alarms since the season began.

    `is_alarmed` is None where nothing can be said, with the reason.
    """

    monitor: str
    history_days: int
    days: int
    level: float
    limit: float
    standing: float
    alarms: int
    is_alarmed: bool | None
    reason: str = ""


def watch(run: EvaluatedRun) -> list[Watched]:
    """Bias of the ensemble over all appearances, and log loss of market_blend less market over the first priced line of each."""
    return [_watched("bias of the ensemble", run, lambda: run.score(BLIND, "bias")), _watched("blend less market", run, lambda: _loss(run))]


def is_alarmed(watched: list[Watched]) -> bool:
    """Does any monitor stand above its limit? What can't be watched raises no alarm."""
    return any(one.is_alarmed for one in watched)


def _loss(run: EvaluatedRun) -> Array:
    found = np.full(len(run.rows["row"]), np.nan)
    for population in run.priced_populations:
        difference = run.probability(population, "market_blend", "logloss") - run.probability(population, "market", "logloss")
        place = run.lines_of(population)["position"]
        fresh = np.isnan(found[place])
        found[place[fresh]] = difference[fresh]
    return found


def _watched(name: str, run: EvaluatedRun, values_of: Callable[[], Array]) -> Watched:
    values = values_of()
    season: NDArray[np.str_] = run.rows["season"].astype(str)
    newest = season == np.unique(season)[-1]
    history = daily_means(values[~newest], run.game_date[~newest])
    daily = daily_means(values[newest], run.game_date[newest])
    nothing = float("nan")
    if not len(daily):
        return Watched(name, len(history), 0, nothing, nothing, nothing, 0, None, "the newest season has no scored rows of it")
    try:
        monitor = fit_cusum(history)
    except BackcourtError as error:
        return Watched(name, len(history), len(daily), nothing, nothing, nothing, 0, None, str(error))
    return Watched(
        name, len(history), len(daily), monitor.level, monitor.limit, float(monitor.path(daily)[-1]), monitor.alarms(daily),
        monitor.is_alarmed(daily),
    )  # fmt: skip
