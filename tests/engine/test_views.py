"""Views keep receipts and states like tables, hold no rows of their own, and rows of a date may belong to no game."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from backcourt.engine.declare.table import AS_OF, Reads, Table, before, keys, same
from backcourt.engine.errors import DeclarationError
from tests.engine.league import _SIDES, League, tables

DAY = date(2021, 10, 11)

VIEW = Table(
    phase=4,
    grain=("game_date", "team_id"),
    reads={"form": same(), "context": same()},
    stored=False,
    known=AS_OF,
    games="scheduled",
    expects=keys(_SIDES),
    sql="""
select
    form.game_date::date as game_date,  -- date of the game
    form.game_id::varchar as game_id,  -- game
    form.team_id::bigint as team_id,  -- team
    (form.points_mean_season + context.price)::double as mixed,  -- form and price [null: mixed]
    (case when form.points_mean_season is null or context.price is null then 'no_source' end)::varchar as mixed_null_reason,  -- why not
from form
join context on context.game_date = form.game_date and context.team_id = form.team_id
""",
)

# Every team of the league on every date; only those that play have a game.
_ALL_TEAMS = """
    select days.game_date, own.game_id, teams.team_id
    from (select distinct game_date from fixtures) as days
    cross join (select distinct home_id as team_id from fixtures union select distinct away_id from fixtures) as teams
    left join (
        select game_date, game_id, home_id as team_id from fixtures where home_id <> 1
        union all
        select game_date, game_id, away_id from fixtures where away_id <> 1
    ) as own on own.game_date = days.game_date and own.team_id = teams.team_id
"""
EVERY_TEAM = Table(
    phase=4,
    grain=("game_date", "team_id"),
    reads={"fixtures": same()},
    known=AS_OF,
    games="scheduled",
    expects=keys(_ALL_TEAMS),
    sql=f"select r.game_date::date as game_date,  -- date\nr.team_id::bigint as team_id,  -- team\n"
    f"r.game_id::varchar as game_id,  -- its game; team 1 shows none [null: game]\n"
    f"(case when r.game_id is null then 'not_applicable' end)::varchar as game_null_reason,  -- why none\nfrom ({_ALL_TEAMS}) as r",
)


@pytest.fixture
def league(tmp_path: Path) -> League:
    league = League(tmp_path)
    league.declared |= {"mixed": VIEW, "every_team": EVERY_TEAM}
    league.run()
    return league


def test_a_view_has_receipts_and_no_rows_of_its_own(league: League) -> None:
    assert league.unmet() == {}
    stored = {name for (name,) in league.warehouse.query("select table_name from duckdb_tables()")}
    assert "form" in stored and "mixed" not in stored
    assert league.warehouse.query("select count(*) from receipts where table_name = 'mixed'") == [(24,)]
    assert league.warehouse.query("select count(mixed) from mixed")[0][0] > 0


def test_a_changed_input_makes_exactly_its_dates_stale(league: League) -> None:
    league.warehouse.query("update raw_prices set price = price + 1 where game_date = ? and extract(hour from captured_at) < 19", [DAY])
    league.take_in("prices")
    league.run()
    assert league.unmet() == {}
    again = league.warehouse.query("select game_date from receipts where table_name = 'mixed' and built_at is not null")
    assert (DAY,) in again


def test_the_view_follows_damage_to_its_inputs_and_their_repair(league: League) -> None:
    league.warehouse.query("delete from form where game_date = ? and team_id = 2", [DAY])
    unmet = league.unmet()
    assert set(unmet) >= {("form", DAY), ("mixed", DAY)} and all(day == DAY for _, day in unmet)
    league.run()
    assert league.unmet() == {}


def test_another_query_makes_every_date_stale(league: League) -> None:
    league.declared["mixed"] = replace(VIEW, sql=VIEW.sql.replace("points_mean_season +", "points_mean_season + 2 *"))
    assert set(league.unmet()) == {("mixed", day) for (day,) in league.warehouse.query("select distinct game_date from mixed")}
    assert set(league.unmet().values()) == {"stale"}
    league.run()
    assert league.unmet() == {}


def test_a_table_can_become_a_view_and_a_view_a_table(league: League) -> None:
    for stored in (True, False):
        league.declared["mixed"] = replace(VIEW, stored=stored)
        league.run()
        assert league.unmet() == {}
        kept = {name for (name,) in league.warehouse.query("select table_name from duckdb_tables()")}
        assert ("mixed" in kept) is stored


def test_a_view_reads_the_same_date_only() -> None:
    with pytest.raises(ValueError, match="same date only"):
        replace(VIEW, reads={"form": before(seasons=1), "context": same()})


def test_rows_that_belong_to_no_game_are_expected_and_missed(league: League) -> None:
    assert league.warehouse.query("select count(*), count(game_id) from every_team where game_date = ?", [DAY]) == [(4, 3)]
    league.warehouse.query("delete from every_team where game_date = ? and game_id is null", [DAY])
    assert league.unmet() == {("every_team", DAY): "altered"}
    league.warehouse.query("delete from receipts where table_name = 'every_team' and game_date = ?", [DAY])
    assert league.unmet() == {("every_team", DAY): "partial"}
    partition = league.states()["every_team", DAY]
    assert (partition.rows_present, partition.rows_expected) == (3, 4)
    assert "1 rows that belong to no game" in partition.detail
    league.run()
    assert league.unmet() == {}
    league.warehouse.query("insert into every_team values (?, 99, null, 'not_applicable')", [DAY])
    assert league.unmet() == {("every_team", DAY): "surplus"}


def test_a_date_without_its_gameless_rows_says_so_and_keeps_its_games(league: League) -> None:
    broken = EVERY_TEAM.sql + " where r.game_id is not null"
    league.declared["every_team"] = replace(EVERY_TEAM, sql=broken)
    league.run()
    assert set(league.unmet().values()) == {"failed"}
    assert league.warehouse.query("select count(*), count(game_id) from every_team") == [(72, 72)]


def test_unknown_reads_are_named(league: League) -> None:
    league.declared["mixed"] = replace(VIEW, reads={"form": same()})
    with pytest.raises(DeclarationError, match="context"):
        _ = league.catalog
    assert Reads().is_same_day and tables()["form"].stored
