"""A run folder from known distributions: players with a true mean, systems that see it through noise, a market maker with a margin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backcourt.field import pmf as pmfs
from backcourt.field import scores
from backcourt.field.markets import MARKETS
from backcourt.field.odds import power_devig
from backcourt.forecasting.run_folder import SCHEMA, Columns, RunFolder

NOISE = {
    "base_l5": 0.42, "base_l10": 0.34, "base_season": 0.30, "base_ewma": 0.28, "base_shrunk": 0.26, "moving_average": 0.24,
    "zone_matchup": 0.26, "similarity": 0.28, "minutes_rate": 0.24, "ridge": 0.20, "gbm_point": 0.19, "gbm_dist": 0.18, "ensemble": 0.15,
    "market": 0.10,
}  # fmt: skip
"""System -> standard deviation of the log of its mean around the true mean."""

LEVEL = {"points": 12.0, "rebounds": 5.0, "assists": 3.5, "threes": 1.6, "pra": 20.0}
POPULATIONS = {"S24": ("2023-24", "3h+"), "Q24": ("2023-24", "<30m"), "D25": ("2024-25", "3h+")}
LEAD_SECONDS = {"3h+": 20_000, "<30m": 260}
OVERROUND_SHARE = 1.06


@dataclass(frozen=True)
class World:
    """What the generator is told. `blend_noise` below the market's makes an edge, equal noise makes none."""

    dates: int = 44
    players: int = 36
    seed: int = 11
    blend_noise: float = 0.09


def write_run(path: Path, market: str = "points", world: World | None = None) -> RunFolder:
    """Two seasons of a market; returns the finished folder."""
    world = world or World()
    random = np.random.default_rng([world.seed, list(MARKETS).index(market)])
    rows, true_mean = _rows(random, market, world)
    kmax = MARKETS[market].kmax
    variance = 1.9 * true_mean + 0.02 * true_mean**2
    truth = pmfs.negative_binomial(true_mean, variance, kmax)
    actual = (pmfs.cdf(truth) < random.random(len(true_mean))[:, None]).sum(axis=1)
    rows["actual"] = np.where(rows["appeared"], actual, np.nan)
    folder = RunFolder(path)
    forecasts = {}
    written: list[Columns] = []
    for system, noise in [*NOISE.items(), ("market_intercept", None), ("market_blend", world.blend_noise)]:
        # A mean seen through noise that doesn't bias it.
        seen = forecasts["market"][0] if noise is None else true_mean * np.exp(random.normal(-noise * noise / 2, noise, len(true_mean)))
        spread = 1.9 * seen + (0.02 + (noise or NOISE["market"]) ** 2) * seen**2
        forecasts[system] = (seen, pmfs.negative_binomial(seen, spread, kmax))
        written.append(_scores(system, rows, *forecasts[system], abstains=system == "similarity"))
    lines, probabilities = _lines(random, rows, forecasts)
    lined = np.isin(rows["row"], lines["row"])
    for part in written:
        if part["system"][0].startswith("market"):
            for name in part:
                part[name] = part[name][lined]
    rows |= {name: rows[name].astype("datetime64[us]") for name in ("game_date", "week")}
    folder.write("rows", rows)
    scored = {name: np.concatenate([part[name] for part in written]) for name in written[0]}
    folder.write("scores", _by_population(scored, lines) if "population" in SCHEMA["scores"] else scored)
    folder.write("lines", lines)
    folder.write("probabilities", probabilities)
    weeks = np.unique(rows["week"])
    folder.write("weights", {"week": weeks, "system": np.full(len(weeks), "ridge"), "weight": np.full(len(weeks), 0.4)})
    folder.write(
        "blend",
        {
            "week": weeks, "lead_bucket": np.full(len(weeks), "3h+"), "n": np.full(len(weeks), 100), "a": np.zeros(len(weeks)),
            "b": np.ones(len(weeks)), "c": np.full(len(weeks), 0.1), "market_weight": np.full(len(weeks), 0.75),
        },
    )  # fmt: skip
    folder.write(
        "not_forecast",
        {"population": np.array(["A25", "A25"]), "game_date": rows["game_date"][:2], "game_id": rows["game_id"][:2],
         "player_id": np.array([9001, 9002]), "appearances_before": np.array([7, 8]), "reason": np.array(["not_listed"] * 2)},
    )  # fmt: skip
    folder.write_info(
        {"market": market, "seed": world.seed, "snapshot_id": "synthetic", "manifest_hash": "0" * 16, "code_hash": "1" * 16,
         "configuration": {"window_days": 730}, "seconds": 123.4}
    )  # fmt: skip
    return folder


