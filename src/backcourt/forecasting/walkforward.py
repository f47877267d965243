"""Week by week through the seasons: what every system said before each Monday, given a distribution, pooled, and set against the market."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from backcourt.field.pmf import Array, mean, pool, quantiles, variance
from backcourt.field.scores import crps, log_score, pit, uniform
from backcourt.forecasting.ensemble import BANDS, crps_forms, weights_by_band
from backcourt.forecasting.fits import FitStore
from backcourt.forecasting.layer import Calibrator, Past, bands_of, fit_calibrator
from backcourt.forecasting.lined import LinedForecast, LinedModel, LinedPast, fit_lined, forecast_lined, remember
from backcourt.forecasting.market_lines import Lines
from backcourt.forecasting.pickles import AlteredError, OtherCodeError, Pickles
from backcourt.forecasting.pit_map import PitMap
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.system import Estimate, Sample, System

ENSEMBLE = "ensemble"
LEVELS = (0.05, 0.10, 0.25, 0.5, 0.75, 0.90, 0.95)
FIGURES = ("point", "mean", "median", "sd", "q05", "q10", "q25", "q75", "q90", "q95", "n_eff", "ae", "crps", "logs", "pit")
FIRST_WEEKS = 6
HEAD_EVERY_WEEKS = 4
_MAP_DAYS = 60 * 7


@dataclass(frozen=True)
class WeekModel:
    """All that stands between the systems' estimates and a forecast, as fitted before a Monday; `predict` uses the same.

    `made_of` names the code and the weeks that it was fitted on.
    """

    monday: np.datetime64
    made_of: str
    calibrators: dict[str, Calibrator]
    weights: dict[str, float]
    band_weights: Array
    pool_map: PitMap
    lined: LinedModel

    def distributions(self, estimates: dict[str, Estimate], sample: Sample) -> tuple[dict[str, Array], dict[str, tuple[Array, Array]]]:
        """Calibrated PMFs by system, and (mean, PMF) before recalibration."""
        raw = {name: self.calibrators[name].raw(estimate, sample) for name, estimate in estimates.items()}
        return {name: self.calibrators[name].calibrated(*raw[name]) for name in raw}, raw

    def pooled(self, pmfs: dict[str, Array], estimates: dict[str, Estimate]) -> tuple[Array, Array]:
        """The ensemble's PMF, recalibrated, and the pool before; a system that abstains has no weight in that row."""
        names = [name for name in self.weights if name in pmfs]
        places = [place for place, name in enumerate(self.weights) if name in pmfs]
        weights = self.band_weights[pool_band(estimates, self.pool_map.bounds)][:, places]
        for place, name in enumerate(names):
            abstained = estimates[name].abstained
            if abstained is not None:
                weights[np.array([reason is not None for reason in abstained]), place] = 0
        empty = weights.sum(axis=1) <= 0
        weights[empty] = 1.0
        raw = pool(weights / weights.sum(axis=1, keepdims=True), [pmfs[name] for name in names])
        return self.pool_map.apply(raw, mean(raw)), raw


