"""Tables that are only added to: what a declaration may say, what the engine leaves alone, and columns that come later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from backcourt.engine.build.plan import make_plan
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.checks import not_null
from backcourt.engine.declare.table import AS_OF, Append, Table, keys, nothing, same
from backcourt.engine.errors import BackcourtError, DeclarationError
from backcourt.engine.prove.asof import as_of_tables
from backcourt.engine.prove.verify import verify
from backcourt.record.chain import verify_chain
from backcourt.record.writer import append
from backcourt.tables import declared as declarations
from backcourt.tables.ledger.batches import table as batches
from tests.engine.league import _SIDES, NOW, League, tables

DAY, NEXT = date(2021, 10, 5), date(2021, 10, 7)

CALLS = Table(
    phase=5,
    grain=("game_date", "call_id"),
    games="scheduled",
    known=AS_OF,
    reads={},
    append=Append(
        verb="call",
        stamped="called_at",
        identity=("team_id", "said"),
        covers="select game_date, game_id, cast(team_id as varchar) as key from {rows}",
    ),
    expects=keys(f"select game_date, game_id, cast(team_id as varchar) as key, cast(null as timestamp) as due_at from ({_SIDES}) as sides"),
    sql="""
select
    null::date as game_date,  -- date of the game
    null::varchar as call_id,  -- which call
    null::varchar as game_id,  -- game
    null::bigint as team_id,  -- team
    null::varchar as said,  -- what was said of it
    null::timestamp as called_at,  -- when
    null::varchar as run_id,  -- by which run
    null::varchar as row_hash,  -- hash of the row
    null::bigint as batch_id  -- its batch
""",
)


@pytest.fixture
def league(tmp_path: Path) -> Iterator[League]:
    """A built league to which calls may be appended."""
    league = League(tmp_path, dates=4, seasons=1)
    league.declared |= {"calls": CALLS, "batches": batches}
    league.run()
    yield league
    league.warehouse.close()


def call(league: League, day: date, *teams: int, said: str = "wins", **more: str) -> int:
    """Say something of these teams of a date; how many calls were new."""
    games = dict(league.warehouse.query(f"select team_id, game_id from ({_SIDES}) where game_date = ?", [day]))
    columns = {"game_date": [day] * len(teams), "game_id": [games[t] for t in teams], "team_id": list(teams), "said": [said] * len(teams)}
    columns |= {name: [value] * len(teams) for name, value in more.items()}
    words = {"run_id": "r", "now": NOW, "fingerprint": "f", "inputs_hash": "i"}
    return append(league.warehouse, league.situation(), "calls", columns, **words).new  # type: ignore[arg-type]


def states(league: League) -> dict[date, str]:
    """The states of the calls."""
    return {day: p.state for (table, day), p in league.states().items() if table == "calls"}


def test_nothing_plans_builds_or_proves_it(league: League) -> None:
    call(league, DAY, 1)
    before = league.warehouse.query("select * from calls")
    assert make_plan(league.situation(), Selection()).partitions == 0 and league.run().planned == 0
    assert league.run(Selection(tables=("calls",)), rebuild=True).by_table == {}
    assert "calls" not in {node.name for node in as_of_tables(league.situation())}
    assert league.warehouse.query("select * from calls") == before


def test_it_is_expected_from_its_first_date_on(league: League) -> None:
    assert states(league) == {}
    call(league, DAY, 1, 2, 3, 4)
    assert states(league) == {DAY: "complete", NEXT: "missing"}
    call(league, NEXT, 1)
    assert states(league)[NEXT] == "partial"
    call(league, NEXT, 2, 3, 4)
    assert states(league) == {DAY: "complete", NEXT: "complete"}


def test_other_code_or_inputs_make_nothing_stale(league: League) -> None:
    call(league, DAY, 1, 2, 3, 4)
    league.declared["calls"] = replace(CALLS, checks=[not_null("said")])
    league.warehouse.query("update raw_scores set points = points + 1")
    league.take_in("scores")
    assert states(league)[DAY] == "complete"


def test_a_waiver_and_a_gate_hold_for_it(league: League) -> None:
    call(league, DAY, 1, 2, 3, 4)
    verdict = verify(league.situation(), "calls", 6, Selection(), from_phase=5)
    assert [(p.table, p.game_date, p.state) for p in verdict.unmet] == [("calls", NEXT, "missing")]
    league.warehouse.query("insert into waivers values ('calls', ?, ?, 'nobody was there', 'me', null, null)", [NEXT, NEXT])
    assert verify(league.situation(), "calls", 6, Selection(), from_phase=5).exit_code() == 0
    assert "calls" not in verify(league.situation(), "phase4", 4, Selection()).tables


def test_a_column_that_comes_later_leaves_earlier_hashes_alone(league: League) -> None:
    call(league, DAY, 1)
    league.declared["calls"] = replace(
        CALLS, sql=CALLS.sql.replace("null::timestamp", "null::varchar as why,  -- why it was said\n    null::timestamp")
    )
    call(league, DAY, 2, why="home")
    assert verify_chain(league.warehouse, league.catalog) == []
    assert league.warehouse.query("select team_id, why from calls order by 1") == [(1, None), (2, "home")]
    league.declared["calls"] = CALLS
    call(league, DAY, 3)
    assert league.warehouse.query("select count(why) from calls") == [(1,)]


def test_a_column_keeps_its_type(league: League) -> None:
    call(league, DAY, 1)
    league.declared["calls"] = replace(CALLS, sql=CALLS.sql.replace("null::bigint as team_id", "null::varchar as team_id"))
    with pytest.raises(BackcourtError, match=r"calls\.team_id holds BIGINT, declared is VARCHAR"):
        call(league, DAY, 2)


def test_what_a_declaration_may_not_say(league: League) -> None:
    with pytest.raises(ValueError, match="reads nothing"):
        replace(CALLS, reads={"fixtures": same()})
    with pytest.raises(ValueError, match="what its rows cover"):
        replace(CALLS, expects=nothing())
    league.declared["form"] = replace(tables()["form"], expects=keys("select game_date, game_id, team_id from calls"))
    with pytest.raises(DeclarationError, match="form: it reads calls, which is appended to"):
        _ = league.catalog


def test_the_real_ledger_is_registered_by_its_folder() -> None:
    catalog = declarations.catalog(None, None)
    assert {node.name for node in catalog.appended} == {"forecasts", "picks", "outcomes", "grades", "batches"}
    for node in catalog.appended:
        assert node not in catalog.built and node not in catalog.sources and node.phase in declarations.gate("ledger")
        assert [column.name for column in node.columns if len(column.meaning) < 3] == []
