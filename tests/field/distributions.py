"""Strategies for distributions and lines."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from backcourt.field.pmf import Array, negative_binomial


@st.composite
def pmfs(draw: st.DrawFn, rows: int = 3) -> Array:
    """Rows of any shape over 0..kmax: lumps, holes and all the mass in one cell included."""
    kmax = draw(st.integers(2, 25))
    weights = draw(
        st.lists(
            st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1.0)), min_size=kmax + 1, max_size=kmax + 1).filter(lambda row: sum(row) > 0),
            min_size=rows,
            max_size=rows,
        )
    )
    mass = np.array(weights)
    return mass / mass.sum(axis=1, keepdims=True)


@st.composite
def smooth_pmfs(draw: st.DrawFn, rows: int = 3) -> Array:
    """Negative binomials of all sizes."""
    means = np.array(draw(st.lists(st.floats(0.05, 40), min_size=rows, max_size=rows)))
    ratio = draw(st.floats(1.05, 6))
    return negative_binomial(means, ratio * means, draw(st.integers(20, 140)))


lines = st.integers(-2, 300).map(lambda half: half / 2)
