"""Fitting every system before a Monday: a walk-forward's unit of work, kept with a receipt, stale when what it hangs on changes."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import read_object, write_whole
from backcourt.field.markets import Market
from backcourt.forecasting.chance import NAME as CHANCE
from backcourt.forecasting.chance import fit_chance
from backcourt.forecasting.fingerprint import fingerprint
from backcourt.forecasting.fitting import bench_for, fit_models
from backcourt.forecasting.packing import packed, unpacked
from backcourt.forecasting.rows import Rows
from backcourt.forecasting.system import Estimate, Sample, System

LIBRARIES = ("numpy", "scipy", "scikit-learn", "lightgbm")
_HERE = Path(__file__).parent
_SHARED = (_HERE / "fitting.py", _HERE / "packing.py")


@dataclass(frozen=True)
class Task:
    """One week of one market: which systems to fit, and where their estimates go."""

    market: Market
    monday: np.datetime64
    season: str
    systems: tuple[str, ...]
    inputs: tuple[int, ...]


def code_fingerprint(files: Mapping[str, Path]) -> dict[str, str]:
    """Per system, the hash of what its file says with all that it imports, of what fits every system, and of the libraries' versions."""
    libraries = json.dumps({name: version(name) for name in LIBRARIES}, sort_keys=True)
    roots = {**files, CHANCE: _HERE / "chance.py"}
    return {name: hashlib.sha256(f"{fingerprint([file, *_SHARED])} {libraries}".encode()).hexdigest()[:16] for name, file in roots.items()}


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
        with suppress(BackcourtError):
            return read_object(self._file(monday, system).with_suffix(".json"), "fit that week anew")
        return None
