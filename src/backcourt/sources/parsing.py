"""Strict parsing: a feed's columns as typed raw columns, and one sentence for each row that doesn't fit."""

from __future__ import annotations

import duckdb

from backcourt.sources.feed import Field, Fill

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_EXPECTED = {
    "text": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "date": "a date",
    "time": "a date and time", "game_id": "an NBA game id (10 digits, 00 first, then a season type 1 to 6)",
}  # fmt: skip


def parse(connection: duckdb.DuckDBPyConnection, fill: Fill) -> None:
    """Fill the temporary table `parsed`: file_row, the raw columns, group_key, row_captured_at and `problem` (a sentence, or NULL)."""
    raw_values = ", ".join(f"{field.expression} as {field.name}" for field in fill.fields)
    source = f"select file_row, {raw_values} from ({fill.prepare}) as prepared"
    # An alias that differs from its column only in case comes back in the column's case.
    types = {str(row[0]).lower(): str(row[1]) for row in connection.execute(f"describe ({source})").fetchall()}
    values = ", ".join(f"{_value(field, types[field.name])} as {field.name}" for field in fill.fields)
    problems = [problem for field in fill.fields for problem in _problems(field, types[field.name])]
    problem = f"case {' '.join(problems)} end" if problems else "null"
    connection.execute(
        f"create or replace temp table parsed as "
        f"with raw_values as ({source}), typed as (select file_row, {values}, {problem} as problem from raw_values) "
        f"select *, cast({fill.group} as varchar) as group_key, cast({fill.captured_at} as timestamp) as row_captured_at from typed"
    )


def _is(kind: str, stored: str) -> bool:
    """Is a value of the stored type already what the kind asks for?"""
    return {
        "text": stored == "VARCHAR", "integer": stored in _INTEGERS, "number": False, "boolean": stored == "BOOLEAN",
        "date": stored == "DATE", "time": stored.startswith("TIMESTAMP") and "ZONE" not in stored, "game_id": False,
    }[kind]  # fmt: skip


def _present(name: str, stored: str) -> str:
    """The value with empty text and NaN as NULL."""
    if stored == "VARCHAR":
        return f"nullif(trim({name}), '')"
    if stored in ("DOUBLE", "FLOAT"):
        return f"case when not isnan({name}) then {name} end"
    return name


def _value(field: Field, stored: str) -> str:
    name, given = field.name, _present(field.name, stored)
    if field.kind == "text":
        return given if stored == "VARCHAR" else f"cast({given} as varchar)"
    if field.kind == "integer":
        if stored in _INTEGERS:
            return f"cast({name} as bigint)"
        number = f"try_cast({given} as double)"
        return f"case when {number} = floor({number}) then cast({number} as bigint) end"
    if field.kind == "number":
        return f"try_cast({given} as double)"
    if field.kind == "boolean":
        return f"try_cast({given} as boolean)"
    if field.kind == "date":
        if stored != "VARCHAR":
            return f"try_cast({given} as date)"
        return (
            f"coalesce(try_cast({given} as date), "
            f"cast(try_strptime({given}, ['%m-%d-%Y', '%m/%d/%Y', '%Y%m%d', '%b %d, %Y', '%Y-%m-%dT%H:%M:%SZ']) as date))"
        )
    if field.kind == "time":
        return f"timezone('UTC', {name})" if "ZONE" in stored else f"try_cast({given} as timestamp)"
    text = f"cast({given} as varchar)"
    padded = f"lpad({text}, 10, '0')"
    return f"case when length({text}) between 8 and 10 and regexp_full_match({padded}, '00[1-6][0-9]{{7}}') then {padded} end"


def _problems(field: Field, stored: str) -> list[str]:
    name, given = field.name, _present(field.name, stored)
    found = []
    if not _is(field.kind, stored) and not (
        field.kind == "number" and stored in (*_INTEGERS, "DOUBLE", "FLOAT") or "DECIMAL" in stored and field.kind == "number"
    ):
        found.append(
            f"when {given} is not null and ({_value(field, stored)}) is null "
            f"then '{name} ' || chr(39) || cast({name} as varchar) || chr(39) || ' is not {_EXPECTED[field.kind]}'"
        )
    if field.required:
        found.append(f"when {given} is null then '{name} is missing or has a value that is not known'")
    return found
