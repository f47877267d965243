"""Forecasts of a slate into the ledger: LIVE before a game locks, REPLAY after it, by the same steps as the backtest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backcourt.engine.errors import BackcourtError
from backcourt.features.collect import lacking_history
from backcourt.field import clock
from backcourt.field.markets import MARKETS, Market, market_of
from backcourt.field.seasons import EASTERN
from backcourt.forecasting.caution import caution, cautious
from backcourt.forecasting.circumstances import Circumstances, circumstances_of
from backcourt.forecasting.failing import naming_what_fails
from backcourt.forecasting.market_lines import read_lines
from backcourt.forecasting.picks import NO_LINE, make_picks
from backcourt.forecasting.policy import POLICY
from backcourt.forecasting.populations import data_tier
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.run_folder import Columns
from backcourt.forecasting.slate import COLUMNS, SlateForecast, forecast_slate
from backcourt.forecasting.system import Sample
from backcourt.forecasting.walkforward import ENSEMBLE
from backcourt.home import Home
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.standing import missed_targets, standing_verdicts
from backcourt.judgement.watch import watch_live
from backcourt.record.model_names import model_hash
from backcourt.record.pmf_files import key_of, write_pmfs
from backcourt.record.writer import Appended, append
from backcourt.tables import declared as declarations
from backcourt.work.backtest import CONTENT_OF, BacktestMaterial, read_material, run_folder
from backcourt.work.models import week_artefact

if TYPE_CHECKING:
    from backcourt.engine.judge.situation import Situation
    from backcourt.engine.warehouse import Warehouse

MOMENTS = ("morning", "t60", "lock", "now")
MORNING = time(10, 0)
BLEND = "market_blend"
KEPT_PMFS = (ENSEMBLE, "market", BLEND)


@dataclass(frozen=True)
class PredictReport:
    """One market's prediction: players, priced lines, rows appended to the ledger, picks by action; `alarm` says why no edge counts.

    `history_games_lacking` counts the games that lack in what the slate's rows rest on; the batch is marked with it,
    and nothing is a BET.
    """

    game_date: date
    market: str
    moment: str
    players: int
    lines: int
    forecasts: Appended
    picks: Appended
    actions: dict[str, int]
    alarm: str = ""
    history_games_lacking: int = 0


@dataclass(frozen=True)
class Slate:
    """A date's rows and the moments that bound what may be known: per row lock and cutoff, UTC.

    `history_games_lacking` counts the games that lack in what the rows rest on.
    """

    day: date
    moment: str
    now: datetime
    rows: Rows
    lock_at: np.ndarray
    cutoff_at: np.ndarray
    history_games_lacking: int = 0

    @property
    def last_cutoff(self) -> datetime:
        """The latest cutoff of the slate's games."""
        last: datetime = max(self.cutoff_at.tolist())
        return last


@dataclass(frozen=True)
class Made:
    """A market's forecasts of a slate with what they are made of."""

    market: Market
    forecast: SlateForecast
    artefact: str
    made_of: str
    caution: str
    known_quote: np.ndarray
    circumstances: list[Circumstances]


