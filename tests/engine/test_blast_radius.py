"""A bad row takes with it what it belongs to, and nothing else: its game, or itself where it has none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from backcourt.engine.declare.checks import between, offending
from backcourt.engine.declare.table import ALWAYS, Table, keys, same
from tests.engine.league import League, tables

DAY = date(2021, 10, 5)
GAME = "20210020"

QUOTES_SQL = """
select
    p.game_date::date as game_date,      -- date of the game
    p.game_id::varchar as event,         -- what was quoted
    p.captured_at::timestamp as captured_at,  -- when
    p.price::bigint as price,            -- how much
    null::varchar as note,               -- nothing [null: note]
    'not_applicable'::varchar as note_null_reason,  -- why not
from prices p
"""
SLATE_SQL = """
select
    f.game_date::date as game_date,      -- date of the game
    f.game_id::varchar as game_id,       -- game
    f.home_id::bigint as home_id,        -- home team
    f.away_id::bigint as away_id,        -- away team
from fixtures f
"""


@pytest.fixture
def league(tmp_path: Path) -> League:
    """A league with a table of quotes, which belong to no game, and one of games, which others expect their keys from."""
    league = League(tmp_path, dates=5)
    league.declared["quotes"] = Table(
        phase=2, grain=("game_date", "event", "captured_at"), reads={"prices": same()}, sql=QUOTES_SQL, games="none", known=ALWAYS,
        expects=keys("select game_date, game_id as event, captured_at from prices"), checks=[between("price", 0, 500)],
    )  # fmt: skip
    league.declared["slate"] = Table(
        phase=2, grain=("game_date", "game_id"), reads={"fixtures": same()}, sql=SLATE_SQL, games="none", known=ALWAYS,
        expects=keys("select game_date, game_id from fixtures"),
        checks=[offending("two_teams", "select * from {rows} where home_id = away_id")],
    )  # fmt: skip
    sides = " union all ".join(f"select game_date, game_id, {side}_id as team_id from slate" for side in ("home", "away"))
    league.declared["summary"] = replace(tables()["summary"], expects=keys(sides))
    return league


def test_a_bad_row_of_no_game_is_left_out_alone(league: League) -> None:
    league.warehouse.query("update raw_prices set price = 999 where game_id = ? and hour(captured_at) = 14", [GAME])
    league.take_in("prices")
    run = league.run()
    ((name, reason),) = run.withheld["quotes"].items()
    assert name.startswith(f"row {GAME} {DAY} ") and reason.startswith("check between(price, 0, 500): 1 row(s)")
    assert league.warehouse.query("select count(*) from quotes where game_date = ?", [DAY]) == [(5,)]
    states = league.states()
    assert league.causes() == {("quotes", DAY): "failed"} and name in states["quotes", DAY].detail
    assert (states["quotes", DAY].rows_present, states["quotes", DAY].rows_expected) == (5, 6)


def test_a_bad_row_of_a_table_of_games_takes_that_game_alone(league: League) -> None:
    league.warehouse.query("update raw_fixtures set away_id = home_id where game_id = ?", [GAME])
    league.take_in("fixtures")
    run = league.run()
    assert set(run.withheld["slate"]) == {GAME}
    causes = league.causes()
    assert causes["slate", DAY] == "failed" and causes["summary", DAY] == "blocked"
    assert [hole.text for hole in league.states()["summary", DAY].holes] == [f"{GAME} waits for slate"]
    assert league.warehouse.query("select count(distinct game_id) from summary where game_date = ?", [DAY]) == [(1,)]
    assert {day for _, day in causes} == {DAY}


def test_an_expectation_that_is_not_built_shrinks_nothing(league: League) -> None:
    league.run()
    league.warehouse.query("delete from slate where game_date = ?", [DAY])
    league.warehouse.query("delete from receipts where table_name in ('slate', 'summary') and game_date = ?", [DAY])
    league.warehouse.query("delete from summary where game_date = ?", [DAY])
    states = league.states()
    assert states["slate", DAY].state == "missing"
    # Without its games the table would expect nothing and be complete.
    assert states["summary", DAY].state == "blocked" and len(states["summary", DAY].holes) == 2
    league.run()
    assert league.unmet() == {}
