"""From a walk-forward in memory to the files of its run folder."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from backcourt.engine.files import whole
from backcourt.field.pmf import over_without_push
from backcourt.field.scores import brier, crps, log_loss, log_score, pit, uniform
from backcourt.forecasting.backtest import Backtest
from backcourt.forecasting.fits import LIBRARIES, FitStore
from backcourt.forecasting.lined import MARKET_SYSTEMS, LinedForecast
from backcourt.forecasting.market_lines import Lines
from backcourt.forecasting.populations import data_tier, is_established, is_regular, level_before, tiers
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.run_folder import SCHEMA, Columns, RunFolder
from backcourt.forecasting.system import SEED
from backcourt.forecasting.value import leave_one_out
from backcourt.forecasting.walkforward import ENSEMBLE, FIGURES, Walk, summary


def assemble(backtest: Backtest, folder: RunFolder, seasons: list[str], not_forecast: Columns, info: dict[str, Any]) -> dict[str, Any]:
    """Write every file for the rows of `seasons`; `run.json` comes last. Returns its content."""
    walked = backtest.walked
    rows = walked.sample.rows
    reported = np.isin(rows.keys["season"], seasons)
    number = np.full(len(rows), -1, dtype=np.int64)
    number[reported] = np.arange(reported.sum())
    store = FitStore(folder.path / "fits")
    folder.write("rows", _rows(walked, reported, number, _chances(rows, store, backtest.mondays), seasons[-1]))
    lines, forecast = _all_lines(walked)
    kept = reported[lines.columns["row"]] if len(lines) else np.zeros(0, dtype=bool)
    every = walked.lines
    kept_lines = reported[every.columns["row"]] if len(every) else np.zeros(0, dtype=bool)
    folder.write("lines", _numbered({name: every.columns[name][kept_lines] for name in SCHEMA["lines"]}, number))
    folder.write("scores", _scores(walked, reported, number, lines, forecast, kept))
    folder.write("probabilities", _probabilities(walked, number, lines, forecast, kept))
    folder.write("weights", _weights(walked, seasons))
    folder.write("blend", _blend(walked))
    reported_years = {season[5:] for season in seasons}
    wanted = np.array([population[1:] in reported_years for population in not_forecast["population"]], dtype=bool)
    folder.write("not_forecast", {name: values[wanted] for name, values in not_forecast.items()})
    _write_pmfs(folder.path / "pmfs", walked, reported, lines, forecast, kept)
    content = {
        **info,
        "market": walked.sample.market.id,
        "seasons": seasons,
        "weeks": [str(backtest.mondays[0]), str(backtest.mondays[-1])],
        "systems": {name: walked.declared[name].layer for name in walked.members},
        "seed": SEED,
        "versions": {name: version(name) for name in LIBRARIES},
        "leave_one_out": leave_one_out(walked, seasons),
        "rows": int(reported.sum()),
    }
    folder.write_info(content)
    return content


def _rows(walked: Walk, reported: np.ndarray, number: np.ndarray, chance: np.ndarray, last_season: str) -> Columns:
    rows, market = walked.sample.rows, walked.sample.market
    newest = rows.keys["season"] == last_season
    first = rows.day[reported].min()
    columns: Columns = {
        "row": number, "week": rows.week, "appeared": rows.appeared, "actual": walked.sample.y,
        "appearances_before": rows.windows["appearances_before"], "minutes_mean_last10": rows.windows["minutes_last10"],
        "season_mean_before": level_before(rows, market), "tier": tiers(rows, market, first), "data_tier": data_tier(rows),
        "p_play": chance,
        "is_a25": is_established(rows) & newest, "is_r25": is_regular(rows) & newest,
        **{name: rows.keys[name] for name in (
            "game_date", "game_id", "player_id", "team_id", "opponent_team_id", "season", "season_type", "days_since_opening", "is_home",
            "rest_days", "is_new_team",
        )},
    }  # fmt: skip
    return {name: _plain(values[reported]) for name, values in columns.items()}


def _plain(values: np.ndarray) -> np.ndarray:
    return values.astype("datetime64[us]") if values.dtype.kind == "M" else values


def _chances(rows: Rows, store: FitStore, mondays: list[np.datetime64]) -> np.ndarray:
    chance = np.full(len(rows), np.nan)
    for monday in mondays:
        chance[rows.week == monday] = store.read(monday, "p_play").mean
    return chance


def _all_lines(walked: Walk) -> tuple[Lines, LinedForecast]:
    """The priced lines of all weeks with their forecasts, one after the other."""
    weeks = [walked.lined[monday] for monday in sorted(walked.lined)]
    if not weeks:
        empty = np.zeros((0, walked.sample.market.kmax + 1))
        nothing = np.zeros(0)
        lines = walked.lines.select(np.zeros(len(walked.lines), dtype=bool))
        return lines, LinedForecast(dict.fromkeys(MARKET_SYSTEMS, empty), dict.fromkeys(MARKET_SYSTEMS, nothing), nothing, nothing)
    columns = {name: np.concatenate([lines.columns[name] for lines, _ in weeks]) for name in weeks[0][0].columns}
    return Lines(columns), LinedForecast(
        {name: np.concatenate([forecast.pmfs[name] for _, forecast in weeks]) for name in MARKET_SYSTEMS},
        {name: np.concatenate([forecast.over[name] for _, forecast in weeks]) for name in MARKET_SYSTEMS},
        np.concatenate([forecast.over_low for _, forecast in weeks]),
        np.concatenate([forecast.over_high for _, forecast in weeks]),
    )


def _numbered(columns: Columns, number: np.ndarray) -> Columns:
    return {**columns, "row": number[columns["row"]]}


def _scores(
    walked: Walk, reported: np.ndarray, number: np.ndarray, lines: Lines, forecast: LinedForecast, kept: np.ndarray
) -> Columns:  # fmt: skip
    parts: list[Columns] = []
    count = int(reported.sum())
    for name in (*walked.members, ENSEMBLE):
        table = walked.figures[name][reported]
        reasons = walked.abstained.get(name, np.full(len(reported), None, dtype=object))[reported].copy()
        reasons[np.isnan(table[:, 1]) & (reasons == None)] = "no_history"  # noqa: E711 - an array of objects
        parts.append(
            {
                "row": np.arange(count), "system": np.full(count, name, dtype=object), "population": np.full(count, None, dtype=object),
                "abstain_reason": reasons, **{figure: table[:, place] for place, figure in enumerate(FIGURES)},
            }
        )  # fmt: skip
    keys = walked.sample.rows.keys
    rows = lines.columns["row"][kept] if len(lines) else np.zeros(0, dtype=np.int64)
    y = walked.sample.y[rows]
    random = uniform(keys["game_id"][rows], keys["player_id"][rows])
    for name in MARKET_SYSTEMS:
        pmf = forecast.pmfs[name][kept]
        table = np.column_stack([summary(pmf, None), np.full((len(rows), 5), np.nan)]) if len(rows) else np.zeros((0, len(FIGURES)))
        appeared = ~np.isnan(y)
        if appeared.any():
            actual = y[appeared].astype(np.int64)
            table[appeared, -4:] = np.column_stack(
                [
                    np.abs(table[appeared, 0] - actual),
                    crps(pmf[appeared], actual),
                    log_score(pmf[appeared], actual),
                    pit(pmf[appeared], actual, random[appeared]),
                ]
            )
        parts.append(
            {
                "row": number[rows], "system": np.full(len(rows), name, dtype=object), "population": lines.columns["population"][kept],
                "abstain_reason": np.full(len(rows), None, dtype=object),
                **{figure: table[:, place] for place, figure in enumerate(FIGURES)},
            }
        )  # fmt: skip
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _probabilities(walked: Walk, number: np.ndarray, lines: Lines, forecast: LinedForecast, kept: np.ndarray) -> Columns:
    rows, line, population = (lines.columns[name][kept] for name in ("row", "modal_line", "population"))
    ensemble = over_without_push(walked.ensemble[rows].astype(float), line) if len(rows) else np.zeros(0)
    stated = {**{name: values[kept] for name, values in forecast.over.items()}, ENSEMBLE: ensemble}
    actual = walked.sample.y[rows]
    settled = ~np.isnan(actual) & (actual != line)
    happened = actual > line
    parts = []
    for name, over in stated.items():
        parts.append(
            {
                "row": number[rows], "population": population, "system": np.full(len(rows), name, dtype=object), "p_over": over,
                "p_over_low": forecast.over_low[kept] if name == "market_blend" else np.full(len(rows), np.nan),
                "logloss": np.where(settled, log_loss(over, happened), np.nan), "brier": np.where(settled, brier(over, happened), np.nan),
            }
        )  # fmt: skip
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _weights(walked: Walk, seasons: list[str]) -> Columns:
    table = [(monday, name, weight) for monday, model in sorted(walked.models.items()) for name, weight in model.weights.items()]
    return {
        "week": np.array([row[0] for row in table], dtype="datetime64[us]"),
        "system": np.array([row[1] for row in table], dtype=object),
        "weight": np.array([row[2] for row in table]),
    }


def _blend(walked: Walk) -> Columns:
    from backcourt.forecasting.blend import BUCKETS

    table = [
        (monday, bucket, model.lined.blend.n, *model.lined.blend.coefficients(bucket), model.lined.market_weight)
        for monday, model in sorted(walked.models.items())
        for bucket in BUCKETS
    ]
    names = ("week", "lead_bucket", "n", "a", "b", "c", "market_weight")
    kinds = ("datetime64[us]", object, int, float, float, float, float)
    return {name: np.array([row[place] for row in table], dtype=kinds[place]) for place, name in enumerate(names)}


def _write_pmfs(folder: Path, walked: Walk, reported: np.ndarray, lines: Lines, forecast: LinedForecast, kept: np.ndarray) -> None:
    """`<system>.npy` float32 [rows, kmax + 1]: the ensemble in the order of `rows`, the others in that of their rows in `scores`."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {ENSEMBLE: walked.ensemble[reported], **{name: forecast.pmfs[name][kept] for name in ("market", "market_blend")}}
    for name, array in arrays.items():
        with whole(folder / f"{name}.npy") as unfinished, unfinished.open("wb") as out:
            np.save(out, array.astype(np.float32))
