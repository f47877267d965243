"""How the ledger is read: what was said before the game and what was said after it are two types, and no reader has a default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar

from backcourt.engine.errors import BackcourtError
from backcourt.tables.ledger.current import current

SAID = {"forecasts": "forecast_id", "picks": "pick_id"}
"""Tables of what was said -> their id."""

_GRADE = ("status", "reason", "units", "ae", "crps", "logs", "pit", "logloss", "brier", "clv_line", "clv_prob", "close_quality")


@dataclass(frozen=True)
class Live:
    """SQL of rows that were written before their game locked."""

    sql: str


@dataclass(frozen=True)
class Replay:
    """SQL of rows that were written from the lock on: never a live record."""

    sql: str


Said = TypeVar("Said", Live, Replay)


def live(table: str, start: date | None = None, end: date | None = None) -> Live:
    """The LIVE rows of `forecasts` or `picks` from `start` to `end` (inclusive; None: no bound)."""
    return Live(_rows(table, "LIVE", start, end))


def replay(table: str, start: date | None = None, end: date | None = None) -> Replay:
    """The REPLAY rows of `forecasts` or `picks` from `start` to `end` (inclusive; None: no bound)."""
    return Replay(_rows(table, "REPLAY", start, end))


def graded(said: Said, table: str) -> Said:
    """The same rows of `table` with the grade that counts; a row without one is UNGRADED, not_final.

    The grade's columns are status, grade_reason, units, ae, crps, logs, pit, logloss, brier, clv_line, clv_prob,
    close_quality, outcome_version and graded_at.
    """
    columns = ", ".join(f"graded.{name}" for name in _GRADE if name not in ("status", "reason"))
    return type(said)(
        f"select said.*, coalesce(graded.status, 'UNGRADED') as status, coalesce(graded.reason, 'not_final') as grade_reason, {columns}, "
        f"graded.outcome_version, graded.graded_at from ({said.sql}) as said left join ({current()}) as graded "
        f"on graded.game_date = said.game_date and graded.subject_id = said.{_id(table)}"
    )


def _rows(table: str, kind: str, start: date | None, end: date | None) -> str:
    _id(table)
    bounds = [f"game_date >= date '{start}'"] if start else []
    bounds += [f"game_date <= date '{end}'"] if end else []
    conditions = [f"kind = '{kind}'", *bounds]
    return f"select * from {table} where {' and '.join(conditions)}"


def _id(table: str) -> str:
    if table not in SAID:
        raise BackcourtError(f"{table!r} holds nothing that was said; read {' or '.join(SAID)}.")
    return SAID[table]


class Result(Protocol):
    """A lazy result."""

    def fetch(self) -> list[tuple[object, ...]]:
        """All rows."""


Frame = TypeVar("Frame", bound=Result)


class Ledger(Generic[Frame]):
    """The ledger of a home's read snapshot; every method gives a lazy result of the home's kind."""

    def __init__(self, query: Callable[[str], Frame]) -> None:
        self._query = query

    def live(self, table: str, start: date | None = None, end: date | None = None) -> Frame:
        """LIVE forecasts or picks, each with the grade that counts (`graded`), by date and id."""
        return self._ordered(graded(live(table, start, end), table).sql, table)

    def replay(self, table: str, start: date | None = None, end: date | None = None) -> Frame:
        """REPLAY forecasts or picks, each with the grade that counts (`graded`), by date and id."""
        return self._ordered(graded(replay(table, start, end), table).sql, table)

    def _ordered(self, sql: str, table: str) -> Frame:
        if not self._query(f"select 1 from duckdb_tables() where table_name = '{table}'").fetch():
            raise BackcourtError("The ledger is empty: nothing was said yet; predict a slate first.")
        return self._query(f"{sql} order by game_date, {SAID[table]}")