def _rows(random: np.random.Generator, market: str, world: World) -> tuple[Columns, Any]:
    n = world.dates * world.players
    parts = []
    for season, opening in (("2023-24", "2024-03-01"), ("2024-25", "2024-10-22")):
        day = np.repeat(np.datetime64(opening) + np.arange(world.dates), world.players)
        parts.append((np.full(n, season), day, (day - np.datetime64(opening)).astype(int)))
    season, day, since = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    player = np.tile(np.arange(world.players), 2 * world.dates)
    level = LEVEL[market] * np.exp(random.normal(0, 0.45, world.players))[player]
    true_mean = level * np.exp(random.normal(0, 0.25, len(player)))
    before = np.minimum(since + 5, 80)
    edges = np.quantile(level, (0.25, 0.5, 0.75))
    tier = np.array(["bench", "rotation", "starter", "star"])[np.searchsorted(edges, level)]
    is_2025 = season == "2024-25"
    minutes = 12 + 24 * (np.argsort(np.argsort(level)) / len(level))
    return {
        "row": np.arange(len(player)), "game_date": day, "game_id": np.array([f"00{d.astype(int):08d}" for d in day]),
        "player_id": player + 1, "team_id": player % 30, "opponent_team_id": (player + 1) % 30, "season": season,
        "season_type": np.where((since > world.dates - 8) & ~is_2025, "playoffs", "regular"),
        "week": day - (day.astype(int) + 3) % 7, "appeared": random.random(len(player)) > 0.04, "actual": np.zeros(len(player)),
        "appearances_before": before, "minutes_mean_last10": minutes, "season_mean_before": level, "tier": tier,
        "days_since_opening": since, "is_home": random.random(len(player)) > 0.5, "rest_days": random.integers(0, 5, len(player)) * 1.0,
        "is_new_team": random.random(len(player)) > 0.97, "data_tier": np.where(before < 8, "PARTIAL", "FULL"),
        "p_play": np.full(len(player), 0.96), "is_a25": is_2025, "is_r25": is_2025 & (minutes >= 20),
    }, true_mean  # fmt: skip


def _scores(system: str, rows: Columns, mean: Any, pmf: Any, *, abstains: bool) -> Columns:
    quantiles = pmfs.quantiles(pmf, (0.05, 0.10, 0.25, 0.5, 0.75, 0.90, 0.95))
    actual = np.nan_to_num(rows["actual"]).astype(int)
    random = scores.uniform(rows["row"], np.full(len(mean), system))
    named = {
        "point": mean if system.startswith("base") else quantiles[:, 3], "mean": pmfs.mean(pmf), "median": quantiles[:, 3],
        "sd": np.sqrt(pmfs.variance(pmf)), "q05": quantiles[:, 0], "q10": quantiles[:, 1], "q25": quantiles[:, 2],
        "q75": quantiles[:, 4], "q90": quantiles[:, 5], "q95": quantiles[:, 6], "n_eff": np.full(len(mean), 40.0),
    }  # fmt: skip
    judged = {
        "ae": np.abs(named["point"] - actual), "crps": scores.crps(pmf, actual), "logs": scores.log_score(pmf, actual),
        "pit": scores.pit(pmf, actual, random),
    }  # fmt: skip
    silent = (rows["row"] % 9 == 0) & abstains
    found = {name: np.where(silent, np.nan, values) for name, values in named.items()}
    found |= {name: np.where(silent | ~rows["appeared"], np.nan, values) for name, values in judged.items()}
    reason = np.where(silent, "too few similar games", None)
    return {"row": rows["row"], "system": np.full(len(mean), system), "abstain_reason": reason, **found}


def _lines(random: np.random.Generator, rows: Columns, forecasts: dict[str, tuple[Any, Any]]) -> tuple[Columns, Columns]:
    lines: list[Columns] = []
    probabilities: list[Columns] = []
    pmf = forecasts["market"][1]
    median = pmfs.median(pmf)
    for population, (season, bucket) in POPULATIONS.items():
        chosen = np.flatnonzero((rows["season"] == season) & (rows["minutes_mean_last10"] >= 20))
        line = np.floor(median[chosen]) + 0.5
        over = pmfs.over_without_push(pmf[chosen], line)
        prices = [1 / np.clip(p * OVERROUND_SHARE, 0.02, 0.98) for p in (over, 1 - over)]
        is_priced = population != "D25"
        n = len(chosen)
        none = np.full(n, np.nan)
        devigged = power_devig(*prices) if is_priced else none
        lines.append(
            {
                "row": rows["row"][chosen], "population": np.full(n, population), "books": random.integers(2, 10, n), "line": line,
                "modal_line": line, "market_over": devigged, "market_over_multiplicative": devigged,
                "overround": 1 / prices[0] + 1 / prices[1] - 1 if is_priced else none,
                "lead_seconds": np.full(n, LEAD_SECONDS[bucket]), "lead_bucket": np.full(n, bucket),
                "best_over_price": prices[0] * 1.03 if is_priced else none, "best_under_price": prices[1] * 1.03 if is_priced else none,
                "median_over_price": prices[0] if is_priced else none, "median_under_price": prices[1] if is_priced else none,
            }
        )  # fmt: skip
        if is_priced:
            happened = rows["actual"][chosen] > line
            for system, (_, forecast) in forecasts.items():
                p = devigged if system in ("market", "market_intercept") else pmfs.over_without_push(forecast[chosen], line)
                played = rows["appeared"][chosen]
                probabilities.append(
                    {
                        "row": rows["row"][chosen], "population": np.full(n, population), "system": np.full(n, system), "p_over": p,
                        "p_over_low": p - 0.01 if system == "market_blend" else none,
                        "logloss": np.where(played, scores.log_loss(p, happened), np.nan),
                        "brier": np.where(played, scores.brier(p, happened), np.nan),
                    }
                )  # fmt: skip
    together = [{name: np.concatenate([part[name] for part in parts]) for name in parts[0]} for parts in (lines, probabilities)]
    return together[0], together[1]


def _by_population(scored: Columns, lines: Columns) -> Columns:
    """Systems that read prices have a row for each population of a row."""
    reads_prices = np.char.startswith(scored["system"].astype(str), "market")
    parts = [{**{name: values[~reads_prices] for name, values in scored.items()}, "population": np.full((~reads_prices).sum(), None)}]
    for population in POPULATIONS:
        keep = reads_prices & np.isin(scored["row"], lines["row"][lines["population"] == population])
        parts.append(
            {**{name: values[keep] for name, values in scored.items()}, "population": np.full(keep.sum(), population, dtype=object)}
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
