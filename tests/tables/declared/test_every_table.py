"""Claims about every declared table, run over whatever is registered."""

from __future__ import annotations

import pytest

from backcourt.engine.build.chunk import bounded_query
from backcourt.engine.declare.contract import never_null, null_groups
from backcourt.engine.judge.receipts import measure
from backcourt.tables import declared as declarations
from backcourt.work.reports.bounds import checks_markdown
from backcourt.work.reports.dictionary import tables_markdown
from tests.conftest import ROOT, BuiltHome

CATALOG = declarations.catalog(None, None)
BUILT = [node.name for node in CATALOG.built]


CHECKS = [(node.name, check) for node in (*CATALOG.built, *CATALOG.appended) for check in node.table.checks]


def test_every_check_says_why_and_the_document_is_made_of_them() -> None:
    assert [(table, check.name) for table, check in CHECKS if len(check.reason.split()) < 2] == []
    assert (ROOT / "docs" / "checks.md").read_text() == checks_markdown(CATALOG), "run `make docs`"


def test_the_document_of_tables_is_made_of_the_declarations() -> None:
    text = tables_markdown(CATALOG)
    assert (ROOT / "docs" / "tables.md").read_text() == text, "run `make docs`"
    columns = [column for node in (*CATALOG.built, *CATALOG.appended) for column in node.columns]
    assert len(columns) > 1400 and text.count("\n| `") == len(columns)


def test_every_table_says_what_a_row_is() -> None:
    assert [node.name for node in (*CATALOG.built, *CATALOG.appended) if len(node.meaning.split()) < 4] == []


def test_no_check_is_declared_that_the_columns_say() -> None:
    derived = {(node.name, check.name) for node in (*CATALOG.built, *CATALOG.appended) for check in node.contract}
    assert len(derived) > 600
    assert [(table, check.name) for table, check in CHECKS if check.name.startswith(("not_null(", "explained_nulls("))] == []


def test_no_check_of_what_is_usual_fails() -> None:
    assert [(table, check.name) for table, check in CHECKS if "good seasons" in check.reason and check.severity == "fail"] == []


@pytest.mark.parametrize("name", BUILT)
def test_every_column_has_a_type_and_a_meaning(name: str) -> None:
    node = CATALOG[name]
    assert len(node.columns) >= 5
    assert [column.name for column in node.columns if len(column.meaning) < 3] == []


@pytest.mark.parametrize("name", BUILT)
def test_the_stored_columns_are_the_declared_ones(name: str, every_home: BuiltHome) -> None:
    aliases = {"TEXT": "VARCHAR", "BOOL": "BOOLEAN", "INT": "INTEGER"}
    declared = [(column.name, aliases.get(column.type, column.type)) for column in CATALOG[name].columns]
    with every_home.home.reading() as warehouse:
        assert sorted(warehouse.columns(name)) == sorted(declared)


@pytest.mark.parametrize("name", BUILT)
def test_a_null_has_a_reason_and_a_reason_has_a_null(name: str, every_home: BuiltHome) -> None:
    for group, columns in null_groups(CATALOG[name].columns).items():
        missing = " or ".join(f"{column} is null" for column in columns)
        reason = f"{group}_null_reason"
        rows = every_home.query(f"select count(*) from {name} where ({missing}) <> ({reason} is not null)")
        assert rows == [(0,)], f"{name}.{reason} doesn't tell exactly the NULLs of {columns}"


@pytest.mark.parametrize("name", BUILT)
def test_a_column_without_a_null_group_has_no_nulls(name: str, every_home: BuiltHome) -> None:
    free = never_null(CATALOG[name].columns)
    counts = every_home.query(f"select count(*), {', '.join(f'count({column})' for column in free)} from {name}")[0]
    assert {column: counts[0] - count for column, count in zip(free, counts[1:], strict=True) if count != counts[0]} == {}


@pytest.mark.parametrize("name", BUILT)
def test_one_date_alone_gives_the_bytes_of_the_full_build(name: str, every_home: BuiltHome) -> None:
    home = every_home.home
    with home.situation() as situation:
        node = home.catalog[name]
        stored = measure(situation.warehouse, node)
        days = sorted(stored)
        sample = [*days[:2], *days[7 :: max(1, len(days) // 12)], days[-1]]
        for day in sample:
            situation.warehouse.stage("one_date", bounded_query(situation.warehouse, situation.calendar, node, day, day))
            withheld = situation.facts.receipts[name][day].withheld
            listed = ", ".join(f"'{game}'" for game in withheld)
            where = f"coalesce(game_id, '') not in ({listed})" if withheld else "true"
            alone = measure(situation.warehouse, node, where, relation="one_date").get(day)
            assert alone is not None and alone.content_hash == stored[day].content_hash, f"{name} {day}"
