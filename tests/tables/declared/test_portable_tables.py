"""Every declaration keeps to portable SQL in each of its places: query, expectation, coverage, checks; and so does every relation."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlglot

from backcourt.engine.declare.checks import offending, season_check
from backcourt.engine.declare.table import ALWAYS, Append, Relation, Table, everything, keys, nothing
from backcourt.engine.portable.places import places, violations_by_place
from backcourt.engine.portable.rules import to_bigquery, violations
from backcourt.tables.declared import CALENDAR_SQL
from tests.tables.declared.everything import CATALOG
from tests.tables.declared.everything import schema as schema_of_everything

BUILT = [node.name for node in CATALOG.built]
Schema = dict[str, dict[str, str]]

NUMBERS = {"numbers": {"game_date": "DATE", "game_id": "VARCHAR", "points": "BIGINT"}}
TABLE = Table(
    phase=3,
    grain=("game_date", "game_id"),
    reads={"numbers": everything()},
    expects=keys("select game_date, game_id from numbers"),
    sql="select game_date, game_id, points from numbers",
    checks=[
        offending("points_from_0", "select * from {rows} where points < 0"),
        season_check("points", "select 'all' as season, max(points) as most from {rows}"),
    ],
)
KEPT = Table(
    phase=5,
    grain=("game_date", "game_id"),
    reads={},
    append=Append("predict", "said_at", derived={"points": "coalesce(incoming.points, 0)"}, covers="select game_date, game_id from {rows}"),
    expects=keys("select game_date, game_id from numbers"),
    sql="select null::date as game_date",
)
RELATION = Relation(grain=("game_id",), known=ALWAYS, sql="select game_date, game_id, points from numbers")
MEDIAN = "select median(points) as points from numbers"
PLANTED = {
    "a table's query": (replace(TABLE, sql=MEDIAN), "query"),
    "an expectation": (replace(TABLE, expects=keys(MEDIAN)), "expectation"),
    "a row check": (replace(TABLE, checks=[offending("middle", "select median(points) as points from {rows}")]), "check middle"),
    "a season check": (replace(TABLE, checks=[season_check("middle", "select median(points) as points from {rows}")]), "check middle"),
    "a check that only warns": (
        replace(TABLE, checks=[offending("middle", "select median(points) as points from {rows}", severity="warn")]),
        "check middle",
    ),
    "what rows cover": (replace(KEPT, append=Append("predict", "said_at", covers="select median(points) from {rows}")), "covers"),
    "a derived column": (
        replace(KEPT, expects=nothing(), append=Append("predict", "said_at", derived={"points": "(select median(points) from numbers)"})),
        "derived points",
    ),
    "a relation": (replace(RELATION, sql=MEDIAN), "query"),
}


@pytest.fixture(scope="module")
def schema() -> Schema:
    return schema_of_everything()


def test_there_are_declarations_to_judge(schema: Schema) -> None:
    assert BUILT
    assert [node.name for node in CATALOG.nodes.values() if not schema.get(node.name)] == []
    listed = [place.split()[0] for node in CATALOG.nodes.values() for place in places(node.name, node.declaration)]
    assert {"query", "expectation", "covers", "derived", "check"} == set(listed)
    checks = sum(len(node.table.checks) for node in [*CATALOG.built, *CATALOG.appended])
    assert listed.count("check") == checks + sum(len(node.game_checks) for node in CATALOG.sources)


@pytest.mark.parametrize("name", CATALOG.nodes)
def test_the_declaration_is_portable(name: str, schema: Schema) -> None:
    assert violations_by_place(name, CATALOG[name].declaration, schema) == {}


def test_the_calendar_is_portable(schema: Schema) -> None:
    assert violations(CALENDAR_SQL, schema=schema) == []


@pytest.mark.parametrize("name", BUILT)
def test_the_translation_names_the_same_columns(name: str) -> None:
    translated = sqlglot.parse_one(to_bigquery(CATALOG[name].table.sql), read="bigquery")
    assert translated.named_selects == list(CATALOG[name].column_names)


@pytest.mark.parametrize("declaration", [TABLE, KEPT, RELATION])
def test_nothing_is_found_where_nothing_is_planted(declaration: Table | Relation) -> None:
    assert violations_by_place("numbers", declaration, NUMBERS) == {}


@pytest.mark.parametrize("where", PLANTED)
def test_what_is_not_portable_is_found_in_each_place(where: str) -> None:
    declaration, place = PLANTED[where]
    found = violations_by_place("numbers", declaration, NUMBERS)
    assert list(found) == [place]
    assert ["take the lower median by row_number()" in sentence for sentence in found[place]] == [True]