@dataclass
class Walk:
    """The state of a walk-forward and what it has said so far; arrays run over all rows, figures are NaN where nothing was said."""

    sample: Sample
    lines: Lines
    declared: dict[str, System]
    members: tuple[str, ...]
    made_of: Callable[[np.datetime64], str]
    past: dict[str, Past] = field(init=False)
    pool_past: Past = field(init=False)
    forms: dict[np.datetime64, tuple[Array, Array]] = field(default_factory=dict)
    lined_past: LinedPast = field(default_factory=LinedPast.empty)
    figures: dict[str, Array] = field(init=False)
    abstained: dict[str, np.ndarray] = field(default_factory=dict)
    ensemble: np.ndarray = field(init=False)
    lined: dict[np.datetime64, tuple[Lines, LinedForecast]] = field(default_factory=dict)
    models: dict[np.datetime64, WeekModel] = field(default_factory=dict)
    _heads: dict[str, int] = field(default_factory=dict)
    _random: Array = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.sample)
        self.past = {name: Past.empty(count) for name in self.members}
        self.pool_past = Past.empty(count)
        self.figures = {name: np.full((count, len(FIGURES)), np.nan) for name in (*self.members, ENSEMBLE)}
        self.ensemble = np.zeros((count, self.sample.market.kmax + 1), dtype=np.float32)
        keys = self.sample.rows.keys
        self._random = uniform(keys["game_id"], keys["player_id"])

    def week(self, monday: np.datetime64, estimates: dict[str, Estimate]) -> None:
        """Forecast a week from its systems' estimates, then take in its results."""
        with threadpool_limits(limits=1):
            model = self.prepare(monday)
            chosen = np.flatnonzero(self.sample.rows.week == monday)
            part = self.sample.select(chosen)
            pmfs, raw = model.distributions(estimates, part)
            pooled, raw_pool = model.pooled(pmfs, estimates)
            y = part.y
            for name, estimate in estimates.items():
                self._record(name, chosen, pmfs[name], estimate, y)
                self._remember(self.past[name], chosen, *raw[name], y)
            self._record(ENSEMBLE, chosen, pooled, Estimate(mean=mean(pooled)), y)
            self._remember(self.pool_past, chosen, mean(raw_pool), raw_pool, y)
            self.ensemble[chosen] = pooled.astype(np.float32)
            self._take_in_form(monday, pmfs, estimates, pool_band(estimates, model.pool_map.bounds), y)
            self._take_in_lines(monday, chosen, model.lined, pooled)

    def prepare(self, monday: np.datetime64) -> WeekModel:
        """Fit everything that hangs on earlier weeks' forecasts."""
        calibrators = {}
        for name in self.members:
            kept = self.models[max(self.models)].calibrators[name].head if self.models else None
            self._heads[name] = (self._heads.get(name, -1) + 1) % HEAD_EVERY_WEEKS
            calibrators[name] = fit_calibrator(
                self.declared[name].layer, self.past[name], self.sample, monday, kept if self._heads[name] else None
            )
        day, y = self.sample.rows.day, self.sample.y
        known = ~np.isnan(self.pool_past.mean) & ~np.isnan(y) & (day < monday) & (day >= monday - _MAP_DAYS)
        bounds = bands_of(self.sample.market, self.pool_past.mean[known])
        pool_map = PitMap.fit(self.pool_past.mean[known], self.pool_past.pit[known], bounds)
        weights, band_weights = self._weights()
        self.models[monday] = WeekModel(
            monday, self.made_of(monday), calibrators, dict(zip(self.members, weights.tolist(), strict=True)), band_weights, pool_map,
            fit_lined(self.lined_past),
        )  # fmt: skip
        return self.models[monday]

    def _weights(self) -> tuple[Array, Array]:
        count = len(self.members)
        forms, rows = np.zeros((BANDS, count, count)), np.zeros(BANDS)
        for form, n in self.forms.values():
            forms += form
            rows += n
        return weights_by_band(forms, rows)

    def _record(self, name: str, chosen: np.ndarray, pmf: Array, estimate: Estimate, y: Array) -> None:
        table = summary(pmf, estimate.point)
        appeared = ~np.isnan(y)
        scores = np.full((len(chosen), 4), np.nan)
        if appeared.any():
            actual = y[appeared].astype(np.int64)
            scores[appeared, 0] = np.abs(table[appeared, 0] - actual)
            scores[appeared, 1] = crps(pmf[appeared], actual)
            scores[appeared, 2] = log_score(pmf[appeared], actual)
            scores[appeared, 3] = pit(pmf[appeared], actual, self._random[chosen][appeared])
        n_eff = np.full(len(chosen), np.nan) if estimate.n_eff is None else estimate.n_eff
        figures = np.column_stack([table, n_eff, scores])
        if estimate.abstained is not None:
            reasons = self.abstained.setdefault(name, np.full(len(self.sample), None, dtype=object))
            reasons[chosen] = estimate.abstained
            figures[np.array([reason is not None for reason in estimate.abstained])] = np.nan
        self.figures[name][chosen] = figures

    def _remember(self, past: Past, chosen: np.ndarray, stated: Array, pmf: Array, y: Array) -> None:
        past.mean[chosen] = stated
        appeared = ~np.isnan(y)
        if appeared.any():
            where = chosen[appeared]
            past.pit[where] = pit(pmf[appeared], y[appeared].astype(np.int64), self._random[where])

    def _take_in_form(
        self, monday: np.datetime64, pmfs: dict[str, Array], estimates: dict[str, Estimate], band: np.ndarray, y: Array
    ) -> None:
        usable = ~np.isnan(y)
        for estimate in estimates.values():
            if estimate.abstained is not None:
                usable &= np.array([reason is None for reason in estimate.abstained])
        if usable.any():
            self.forms[monday] = crps_forms([pmfs[name][usable] for name in self.members], y[usable].astype(np.int64), band[usable])

    def _take_in_lines(self, monday: np.datetime64, chosen: np.ndarray, model: LinedModel, pooled: Array) -> None:
        inside = np.isin(self.lines.columns["row"], chosen) & self.lines.is_priced if len(self.lines) else np.zeros(0, dtype=bool)
        if not inside.any():
            return
        lines = self.lines.select(inside)
        ensemble = pooled[np.searchsorted(chosen, lines.columns["row"])]
        forecast = forecast_lined(model, lines, ensemble)
        self.lined[monday] = (lines, forecast)
        remember(self.lined_past, lines, forecast, ensemble, self.sample.y[lines.columns["row"]])


