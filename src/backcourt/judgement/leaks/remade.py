"""What leaks look like on real rows: the same quick model with and without its own game in window means, on the lined points of a spring.

A LightGBM is fitted once on everything before the tested dates; only the three window means differ between the
versions. They stand in the place of the store's own windows of 5 and 10 games.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backcourt.field.pmf import Array
from backcourt.judgement.bootstrap import Interval, mean_interval
from backcourt.judgement.leaks.impossible import beats_the_line, right_at_a_distance, too_often_right
from backcourt.judgement.leaks.sequences import Sequences, window_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOWS = (20, 10, 5)
VERSIONS = {"clean": (), "20-game mean": (20,), "10-game mean": (10,), "5- and 10-game means": (5, 10)}
"""Version -> the windows that include the game itself."""

PRINTED = {
    "clean": (5.196, 0.052),
    "20-game mean": (4.970, -0.174),
    "10-game mean": (4.589, -0.555),
    "5- and 10-game means": (3.689, -1.455),
}
"""Version -> the specification's error and its difference to the line."""

_PARAMETERS = {
    "objective": "l1", "num_leaves": 15, "learning_rate": 0.05, "min_data_in_leaf": 100, "feature_fraction": 0.5, "bagging_fraction": 0.8,
    "bagging_freq": 1, "max_bin": 63, "verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 1,
}  # fmt: skip
_TREES = 200

# Honest windows of 5 and 10 games of whatever makes points: beside them a model could subtract the leak out of its
# window.
_REBUILT = re.compile(r"^(points|pra|fg|ft|three|threes|usage|ts|efg)_.*(last5|last10|last2_vs_prior3)")


@dataclass(frozen=True)
class LeakMaterial:
    """Appearances with features [rows, features] and results.

    `line` [rows] is NaN where a row isn't tested; `is_regular` [rows] leaves playoffs and play-in out.
    """

    games: Sequences
    features: NDArray[np.float32]
    names: tuple[str, ...]
    game_date: NDArray[np.datetime64]
    line: Array
    is_regular: NDArray[np.bool_]

    @property
    def is_tested(self) -> NDArray[np.bool_]:
        """Rows with a line."""
        return ~np.isnan(self.line)


@dataclass(frozen=True)
class Remade:
    """One version: its error on the lined rows, the difference to the line, how often it was right at a distance, the guards it trips."""

    version: str
    mae: float
    minus_line: Interval
    share_right: float
    distant: int
    caught_by: tuple[str, ...]
    printed_mae: float
    printed_minus_line: float

    @property
    def is_as_it_should(self) -> bool:
        """Leaks are caught, the clean version isn't accused."""
        return bool(self.caught_by) != (self.version == "clean")


def remake(material: LeakMaterial) -> Iterator[Remade]:
    """Fit and judge every version; some 10 s each on 80,000 rows of 160 features."""
    for version, leaking in VERSIONS.items():
        windows = np.column_stack([window_mean(material.games, window, own_game=window in leaking) for window in WINDOWS])
        yield _judged(version, material, _fitted(material, windows))


def _fitted(material: LeakMaterial, windows: Array) -> Array:
    import lightgbm

    tested = material.is_tested
    train = material.game_date < material.game_date[tested].min()
    kept = [place for place, name in enumerate(material.names) if not _REBUILT.match(name)]
    design = np.column_stack([material.features[:, kept], windows.astype(np.float32)])
    dataset = lightgbm.Dataset(design[train], material.games.results[train], params={"max_bin": _PARAMETERS["max_bin"], "verbose": -1})
    booster: Any = lightgbm.train(_PARAMETERS, dataset, num_boost_round=_TREES)
    return np.asarray(booster.predict(design[tested]))


def _judged(version: str, material: LeakMaterial, point: Array) -> Remade:
    tested = material.is_tested
    line, actual = material.line[tested], material.games.results[tested]
    difference = np.abs(point - actual) - np.abs(line - actual)
    share, distant = right_at_a_distance(point, line, actual)
    findings = (beats_the_line(point, line, actual), too_often_right(point, line, actual))
    return Remade(
        version, float(np.abs(point - actual).mean()), mean_interval(difference, material.game_date[tested]), share, distant,
        tuple(finding.guard for finding in findings if not finding.passed), *PRINTED[version],
    )  # fmt: skip
