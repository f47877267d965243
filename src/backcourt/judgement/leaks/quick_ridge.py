"""A ridge regression in closed form, for guards that need any honest model within a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backcourt.field.pmf import Array

PENALTY = 300.0
_CLIP = 5.0
_LEAST_SPREAD = 1e-9


class QuickRidge:
    """Standardised features cut at 5 standard deviations, the mean for what is missing; a column without values or spread has no weight."""

    def __init__(self, features: Array | NDArray[np.float32], results: Array) -> None:
        values = np.asarray(features, dtype=float)
        known = ~np.isnan(values)
        count = np.maximum(known.sum(axis=0), 1)
        self._mean = np.where(known, values, 0).sum(axis=0) / count
        centred = np.where(known, values - self._mean, 0)
        spread = np.sqrt((centred**2).sum(axis=0) / count)
        self._scale = np.where(spread > _LEAST_SPREAD, 1 / np.maximum(spread, _LEAST_SPREAD), 0)
        self._level = float(results.mean())
        design = self._design(values)
        self._weights = np.linalg.solve(design.T @ design + PENALTY * np.eye(design.shape[1]), design.T @ (results - self._level))

    def _design(self, values: Array) -> Array:
        standard = np.where(np.isnan(values), 0, values - self._mean) * self._scale
        return np.asarray(np.clip(standard, -_CLIP, _CLIP))

    def predict(self, features: Array | NDArray[np.float32]) -> Array:
        """Forecasts [rows] of features [rows, features]."""
        return np.asarray(self._design(np.asarray(features, dtype=float)) @ self._weights + self._level)
