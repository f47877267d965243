"""Strict parsing: a feed's columns as typed raw columns, and one sentence for each row that doesn't fit."""

from __future__ import annotations

from backcourt.engine.warehouse import Warehouse
from backcourt.sources.feed import Field, Fill

UNPARSED = "parses"
REPEATED = "repeats a row of the same file"

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_EXPECTED = {
    "text": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "date": "a date",
    "time": "a date and time", "game_id": "an NBA game id (10 digits, 00 first, then a season type 1 to 6)",
}  # fmt: skip


def parse(warehouse: Warehouse, fill: Fill) -> None:
    """Fill the temporary table `parsed`: file_row, the raw columns, group_key, row_captured_at, `problem` (a sentence or NULL), `rule`."""
    raw_values = ", ".join(
        f"{field.expression} as {field.name}" + (f', cast("{field.given}" as varchar) as given_{field.name}' if field.given else "")
        for field in fill.fields
    )
    source = f"select file_row, {raw_values} from ({fill.prepare}) as prepared"
    # An alias that differs from its column only in case comes back in the column's case.
    types = {name.lower(): kind for name, kind in warehouse.describe(source)}
    values = ", ".join(f"{_value(field, types[field.name])} as {field.name}" for field in fill.fields)
    problems = [problem for field in fill.fields for problem in _problems(field, types[field.name])]
    problem = f"case {' '.join(problems)} end" if problems else "cast(null as varchar)"
    warehouse.query(
        f"create or replace temp table parsed as "
        f"with raw_values as ({source}), typed as (select file_row, {values}, {problem} as problem from raw_values) "
        f"select *, case when problem is not null then '{UNPARSED}' end as rule, "
        f"cast({fill.group} as varchar) as group_key, cast({fill.captured_at} as timestamp) as row_captured_at from typed"
    )


def apply_rules(warehouse: Warehouse, fill: Fill) -> None:
    """Mark the rows of `parsed` that break a rule of the fill, and rows that share a key."""
    for rule in fill.rules:
        warehouse.query(
            f"update parsed set problem = coalesce({rule.sentence}, '') || ' (rule: {rule.name})', rule = '{rule.name}' "
            f"where problem is null and ({rule.offends})"
        )
    key = ", ".join(fill.key)
    is_unique = warehouse.query(f"select count(*) = count(distinct ({key})) from parsed where problem is null")[0][0]
    if is_unique:
        return
    if fill.repeats == "drop":
        warehouse.query(
            f"update parsed set problem = '{REPEATED}', rule = '{REPEATED}' where file_row in (select file_row from "
            f"(select file_row, row_number() over (partition by {', '.join(fill.facts)} order by file_row) as copy "
            f"from parsed where problem is null) as copies where copy > 1)"
        )
    shown = " || ', ' || ".join(f"'{name} ' || coalesce(cast({name} as varchar), 'none')" for name in fill.key)
    warehouse.query(
        f"update parsed set problem = 'one of several rows for ' || {shown} || ' (rule: one row per key)', rule = 'one row per key' "
        f"where file_row in (select file_row from (select file_row, count(*) over (partition by {key}) as copies "
        f"from parsed where problem is null) as counted where copies > 1)"
    )


def _is(kind: str, stored: str) -> bool:
    """Is a value of the stored type already what the kind asks for?"""
    return {
        "text": stored == "VARCHAR",
        "integer": stored in _INTEGERS,
        "number": stored in (*_INTEGERS, "DOUBLE", "FLOAT") or stored.startswith("DECIMAL"),
        "boolean": stored == "BOOLEAN",
        "date": stored == "DATE",
        "time": stored.startswith("TIMESTAMP"),
        "game_id": False,
    }[kind]


def _present(name: str, stored: str) -> str:
    """The value with empty text and NaN as NULL."""
    if stored in ("VARCHAR", "JSON"):
        return f"nullif(trim(cast({name} as varchar)), '')"
    if stored in ("DOUBLE", "FLOAT"):
        return f"case when not isnan({name}) then {name} end"
    return name


def _value(field: Field, stored: str) -> str:
    name, given = field.name, _present(field.name, stored)
    if field.kind == "text":
        return f"cast({given} as varchar)"
    if field.kind == "integer":
        if stored in _INTEGERS:
            return f"cast({name} as bigint)"
        whole = f"try_cast({given} as double)"
        return f"case when {whole} = floor({whole}) then try_cast({whole} as bigint) end"
    if field.kind == "number":
        return f"case when isfinite(try_cast({given} as double)) then try_cast({given} as double) end"
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
        return f"timezone('UTC', {name})" if "ZONE" in stored else f"timezone('UTC', try_cast({given} as timestamptz))"
    text = f"cast({given} as varchar)"
    padded = f"lpad({text}, 10, '0')"
    return f"case when length({text}) between 8 and 10 and regexp_full_match({padded}, '00[1-6][0-9]{{7}}') then {padded} end"


def _problems(field: Field, stored: str) -> list[str]:
    name, present = field.name, _present(field.name, stored)
    found = []
    if not _is(field.kind, stored):
        expected = field.expected or _EXPECTED[field.kind]
        found.append(f"when {present} is not null and ({_value(field, stored)}) is null then {_is_not(name, name, expected)}")
    if field.given:
        expected = field.expected or _EXPECTED[field.kind]
        found.append(
            f"when {present} is null and nullif(given_{name}, '') is not null then {_is_not(field.given, f'given_{name}', expected)}"
        )
    if field.required:
        found.append(f"when {present} is null then '{field.given or name} is missing'")
    return found


def _is_not(shown: str, value: str, expected: str) -> str:
    expected = expected.replace("'", "''")
    return f"'{shown} ' || chr(39) || cast({value} as varchar) || chr(39) || ' is not {expected}'"
