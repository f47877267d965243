"""On the real seasons: populations, baselines and the market's row are those that the specification measured."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("lightgbm", reason="forecasting needs the extra `ml`: pip install 'backcourt[ml]'")

import backcourt
from backcourt.field.markets import MARKETS
from backcourt.field.scores import log_loss
from backcourt.forecasting.market_lines import Lines, read_lines
from backcourt.forecasting.populations import is_established, is_regular, not_forecast
from backcourt.forecasting.rows import Rows, read_rows
from backcourt.forecasting.run_folder import Columns
from tests.conftest import BuiltHome


@pytest.fixture(scope="module")
def rows(real_home: BuiltHome) -> Rows:
    return read_rows(backcourt.open(real_home.home.path).snapshot())


@pytest.fixture(scope="module")
def lines(real_home: BuiltHome, rows: Rows) -> dict[str, Lines]:
    connection = backcourt.open(real_home.home.path).snapshot()
    return {name: read_lines(connection, rows, market) for name, market in MARKETS.items()}


@pytest.fixture(scope="module")
def absent(real_home: BuiltHome, rows: Rows, lines: dict[str, Lines]) -> dict[str, Columns]:
    connection = backcourt.open(real_home.home.path).snapshot()
    return {name: not_forecast(connection, MARKETS[name], rows, lines[name]) for name in ("points", "pra")}


def test_population_a25_is_what_was_printed(absent: dict[str, Columns], rows: Rows) -> None:
    newest = rows.keys["season"] == "2024-25"
    unlisted = absent["points"]
    listed = int((is_established(rows) & newest).sum())
    assert listed + int((unlisted["population"] == "A25").sum()) == 25_786
    assert listed == 25_421
    assert (is_regular(rows) & newest).sum() == 15_726
    assert 15_726 + int((unlisted["population"] == "R25").sum()) == 15_857
    assert set(unlisted["reason"][np.isin(unlisted["population"], ["A25", "R25"])]) == {"not_listed"}


@pytest.mark.parametrize(("market", "population", "printed"), [("points", "D25", 6122), ("pra", "Q24", 4546), ("pra", "Q25", 4367)])
def test_lined_populations_and_what_they_lack_are_what_was_printed(
    lines: dict[str, Lines], absent: dict[str, Columns], rows: Rows, market: str, population: str, printed: int
) -> None:
    chosen = established(lines[market], rows, market, population)
    chosen &= (rows.keys["season_type"][lines[market].columns["row"]] == "regular") | (population == "D25")
    lacking = (absent[market]["population"] == population) & (absent[market]["appearances_before"] >= 5)
    assert chosen.sum() + lacking.sum() == printed


@pytest.mark.parametrize(
    ("market", "population", "count"),
    [("points", "S24", 3639), ("rebounds", "S24", 3605), ("assists", "S24", 3531), ("threes", "S24", 3260), ("pra", "S24", 3478)],
)
def test_lined_populations_are_exact(lines: dict[str, Lines], rows: Rows, market: str, population: str, count: int) -> None:
    assert established(lines[market], rows, market, population).sum() == count


def established(lines: Lines, rows: Rows, market: str, population: str) -> np.ndarray:
    row = lines.columns["row"]
    played = ~np.isnan(rows.actual(MARKETS[market])[row]) & (rows.windows["appearances_before"][row] >= 5)
    return (lines.columns["population"] == population) & played


@pytest.mark.parametrize(
    ("market", "printed"), [("points", 0.69251), ("pra", 0.6923), ("rebounds", 0.6844), ("assists", 0.6838), ("threes", 0.6751)]
)
def test_the_markets_log_loss_is_the_printed_one(lines: dict[str, Lines], rows: Rows, market: str, printed: float) -> None:
    chosen = lines[market].select(established(lines[market], rows, market, "S24"))
    actual = rows.actual(MARKETS[market])[chosen.columns["row"]]
    settled = actual != chosen.columns["modal_line"]
    loss = log_loss(chosen.columns["market_over"], actual > chosen.columns["modal_line"])[settled]
    assert loss.mean() == pytest.approx(printed, abs=0.0003)


def test_the_lines_error_is_the_printed_one(lines: dict[str, Lines], rows: Rows) -> None:
    chosen = lines["points"].select(established(lines["points"], rows, "points", "S24"))
    actual = rows.actual(MARKETS["points"])[chosen.columns["row"]]
    assert np.abs(chosen.columns["line"] - actual).mean() == pytest.approx(5.144, abs=0.002)
    assert np.median(chosen.columns["books"]) == 9
    assert np.median(chosen.columns["lead_seconds"]) / 3600 == pytest.approx(5.7, abs=0.05)


@pytest.mark.parametrize(("window", "all_rows"), [("last5", 4.857), ("last10", 4.737)])
def test_the_plain_windows_are_the_printed_ones(
    real_home: BuiltHome, absent: dict[str, Columns], rows: Rows, window: str, all_rows: float
) -> None:
    """The print is over all of A25; rows that the store lists are a little harder, by what the unlisted ones are easier."""
    unlisted = absent["points"]
    places = set(zip(unlisted["game_id"].tolist(), unlisted["player_id"].tolist(), strict=True))
    size = {"last5": 5, "last10": 10}[window]
    found = backcourt.open(real_home.home.path).sql(
        f"select game_id, player_id, abs(points - w) from (select *, avg(points) over (partition by player_id order by game_date "
        f"rows between {size} preceding and 1 preceding) as w, row_number() over (partition by player_id order by game_date) - 1 as n "
        "from player_game_summary where did_play) where season = '2024-25' and season_type = 'regular' and n >= 5"
    )
    table = found.fetch()
    assert np.mean([row[2] for row in table]) == pytest.approx(all_rows, abs=0.002)
    chosen = is_established(rows) & (rows.keys["season"] == "2024-25")
    ours = np.abs(rows.windows[f"points_{window}"] - rows.actual(MARKETS["points"]))[chosen]
    assert ours.mean() == pytest.approx(np.mean([row[2] for row in table if row[:2] not in places]), abs=1e-9)
