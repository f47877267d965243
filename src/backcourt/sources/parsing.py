"""Strict parsing: a feed's columns as typed raw columns, and one sentence for each row that doesn't fit."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from backcourt.engine.warehouse import Warehouse
from backcourt.sources.feed import Field, Fill, moment
from backcourt.sources.repeats import REPEATED, resolve

__all__ = ["MAY_LEAD", "REPEATED", "UNPARSED", "apply_rules", "parse"]

UNPARSED = "parses"
NOT_YET = "captured before now"
MAY_LEAD = timedelta(hours=1)
"""A provider's clock may be so far ahead of this machine's."""

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FIRST_DAY, _LAST_DAY = "1946-01-01", "2100-12-31"
_LONGEST = 2000
_SHOWN = 60
_CONTROL = "[\\x00-\\x1f\\x7f]"
_EXPECTED = {
    "text": f"text of one line and at most {_LONGEST:,} characters", "integer": "a whole number", "number": "a number",
    "boolean": "true or false", "date": f"a date from {_FIRST_DAY} to {_LAST_DAY}",
    "time": f"a date and time from {_FIRST_DAY} to {_LAST_DAY}",
    "game_id": "an NBA game id (10 digits, 00 first, then a season type 1 to 6)",
}  # fmt: skip
_COLUMN = re.compile(r'"[^"]+"')


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


def apply_rules(warehouse: Warehouse, fill: Fill, now: datetime) -> None:
    """Mark the rows of `parsed` that break a rule of the fill, were captured after `now` (UTC), or share a key."""
    for rule in fill.rules:
        warehouse.query(
            f"update parsed set problem = coalesce({rule.sentence}, '') || ' (rule: {rule.name})', rule = '{rule.name}' "
            f"where problem is null and ({rule.offends})"
        )
    warehouse.query(
        "update parsed set problem = "
        f"'captured at ' || row_captured_at || ', which is later than now (rule: {NOT_YET})', rule = '{NOT_YET}' "
        "where problem is null and row_captured_at > ?",
        [now + MAY_LEAD],
    )
    resolve(warehouse, fill)


def _always_parses(field: Field, stored: str) -> bool:
    """Is every value of the stored type already what the field asks for?"""
    kind = field.kind
    if kind == "text":
        return stored == "VARCHAR" and not _is_copied(field)
    if kind == "number":
        return stored in _INTEGERS or stored.startswith("DECIMAL")
    return (kind == "integer" and stored in _INTEGERS) or (kind == "boolean" and stored == "BOOLEAN")


def _present(field: Field, stored: str) -> str:
    """The value with empty text and NaN as NULL, which a column of `incoming` is already."""
    name = field.name
    if _is_copied(field):
        return name
    if stored in ("VARCHAR", "JSON"):
        return f"nullif(trim(cast({name} as varchar)), '')"
    if stored in ("DOUBLE", "FLOAT"):
        return f"case when not isnan({name}) then {name} end"
    return name


def _value(field: Field, stored: str) -> str:
    """SQL of the field's value; NULL for what doesn't parse as its kind."""
    return _VALUES[field.kind](field, _present(field, stored), stored)


def _text(field: Field, given: str, stored: str) -> str:
    if not _is_copied(field):
        return f"cast({given} as varchar)"
    is_line = f"length({given}) <= {_LONGEST} and not regexp_matches({given}, '{_CONTROL}')"
    return f"case when {is_line} then cast({given} as varchar) end"


def _is_copied(field: Field) -> bool:
    """Does the text come as the feed has it, and not as one of a list of words?"""
    return _COLUMN.fullmatch(field.expression) is not None


def _integer(field: Field, given: str, stored: str) -> str:
    if stored in _INTEGERS:
        return f"try_cast({field.name} as bigint)"
    whole = f"try_cast({given} as double)"
    # A double has no more than 15 whole digits.
    exact = f"try_cast({given if stored == 'VARCHAR' else whole} as bigint)"
    return f"case when {whole} = floor({whole}) then {exact} end"


def _number(field: Field, given: str, stored: str) -> str:
    return f"case when isfinite(try_cast({given} as double)) then try_cast({given} as double) end"


def _boolean(field: Field, given: str, stored: str) -> str:
    if stored != "VARCHAR":
        return f"try_cast({given} as boolean)"
    return f"coalesce(try_cast({given} as boolean), case {given} when '1.0' then true when '0.0' then false end)"


def _date(field: Field, given: str, stored: str) -> str:
    if stored != "VARCHAR":
        return _within(f"try_cast({given} as date)", "date")
    formats = "['%m-%d-%Y', '%m/%d/%Y', '%m/%d/%Y %H:%M:%S', '%Y%m%d', '%b %d, %Y', '%Y-%m-%dT%H:%M:%SZ']"
    parsed = f"cast(try_strptime({given}, {formats}) as date)"
    of_time = f"cast(timezone('UTC', {moment(given)}) as date)"
    return _within(f"coalesce(try_cast({given} as date), {parsed}, {of_time})", "date")


def _time(field: Field, given: str, stored: str) -> str:
    if "ZONE" in stored:
        return _within(f"timezone('UTC', {field.name})", "timestamp")
    if stored == "TIMESTAMP":
        return _within(field.name, "timestamp")
    text = given if stored == "VARCHAR" else f"cast({given} as varchar)"
    return _within(f"timezone('UTC', {moment(text)})", "timestamp")


def _game_id(field: Field, given: str, stored: str) -> str:
    text = f"regexp_replace(cast({given} as varchar), '[.]0+$', '')"
    padded = f"lpad({text}, 10, '0')"
    return f"case when length({text}) between 8 and 10 and regexp_full_match({padded}, '00[1-6][0-9]{{7}}') then {padded} end"


def _within(value: str, kind: str) -> str:
    """SQL of a date or time that any later reader can count with, NULL for others."""
    return f"case when {value} between {kind} '{_FIRST_DAY}' and {kind} '{_LAST_DAY}' then {value} end"


_VALUES = {
    "text": _text, "integer": _integer, "number": _number, "boolean": _boolean, "date": _date, "time": _time, "game_id": _game_id,
}  # fmt: skip


def _problems(field: Field, stored: str) -> list[str]:
    name, present = field.name, _present(field, stored)
    found = []
    if not _always_parses(field, stored):
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
    text = f"cast({value} as varchar)"
    short = f"case when length({text}) > {_SHOWN} then left({text}, {_SHOWN}) || '...' else {text} end"
    line = f"regexp_replace({short}, '{_CONTROL}', ' ', 'g')"
    return f"'{shown} ' || chr(39) || {line} || chr(39) || ' is not {expected}'"
