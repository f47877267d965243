"""Checks: queries over `{rows}` that return the offending rows, each with its game and key."""

from __future__ import annotations

from typing import Literal

from backcourt.engine.declare.table import Check

Severity = Literal["fail", "warn"]


def not_null(*columns: str, where: str = "true") -> Check:
    """No NULL in `columns` among the rows that satisfy `where`."""
    missing = " or ".join(f"{column} is null" for column in columns)
    return Check(f"not_null({', '.join(columns)})", f"select * from {{rows}} where ({where}) and ({missing})")


def between(column: str, low: float, high: float, *, severity: Severity = "fail") -> Check:
    """`column` lies in [low, high] where it is not NULL; same unit as the column."""
    return Check(f"between({column}, {low}, {high})", f"select * from {{rows}} where {column} not between {low} and {high}", severity)


def one_of(column: str, values: tuple[str, ...]) -> Check:
    """`column` is NULL or one of `values`."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return Check(f"one_of({column})", f"select * from {{rows}} where {column} not in ({allowed})")


def offending(name: str, sql: str, *, severity: Severity = "fail") -> Check:
    """Any query over `{rows}`; what it returns (game_date, game_id and the key first) is wrong."""
    return Check(name, sql, severity)


def season_check(name: str, sql: str, *, severity: Severity = "fail") -> Check:
    """A query over all stored `{rows}` that returns one row per season that breaks the rule (column `season` first)."""
    return Check(name, sql, severity, "season")


def explained_nulls(group: str, *columns: str) -> Check:
    """A NULL in `columns` has a reason in `<group>_null_reason`, and a reason stands only where one of them is NULL."""
    missing = " or ".join(f"{column} is null" for column in columns)
    return Check(
        f"explained_nulls({group})",
        f"select * from {{rows}} where ({missing}) <> ({group}_null_reason is not null)",
    )
