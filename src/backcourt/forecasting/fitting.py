"""What all systems share when they are fitted: which rows, which columns, on how many threads."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from threadpoolctl import threadpool_limits

from backcourt.field.markets import Market
from backcourt.forecasting.inputs import choose_inputs
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.system import Bench, Model, Sample, System

WINDOW_DAYS = 730


def histories(rows: Rows, monday: np.datetime64) -> tuple[np.ndarray, np.ndarray]:
    """Masks over the rows: everyone listed in the 730 days before Monday, and of these who appeared."""
    everyone = (rows.day < monday) & (rows.day >= monday - WINDOW_DAYS) & ~np.isnan(rows.appeared)
    return everyone, everyone & (rows.appeared == 1)


def bench_for(rows: Rows, market: Market, monday: np.datetime64, inputs: tuple[int, ...]) -> Bench:
    """The place of work before a Monday."""
    everyone, appeared = histories(rows, monday)
    return Bench(Sample(rows.select(appeared), market, inputs), Sample(rows.select(everyone), market, inputs), threads=1)


def fit_models(bench: Bench, declared: dict[str, System], names: Iterable[str]) -> dict[str, Model]:
    """Fit systems on one thread: BLAS and OpenMP add in another order on two, and the last digit would move."""
    with threadpool_limits(limits=1):
        return {name: bench.model(name, declared[name]) for name in names}


def inputs_of_season(rows: Rows, market: Market, monday: np.datetime64) -> tuple[int, ...]:
    """The columns chosen on what was known before the first Monday of a season's walk-forward."""
    _, appeared = histories(rows, monday)
    with threadpool_limits(limits=1):
        return choose_inputs(rows.select(appeared), market, threads=1)
