"""The window expressions against Python's own statistics, on sums as a query would hold them."""

from __future__ import annotations

import statistics

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backcourt.tables.analytics import windows
from backcourt.tables.analytics.shrinkage import MINUTES, POINTS, league_baseline, team_prior_mean

GAMES = st.lists(st.integers(0, 73), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def value(connection: duckdb.DuckDBPyConnection, line: str, sums: dict[str, int]) -> float | None:
    """A column line evaluated over one row of sums."""
    expression = line.split("  -- ")[0].strip().removesuffix(",")
    columns = ", ".join(f"{number}::bigint as {name}" for name, number in sums.items())
    row = connection.execute(f"select {expression} from (select {columns}) as form").fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


def sums_of(values: list[int], window: str, name: str, earlier: int = 0) -> dict[str, int]:
    """The power sums of a window that follows `earlier` games of the season."""
    numbers = range(earlier + 1, earlier + len(values) + 1)
    return {
        f"games_{window}": len(values),
        "game_number": earlier + len(values),
        f"{name}_{window}": sum(values),
        f"{name}_squared_{window}": sum(v * v for v in values),
        f"{name}_cubed_{window}": sum(v**3 for v in values),
        f"{name}_numbered_{window}": sum(i * v for i, v in zip(numbers, values, strict=True)),
    }


@given(GAMES)
@settings(max_examples=60)
def test_mean_and_standard_deviation(connection: duckdb.DuckDBPyConnection, values: list[int]) -> None:
    sums = sums_of(values, "last20", "points")
    assert value(connection, windows.mean("form", POINTS, "last20", "form"), sums) == pytest.approx(statistics.fmean(values))
    found = value(connection, windows.standard_deviation("form", POINTS, "last20", "form_sd"), sums)
    assert found == (pytest.approx(statistics.stdev(values), abs=1e-9) if len(values) >= 3 else None)


@given(GAMES, st.integers(0, 60))
@settings(max_examples=60)
def test_slope_counts_from_the_oldest_game_of_the_window(connection: duckdb.DuckDBPyConnection, values: list[int], earlier: int) -> None:
    found = value(connection, windows.slope("form", POINTS, "last20", "form_trend"), sums_of(values, "last20", "points", earlier))
    if len(values) < 5:
        assert found is None
    else:
        assert found == pytest.approx(statistics.linear_regression(range(1, len(values) + 1), values).slope, abs=1e-9)


@given(GAMES)
@settings(max_examples=60)
def test_skewness_is_the_adjusted_one(connection: duckdb.DuckDBPyConnection, values: list[int]) -> None:
    found = value(connection, windows.skewness("form", POINTS, "last20", "points_skew"), sums_of(values, "last20", "points"))
    n = len(values)
    if n < 10 or len(set(values)) == 1:
        assert found is None
        return
    mean, sd = statistics.fmean(values), statistics.stdev(values)
    assert found == pytest.approx(n / ((n - 1) * (n - 2)) * sum(((v - mean) / sd) ** 3 for v in values), abs=1e-7)


def test_minutes_are_counted_in_seconds(connection: duckdb.DuckDBPyConnection) -> None:
    minutes = [38, 36, 35, 43, 29, 30, 33, 34, 35, 36]
    sums = sums_of([60 * m for m in minutes], "last10", "seconds")
    assert value(connection, windows.mean("form", MINUTES, "last10", "form"), sums) == pytest.approx(34.9)
    assert value(connection, windows.standard_deviation("form", MINUTES, "last10", "form_sd"), sums) == pytest.approx(3.956710, abs=1e-6)


@pytest.mark.parametrize(
    ("total", "n", "previous", "expected"),
    [("5900", 59, "null", None), ("6000", 60, "null", 100.0), ("null", 0, "101.0", 101.0), ("6000", 60, "102.0", 101.0)],
)
def test_the_league_baseline_needs_60_games_in_the_first_season(
    connection: duckdb.DuckDBPyConnection, total: str, n: int, previous: str, expected: float | None
) -> None:
    row = connection.execute(f"select {league_baseline(f'{total}::bigint', str(n), f'{previous}::double')}").fetchone()
    assert row == (expected,)


def test_a_team_starts_half_way_between_the_league_and_its_last_season(connection: duckdb.DuckDBPyConnection) -> None:
    def prior(league: str, team: str) -> tuple[float, ...] | None:
        return connection.execute(f"select {team_prior_mean(f'{league}::double', f'{team}::double', '99.0::double')}").fetchone()

    assert prior("100", "104") == (102.0,)
    assert prior("100", "null") == (100.0,)
    assert prior("null", "null") == (99.0,)
