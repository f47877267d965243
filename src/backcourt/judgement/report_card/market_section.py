"""What a card says of one market: sizes of its populations, paired tables, slices, the pool's members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from backcourt.judgement.comparison import by_slice, compare, values_of
from backcourt.judgement.evaluated_run import LINE, EvaluatedRun
from backcourt.judgement.populations import POPULATIONS, counts, mask
from backcourt.judgement.report_card.plain import compared, comparison
from backcourt.judgement.slices import SLICES

BLIND, BLEND, REFERENCE, MARKET = "ensemble", "market_blend", "base_l5", "market"


def section(run: EvaluatedRun) -> dict[str, Any]:
    """All tables of one market."""
    return {
        "market": run.market.id,
        "name": run.market.name,
        "rows": len(run.rows["row"]),
        "appearances": int(run.appeared.sum()),
        "systems": [system for system in run.systems if system != LINE],
        "populations": counts(run),
        "point": list(_tables(run, "mae")),
        "distribution": list(_tables(run, "crps")),
        "probability": list(_probability_tables(run)),
        "slices": list(_slices(run)),
        "leave_one_out": run.folder.info.get("leave_one_out"),
        "gaps": _gaps(run),
    }


def _has(run: EvaluatedRun, system: str, metric: str, population: str) -> bool:
    if system not in run.systems:
        return False
    return bool((mask(run, population) & ~np.isnan(values_of(run, system, metric, population))).any())


def known_populations(run: EvaluatedRun) -> list[str]:
    """The populations of the documents, then others that the run has lines of."""
    listed = [*POPULATIONS, *(population for population in run.line_populations if population not in POPULATIONS)]
    return [population for population in listed if mask(run, population).any()]


def _tables(run: EvaluatedRun, metric: str) -> Iterator[dict[str, Any]]:
    """One table a population: against the line (points) or the market (distributions) where it is lined, else against the last-5 mean."""
    for population in known_populations(run):
        first = LINE if metric == "mae" else MARKET
        reference = first if _has(run, first, metric, population) else REFERENCE
        if _has(run, reference, metric, population):
            yield comparison(compare(run, population, metric, reference, by_player=True))


def _probability_tables(run: EvaluatedRun) -> Iterator[dict[str, Any]]:
    for population in run.priced_populations:
        stated = [system for system in run.probability_systems(population) if _has(run, system, "log_loss", population)]
        for reference in (MARKET, "market_intercept"):
            if reference in stated:
                yield comparison(compare(run, population, "log_loss", reference, stated, by_player=True))


def _slices(run: EvaluatedRun) -> Iterator[dict[str, Any]]:
    """The ensemble's bias and its error against a reference, the blend's log loss against the market's, by every slice."""
    for population in known_populations(run):
        lined = population in run.line_populations
        wanted = [("mae", LINE if lined else REFERENCE, BLIND), ("crps", REFERENCE, BLIND), ("bias", BLIND, BLIND)]
        if population in run.priced_populations:
            wanted.append(("log_loss", MARKET, BLEND))
        for metric, reference, system in wanted:
            if not (_has(run, reference, metric, population) and _has(run, system, metric, population)):
                continue
            for chosen in SLICES:
                if chosen.is_lined and not lined:
                    continue
                found = by_slice(run, population, metric, reference, chosen, tuple(dict.fromkeys((reference, system))))
                yield {
                    "population": population, "slice": chosen.name, "metric": metric, "reference": reference, "system": system,
                    "labels": [
                        {"label": label, "dates": table.n_dates, **compared(table.of(system))} for label, table in found
                    ],
                }  # fmt: skip


def _gaps(run: EvaluatedRun) -> dict[str, Any]:
    """Appearances without a forecast, by population and season month, and how many of the rows each system abstained from."""
    missed: dict[str, int] = {}
    for population, day in zip(run.not_forecast["population"].tolist(), run.not_forecast["game_date"].astype("datetime64[M]"), strict=True):
        key = f"{population} {day}"
        missed[key] = missed.get(key, 0) + 1
    silent = {}
    for system in run.systems:
        if system == LINE or system.startswith(MARKET):
            continue
        absent = int((np.isnan(run.score(system, "mean")) & run.appeared).sum())
        if absent:
            silent[system] = absent
    return {"not_forecast": missed, "abstained": silent}
