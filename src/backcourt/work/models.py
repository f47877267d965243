"""The models of a week: loaded from the registry, or fitted on what was known before its Monday and registered."""

from __future__ import annotations

import numpy as np

from backcourt.engine.errors import BackcourtError
from backcourt.field.markets import Market
from backcourt.forecasting import registry
from backcourt.forecasting.backtest import made_of, weekly_of
from backcourt.forecasting.chance import fit_chance
from backcourt.forecasting.fitting import bench_for, fit_models, inputs_of_season
from backcourt.forecasting.pickles import Pickles
from backcourt.forecasting.rows import monday_of
from backcourt.forecasting.system import SEED, system_files, systems
from backcourt.forecasting.walkforward import WeekModel, load_week_model, weeks_of
from backcourt.home import Home
from backcourt.work.backtest import BacktestMaterial, run_folder


def week_artefact(
    home: Home, market: Market, material: BacktestMaterial, day: np.datetime64
) -> tuple[registry.Artefact, WeekModel, tuple[int, ...]]:  # fmt: skip
    """The systems' models, the layer's model and the boosted systems' columns for the week of `day`.

    Raises BackcourtError when the market's walk-forward doesn't reach that week with today's code and data.
    """
    rows = material.rows
    declared = systems(home.path)
    monday = monday_of(np.array([day]))[0]
    mondays = weeks_of(rows)
    weekly = weekly_of(system_files(home.path), mondays, material.content, material.features_hash)
    name = made_of(weekly, monday)
    pickles = Pickles(home.path)
    model = load_week_model(pickles, run_folder(home, market).path / "states", monday, name)
    if model is None:
        raise BackcourtError(
            f"The walk-forward of {market.id} doesn't reach the week of {monday} with today's code and data; "
            f"run `backcourt backtest --market {market.id}` first."
        )
    seasons = rows.keys["season"]
    season = seasons[rows.week == monday][0]
    opening = next(week for week in mondays if (seasons[rows.week == week] == season).any())
    folder = home.path / "models" / market.id / str(monday)
    artefact = registry.load(pickles, folder, lambda card: card["made_of"] == name)
    if artefact is None:
        inputs = inputs_of_season(rows, market, opening)
        bench = bench_for(rows, market, monday, inputs)
        facts = {
            "made_of": name, "market": market.id, "monday": str(monday), "seed": SEED, "inputs": list(inputs),
            "fingerprints": weekly.fingerprints, "manifest_hash": material.manifest_hash, "rows": len(bench.history),
            "trained_through": str(bench.history.rows.day.max()),
        }  # fmt: skip
        models, chance = fit_models(bench, declared, declared), fit_chance(bench.everyone)
        artefact = registry.store(pickles, folder, models, chance, bench.history, facts)
    return artefact, model, tuple(artefact.card["inputs"])
