"""Absence fails: whatever is emptied of what a check looks at, some check, expectation or hole of a source names it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from backcourt.engine.build import intake
from backcourt.engine.build.audit import offended
from backcourt.engine.build.chunk import Attempt, build_chunk
from backcourt.engine.declare.catalog import Node
from backcourt.engine.declare.contract import REASON, never_null, null_groups
from backcourt.engine.declare.table import Relation
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.judge.partition import Partition
from backcourt.engine.judge.policy import Policy
from backcourt.engine.judge.situation import Situation
from backcourt.tables import declared as declarations
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse, open_duckdb
from tests.conftest import BuiltHome

CATALOG = declarations.catalog(None, None)
TABLES = [*CATALOG.built, *CATALOG.appended]
BUILT = [node.name for node in CATALOG.built]
NOW = datetime.now(UTC).replace(tzinfo=None)


def read_by_checks() -> dict[str, set[str]]:
    """Relation or table -> the words of the checks that read it beside their own rows; its columns are among them."""
    found: dict[str, set[str]] = {}
    for node in CATALOG.nodes.values():
        checks = [check.sql for check in node.table.checks] if not isinstance(node.declaration, Relation) else []
        for sql in (*checks, *(check.sql for check in node.game_checks)):
            words = set(re.findall(r"[a-z_]\w*", sql.lower()))
            for name in (words & set(CATALOG.nodes)) - ({node.name} if checks else set()):
                found.setdefault(name, set()).update(words)
    return found


READ = read_by_checks()


def test_there_is_something_to_empty() -> None:
    assert {"results", "player_box", "team_box", "shots", "schedule", "games", "player_form", "team_offense_game_summary"} <= set(READ)
    assert {"home_points", "away_points", "minutes", "assists"} <= READ["results"] | READ["player_box"]


@pytest.fixture(scope="module")
def busy_day(simulated_home: BuiltHome) -> date:
    """The last date of a full slate: all windows hold games."""
    ((day,),) = simulated_home.query("select game_date from games group by game_date order by count(*) desc, game_date desc limit 1")
    return day  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", BUILT)
def test_each_value_and_each_reason_that_lacks_is_missed_by_name(name: str, simulated_home: BuiltHome, busy_day: date) -> None:
    node = CATALOG[name]
    with simulated_home.home.reading() as warehouse:
        warehouse.stage("whole", f"select * from {name} where game_date = date '{busy_day}'")
        assert warehouse.query("select count(*) > 0 from whole") == [(True,)]
        assert offended(warehouse, node.contract, "whole") == []
        types = {column.name: column.type for column in node.columns}
        damages = {f"not_null({column})": f"cast(null as {types[column]}) as {column}" for column in never_null(node.columns)}
        for group in null_groups(node.columns):
            # A reason where there is none, and none where there is one: a group may have no NULL on this date.
            flipped = f"case when {group}{REASON} is null then 'no reason' end"
            damages[f"explained_nulls({group})"] = f"{flipped} as {group}{REASON}"
        assert damages.keys() == {check.name for check in node.contract}
        for check in node.contract:
            # Each by its own check alone: all of them for each would take a second a wide table.
            assert offended(warehouse, [check], f"(select * replace ({damages[check.name]}) from whole)") == [check]


@pytest.mark.parametrize("node", TABLES, ids=lambda node: node.name)
def test_a_row_without_any_value_breaks_every_promise_of_one(node: Node) -> None:
    warehouse = open_duckdb(":memory:")
    nothing = ", ".join(f"cast(null as {column.type}) as {column.name}" for column in node.columns)
    found = {check.name for check in offended(warehouse, node.contract, f"(select {nothing})")}
    assert {f"not_null({column})" for column in never_null(node.columns)} <= found
    assert {f"explained_nulls({group})" for group in null_groups(node.columns)} <= found
    warehouse.close()


class Emptied:
    """A copy of the simulated home's warehouse, of which a test empties something on one date."""

    def __init__(self, warehouse: DuckDBWarehouse, day: date) -> None:
        self.warehouse = warehouse
        self.day = day
        self.game: str = warehouse.query("select min(game_id) from games where game_date = ? and status = 'scheduled'", [day])[0][0]
        self.team: int = warehouse.query("select home_team_id from games where game_id = ?", [self.game])[0][0]

    def situation(self, *, exact: bool = False) -> Situation:
        calendar = Calendar.read(self.warehouse, declarations.CALENDAR_SQL, NOW.date(), NOW)
        return Situation(self.warehouse, CATALOG, calendar, Policy(), exact=exact)

    def redefine(self, relation: str, query: str) -> None:
        """Make a source relation another query over what it was (`it`), and look at it as after a load."""
        sql = CATALOG[relation].declaration.sql
        self.warehouse.query(f"create or replace view {relation} as {query.replace('it', f'({sql}) as it', 1)}")
        with self.warehouse.transaction():
            intake.record(self.warehouse, CATALOG, {relation: None}, "emptied", NOW)

    def states(self) -> dict[str, Partition]:
        """The partitions of the date, by table, and of rows without a date."""
        found = self.situation(exact=True).states(CATALOG.nodes.values())
        return {f"{name} {day}": partition for name, days in found.items() for day, partition in days.items() if not partition.is_good}

    def build(self, node: Node) -> dict[str, str]:
        """Build the date of a table by this declaration; what was withheld, with the reasons."""
        return build_chunk(self.warehouse, self.situation(), node, [self.day], Attempt("emptied", NOW, rebuilds=True)).withheld


