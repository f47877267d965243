"""Spread and correlation of many rows as SQL text, from exact sums: the functions for them add DOUBLEs in the order of the rows."""

from __future__ import annotations


def power_sums(x: str, name: str) -> str:
    """Columns of an aggregate: how many values `x` has (`<name>_n`), their sum (`<name>_sum`) and the sum of their squares."""
    exact = f"{x}::decimal(18, 9)"
    return f"count({x}) as {name}_n, sum({exact})::double as {name}_sum, sum(({exact} * {exact})::decimal(38, 9))::double as {name}_squares"


def sample_sd_of(name: str) -> str:
    """Sample standard deviation (n - 1) from `power_sums`; NULL below 2 values, 0 where all are equal."""
    return f"case when {name}_n >= 2 then sqrt({_spread(name)} / nullif({name}_n * ({name}_n - 1), 0)) end"


def correlation_of(x: str, y: str, products: str) -> str:
    """Pearson's correlation from `power_sums` of both and the sum of their products; 0 where one of them is constant."""
    together = f"{x}_n * {products} - {x}_sum * {y}_sum"
    return f"coalesce(({together}) / nullif(sqrt({_spread(x)}) * sqrt({_spread(y)}), 0), 0)"


def _spread(name: str) -> str:
    # Of equal values the difference may come out a hair below 0.
    return f"greatest({name}_n * {name}_squares - {name}_sum * {name}_sum, 0)"
