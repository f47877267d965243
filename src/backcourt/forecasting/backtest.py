"""A backtest: the walk-forward of one market over all loaded seasons, resumable, and its run folder."""

from __future__ import annotations

import gc
import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backcourt.engine.errors import BackcourtError
from backcourt.engine.stop import leave_to_parent
from backcourt.field.markets import Market
from backcourt.forecasting import walkforward
from backcourt.forecasting.fingerprint import fingerprint
from backcourt.forecasting.fits import LIBRARIES, FitStore, Task, code_fingerprint, forecast_week
from backcourt.forecasting.fitting import inputs_of_season
from backcourt.forecasting.market_lines import Lines
from backcourt.forecasting.pickles import Pickles
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.run_folder import RunFolder
from backcourt.forecasting.system import SEED, Sample, System, system_files, systems
from backcourt.forecasting.walkforward import Walk, walk, weeks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# A forked worker reads the rows where they lie; nothing of them is copied or sent.
_shared: dict[str, Any] = {}


@dataclass(frozen=True)
class Weekly:
    """What a week's estimates must be made of: fingerprints by system, a hash of the rows and results that a week may read."""

    fingerprints: dict[str, str]
    inputs: dict[np.datetime64, str]


@dataclass(frozen=True)
class Progress:
    """How far a backtest is: weeks fitted in this run, kept from earlier ones, and seconds by part."""

    fitted: int
    kept: int
    seconds: dict[str, float]


def week_hashes(content: Mapping[np.datetime64, str], mondays: Iterable[np.datetime64], definition: str) -> dict[np.datetime64, str]:
    """Per Monday, a hash over the content hashes of all dates up to the end of its week; `definition` names features and configuration."""
    found = {}
    digest = hashlib.sha256(definition.encode())
    days = sorted(content)
    place = 0
    for monday in sorted(mondays):
        while place < len(days) and days[place] < monday + 7:
            digest.update(f"{days[place]}={content[days[place]]};".encode())
            place += 1
        found[monday] = digest.hexdigest()[:16]
    return found


def states(store: FitStore, mondays: Iterable[np.datetime64], weekly: Weekly) -> dict[tuple[np.datetime64, str], str]:
    """State of every (week, system): complete, stale or missing; the chance of appearing counts as a system."""
    return {
        (monday, name): store.state(monday, name, fingerprint, weekly.inputs[monday])
        for monday in mondays
        for name, fingerprint in weekly.fingerprints.items()
    }


def fit_weeks(
    rows: Rows, market: Market, declared: dict[str, System], store: FitStore, weekly: Weekly, workers: int,
    mondays: list[np.datetime64], on_week: Callable[[int, int], None] | None = None,
) -> tuple[int, int]:  # fmt: skip
    """Fit what is missing or stale, in parallel by week. Returns (weeks fitted, weeks kept)."""
    open_weeks: dict[np.datetime64, list[str]] = {}
    for (monday, name), state in states(store, mondays, weekly).items():
        if state != "complete":
            open_weeks.setdefault(monday, []).append(name)
    if not open_weeks:
        return 0, len(mondays)
    season_of = dict(zip(rows.week.tolist(), rows.keys["season"].tolist(), strict=True))
    opening: dict[str, np.datetime64] = {}
    for monday in mondays:
        opening.setdefault(season_of[monday.item()], monday)
    needed = {season_of[monday.item()] for monday in open_weeks}
    _shared.update(rows=rows, declared=declared, market=market)
    # A worker that collected a connection of its parent's would close it: its threads didn't come along, and the
    # process crashes.
    gc.freeze()
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("fork"), initializer=leave_to_parent, initargs=(os.getpid(),)
    )  # fmt: skip
    try:
        chosen = {season: pool.submit(_choose, opening[season]) for season in needed}
        inputs = {season: future.result() for season, future in chosen.items()}
        futures = {}
        for monday in sorted(open_weeks):
            season = season_of[monday.item()]
            task = Task(market, monday, season, tuple(open_weeks[monday]), inputs[season])
            futures[pool.submit(_work, task)] = monday
        for done, future in enumerate(as_completed(futures), start=1):
            monday = futures[future]
            for name, array in future.result().items():
                store.write(monday, name, array, weekly.fingerprints[name], weekly.inputs[monday])
            if on_week:
                on_week(done, len(futures))
    except BaseException:
        # A week takes seconds, and a hundred may wait: whoever stops, or fails, doesn't stay for them.
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in multiprocessing.active_children():
            worker.terminate()
        raise
    finally:
        pool.shutdown()
        gc.unfreeze()
        _shared.clear()
    return len(open_weeks), len(mondays) - len(open_weeks)


def _choose(monday: np.datetime64) -> tuple[int, ...]:
    return inputs_of_season(_shared["rows"], _shared["market"], monday)


def _work(task: Task) -> dict[str, np.ndarray]:
    return forecast_week(_shared["rows"], task, _shared["declared"])


@dataclass(frozen=True)
class Backtest:
    """A finished walk-forward in memory, with what its run folder needs."""

    walked: Walk
    mondays: list[np.datetime64]
    progress: Progress


def run_backtest(
    rows: Rows, lines: Lines, market: Market, folder: RunFolder, content: Mapping[np.datetime64, str], *, features_hash: str,
    workers: int, home: Path, on_week: Callable[[int, int], None] | None = None,
) -> Backtest:  # fmt: skip
    """Fit what is open, walk through all weeks. Raises BackcourtError when there is less than 6 weeks of history."""
    declared = systems(home)
    mondays = weeks_of(rows)
    if not mondays:
        raise BackcourtError("The store holds less than 6 weeks of games; load at least a season before a backtest.")
    weekly = weekly_of(system_files(home), mondays, content, features_hash)
    store = FitStore(folder.path / "fits")
    started = time.monotonic()
    fitted, kept = fit_weeks(rows, market, declared, store, weekly, workers, mondays, on_week)
    after_fits = time.monotonic()
    walked = Walk(Sample(rows, market, ()), lines, declared, tuple(declared), lambda monday: made_of(weekly, monday))
    walk(walked, store, mondays, Pickles(home), folder.path / "states")
    seconds = {"fits": after_fits - started, "walk": time.monotonic() - after_fits}
    return Backtest(walked, mondays, Progress(fitted, kept, seconds))


def made_of(weekly: Weekly, monday: np.datetime64) -> str:
    """Names what a week's model is fitted on: the code of the layer and of all systems, and the weeks before."""
    digest = hashlib.sha256(json.dumps(weekly.fingerprints, sort_keys=True).encode())
    digest.update(fingerprint([Path(walkforward.__file__)]).encode())
    digest.update(weekly.inputs.get(monday - 7, "").encode())
    return digest.hexdigest()[:16]


def weekly_of(files: Mapping[str, Path], mondays: list[np.datetime64], content: Mapping[np.datetime64, str], features_hash: str) -> Weekly:
    """What each week's estimates must be made of today. How a feature is computed is no part of it: `content` covers its values."""
    definition = json.dumps({"features": features_hash, "seed": SEED, "versions": {n: version(n) for n in LIBRARIES}}, sort_keys=True)
    return Weekly(code_fingerprint(files), week_hashes(content, mondays, definition))