def predict(
    home: Home, day: date, markets: Iterable[str] | None = None, *, moment: str | None = None
) -> list[PredictReport]:  # fmt: skip
    """Forecast every listed player of a slate in each market (default: all) and append forecasts and picks to the ledger.

    `moment` says what may have been known: `morning` (10:00 US Eastern), `t60` (an hour before the lock), `lock`, or
    `now`; by default the morning while games are to come, else the lock. The same call with the same inputs writes
    nothing. Raises BackcourtError when the store lacks the slate, the moment is still to come, or a market's
    walk-forward doesn't reach the slate's week.
    """
    chosen = [market_of(name) for name in (markets or MARKETS)]
    with home.working("predict") as job:
        for table in CONTENT_OF:
            home.require_built(table)
        warehouse = home.snapshot()
        material, slate = _slate(home, warehouse, day, moment)
        made = []
        for market in chosen:
            with naming_what_fails(home.path):
                made.append(_forecast(home, warehouse, market, material, slate))
            job.emit({"event": "forecast", "market": market.id, "date": str(day)})
            job.check()
        found = []
        # What is said after the lock says so itself; a clock that was set for it harms nothing.
        is_late = bool((slate.lock_at <= np.datetime64(slate.now)).all())
        with home.writing("predict", replays=is_late) as work:
            situation = work.situation()
            for one in made:
                found.append(_append(home, work.warehouse, situation, one, slate, material, work.run_id))
                job.keep(f"{len(found)} of {len(made)} markets are in the ledger; `backcourt predict` again adds the rest")
        thin = f"; thin: what the slate rests on lacks {slate.history_games_lacking:,} game(s)" if slate.history_games_lacking else ""
        job.ends(0, f"{day}: {sum(r.forecasts.new for r in found):,} new forecasts, {sum(r.picks.new for r in found):,} new picks{thin}")
    return found


def predict_range(
    home: Home, start: date, end: date, markets: Iterable[str] | None = None, *, moment: str | None = None
) -> list[PredictReport]:  # fmt: skip
    """`predict` for every slate from `start` to `end` (inclusive), in order; what was written before an error stays."""
    home.require_built("ml_feature_store")
    slates = home.snapshot().query(
        "select distinct game_date from ml_feature_store where game_date between ? and ? order by 1", [start, end]
    )  # fmt: skip
    if not slates:
        raise BackcourtError(f"The feature store has no slate from {start} to {end}; run `backcourt run` or choose other dates.")
    wanted = list(markets) if markets is not None else None
    found: list[PredictReport] = []
    with home.working("predict") as job:
        for (day,) in slates:
            found += predict(home, day, wanted, moment=moment)
            job.keep(f"the slates to {day} are in the ledger; `backcourt predict` again adds the rest")
    return found


def _slate(home: Home, warehouse: Warehouse, day: date, moment: str | None) -> tuple[BacktestMaterial, Slate]:
    ((season,),) = warehouse.query("select min(season) from ml_feature_store where game_date = ?", [day])
    if season is None:
        raise BackcourtError(f"The feature store has no rows of {day}; run `backcourt run`, or choose a date with games.")
    material = read_material(home, warehouse, str(season))
    rows = material.rows.select(material.rows.day == np.datetime64(day, "D"))
    if not len(rows):
        raise BackcourtError(f"No player with a known team is listed on {day}; choose another date.")
    locks = declarations.lock_times(warehouse, day)
    now = clock.now()
    at = moment or ("lock" if now >= max(locks.values()) else "morning")
    cutoffs = {game: _cutoff(at, lock, now, day) for game, lock in locks.items()}
    games = rows.keys["game_id"].tolist()
    _, lacking = lacking_history(home.situation_of(warehouse, trusted=True), day, day)
    return material, Slate(
        day, at, now, rows, np.array([locks[game] for game in games], dtype="datetime64[us]"),
        np.array([cutoffs[game] for game in games], dtype="datetime64[us]"), len(lacking),
    )  # fmt: skip


def _cutoff(moment: str, lock: datetime, now: datetime, day: date) -> datetime:
    """The moment of a game, never after its lock. Raises BackcourtError for one that is still to come."""
    if moment == "now":
        return min(now.replace(second=0, microsecond=0), lock)
    if moment == "morning":
        utc = datetime.combine(day, MORNING, EASTERN).utctimetuple()
        wanted = datetime(*utc[:6])  # noqa: DTZ001 - stored moments are UTC without zone
    elif moment == "t60":
        wanted = lock - timedelta(minutes=60)
    elif moment == "lock":
        wanted = lock
    else:
        raise BackcourtError(f"There is no moment {moment!r}; moments are {', '.join(MOMENTS)}.")
    if wanted > now:
        raise BackcourtError(f"The moment {moment} of {day} is {wanted} UTC and still to come; say --moment now, or wait.")
    return min(wanted, lock)


