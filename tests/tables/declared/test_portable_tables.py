"""Every declared table keeps to portable SQL, in its query and in its expectation."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot

from backcourt.engine.portable.rules import to_bigquery, violations
from backcourt.sources.ingest import create_relations
from backcourt.tables import declared as declarations

CATALOG = declarations.catalog(None, None)
BUILT = [node.name for node in CATALOG.built]
APPENDED = [node.name for node in CATALOG.appended]


@pytest.fixture(scope="module")
def schema() -> dict[str, dict[str, str]]:
    """The columns and types of everything that a query may read."""
    connection = duckdb.connect()
    create_relations(connection)
    found = {node.name: {row[0]: row[1] for row in connection.execute(f"describe {node.name}").fetchall()} for node in CATALOG.sources}
    connection.close()
    tables = [*CATALOG.built, *CATALOG.appended]
    return found | {node.name: {column.name: column.type for column in node.columns} for node in tables}


def test_there_are_tables_to_judge(schema: dict[str, dict[str, str]]) -> None:
    assert BUILT
    assert [name for name, columns in schema.items() if not columns] == []


@pytest.mark.parametrize("name", BUILT)
def test_the_query_is_portable(name: str, schema: dict[str, dict[str, str]]) -> None:
    assert violations(CATALOG[name].table.sql, schema=schema) == []


@pytest.mark.parametrize("name", [*BUILT, *APPENDED])
def test_the_expectation_is_portable(name: str, schema: dict[str, dict[str, str]]) -> None:
    expected = CATALOG[name].table.expects.sql
    assert expected is None or violations(expected, schema=schema) == []


@pytest.mark.parametrize("name", APPENDED)
def test_what_rows_cover_is_portable(name: str, schema: dict[str, dict[str, str]]) -> None:
    append = CATALOG[name].table.append
    assert append is not None
    assert not append.covers or violations(append.covers.format(rows=name), schema=schema) == []


@pytest.mark.parametrize("name", BUILT)
def test_the_translation_names_the_same_columns(name: str) -> None:
    translated = sqlglot.parse_one(to_bigquery(CATALOG[name].table.sql), read="bigquery")
    assert translated.named_selects == list(CATALOG[name].column_names)
