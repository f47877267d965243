"""What tonight's circumstances are worth to each player, as the interpretable system moving_average has it."""

from __future__ import annotations

import numpy as np

from backcourt.forecasting.system import Model, Sample
from backcourt.forecasting.systems.moving_average import MovingAverageModel, inputs_of, level_of

SHOWN = 3
LEAST = 0.01

Circumstances = list[tuple[str, float]]


def circumstances_of(model: Model, sample: Sample) -> list[Circumstances]:
    """Per row up to three (circumstance, effect), the largest first: how far it moves the mean from the level, in units of the stat.

    An effect is level x (exp(weight x z) - 1), its circumstance alone; together they multiply. Those below 0.01 are
    left out. A project's own moving_average says nothing here.
    """
    if not isinstance(model, MovingAverageModel):
        return [[] for _ in range(len(sample))]
    effects = model.effects
    z = np.nan_to_num(np.clip((inputs_of(sample) - effects.centre) / effects.spread, -4, 4))
    worth = level_of(sample)[:, None] * np.expm1(z * effects.weights)
    found = []
    for row in worth:
        order = np.argsort(-np.abs(row), kind="stable")[:SHOWN]
        found.append([(effects.names[place], round(float(row[place]), 4)) for place in order if abs(row[place]) >= LEAST])
    return found
