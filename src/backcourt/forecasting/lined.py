"""The systems that read prices, week by week: market, market_intercept and market_blend; fitted on the lines of earlier weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backcourt.field.pmf import Array, mean, over_without_push, pool, tilt, variance
from backcourt.forecasting.blend import Blend, fit_blend, fit_intercept
from backcourt.forecasting.ensemble import crps_form, pool_weights
from backcourt.forecasting.market import implied_pmf
from backcourt.forecasting.market_lines import Lines

PRIOR_MARKET_WEIGHT = 0.75
# As if so many lined rows had been seen at which the prior's weights were best.
PRIOR_ROWS = 50.0
MARKET_SYSTEMS = ("market", "market_intercept", "market_blend")


@dataclass
class LinedPast:
    """Priced lines of earlier weeks whose player appeared and whose result was not the line."""

    market: list[Array]
    ensemble: list[Array]
    bucket: list[NDArray[np.object_]]
    happened: list[NDArray[np.bool_]]
    form: Array
    rows: int

    @staticmethod
    def empty() -> LinedPast:
        """No line yet."""
        return LinedPast([], [], [], [], np.zeros((2, 2)), 0)


@dataclass(frozen=True)
class LinedModel:
    """What was fitted before a Monday: blend, intercept, and the market's weight in the pool of distributions."""

    blend: Blend
    intercept: Blend
    market_weight: float


@dataclass(frozen=True)
class LinedForecast:
    """For n priced lines: PMFs by system, P(over | no push) at the modal line by system, and the blend's 10th and 90th percentiles."""

    pmfs: dict[str, Array]
    over: dict[str, Array]
    over_low: Array
    over_high: Array


def fit_lined(past: LinedPast) -> LinedModel:
    """From the lines of earlier weeks; without any, the priors."""
    market = np.concatenate(past.market) if past.market else np.empty(0)
    ensemble = np.concatenate(past.ensemble) if past.ensemble else np.empty(0)
    bucket = np.concatenate(past.bucket) if past.bucket else np.empty(0, dtype=object)
    happened = np.concatenate(past.happened) if past.happened else np.empty(0, dtype=bool)
    weight = PRIOR_MARKET_WEIGHT
    if past.rows:
        prior = np.array([PRIOR_MARKET_WEIGHT, 1 - PRIOR_MARKET_WEIGHT])
        weight = float(pool_weights(past.form, past.rows, PRIOR_ROWS / past.rows, prior)[0])
    return LinedModel(fit_blend(market, ensemble, bucket, happened), fit_intercept(market, happened), weight)


def forecast_lined(model: LinedModel, lines: Lines, ensemble: Array) -> LinedForecast:
    """`lines` are priced; `ensemble` is the PMF of each line's row."""
    line, over = lines.columns["modal_line"], lines.columns["market_over"]
    bucket = lines.columns["lead_bucket"]
    ratio = variance(ensemble) / np.maximum(mean(ensemble), 0.05)
    implied = implied_pmf(line, over, ratio, ensemble.shape[1] - 1)
    ours = over_without_push(ensemble, line)
    blended, low = model.blend.over(over, ours, bucket)
    shaded, _ = model.intercept.over(over, over, bucket)
    pooled = pool(np.array([model.market_weight, 1 - model.market_weight]), [implied, ensemble])
    return LinedForecast(
        {"market": implied, "market_intercept": tilt(implied, line, shaded), "market_blend": tilt(pooled, line, blended)},
        {"market": over, "market_intercept": shaded, "market_blend": blended},
        low,
        model.blend.high(over, ours, bucket),
    )


def remember(past: LinedPast, lines: Lines, forecast: LinedForecast, ensemble: Array, actual: Array) -> None:
    """Add a week's lines, now that results are known (NaN: did not appear)."""
    line = lines.columns["modal_line"]
    appeared = ~np.isnan(actual)
    if appeared.any():
        past.form = past.form + crps_form([forecast.pmfs["market"][appeared], ensemble[appeared]], actual[appeared].astype(np.int64))
        past.rows += int(appeared.sum())
    settled = appeared & (actual != line)
    past.market.append(lines.columns["market_over"][settled])
    past.ensemble.append(over_without_push(ensemble, line)[settled])
    past.bucket.append(lines.columns["lead_bucket"][settled])
    past.happened.append((actual > line)[settled])
