"""The contract of a table's columns as checks: a value in each row, or a reason for each NULL and no other reason."""

from __future__ import annotations

from collections.abc import Iterable

from backcourt.engine.declare.checks import explained_nulls, not_null
from backcourt.engine.declare.statement import Column
from backcourt.engine.declare.table import Check

REASON = "_null_reason"
"""How the name of the column ends that explains the NULLs of a group."""


def null_groups(columns: Iterable[Column]) -> dict[str, list[str]]:
    """Null group -> its columns, in declared order."""
    found: dict[str, list[str]] = {}
    for column in columns:
        if column.null_group:
            found.setdefault(column.null_group, []).append(column.name)
    return found


def never_null(columns: Iterable[Column]) -> list[str]:
    """The columns that have a value in every row."""
    columns = list(columns)
    reasons = {f"{group}{REASON}" for group in null_groups(columns)}
    always = [column.name for column in columns if not column.null_group and not column.may_be_null]
    return [name for name in always if name not in reasons]


def contract(columns: Iterable[Column]) -> list[Check]:
    """One check a column that is never NULL, and one a null group; each withholds what a row belongs to."""
    columns = list(columns)
    values = [not_null(name) for name in never_null(columns)]
    return values + [explained_nulls(group, *named) for group, named in null_groups(columns).items()]


def meaning_of(column: Column) -> str:
    """What a column means, and where to read why it is NULL."""
    explained = f"; a NULL is explained by {column.null_group}{REASON}" if column.null_group else ""
    return column.meaning + explained


def broken(columns: Iterable[Column]) -> str:
    """SQL of the condition that a row breaks some check of the contract."""
    return " or ".join(f"({check.condition})" for check in contract(columns)) or "false"


def contradictions(columns: Iterable[Column], *, is_appended: bool) -> list[str]:
    """What the declaration says of NULLs and can't mean, a clause each."""
    columns = list(columns)
    names, groups = [column.name for column in columns], null_groups(columns)
    found = [
        f"{named[0]} belongs to the null group {group!r}; add {group}{REASON}"
        for group, named in groups.items()
        if f"{group}{REASON}" not in names
    ]
    found += [
        f"{name} explains no column; end the meaning of one that it explains by [null: {name.removesuffix(REASON)}]"
        for name in names
        if name.endswith(REASON) and name.removesuffix(REASON) not in groups
    ]
    found += [
        f"{column.name} may be NULL without a reason, as only appended rows may; name its group, [null: GROUP]"
        for column in columns
        if column.may_be_null and not is_appended
    ]
    return found
