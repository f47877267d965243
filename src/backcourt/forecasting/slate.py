"""One slate of one market by the models of its week: forecasts of every system, the ensemble, and what the market makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from backcourt.field.pmf import Array, mean
from backcourt.forecasting.lined import LinedForecast, forecast_lined
from backcourt.forecasting.market_lines import Lines
from backcourt.forecasting.packing import packed, unpacked
from backcourt.forecasting.registry import Artefact
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.system import Estimate, Sample
from backcourt.forecasting.walkforward import ENSEMBLE, WeekModel, summary

COLUMNS = ("point", "mean", "median", "sd", "q05", "q10", "q25", "q75", "q90", "q95")


@dataclass(frozen=True)
class SystemForecast:
    """One system's word on some rows: places in the slate, COLUMNS [rows, 10] (NaN where it abstains), PMF, n_eff, reasons."""

    place: np.ndarray
    figures: Array
    pmf: Array
    n_eff: Array
    abstained: np.ndarray


@dataclass(frozen=True)
class SlateForecast:
    """Forecasts by system (those that read prices: on lined rows), the chance of appearing, the priced lines and the blend's word."""

    systems: dict[str, SystemForecast]
    p_play: Array
    lines: Lines
    lined: LinedForecast


def forecast_slate(rows: Rows, sample: Sample, artefact: Artefact, model: WeekModel, lines: Lines) -> SlateForecast:
    """The forecast of a slate's rows, by exactly the steps of the walk-forward."""
    with threadpool_limits(limits=1):
        # Through float32 like a week that was kept on disk; a product over fewer rows may still round its last bit
        # otherwise.
        estimates = {name: unpacked(packed(fitted.forecast(sample))) for name, fitted in artefact.models.items()}
        pmfs, _ = model.distributions(estimates, sample)
        pooled, _ = model.pooled(pmfs, estimates)
        everyone = np.arange(len(rows))
        found = {name: _system(everyone, pmfs[name], estimate) for name, estimate in estimates.items()}
        found[ENSEMBLE] = _system(everyone, pooled, Estimate(mean=mean(pooled)))
        priced = freshest(lines.select(lines.is_priced))
        ensemble = pooled[priced.columns["row"]]
        lined = forecast_lined(model.lined, priced, ensemble)
        for name, pmf in lined.pmfs.items():
            found[name] = _system(priced.columns["row"], pmf, Estimate(mean=mean(pmf)))
        return SlateForecast(found, artefact.chance.chance(sample), priced, lined)


def freshest(lines: Lines) -> Lines:
    """One line a row: the one captured last, if several feeds have one."""
    order = np.lexsort((lines.columns["lead_seconds"], lines.columns["row"]))
    row = lines.columns["row"][order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = row[1:] != row[:-1]
    return Lines({name: values[order][first] for name, values in lines.columns.items()})


def _system(place: np.ndarray, pmf: Array, estimate: Estimate) -> SystemForecast:
    figures = summary(pmf, estimate.point)
    count = len(place)
    abstained = np.full(count, None, dtype=object) if estimate.abstained is None else estimate.abstained
    figures[np.array([reason is not None for reason in abstained], dtype=bool)] = np.nan
    n_eff = np.full(count, np.nan) if estimate.n_eff is None else estimate.n_eff
    return SystemForecast(place, figures, pmf, n_eff, abstained)
