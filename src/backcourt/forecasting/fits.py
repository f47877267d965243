"""Fitting every system before a Monday: a walk-forward's unit of work, kept with a receipt, stale when what it hangs on changes."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import write_whole
from backcourt.field.markets import Market
from backcourt.forecasting.chance import NAME as CHANCE
from backcourt.forecasting.chance import fit_chance
from backcourt.forecasting.inputs import choose_inputs
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.system import Bench, Estimate, Model, Sample, System

WINDOW_DAYS = 730
LIBRARIES = ("numpy", "scipy", "scikit-learn", "lightgbm")
_FIXED_COLUMNS = 4
_CODES = ("", "few_neighbours", "not_fitted_yet")


@dataclass(frozen=True)
class Task:
    """One week of one market: which systems to fit, and where their estimates go."""

    market: Market
    monday: np.datetime64
    season: str
    systems: tuple[str, ...]
    inputs: tuple[int, ...]


def code_fingerprint(declared: dict[str, System]) -> dict[str, str]:
    """Per system, the hash of its file, of what all systems share, and of the libraries' versions."""
    package = Path(__file__).parent
    shared = [package / name for name in ("system.py", "rows.py", "inputs.py", "effects.py", "plain_window.py", "dispersion.py", "fits.py")]
    shared += [package.parent / "field" / name for name in ("markets.py", "odds.py", "pmf.py", "scores.py")]
    base = hashlib.sha256(json.dumps({name: version(name) for name in LIBRARIES}, sort_keys=True).encode())
    for file in shared:
        base.update(file.read_bytes())
    found: dict[str, str] = {}
    for name, system in declared.items():
        digest = base.copy()
        for used in (*system.uses, name):
            digest.update(_source_of(declared[used]).read_bytes())
        found[name] = digest.hexdigest()[:16]
    base.update((package / "chance.py").read_bytes())
    return found | {CHANCE: base.hexdigest()[:16]}


def _source_of(system: System) -> Path:
    return Path(system.fit.__code__.co_filename)


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


def forecast_week(rows: Rows, task: Task, declared: dict[str, System]) -> dict[str, np.ndarray]:
    """Fit the task's systems on what was known before its Monday and forecast the week's rows; arrays as `packed` makes them."""
    bench = bench_for(rows, task.market, task.monday, task.inputs)
    ahead = Sample(rows.select(rows.week == task.monday), task.market, task.inputs)
    models = fit_models(bench, declared, [name for name in task.systems if name != CHANCE])
    with threadpool_limits(limits=1):
        found = {name: packed(model.forecast(ahead)) for name, model in models.items()}
        if CHANCE in task.systems:
            found[CHANCE] = packed(Estimate(mean=fit_chance(bench.everyone).chance(ahead)))
    return found


def inputs_of_season(rows: Rows, market: Market, monday: np.datetime64) -> tuple[int, ...]:
    """The columns chosen on what was known before the first Monday of a season's walk-forward."""
    _, appeared = histories(rows, monday)
    with threadpool_limits(limits=1):
        return choose_inputs(rows.select(appeared), market, threads=1)


def packed(estimate: Estimate) -> np.ndarray:
    """An estimate as one float32 array [rows, 4 (+ kmax + 1)]: mean, point, n_eff, code of abstention, then the PMF if it has one."""
    count = len(estimate.mean)
    missing = np.full(count, np.nan)
    codes = np.zeros(count) if estimate.abstained is None else np.array([_CODES.index(text or "") for text in estimate.abstained])
    columns = [
        estimate.mean,
        missing if estimate.point is None else estimate.point,
        missing if estimate.n_eff is None else estimate.n_eff,
        codes,
    ]
    fixed = np.column_stack(columns)
    return np.hstack([fixed, estimate.pmf] if estimate.pmf is not None else [fixed]).astype(np.float32)


def unpacked(array: np.ndarray) -> Estimate:
    """The estimate that `packed` wrote, rounded to float32."""
    fixed = array[:, :_FIXED_COLUMNS].astype(float)
    pmf = array[:, _FIXED_COLUMNS:].astype(float) if array.shape[1] > _FIXED_COLUMNS else None
    if pmf is not None:
        pmf /= pmf.sum(axis=1, keepdims=True)
    reasons = np.array([_CODES[int(code)] or None for code in fixed[:, 3]], dtype=object)
    return Estimate(
        mean=fixed[:, 0],
        point=None if np.isnan(fixed[:, 1]).all() else fixed[:, 1],
        pmf=pmf,
        n_eff=None if np.isnan(fixed[:, 2]).all() else fixed[:, 2],
        abstained=reasons if fixed[:, 3].any() else None,
    )


class FitStore:
    """Estimates of weeks on disk: `<folder>/<monday>/<system>.npy` with a receipt beside it. A file without its receipt doesn't exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def state(self, monday: np.datetime64, system: str, fingerprint: str, inputs_hash: str) -> str:
        """`complete`, `missing`, or `stale` when it was made by other code or from other inputs."""
        receipt = self._receipt(monday, system)
        if receipt is None or not self._file(monday, system).exists():
            return "missing"
        return "complete" if (receipt.get("fingerprint"), receipt.get("inputs_hash")) == (fingerprint, inputs_hash) else "stale"

    def write(self, monday: np.datetime64, system: str, array: np.ndarray, fingerprint: str, inputs_hash: str) -> None:
        """The array, then its receipt; a kill in between leaves a week without a receipt, which is fitted again."""
        file = self._file(monday, system)
        file.parent.mkdir(parents=True, exist_ok=True)
        receipt = file.with_suffix(".json")
        receipt.unlink(missing_ok=True)
        packed_array = io.BytesIO()
        np.save(packed_array, array)
        write_whole(file, packed_array.getvalue())
        digest = hashlib.sha256(packed_array.getvalue()).hexdigest()
        write_whole(receipt, json.dumps({"fingerprint": fingerprint, "inputs_hash": inputs_hash, "sha256": digest}, sort_keys=True) + "\n")

    def read(self, monday: np.datetime64, system: str) -> Estimate:
        """The estimate of a week. One that isn't what was written loses its receipt, and BackcourtError says to fit it again."""
        file = self._file(monday, system)
        stored = file.read_bytes()
        receipt = self._receipt(monday, system) or {}
        # Receipts of earlier versions have no digest.
        if receipt.get("sha256") in (None, hashlib.sha256(stored).hexdigest()):
            with suppress(ValueError, EOFError):
                return unpacked(np.load(io.BytesIO(stored)))
        file.with_suffix(".json").unlink(missing_ok=True)
        raise BackcourtError(f"{file} is not what was written; run the same `backcourt backtest` again, which fits that week anew.")

    def _file(self, monday: np.datetime64, system: str) -> Path:
        return self.folder / str(monday) / f"{system}.npy"

    def _receipt(self, monday: np.datetime64, system: str) -> dict[str, Any] | None:
        try:
            return dict(json.loads(self._file(monday, system).with_suffix(".json").read_text()))
        except (OSError, ValueError):
            return None
