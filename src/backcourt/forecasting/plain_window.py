"""The plain baselines' model: the first of some windows that has a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backcourt.forecasting.system import Estimate, Sample


@dataclass(frozen=True)
class WindowModel:
    """`windows` in order of preference; an `ewma` is a feature, the others run over appearances of any season. Its point is its mean."""

    windows: tuple[str, ...]

    def forecast(self, sample: Sample) -> Estimate:
        """The window's mean; a player without any appearance gets the shrunken mean of newcomers in his role."""
        mean = np.full(len(sample), np.nan)
        for name in self.windows:
            value = sample.column(f"{{market}}_{name}") if name.startswith("ewma") else sample.window(name)
            mean = np.where(np.isnan(mean), value, mean)
        mean = np.where(np.isnan(mean), sample.level, mean)
        return Estimate(mean=mean, point=mean)
