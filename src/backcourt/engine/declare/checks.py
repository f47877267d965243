"""Checks: queries over `{rows}` that return the offending rows, each with its game and key.

`reason` says why no good row can offend; what is only unusual has the severity `warn`, and its reason says what has
been seen.
"""

from __future__ import annotations

from typing import Literal

from backcourt.engine.declare.table import Check

Severity = Literal["fail", "warn"]


def not_null(
    *columns: str, where: str = "true", reason: str = "a row is nothing without them, and every row that is built has them"
) -> Check:
    """No NULL in `columns` among the rows that satisfy `where`."""
    missing = " or ".join(f"{column} is null" for column in columns)
    sql = f"select * from {{rows}} where ({where}) and ({missing})"
    return Check(f"not_null({', '.join(columns)})", sql, reason=reason)


def between(column: str, low: float, high: float, *, severity: Severity = "fail", reason: str = "") -> Check:
    """`column` lies in [low, high] where it is not NULL; same unit as the column."""
    sql = f"select * from {{rows}} where {column} not between {low} and {high}"
    return Check(f"between({column}, {low}, {high})", sql, severity, reason=reason)


def usually(column: str, low: float, high: float) -> Check:
    """`column` has been in [low, high] wherever it was looked at; beyond is unusual and warns."""
    return between(column, low, high, severity="warn", reason="what good seasons have held")


def one_of(column: str, values: tuple[str, ...], *, reason: str = "the words that are written there") -> Check:
    """`column` is NULL or one of `values`."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return Check(f"one_of({column})", f"select * from {{rows}} where {column} not in ({allowed})", reason=reason)


def offending(name: str, sql: str, *, severity: Severity = "fail", reason: str = "") -> Check:
    """Any query over `{rows}`; what it returns (game_date, game_id and the key first) is wrong."""
    return Check(name, sql, severity, reason=reason)


def season_check(name: str, sql: str, *, severity: Severity = "fail", reason: str = "") -> Check:
    """A query over all stored `{rows}` that returns one row per season that breaks the rule (column `season` first)."""
    return Check(name, sql, severity, "season", reason)


def explained_nulls(group: str, *columns: str) -> Check:
    """A NULL in `columns` has a reason in `<group>_null_reason`, and a reason stands only where one of them is NULL."""
    missing = " or ".join(f"{column} is null" for column in columns)
    return Check(
        f"explained_nulls({group})",
        f"select * from {{rows}} where ({missing}) <> ({group}_null_reason is not null)",
        reason="a NULL has a reason, and a reason a NULL",
    )