def _forecast(home: Home, warehouse: Warehouse, market: Market, material: BacktestMaterial, slate: Slate) -> Made:
    artefact, model, inputs = week_artefact(home, market, material, np.datetime64(slate.day, "D"))
    # Each game has a cutoff of its own; what a later game may know, an earlier one may not.
    lines = read_lines(warehouse, slate.rows, market, slate.last_cutoff)
    after_cutoff = (slate.lock_at - slate.cutoff_at) / np.timedelta64(1, "s")
    usable = ~(lines.columns["lead_seconds"] < after_cutoff[lines.columns["row"]])
    sample = Sample(slate.rows, market, inputs)
    named = caution(market.id, missed_targets(home.path))
    forecast = forecast_slate(slate.rows, sample, artefact, replace(model, lined=cautious(model.lined, named)), lines.select(usable))
    reasons = circumstances_of(artefact.models["moving_average"], sample)
    return Made(market, forecast, artefact.hash, model.made_of, named, after_cutoff, reasons)


def _append(
    home: Home, warehouse: Warehouse, situation: Situation, made: Made, slate: Slate, material: BacktestMaterial, run_id: str
) -> PredictReport:  # fmt: skip
    lacking = slate.history_games_lacking
    marks = (made.artefact, made.made_of, made.caution, f"thin{lacking}" if lacking else "")
    hashes = {"fingerprint": "-".join(filter(None, marks)), "inputs_hash": material.snapshot_id}
    columns, blended = _forecast_columns(home, made, slate, material)
    said = append(warehouse, situation, "forecasts", columns, run_id=run_id, now=slate.now, **hashes)
    rests_on = ([said.ids[place] for place in blended["lined"]], [said.ids[place] for place in blended["unlined"]])
    verdicts, alarm = _standing(home, warehouse, made.market)
    picks = _pick_columns(made, slate, verdicts, *rests_on)
    picked = append(warehouse, situation, "picks", picks, run_id=run_id, now=slate.now, **hashes)
    actions = dict(Counter(picks["action"].tolist()))
    lines = len(made.forecast.lines)
    return PredictReport(slate.day, made.market.id, slate.moment, len(slate.rows), lines, said, picked, actions, alarm, lacking)


def _forecast_columns(home: Home, made: Made, slate: Slate, material: BacktestMaterial) -> tuple[Columns, dict[str, list[int]]]:
    """The ledger's columns, and where in them the forecasts stand that picks rest on: the blend's, or the ensemble's without a line."""
    tier = data_tier(slate.rows)
    file, digest = _keep_pmfs(home, made, slate)
    parts: list[dict[str, np.ndarray]] = []
    rests_on: dict[str, list[int]] = {"lined": [], "unlined": []}
    lined = set(made.forecast.lines.columns["row"].tolist())
    count = 0
    for name, said in made.forecast.systems.items():
        place = said.place
        n = len(place)
        if name == BLEND:
            rests_on["lined"] = list(range(count, count + n))
        if name == ENSEMBLE:
            rests_on["unlined"] = [count + k for k, row in enumerate(place.tolist()) if row not in lined]
        keeps = name in KEPT_PMFS
        model = model_hash(made.artefact, made.made_of, name, made.caution if name == BLEND else "")
        parts.append(
            {
                "kind": _repeat("LIVE", n), "system": _repeat(name, n), "market": _repeat(made.market.id, n),
                "game_date": slate.rows.day[place].astype(object), "game_id": slate.rows.keys["game_id"][place],
                "player_id": slate.rows.keys["player_id"][place].astype(np.int64), "cutoff_at": slate.cutoff_at[place],
                "model_hash": _repeat(model, n), "moment": _repeat(slate.moment, n),
                "as_of_at": slate.cutoff_at[place], "lock_at": slate.lock_at[place], "snapshot_id": _repeat(material.snapshot_id, n),
                "manifest_hash": _repeat(material.manifest_hash, n), "p_play": made.forecast.p_play[place], "n_eff": said.n_eff,
                "data_tier": tier[place], "abstain_reason": said.abstained, "pmf_file": _repeat(file if keeps else None, n),
                "pmf_sha256": _repeat(digest if keeps else None, n), **{name: said.figures[:, k] for k, name in enumerate(COLUMNS)},
            }
        )  # fmt: skip
        count += n
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}, rests_on


