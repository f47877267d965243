"""What a system is: something that is fitted on earlier rows and then states a mean, or a whole distribution, for rows to come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.declare.loader import Kind, Loaded, load
from backcourt.field.markets import Market
from backcourt.field.pmf import Array
from backcourt.forecasting.rows import Rows

if TYPE_CHECKING:
    import lightgbm

Layer = Literal["plain", "mapped", "head", "own"]

MAX_BIN = 63
SEED = 20211019


@dataclass(frozen=True)
class Estimate:
    """What a system says of n rows: the mean [n], the point that absolute errors are taken of (None: the distribution's median), a PMF
    [n, kmax + 1] where the system makes its own, the effective number of observations, and a reason where it abstains
    (None: it doesn't).
    """

    mean: Array
    point: Array | None = None
    pmf: Array | None = None
    n_eff: Array | None = None
    abstained: NDArray[np.object_] | None = None


@dataclass(frozen=True)
class Sample:
    """Rows of one market. `inputs` are the columns that boosted systems read, chosen once a season (see `inputs.py`)."""

    rows: Rows
    market: Market
    inputs: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def y(self) -> Array:
        """The result; NaN where unknown."""
        return self.rows.actual(self.market)

    @cached_property
    def X(self) -> NDArray[np.float32]:  # noqa: N802 - the field's own name for a design matrix
        """The chosen columns."""
        return self.rows.features[:, list(self.inputs)]

    def column(self, name: str) -> Array:
        """A feature; `{market}` in the name is the market's prefix."""
        return self.rows.column(name.format(market=self.market.prefix))

    def window(self, name: str) -> Array:
        """A window over appearances of any season: last5, last10, season, last_season, of the market's result."""
        return self.rows.windows[f"{self.market.id}_{name}"]

    @property
    def level(self) -> Array:
        """The market's shrunken mean: known for every listed player, newcomers included."""
        return np.maximum(self.column("{market}_mean_shrunk"), 0.05)

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Sample:
        """Some of the rows, by mask or positions."""
        return Sample(self.rows.select(chosen), self.market, self.inputs)


@dataclass
class Bench:
    """One week's place of work: the history that may be fitted on (appearances only), shared by the week's systems."""

    history: Sample
    everyone: Sample
    """History with those who did not appear, for the chance of appearing."""
    threads: int = 2
    _fitted: dict[str, Model] = field(default_factory=dict)

    def model(self, name: str, declared: System) -> Model:
        """The fitted model of a system, fitted once."""
        if name not in self._fitted:
            self._fitted[name] = declared.fit(self)
        return self._fitted[name]

    @cached_property
    def binned(self) -> lightgbm.Dataset:
        """The history's inputs, binned once a week for all boosted systems; each sets its own label and start."""
        import lightgbm

        parameters = {"max_bin": MAX_BIN, "verbose": -1, "num_threads": self.threads, "feature_pre_filter": False}
        dataset = lightgbm.Dataset(self.history.X, self.history.y, params=parameters, free_raw_data=False)
        dataset.construct()
        return dataset

    def boost(self, label: Array, start: Array | None, trees: int, **parameters: object) -> lightgbm.Booster:
        """A LightGBM booster on the shared bins; the same bytes each time, whatever the number of threads."""
        import lightgbm

        self.binned.set_label(label)
        # Setting None would leave the start of the booster before.
        self.binned.set_init_score(np.zeros(len(label)) if start is None else start)
        self.binned.set_weight(None)
        settings = {
            "verbose": -1, "max_bin": MAX_BIN, "num_threads": self.threads, "deterministic": True, "force_row_wise": True, "seed": SEED,
            "feature_pre_filter": False, **parameters,
        }  # fmt: skip
        return lightgbm.train(settings, self.binned, num_boost_round=trees)


class Model(Protocol):
    """A fitted system; it can be pickled."""

    def forecast(self, sample: Sample) -> Estimate:
        """What it says of these rows."""
        ...


@dataclass(frozen=True)
class System:
    """A declaration: one file in `systems/` defines `system = System(...)`, and its name is the file's.

    `layer` says where its distribution comes from: `plain` (variance a quadratic in the mean), `mapped` (the same,
    recalibrated), `head` (a fitted dispersion, recalibrated) or `own` (its own, recalibrated).
    """

    fit: Callable[[Bench], Model]
    layer: Layer


SYSTEMS: Kind[System] = Kind("system", System, "systems", ("backcourt.forecasting.systems",))


def loaded_systems(home: Path | None = None) -> Loaded[System]:
    """All systems, the package's own, those in the home's `systems` folder and those of libraries, and why a file is left out."""
    from backcourt.forecasting.chance import NAME as CHANCE
    from backcourt.forecasting.lined import MARKET_SYSTEMS
    from backcourt.forecasting.walkforward import ENSEMBLE

    return load(SYSTEMS, home, dict.fromkeys((ENSEMBLE, CHANCE, *MARKET_SYSTEMS), "what is made of all systems has this name"))


def system_files(home: Path | None = None) -> dict[str, Path]:
    """The file that declares each system."""
    return {name: one.file for name, one in sorted(loaded_systems(home).found.items())}


def systems(home: Path | None = None) -> dict[str, System]:
    """All systems by id, in alphabetical order; files that can't be used are left out, and `loaded_systems` says why."""
    return dict(sorted(loaded_systems(home).declarations.items()))
