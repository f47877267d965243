"""Seasons as they come: official team minutes, unknown starts, overtimes, neutral floors build; a wrong row takes its game, or itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import backcourt
from backcourt.home import Home
from tests.conftest import _once
from tests.faults.conftest import twelve_dates  # noqa: F401 - a fixture

Change = Callable[[Path], None]


def rewrite(file: Path, query: str) -> None:
    """Replace a Parquet file by the result of a query over it, `rows`."""
    with duckdb.connect() as database:
        database.execute(f"create table rows as select * from read_parquet('{file}')")
        database.execute(f"copy ({query}) to '{file}' (format parquet)")


def file_of(raw: Path, name: str) -> Path:
    return next(raw.rglob(f"{name}_*.parquet"))


@pytest.fixture
def home_of(twelve_dates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Home]:  # noqa: F811
    """A home of the league whose raw files a test may change before they are loaded."""
    monkeypatch.setenv("BACKCOURT_NOW", "2022-09-01T12:00:00")

    def made(*changes: Change) -> Home:
        raw = tmp_path / "raw"
        shutil.copytree(twelve_dates, raw)
        for change in changes:
            change(raw)
        home = backcourt.open(tmp_path / "home")
        home.init(simulated=True)
        home.ingest(raw)
        return home

    return made


@pytest.fixture(scope="session")
def untouched(twelve_dates: Path, shared_folder: Path) -> Home:  # noqa: F811
    """The league as it is, built."""

    def build(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setenv("BACKCOURT_NOW", "2022-09-01T12:00:00")
            home = backcourt.open(folder / "home")
            home.init(simulated=True)
            home.ingest(twelve_dates)
            home.run()

    return backcourt.open(_once(shared_folder / "twelve_built", build) / "home")


def rows(home: Home, query: str) -> list[tuple[object, ...]]:
    with home.reading() as warehouse:
        return warehouse.query(query)


def official_minutes(raw: Path) -> None:
    rewrite(file_of(raw, "team_box"), 'select * replace (cast(240 + 25 * round(("MIN" - 240) / 25.0) as bigint) as "MIN") from rows')


def to_be_decided(where: str) -> Change:
    """Write no start for these games, in each of the ways in which the league does that."""
    midnight = (
        "strftime(timezone('UTC', timezone('America/New_York', cast(substr(\"gameDateEst\", 1, 10) as timestamp))), '%Y-%m-%dT%H:%M:%SZ')"
    )
    stated = ("'1900-01-01T00:00:00Z'", "'0001-01-01T00:00:00Z'", midnight, "null")
    cases = " ".join(f"when {place} then {value}" for place, value in enumerate(stated))
    undecided = f'case row_number() over (order by "gameId") % {len(stated)} {cases} end'

    def change(raw: Path) -> None:
        start = f'case when {where} then {undecided} else "gameDateTimeUTC" end as "gameDateTimeUTC"'
        rewrite(file_of(raw, "schedule"), f"select * replace ({start}) from rows")

    return change


def without_half_of_the_odds(raw: Path) -> None:
    for name in ("odds_games_oddsapi", "props_oddsapi_sportsbooks"):
        rewrite(file_of(raw, name), "select * from rows where hash(id) % 2 = 0")


@pytest.mark.slow
def test_official_team_minutes_beside_rounded_players_build(home_of: Callable[..., Home]) -> None:
    home = home_of(official_minutes)
    summary = home.run()
    assert (summary.exit_code, summary.withheld) == (0, {})
    assert {minutes for (minutes,) in rows(home, "select distinct minutes_reported from team_offense_game_summary")} <= {240, 265, 290}
    assert home.verify("predictions").exit_code() == 0


def test_a_schedule_without_any_start_builds_and_locks_by_quotes_or_at_noon(home_of: Callable[..., Home], untouched: Home) -> None:
    home = home_of(to_be_decided("true"), without_half_of_the_odds)
    summary = home.run()
    assert (summary.exit_code, summary.withheld) == (0, {})
    assert home.verify("predictions").exit_code() == 0
    assert rows(home, "select count(*) from games where tip_at is not null") == [(0,)]
    found = dict(rows(home, "select tip_null_reason, count(*) from games group by 1"))
    assert set(found) == {"to_be_decided_locks_by_quotes", "to_be_decided_locks_at_noon"}
    # A lock at noon in New York, in winter; one by the quotes is the earliest start that was quoted.
    assert rows(home, "select distinct cast(lock_at as time) from games where tip_null_reason like '%noon'")[0][0].hour in (16, 17)
    quoted = "select min(commence_time) from odds_events e where e.game_date = g.game_date and e.home_team_id = g.home_team_id"
    assert rows(home, f"select count(*) from games g where tip_null_reason like '%quotes' and lock_at <> ({quoted})") == [(0,)]
    assert rows(home, "select count(*) from ml_feature_store where tip_at is null and tip_null_reason is null") == [(0,)]
    # Whom only a quote listed is not listed without it.
    listed = "select count(*) from slate_players where universe_sources <> '[\"quote\"]'"
    assert rows(home, listed) == rows(untouched, listed)


@pytest.mark.slow
def test_one_undecided_start_changes_nothing_elsewhere(home_of: Callable[..., Home], untouched: Home) -> None:
    ((game,),) = rows(untouched, "select game_id from games order by game_date, game_id limit 1 offset 9")
    home = home_of(to_be_decided(f"\"gameId\" = '{game}'"))
    assert home.run().exit_code == 0
    others = f"select * from games where game_id <> '{game}' order by 1, 2"
    assert rows(home, others) == rows(untouched, others)
    assert rows(home, f"select tip_at is null, lock_at is not null from games where game_id = '{game}'") == [(True, True)]


@pytest.mark.slow
def test_a_neutral_floor_and_an_overtime_build(home_of: Callable[..., Home], untouched: Home) -> None:
    ((game,),) = rows(untouched, "select game_id from games order by game_date, game_id limit 1")
    home = home_of(
        lambda raw: rewrite(file_of(raw, "schedule"), f'select * replace ("gameId" = \'{game}\' or "isNeutral" as "isNeutral") from rows'),
        # Five more minutes for one team's five, on both sides.
        lambda raw: rewrite(
            file_of(raw, "team_box"), f'select * replace (case when "GAME_ID" = \'{game}\' then 265 else "MIN" end as "MIN") from rows'
        ),
        lambda raw: rewrite(
            file_of(raw, "player_box"),
            f"""select * exclude (place) replace (case when "GAME_ID" = '{game}' and place <= 5 then "MIN" + 5 else "MIN" end as "MIN")
            from (select *, row_number() over (partition by "GAME_ID", "TEAM_ID" order by "MIN" desc) as place from rows)""",
        ),
    )
    summary = home.run()
    assert (summary.exit_code, summary.withheld) == (0, {})
    assert rows(home, f"select distinct overtime_periods from team_offense_game_summary where game_id = '{game}'") == [(1,)]
    assert rows(home, f"select is_neutral_site from games where game_id = '{game}'") == [(True,)]


@pytest.mark.slow
def test_a_season_with_fewer_games_builds(home_of: Callable[..., Home], untouched: Home) -> None:
    ((day,),) = rows(untouched, "select game_date from (select distinct game_date from games order by 1) limit 1 offset 2")
    home = home_of(lambda raw: rewrite(file_of(raw, "schedule"), f"select * from rows where substr(\"gameDateEst\", 1, 10) <= '{day}'"))
    assert home.run().exit_code == 0
    assert home.verify("predictions").exit_code() == 0


def test_a_bad_team_row_takes_its_game_and_makes_thin_by_exactly_that(home_of: Callable[..., Home], untouched: Home) -> None:
    ((game, day, team),) = rows(
        untouched, "select game_id, game_date, home_team_id from games order by game_date, game_id limit 1 offset 4"
    )
    home = home_of(
        lambda raw: rewrite(
            file_of(raw, "team_box"),
            f'select * replace (case when "GAME_ID" = \'{game}\' and "TEAM_ID" = {team} then "AST" + 1 else "AST" end as "AST") from rows',
        )
    )
    summary = home.run()
    assert summary.exit_code == 1 and set(summary.withheld["team_offense_game_summary"]) == {game}
    assert summary.cause is not None and game in summary.cause.text and "players_add_up" in summary.cause.text
    verdict = home.verify("predictions")
    by_itself = {(p.table, p.state) for p in verdict.unmet if p.state != "thin"}
    assert by_itself == {
        ("team_offense_game_summary", "failed"), ("team_defense_game_summary", "blocked"), ("player_game_summary", "blocked"),
    }  # fmt: skip
    assert {p.game_date for p in verdict.unmet if p.state != "thin"} == {day}
    thin = [p for p in verdict.unmet if p.state == "thin"]
    assert thin and {p.history_games_lacking for p in thin} == {1} and min(p.game_date for p in thin) > day
    others = f"select count(*) from team_offense_game_summary where game_id <> '{game}'"
    assert rows(home, others) == rows(untouched, others)
    assert rows(home, f"select count(*) from team_offense_game_summary where game_id = '{game}'") == [(0,)]