def pool_band(estimates: dict[str, Estimate], bounds: Sequence[float]) -> np.ndarray:
    """The band of each row's level, which is the plain average of what the systems expect."""
    level = np.nanmean([estimate.mean for estimate in estimates.values()], axis=0)
    return np.atleast_1d(np.searchsorted(np.asarray(bounds), level, side="right"))


def summary(pmf: Array, point: Array | None) -> Array:
    """Columns point, mean, median, sd and quantiles of a PMF; the point is the median unless the system states one."""
    found = quantiles(pmf, LEVELS)
    median = found[:, 3]
    return np.column_stack([median if point is None else point, mean(pmf), median, np.sqrt(variance(pmf)), found[:, :3], found[:, 4:]])


def weeks_of(rows: Rows) -> list[np.datetime64]:
    """The Mondays that are forecast: all with rows, from 6 weeks of history on."""
    mondays = np.unique(rows.week)
    return [monday for monday in mondays if monday >= rows.day.min() + FIRST_WEEKS * 7]


def walk(
    walked: Walk, store: FitStore, mondays: Sequence[np.datetime64], pickles: Pickles, states: Path,
    on_week: Callable[[np.datetime64], None] | None = None,
) -> None:  # fmt: skip
    """Run through the weeks whose estimates are stored; leaves each week's model in `states`, and one for the Monday after the last."""
    states.mkdir(parents=True, exist_ok=True)
    for monday in mondays:
        walked.week(monday, {name: store.read(monday, name) for name in walked.members})
        pickles.keep(_file(states, monday), walked.models[monday])
        if on_week:
            on_week(monday)
    following = mondays[-1] + 7
    walked.prepare(following)
    pickles.keep(_file(states, following), walked.models[following])


def load_week_model(pickles: Pickles, states: Path, monday: np.datetime64, made_of: str) -> WeekModel | None:
    """The model of a week as a walk-forward of this home left it.

    None when there is none, when it isn't to the last byte what was left, or when it was made by other code or from
    other weeks.
    """
    try:
        model = pickles.load(_file(states, monday))
    except (AlteredError, OtherCodeError):
        return None
    return model if isinstance(model, WeekModel) and model.made_of == made_of else None


def _file(states: Path, monday: np.datetime64) -> Path:
    return states / f"{monday}.pkl"
