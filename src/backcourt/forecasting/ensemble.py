"""The linear pool of the blind systems: weights that minimise the CRPS of earlier forecasts, a quadratic form in the weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from backcourt.field.pmf import Array, cdf

SHRINKAGE = 0.001
LEAST_POOLED = 1000
BANDS = 4


def crps_form(pmfs: Sequence[Array], actual: np.ndarray) -> Array:
    """Sum over rows of sum_k E_i(k) E_j(k) with E_i(k) = F_i(k) - 1{y <= k}: the matrix [systems, systems] of the pool's CRPS."""
    happened = np.arange(pmfs[0].shape[1]) >= np.minimum(actual, pmfs[0].shape[1] - 1)[:, None]
    errors = np.stack([(cdf(pmf) - happened).astype(np.float32).ravel() for pmf in pmfs])
    form: Array = (errors @ errors.T).astype(float)
    return form


def crps_forms(pmfs: Sequence[Array], actual: np.ndarray, band: np.ndarray) -> tuple[Array, Array]:
    """`crps_form` of each band's rows [bands, systems, systems], and how many rows each has."""
    forms, rows = np.zeros((BANDS, len(pmfs), len(pmfs))), np.zeros(BANDS)
    for b in range(BANDS):
        inside = band == b
        if inside.any():
            forms[b], rows[b] = crps_form([pmf[inside] for pmf in pmfs], actual[inside]), inside.sum()
    return forms, rows


def weights_by_band(forms: Array, rows: Array) -> tuple[Array, Array]:
    """Weights over all rows [systems], and of each band [bands, systems], drawn towards the former.

    What helps on the bench (minutes in doubt) is not what helps among starters, whom the market quotes. Below 1,000
    rows all systems weigh the same, and a band with fewer has the weights of all rows.
    """
    count = forms.shape[-1]
    if rows.sum() < LEAST_POOLED:
        return np.full(count, 1 / count), np.full((BANDS, count), 1 / count)
    common = pool_weights(forms.sum(axis=0), int(rows.sum()))
    own = [pool_weights(form, int(n), prior=common) if n >= LEAST_POOLED else common for form, n in zip(forms, rows, strict=True)]
    return common, np.array(own)


def pool_weights(form: Array, rows: int, shrinkage: float = SHRINKAGE, prior: Array | None = None) -> Array:
    """Weights on the simplex that minimise w'Mw / rows + shrinkage |w - prior|^2; the prior is equal weights by default.

    The shrinkage breaks ties between near copies. Raises ValueError when the solver fails, which a convex problem
    doesn't make it do.
    """
    count = len(form)
    start = np.full(count, 1 / count) if prior is None else prior
    matrix = form / rows

    def loss(w: Array) -> float:
        return float(w @ matrix @ w + shrinkage * ((w - start) ** 2).sum())

    def slope(w: Array) -> Array:
        return np.asarray(2 * matrix @ w + 2 * shrinkage * (w - start))

    found = minimize(
        loss, start, jac=slope, method="SLSQP", bounds=[(0, 1)] * count,
        constraints=[{"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(count)}],
        options={"ftol": 1e-12, "maxiter": 500},
    )  # fmt: skip
    if not found.success:
        raise ValueError(f"pool weights: {found.message}")
    weights = np.clip(found.x, 0, 1)
    return np.asarray(weights / weights.sum())