@pytest.fixture
def emptied(simulated_home: BuiltHome, busy_day: date, tmp_path: Path) -> Iterator[Emptied]:
    shutil.copyfile(simulated_home.home.warehouse_file, tmp_path / "copy.duckdb")
    warehouse = open_duckdb(tmp_path / "copy.duckdb", threads=1)
    yield Emptied(warehouse, busy_day)
    warehouse.close()


SOURCES = ("team_box", "player_box", "shots")


@pytest.mark.parametrize("relation", SOURCES)
@pytest.mark.parametrize("what", ["one side", "one game", "one team"])
def test_rows_that_lack_in_a_source_are_named(relation: str, what: str, emptied: Emptied) -> None:
    lost = {
        "one side": f"game_id = '{emptied.game}' and team_id = {emptied.team}",
        "one game": f"game_id = '{emptied.game}'",
        "one team": f"team_id = {emptied.team}",
    }[what]
    before = {row[0] for row in emptied.warehouse.query(f"select distinct game_id from {relation} where {lost} and game_date is not null")}
    emptied.redefine(relation, f"select * from it where not ({lost})")
    found = emptied.situation().states(CATALOG.upstream([relation]))[relation]
    holes = {hole.game_id: hole.text for partition in found.values() for hole in partition.holes}
    assert {game for game in before if game[2] != "1"} <= set(holes)
    assert emptied.game in holes[emptied.game] and (what == "one game" or str(emptied.team) in holes[emptied.game])


@pytest.mark.parametrize("relation", ["results", "schedule"])
def test_a_game_that_lacks_in_what_the_calendar_is_made_of_is_named(relation: str, emptied: Emptied) -> None:
    emptied.redefine(relation, f"select * from it where game_id <> '{emptied.game}'")
    told = {name: partition.detail for name, partition in emptied.states().items()}
    # Without a date its box belongs to none; without a result its rows are those of a game that isn't due.
    assert any("without a game_date" in detail if relation == "schedule" else emptied.game in detail for detail in told.values()), told


def columns_read() -> list[tuple[str, str]]:
    """The columns of source relations that checks of others read."""
    warehouse = open_duckdb(":memory:")
    from backcourt.sources.ingest import create_relations

    create_relations(warehouse)
    found = [
        (name, column)
        for name, words in sorted(READ.items())
        if isinstance(CATALOG[name].declaration, Relation)
        for column, _ in warehouse.columns(name)
        if column in words
    ]
    warehouse.close()
    return found


COLUMNS = columns_read()


@pytest.mark.slow
def test_a_column_that_lacks_in_a_source_is_named(emptied: Emptied) -> None:
    assert len(COLUMNS) > 30
    silent = []
    for relation, column in COLUMNS:
        ((kind,),) = emptied.warehouse.query(f"select typeof({column}) from {relation} limit 1")
        emptied.redefine(relation, f"select * replace (cast(null as {kind}) as {column}) from it")
        if not _is_noticed(emptied, relation):
            silent.append(f"{relation}.{column}")
        emptied.redefine(relation, "select * from it")
    assert silent == []


def _is_noticed(emptied: Emptied, relation: str) -> bool:
    """Is there a hole of a source, or does one of the tables that the relation goes into withhold games of the date?"""
    situation = emptied.situation(exact=True)
    if not situation.calendar.dates:
        # A gate over nothing that is expected is no gate that is met: exit 5.
        return True
    sources = situation.states([node for node in CATALOG.nodes.values() if isinstance(node.declaration, Relation)])
    if any(not partition.is_good and partition.state != "altered" for days in sources.values() for partition in days.values()):
        return True
    readers = [node for node in CATALOG.built if relation in node.inputs or relation in str([c.sql for c in node.table.checks])]
    return any(emptied.build(node) for node in readers if node.phase <= 3)


@pytest.mark.slow
def test_what_a_table_lacks_is_named_when_it_is_built(emptied: Emptied) -> None:
    for name in reversed(BUILT):
        node = CATALOG[name]
        own = "team_id" if "team_id" in node.column_names else "home_team_id"
        grain = {*node.table.grain, "game_id"}
        column = next(column for column in never_null(node.columns) if column not in grain and column != own)
        (kind,) = (one.type for one in node.columns if one.name == column)
        withheld = emptied.build(_with(node, f"select * replace (cast(null as {kind}) as {column}) from it"))
        assert withheld and all(f"not_null({column})" in why for why in withheld.values()), name
        if groups := null_groups(node.columns):
            group = next(iter(groups))
            flipped = f"case when {group}{REASON} is null then 'no reason' end as {group}{REASON}"
            withheld = emptied.build(_with(node, f"select * replace ({flipped}) from it"))
            assert withheld and all(f"explained_nulls({group})" in why for why in withheld.values()), name
        if node.table.games != "none" and own == "team_id":
            withheld = emptied.build(_with(node, f"select * from it where {own} is null or {own} <> {emptied.team}"))
            if node.table.expects.sql is not None and withheld:
                assert emptied.game in withheld or "" in withheld, name
            assert withheld or node.table.expects.sql is None, name
        emptied.build(node)


def _with(node: Node, query: str) -> Node:
    """The table with a query over its own (`it`)."""
    sql = query.replace("it", f"(\n{node.table.sql}\n) as it", 1)
    return replace(node, declaration=replace(node.table, sql=sql), fingerprint=f"{abs(hash(sql)):x}")
