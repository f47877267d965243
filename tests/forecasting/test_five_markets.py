"""Five markets through the same way, by the verbs: walked forward, forecast before the lock, graded, judged, published, proved."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

pytest.importorskip("jsonschema", reason="publishing needs the extra `publish`: pip install 'backcourt[publish]'")

import backcourt
from backcourt.cli.main import app
from backcourt.field.markets import MARKETS
from backcourt.home import Home

pytestmark = pytest.mark.slow


def call(home: Home, *arguments: str) -> Result:
    """A verb, which must end well."""
    done = CliRunner().invoke(app, [*arguments, "--home", str(home.path)])
    assert done.exit_code == 0, (arguments, done.output, done.exception)
    return done


@pytest.fixture(scope="module")
def home(league: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The league of 240 games a season with the walk-forward of every market."""
    folder = tmp_path_factory.mktemp("five") / "home"
    shutil.copytree(league.path, folder, ignore=shutil.ignore_patterns("raw"))
    copied = backcourt.open(folder)
    call(copied, "backtest")
    return copied


@pytest.fixture(scope="module")
def evening(home: Home) -> date:
    """The last slate on which every market has lines."""
    return home.sql(
        "select max(game_date) from (select game_date from prop_quotes where player_id is not null and not is_dfs "
        f"group by game_date having count(distinct market) >= {len(MARKETS)}) as quoted"
    ).fetch()[0][0]


def test_five_markets_go_the_same_way(home: Home, evening: date, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, last = home.sql(f"select min(lock_at), max(lock_at) from games where game_date = '{evening}'").fetch()[0]
    monkeypatch.setenv("BACKCOURT_NOW", (lock - timedelta(minutes=45)).isoformat())
    call(home, "predict", "--date", str(evening), "--moment", "now")
    listed = home.sql(f"select count(*) from ml_feature_store where game_date = '{evening}'").fetch()[0][0]
    said = dict(home.sql("select market, count(distinct player_id) from forecasts where kind = 'LIVE' group by 1").fetch())
    assert said == dict.fromkeys(MARKETS, listed), "every listed player has a forecast in every market"
    systems = home.sql(
        "select count(distinct list) from (select market, list(distinct system order by system) as list from forecasts group by 1)"
    )
    assert systems.fetch() == [(1,)], "every market has the same systems"

    monkeypatch.setenv("BACKCOURT_NOW", (last + timedelta(hours=20)).isoformat())
    call(home, "grade", "--date", str(evening))
    results = " union all ".join(
        f"select player_id, game_id, '{market.id}' as market, {' + '.join(market.parts)} as result from player_game_summary"
        for market in MARKETS.values()
    )
    right = home.sql(
        "select count(*), count(*) filter (where abs(g.ae - abs(f.point - r.result)) > 1e-6) from grades g "
        f"join forecasts f on g.subject_id = f.forecast_id join ({results}) r "
        "on r.player_id = f.player_id and r.game_id = f.game_id and r.market = f.market where g.ae is not null"
    ).fetch()[0]
    assert right[0] > 5 * 100 and right[1] == 0, "each market is graded on its own result"
    assert home.sql("select count(distinct market) from picks where action <> 'NO_LINE'").fetch() == [(len(MARKETS),)]

    call(home, "verify", "--for", "ledger")
    card = json.loads(call(home, "reportcard", "--json").stdout)["card"]
    assert [section["market"] for section in card["markets"]] == list(MARKETS)
    assert {verdict["market"] for verdict in card["verdicts"]} <= set(MARKETS)
    call(home, "publish", "--date", str(evening))
    (day,) = (home.path / "published" / "v1").glob(f"generations/*/predictions/{evening}.json")
    published = json.loads(day.read_text())
    assert {market["market"] for player in published["players"] for market in player["markets"]} == set(MARKETS)
    call(home, "publish", "--check")


def test_a_second_evening_adds_and_changes_nothing(home: Home, evening: date, monkeypatch: pytest.MonkeyPatch) -> None:
    last = home.sql(f"select max(lock_at) from games where game_date = '{evening}'").fetch()[0][0]
    monkeypatch.setenv("BACKCOURT_NOW", (last + timedelta(hours=20)).isoformat())
    counts = "select (select count(*) from forecasts), (select count(*) from picks), (select count(*) from grades)"
    before = home.sql(counts).fetch()
    call(home, "grade", "--date", str(evening))
    assert home.sql(counts).fetch() == before
    files = {file: file.read_bytes() for file in Path(home.path / "published").rglob("*.json")}
    call(home, "publish", "--date", str(evening))
    assert {file: file.read_bytes() for file in Path(home.path / "published").rglob("*.json")} == files


def test_a_range_is_its_slates_and_needs_both_ends(home: Home, evening: date) -> None:
    start = evening - timedelta(days=3)
    done = call(home, "predict", "--from", str(start), "--to", str(evening - timedelta(days=1)), "--market", "points", "--json")
    slates = [report["game_date"] for report in json.loads(done.stdout)["slates"]]
    assert slates == sorted(slates) and all(str(start) <= day < str(evening) for day in slates) and slates
    for arguments in (["--from", str(start)], ["--date", str(start), "--to", str(evening)], []):
        refused = CliRunner().invoke(app, ["predict", *arguments, "--home", str(home.path)])
        assert refused.exit_code and "needs --date DATE, or --from DATE and --to DATE" in str(refused.exception)


def test_a_range_in_the_wrong_order_is_one_sentence(home: Home, evening: date) -> None:
    arguments = ["predict", "--from", str(evening), "--to", str(evening - timedelta(days=1)), "--home", str(home.path)]
    refused = CliRunner().invoke(app, arguments)
    assert "lies after" in str(refused.exception) and "first date first" in str(refused.exception)
