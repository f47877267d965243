"""Paired comparisons: the same rows for every system of a table, the difference of per-row scores with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.field.pmf import Array
from backcourt.judgement.bootstrap import DRAWS, LOG_LOSS_DRAWS, Interval, mean_interval
from backcourt.judgement.evaluated_run import LINE, EvaluatedRun
from backcourt.judgement.populations import mask
from backcourt.judgement.slices import Slice, labels

METRICS = {"mae": "ae", "crps": "crps", "log_score": "logs", "bias": "bias", "log_loss": "logloss", "brier": "brier"}
"""Metric -> column; log_loss and brier are of P(over) at the modal line, the others of the forecast of the stat."""

LARGEST_ABSTAINING_SHARE = 0.01
"""A system that abstains on a larger share of a population is compared on its own rows, so that it doesn't shrink everybody's."""


@dataclass(frozen=True)
class Compared:
    """One system beside the reference on the same rows.

    `by_player` repeats the difference's interval with players as blocks, where that was asked for.
    """

    system: str
    value: float
    reference_value: float
    difference: Interval
    by_player: Interval | None

    @property
    def n(self) -> int:
        """Rows that both have."""
        return self.difference.n


@dataclass(frozen=True)
class Comparison:
    """A table: all of `systems` on the same `n` rows; those of `apart` each on the rows that it and the reference have."""

    population: str
    metric: str
    reference: str
    n: int
    n_dates: int
    systems: tuple[Compared, ...]
    apart: tuple[Compared, ...] = ()

    def of(self, system: str) -> Compared:
        """The row of a system. Raises BackcourtError when the table hasn't got it."""
        for found in (*self.systems, *self.apart):
            if found.system == system:
                return found
        raise BackcourtError(
            f"{system} isn't in the table of {self.metric} on {self.population}; it has no forecasts there. Run the same "
            "`backcourt backtest` again for every system."
        )


def values_of(run: EvaluatedRun, system: str, metric: str, population: str) -> Array:
    """Per-row scores [rows], NaN where there is none."""
    if metric not in METRICS:
        raise BackcourtError(f"There is no metric {metric!r}; metrics are {', '.join(METRICS)}.")
    if metric not in ("log_loss", "brier"):
        return run.score(system, METRICS[metric], population)
    found = np.full(len(run.rows["row"]), np.nan)
    if system != LINE:
        lines = run.lines_of(population)
        found[lines["position"]] = run.probability(population, system, METRICS[metric])
    return found


def compare(
    run: EvaluatedRun,
    population: str,
    metric: str,
    reference: str,
    systems: Sequence[str] | None = None,
    rows: NDArray[np.bool_] | None = None,
    *,
    by_player: bool = False,
) -> Comparison:
    """The table of a metric on a population, or on those of its `rows`; `by_player` adds intervals with players as blocks.

    Systems without any score there are left out; `systems` defaults to all of the run. Raises BackcourtError when the
    reference has none.
    """
    inside = mask(run, population) if rows is None else mask(run, population) & rows
    of_reference = values_of(run, reference, metric, population)
    scores = {system: values_of(run, system, metric, population) for system in (systems or run.systems) if system != reference}
    scores = {reference: of_reference, **{system: values for system, values in scores.items() if (~np.isnan(values) & inside).any()}}
    if not (~np.isnan(of_reference) & inside).any():
        raise BackcourtError(f"{reference} has no {metric} on {population}; choose another reference, or a population that it has.")
    covered = {system: (~np.isnan(values) & inside).sum() for system, values in scores.items()}
    most = covered[reference]
    together = [system for system in scores if covered[system] >= most * (1 - LARGEST_ABSTAINING_SHARE)]
    common = inside & ~np.isnan(np.column_stack([scores[system] for system in together])).any(axis=1)
    ordered = [system for system in (systems or run.systems) if system in scores] + (
        [] if reference in (systems or run.systems) else [reference]
    )
    draws = LOG_LOSS_DRAWS if metric == "log_loss" else DRAWS
    return Comparison(
        population,
        metric,
        reference,
        int(common.sum()),
        len(np.unique(run.game_date[common])),
        tuple(_row(run, system, scores[system], of_reference, common, draws, by_player) for system in ordered if system in together),
        tuple(
            _row(run, system, scores[system], of_reference, inside & ~np.isnan(scores[system]) & ~np.isnan(of_reference), draws, by_player)
            for system in ordered
            if system not in together
        ),
    )


def by_slice(
    run: EvaluatedRun, population: str, metric: str, reference: str, chosen: Slice, systems: Sequence[str]
) -> list[tuple[str, Comparison]]:
    """The same table for every label of a slice, in the labels' order; labels on which the reference has no score are left out."""
    inside = mask(run, population) & ~np.isnan(values_of(run, reference, metric, population))
    found = labels(run, chosen, population)
    return [
        (label, compare(run, population, metric, reference, systems, found == label))
        for label in _sorted_labels(found[inside].tolist())
        if label
    ]


def _sorted_labels(found: Iterable[str]) -> list[str]:
    return sorted(set(found))


def _row(run: EvaluatedRun, system: str, values: Array, reference: Array, rows: NDArray[np.bool_], draws: int, by_player: bool) -> Compared:
    difference = (values - reference)[rows]
    return Compared(
        system,
        float(values[rows].mean()) if rows.any() else float("nan"),
        float(reference[rows].mean()) if rows.any() else float("nan"),
        mean_interval(difference, run.game_date[rows], draws),
        mean_interval(difference, run.rows["player_id"][rows], draws) if by_player else None,
    )
