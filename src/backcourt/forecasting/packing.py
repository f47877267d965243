"""An estimate as one array, as weeks are kept on disk and handed between processes."""

from __future__ import annotations

import numpy as np

from backcourt.forecasting.system import Estimate

_FIXED_COLUMNS = 4
_CODES = ("", "few_neighbours", "not_fitted_yet")


def packed(estimate: Estimate) -> np.ndarray:
    """An estimate as one float32 array [rows, 4 (+ kmax + 1)]: mean, point, n_eff, code of abstention, then the PMF if it has one."""
    count = len(estimate.mean)
    missing = np.full(count, np.nan)
    codes = np.zeros(count) if estimate.abstained is None else np.array([_CODES.index(text or "") for text in estimate.abstained])
    columns = [
        estimate.mean,
        missing if estimate.point is None else estimate.point,
        missing if estimate.n_eff is None else estimate.n_eff,
        codes,
    ]
    fixed = np.column_stack(columns)
    return np.hstack([fixed, estimate.pmf] if estimate.pmf is not None else [fixed]).astype(np.float32)


def unpacked(array: np.ndarray) -> Estimate:
    """The estimate that `packed` wrote, rounded to float32."""
    fixed = array[:, :_FIXED_COLUMNS].astype(float)
    pmf = array[:, _FIXED_COLUMNS:].astype(float) if array.shape[1] > _FIXED_COLUMNS else None
    if pmf is not None:
        pmf /= pmf.sum(axis=1, keepdims=True)
    reasons = np.array([_CODES[int(code)] or None for code in fixed[:, 3]], dtype=object)
    return Estimate(
        mean=fixed[:, 0],
        point=None if np.isnan(fixed[:, 1]).all() else fixed[:, 1],
        pmf=pmf,
        n_eff=None if np.isnan(fixed[:, 2]).all() else fixed[:, 2],
        abstained=reasons if fixed[:, 3].any() else None,
    )
