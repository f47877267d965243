"""The backtest of a home's markets: what is open, and bringing it up to date."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backcourt.engine.errors import BackcourtError
from backcourt.engine.judge import records
from backcourt.features.frame import snapshot_id
from backcourt.features.manifest import manifest_of
from backcourt.field.markets import Market, market_of
from backcourt.forecasting.assemble import assemble
from backcourt.forecasting.backtest import run_backtest, states, weekly_of
from backcourt.forecasting.failing import naming_what_fails
from backcourt.forecasting.fits import FitStore
from backcourt.forecasting.market_lines import read_lines
from backcourt.forecasting.populations import not_forecast
from backcourt.forecasting.rows import Rows, blind_features, read_rows
from backcourt.forecasting.run_folder import RunFolder
from backcourt.forecasting.system import system_files
from backcourt.forecasting.trials import record
from backcourt.forecasting.walkforward import weeks_of
from backcourt.home import Home
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.report_card.build import trial_of

if TYPE_CHECKING:
    from backcourt.engine.warehouse import Warehouse

CONTENT_OF = ("ml_feature_store", "player_game_summary")


@dataclass(frozen=True)
class BacktestMaterial:
    """What a backtest stands on: rows, content hash per date, hashes of the features (whole; names and versions), and of the receipts."""

    rows: Rows
    content: dict[np.datetime64, str]
    manifest_hash: str
    features_hash: str
    snapshot_id: str


def run_folder(home: Home, market: Market) -> RunFolder:
    """Where a market's walk-forward lies."""
    return RunFolder(home.runs_folder / "backtest" / market.id)


def read_material(home: Home, warehouse: Warehouse, last: str | None = None) -> BacktestMaterial:
    """Rows of all seasons up to `last` with what names their content."""
    where = f"season <= '{last}'" if last else "true"
    rows = read_rows(warehouse, where=where)
    names = ", ".join(f"'{name}'" for name in CONTENT_OF)
    receipts = warehouse.query(
        f"select table_name, game_date, content_hash from {records.current()} as receipts "
        f"where table_name in ({names}) order by game_date, table_name"
    )
    end = rows.day.max()
    content: dict[np.datetime64, str] = {}
    used = []
    for table, day, digest in receipts:
        at = np.datetime64(day, "D")
        if at <= end:
            content[at] = content.get(at, "") + f"{table}:{digest} "
            used.append((table, day, digest))
    manifest = manifest_of(home.catalog, blind_features())
    return BacktestMaterial(rows, content, manifest.hash, manifest.names_hash, snapshot_id(used))


@dataclass(frozen=True)
class BacktestReport:
    """What a backtest did: its `run.json` content, weeks fitted and kept, and seconds by part."""

    info: dict[str, Any]
    fitted: int
    kept: int
    seconds: dict[str, float]


def backtest(
    home: Home,
    market: str,
    seasons: Iterable[str] | None = None,
    *,
    workers: int = 2,
    rebuild: bool = False,
    on_week: Callable[[int, int], None] | None = None,
) -> BacktestReport:
    """Walk one market forward to the end of the last of `seasons` (default: all but the first loaded one) and write its run folder.

    Weeks whose code, configuration and inputs are unchanged are kept; a killed backtest goes on where it was.
    `rebuild` forgets them all. Raises BackcourtError for an unknown market or season, or an empty store.
    """
    with home.working("backtest") as job:

        def told(done: int, of: int) -> None:
            job.emit({"event": "week", "market": market, "done": done, "of": of})
            job.keep(f"{done} of {of} weeks are fitted and kept; `backcourt backtest` goes on")
            if on_week:
                on_week(done, of)
            job.check()

        report = _walked(home, market_of(market), seasons, workers, rebuild, told)
        job.ends(0, f"{market}: {report.fitted} weeks fitted, {report.kept} kept")
        return report


def _walked(
    home: Home, chosen: Market, seasons: Iterable[str] | None, workers: int, rebuild: bool, on_week: Callable[[int, int], None]
) -> BacktestReport:  # fmt: skip
    started = time.monotonic()
    warehouse = _store(home)
    wanted = _seasons(warehouse, seasons)
    material = read_material(home, warehouse, wanted[-1])
    lines = read_lines(warehouse, material.rows, chosen)
    unlisted = not_forecast(warehouse, chosen, material.rows, lines)
    folder = run_folder(home, chosen)
    folder.path.mkdir(parents=True, exist_ok=True)
    if rebuild:
        shutil.rmtree(folder.path / "fits", ignore_errors=True)
    read = time.monotonic() - started
    with naming_what_fails(home.path):
        done = run_backtest(
            material.rows, lines, chosen, folder, material.content, features_hash=material.features_hash, workers=workers,
            home=home.path, on_week=on_week,
        )  # fmt: skip
    before = time.monotonic()
    info = assemble(
        done, folder, wanted, unlisted, {"manifest_hash": material.manifest_hash, "snapshot_id": material.snapshot_id}
    )  # fmt: skip
    seconds = {"read": read, **done.progress.seconds, "write": time.monotonic() - before, "all": time.monotonic() - started}
    record(home.path, [trial_of(EvaluatedRun(folder), "backtest", None if done.progress.kept else seconds["all"])])
    return BacktestReport(info, done.progress.fitted, done.progress.kept, seconds)


def backtest_states(home: Home, market: str, seasons: Iterable[str] | None = None) -> dict[str, Counter[str]]:
    """Per system: how many weeks of its walk-forward are complete, stale or missing."""
    chosen = market_of(market)
    warehouse = _store(home)
    material = read_material(home, warehouse, _seasons(warehouse, seasons)[-1])
    mondays = weeks_of(material.rows)
    store = FitStore(run_folder(home, chosen).path / "fits")
    found: dict[str, Counter[str]] = {}
    weekly = weekly_of(system_files(home.path), mondays, material.content, material.features_hash)
    for (_, name), state in states(store, mondays, weekly).items():
        found.setdefault(name, Counter())[state] += 1
    return found


def _store(home: Home) -> Warehouse:
    """The read snapshot with all that a backtest reads. Raises BackcourtError when it isn't built."""
    for table in CONTENT_OF:
        home.require_built(table)
    return home.snapshot()


def _seasons(warehouse: Warehouse, wanted: Iterable[str] | None) -> list[str]:
    loaded = [str(row[0]) for row in warehouse.query("select distinct season from ml_feature_store order by 1")]
    if not loaded:
        raise BackcourtError("The feature store has no rows; run `backcourt run` first.")
    chosen = sorted(wanted) if wanted is not None else loaded[1:] or loaded
    unknown = [season for season in chosen if season not in loaded]
    if unknown:
        raise BackcourtError(f"The store has no season {unknown[0]}; loaded are {loaded[0]}..{loaded[-1]}.")
    return chosen
