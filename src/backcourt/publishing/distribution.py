"""The distribution behind a forecast: its kept PMF file, else the negative binomial of its mean and standard deviation."""

from __future__ import annotations

import numpy as np

from backcourt.forecasts.markets import MARKETS
from backcourt.forecasts.pmf import Array, negative_binomial, over_push_under
from backcourt.publishing.rows import Forecast, SeenForecast

_CHART_DECIMALS = 6


def pmf_of(forecast: Forecast | SeenForecast) -> Array | None:
    """The PMF [kmax + 1] of a forecast; None when the system abstained."""
    if forecast.mean is None or forecast.sd is None:
        return None
    mean, sd = np.array([forecast.mean]), np.array([forecast.sd])
    return np.asarray(negative_binomial(mean, sd * sd, MARKETS[forecast.market].kmax)[0])


def p_over(forecast: Forecast, line: float) -> float | None:
    """P(result > line); None when the system abstained."""
    pmf = pmf_of(forecast)
    return None if pmf is None else float(over_push_under(pmf[None, :], np.array([line]))[0][0])


def chart(pmf: Array) -> list[float]:
    """A PMF for a picture: six decimals, without the zeros at its end."""
    rounded = np.round(pmf, _CHART_DECIMALS)
    last = int(np.flatnonzero(rounded)[-1])
    return [float(value) for value in rounded[: last + 1]]
