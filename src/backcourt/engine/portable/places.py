"""Every place of a declaration that holds SQL which has to be portable."""

from __future__ import annotations

from collections.abc import Iterator

from backcourt.engine.declare.table import Append, Relation, Table
from backcourt.engine.portable.column_types import Schema
from backcourt.engine.portable.rules import violations

_SOME_TIME = "2000-01-01 00:00:00"


def places(name: str, declaration: Table | Relation, *, rows: str | None = None) -> dict[str, str]:
    """Place -> query: `query`, `expectation`, `covers`, `derived <column>`, `check <check>`.

    `rows` is the relation, as SQL, that checks and coverage look at; without it the table itself.
    """
    if isinstance(declaration, Relation):
        return {"query": declaration.sql} | {f"check {check.name}": check.sql for check in declaration.checks}
    found = {} if declaration.append else {"query": declaration.sql}
    if declaration.expects.sql is not None:
        found["expectation"] = declaration.expects.sql
    if declaration.append:
        found |= dict(_appended(name, declaration.append, rows or name))
    return found | {f"check {check.name}": check.sql.format(rows=rows or name) for check in declaration.checks}


def violations_by_place(name: str, declaration: Table | Relation, schema: Schema | None = None) -> dict[str, list[str]]:
    """Place -> the rules that its query breaks, one sentence each; a place that is portable isn't listed."""
    found = {place: violations(sql, schema=schema) for place, sql in places(name, declaration).items()}
    return {place: sentences for place, sentences in found.items() if sentences}


def _appended(name: str, append: Append, rows: str) -> Iterator[tuple[str, str]]:
    if append.covers:
        yield "covers", append.covers.format(rows=rows)
    for column, sql in append.derived.items():
        yield f"derived {column}", f"select {sql.format(now=_SOME_TIME)} as {column} from {name} as incoming"
