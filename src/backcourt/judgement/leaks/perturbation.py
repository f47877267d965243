"""The proof that counts: change everything from a row's game on, build again, and the row must be the same bit by bit."""

from __future__ import annotations

import numpy as np

from backcourt.judgement.leaks.finding import Finding
from backcourt.judgement.leaks.sequences import Build, Sequences

SAMPLE = 200


def perturbation(build: Build, games: Sequences, sample: int = SAMPLE, seed: int = 1) -> Finding:
    """Rebuild a feature once per sampled row, with other results from the row's date on; a sampled row that moves read its own future.

    Results should be whole numbers, so that a sum is exact whatever is added to it.
    """
    random = np.random.default_rng(seed)
    before = build(games)
    chosen = random.choice(len(games), min(sample, len(games)), replace=False)
    moved = 0
    for row in chosen.tolist():
        later = games.day >= games.day[row]
        changed = np.where(later, games.results + 1 + random.integers(0, 40, len(games)), games.results)
        started = np.where(later, 1 - games.started, games.started)
        after = build(games.with_results(changed, started))
        same = after[row] == before[row] or (np.isnan(after[row]) and np.isnan(before[row]))
        moved += not same
    sentence = f"{moved} of {len(chosen)} rows move when their own future changes"
    return Finding("perturbation", moved == 0, float(moved), 0.0, len(chosen), sentence)
