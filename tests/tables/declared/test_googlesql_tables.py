"""GoogleSQL's own analyser accepts every declaration, translated, in each of its places: names, types and the rules of the language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from backcourt.engine.declare.catalog import Node
from backcourt.engine.portable.places import places
from backcourt.engine.portable.rules import violations
from backcourt.engine.warehouse import bind
from backcourt.tables.declared import CALENDAR_SQL
from tests.engine.googlesql import Analyser, Schema
from tests.tables.declared.everything import CATALOG
from tests.tables.declared.everything import schema as schema_of_everything

DAYS = "game_date between date '2024-01-01' and date '2024-01-07'"
# Each passes the rules of our own, and BigQuery refuses it.
REFUSED = {
    "the mean of a column's own alias": (
        "select game_id, min(home_team_id) as home_team_id from games group by game_id having count(distinct home_team_id) = 1",
        "Aggregations of aggregations",
    ),
    "an alias that shadows a table": (
        "select games.game_id, count(*) as games from games group by games.game_id",
        "not allowed in GROUP BY",
    ),
    "a window per number with a point": (
        "select row_number() over (partition by line order by captured_at nulls first) as place from prop_quotes",
        "Partitioning by expressions of type FLOAT64",
    ),
    "a column that isn't there": ("select no_such_column from games", "Unrecognized name"),
    "a function without such arguments": ("select lower(lock_at) as lock_at from games", "No matching signature"),
    "an aggregate beside a column": ("select season, max(game_date) as last_date from games", "neither grouped nor aggregated"),
}


@pytest.fixture(scope="module")
def schema() -> dict[str, dict[str, str]]:
    return schema_of_everything()


@pytest.fixture(scope="module")
def analyser(analyser_of: Callable[[Schema], Analyser], schema: Schema) -> Analyser:
    return analyser_of(schema)


@pytest.mark.parametrize("name", CATALOG.nodes)
def test_every_place_is_accepted(name: str, analyser: Analyser) -> None:
    node = CATALOG[name]
    listed = places(name, node.declaration, rows=f"(select * from main.{name} where {DAYS})")
    if node.is_built and not node.is_view:
        listed["query"] = _written(node)
    refused = {place: analyser.refusals(sql) for place, sql in listed.items()}
    assert {place: found for place, found in refused.items() if found} == {}


def _written(node: Node) -> str:
    """The table's rows bound to dates and written to it, as the engine does: GoogleSQL then also says whether their types fit."""
    bounds = {read: f"select * from main.{read}" + ("" if reads.undated else f" where {DAYS}") for read, reads in node.reads.items()}
    names = ", ".join(node.column_names)
    return f"insert into {node.name} ({names}) select {names} from ({bind(node.table.sql, bounds)}) as computed where {DAYS}"


def test_the_calendar_is_accepted(analyser: Analyser) -> None:
    assert analyser.refusals(CALENDAR_SQL) == []


@pytest.mark.parametrize("what", REFUSED)
def test_what_passes_the_rules_and_not_googlesql_is_found(what: str, analyser: Analyser, schema: Schema) -> None:
    sql, said = REFUSED[what]
    assert violations(sql, schema=schema) == []
    assert [said in refusal for refusal in analyser.refusals(sql)] == [True]
    assert [said in problem for problem in analyser.problems(sql)] == [True]


def test_rows_of_another_type_do_not_fit_into_their_table(analyser: Analyser) -> None:
    node = CATALOG["games"]
    moved = replace(node, declaration=replace(node.table, sql=node.table.sql.replace("::timestamp as tip_at", "::date as tip_at")))
    assert "cannot be inserted into column tip_at" in analyser.refusals(_written(moved))[0]


def test_statements_are_judged_by_the_rules_and_by_googlesql(analyser: Analyser) -> None:
    assert analyser.problems("delete from games where game_date = date '2024-01-01'") == []
    assert analyser.problems("insert into games (game_date, game_id) values (?, ?)") == []
    assert analyser.problems("update games set status = ? where game_id = ?") == []
    assert "hash is not on the allow list" in analyser.problems("select hash(game_id) from games")[0]
    assert "only inserts" in analyser.problems("insert or replace into games (game_id) values ('1')")[0]
    assert "cannot be inserted" in analyser.problems("insert into games (game_id) select game_date from games")[0]
    assert analyser.problems("create table more (x bigint)") == analyser.problems("begin transaction") == []


def test_a_relation_may_be_learnt_later(analyser: Analyser) -> None:
    assert "Table not found" in analyser.problems("select place from staged")[0]
    analyser.learn("staged", {"place": "BIGINT"})
    assert analyser.problems("select place from staged") == []


def test_a_deep_query_is_judged_as_well(analyser: Analyser) -> None:
    deep = f"SELECT {'(' * 150}points{' + 1)' * 150} AS points FROM player_box"
    assert analyser.refusal(deep) is None
    assert "Unrecognized name" in (analyser.refusal(deep.replace("points + 1", "no_such_column + 1")) or "")
