"""The monitors of one market: its newest season watched day by day, with limits from the seasons before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.engine.warehouse import Warehouse
from backcourt.field.pmf import Array
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.monitors import daily_means, fit_cusum
from backcourt.record.reading import live
from backcourt.tables.ledger.facts import latest

BLIND = "ensemble"
_BIAS = "bias of the ensemble"


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
    return [_watched(_BIAS, run, lambda: run.score(BLIND, "bias")), _watched("blend less market", run, lambda: _loss(run))]


def watch_live(warehouse: Warehouse, run: EvaluatedRun) -> Watched | None:
    """Bias of the ensemble's LIVE forecasts of the newest season, with the limits of the backtest's days before them; None without any."""
    found = warehouse.query(
        f"select said.game_date, games.season, avg(said.mean - came.{run.market.id}) from ({live('forecasts').sql}) as said "
        f"join ({latest('outcomes')}) as came on came.game_date = said.game_date and came.game_id = said.game_id "
        "and came.player_id = said.player_id join games on games.game_id = said.game_id "
        f"where said.system = '{BLIND}' and said.market = '{run.market.id}' and came.appeared and said.mean is not null "
        "group by 1, 2 order by 1"
    )
    if not found:
        return None
    newest = found[-1][1]
    days = [(day, float(bias)) for day, season, bias in found if season == newest]
    earlier = run.game_date < np.datetime64(days[0][0])
    history = daily_means(run.score(BLIND, "bias")[earlier], run.game_date[earlier])
    return _judged(f"{_BIAS}, live", history, np.array([bias for _, bias in days]))


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
    return _judged(name, history, daily)


def _judged(name: str, history: Array, daily: Array) -> Watched:
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
