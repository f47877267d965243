"""Named sets of rows that scores are stated for, and their size beside the one that the specification prints.

An id ends in `s` where the rows are those that the store lists before the game; the printed N counts every appearance
by the box score, and the difference is the run folder's `not_forecast` list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backcourt.engine.errors import BackcourtError
from backcourt.judgement.evaluated_run import EvaluatedRun

OPENING_DAYS = 21
LEAST_APPEARANCES = 5
"""Every population is of players with so many earlier appearances in the data, playoffs included."""


@dataclass(frozen=True)
class Population:
    """An id, what it holds, and the printed number of rows per market (an absent market has no printed number)."""

    id: str
    meaning: str
    printed: dict[str, int]
    outer: str
    """The population that the printed N counts, and the name that `not_forecast` lists it under."""
    is_regular_only: bool = False
    """Does it leave out playoffs that its feed has lines of?"""


POPULATIONS = {
    population.id: population
    for population in (
        Population("A25s", "regular season 2024-25, 5 or more earlier appearances", {"*": 25_786}, "A25"),
        Population("R25s", "A25s with 20 or more minutes on average in the last 10 appearances", {"*": 15_857}, "R25"),
        Population(
            "S24", "sportsbook lines, March to May 2024, 5 or more earlier appearances",
            {"points": 3_639, "pra": 3_478, "rebounds": 3_605, "assists": 3_531, "threes": 3_260}, "S24",
        ),
        Population("D25", "operators' lines without prices, October 2024 to January 2025", {"points": 6_122}, "D25"),
        Population("Q24", "lines minutes before the start, regular season 2023-24", {"pra": 4_546}, "Q24", is_regular_only=True),
        Population("Q25", "lines minutes before the start, regular season 2024-25", {"pra": 4_367}, "Q25", is_regular_only=True),
    )
}  # fmt: skip

OPENED_TESTS = tuple(POPULATIONS)
"""They steer the work; each reading is counted, because none of them can prove a final claim."""

_FLAGS = {"A25s": "is_a25", "R25s": "is_r25"}


def mask(run: EvaluatedRun, population: str) -> NDArray[np.bool_]:
    """Which rows belong to the population: appeared, established, and flagged or lined. Raises BackcourtError for an unknown id."""
    if population in _FLAGS:
        is_flagged: NDArray[np.bool_] = np.asarray(run.rows[_FLAGS[population]] == True)  # noqa: E712 - NULL is not flagged
        return run.appeared & is_flagged
    if population not in POPULATIONS and population not in run.line_populations:
        raise BackcourtError(f"There is no population {population!r}; populations are {', '.join(POPULATIONS)}.")
    found = np.zeros(len(run.appeared), dtype=bool)
    if population in run.line_populations:
        found[run.lines_of(population)["position"]] = True
    if population in POPULATIONS and POPULATIONS[population].is_regular_only:
        found &= run.rows["season_type"] == "regular"
    return found & run.appeared & (run.rows["appearances_before"] >= LEAST_APPEARANCES)


def counts(run: EvaluatedRun) -> list[dict[str, object]]:
    """Per population that the run has: rows, dates and players here, the printed N, and the appearances that were not forecast."""
    listed = []
    for population in POPULATIONS.values():
        rows = mask(run, population.id)
        if not rows.any():
            continue
        missed = int(
            ((run.not_forecast["population"] == population.outer) & (run.not_forecast["appearances_before"] >= LEAST_APPEARANCES)).sum()
        )
        printed = population.printed.get(run.market.id, population.printed.get("*"))
        n = int(rows.sum())
        listed.append(
            {
                "population": population.id,
                "meaning": population.meaning,
                "n": n,
                "dates": len(np.unique(run.game_date[rows])),
                "players": len(np.unique(run.rows["player_id"][rows])),
                "not_forecast": missed,
                "printed": printed,
                "difference": None if printed is None else n + missed - printed,
            }
        )
    return listed