def _keep_pmfs(home: Home, made: Made, slate: Slate) -> tuple[str, str]:
    keys: list[str] = []
    arrays = []
    for name in KEPT_PMFS:
        said = made.forecast.systems[name]
        keys += [key_of(name, int(player)) for player in slate.rows.keys["player_id"][said.place]]
        arrays.append(said.pmf)
    return write_pmfs(home.path, slate.day, made.market.id, keys, np.concatenate(arrays))


def _standing(home: Home, warehouse: Warehouse, market: Market) -> tuple[Mapping[str, str], str]:
    """The market's standing verdicts, and a sentence when none of them is EDGE because the live monitor stands above its limit."""
    verdicts = standing_verdicts(home.path).get(market.id, {})
    if POLICY.verdict not in verdicts.values():
        return verdicts, ""
    watched = watch_live(warehouse, EvaluatedRun(run_folder(home, market)))
    if watched is None or not watched.is_alarmed:
        return verdicts, ""
    sentence = (
        f"{watched.monitor} stands at {watched.standing:.1f} after {watched.days} days, above its limit of {watched.limit:.1f}: "
        "no pick is a BET until it has fallen; look at the newest results with `backcourt reportcard`."
    )
    return {bucket: f"{word}(alarm)" if word == POLICY.verdict else word for bucket, word in verdicts.items()}, sentence


def _pick_columns(made: Made, slate: Slate, verdicts: Mapping[str, str], lined: list[str], unlined: list[str]) -> Columns:
    lines = made.forecast.lines
    row = lines.columns["row"]
    is_thin = slate.history_games_lacking > 0
    picks = make_picks(lines, made.forecast.lined, data_tier(slate.rows)[row], made.known_quote[row], verdicts, is_thin=is_thin)
    without = np.setdiff1d(np.arange(len(slate.rows)), row)
    both = np.concatenate([row, without])
    lock = slate.lock_at[row]
    captured = lock - (picks["lead_seconds"] * 1e6).astype("timedelta64[us]")
    none = np.full(len(without), None, dtype=object)
    nan = np.full(len(without), np.nan)
    columns: dict[str, Any] = {
        "game_date": slate.rows.day[both].astype(object), "forecast_id": np.array([*lined, *unlined], dtype=object),
        "market": _repeat(made.market.id, len(both)), "player_id": slate.rows.keys["player_id"][both].astype(np.int64),
        "game_id": slate.rows.keys["game_id"][both], "captured_at": np.concatenate([captured.astype(object), none]),
        "action": np.concatenate([picks["action"], _repeat(NO_LINE, len(without))]),
        "reason": np.concatenate([picks["reason"], _repeat("no_line", len(without))]),
        "circumstances": np.array([*(json.dumps(made.circumstances[place]) for place in row.tolist()), *none], dtype=object),
        "policy_version": _repeat(POLICY.version, len(both)),
        **{name: np.concatenate([picks[name], nan]) for name in ("line", "price", "p_win", "p_push", "ev", "ev_low", "break_even")},
        **{name: np.concatenate([picks[name], none]) for name in ("book", "side")},
        "lead_seconds": np.concatenate([picks["lead_seconds"].astype(object), none]),
    }  # fmt: skip
    return columns


def _repeat(value: object, count: int) -> np.ndarray:
    return np.full(count, value, dtype=object)
