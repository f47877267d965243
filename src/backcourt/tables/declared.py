"""Where the declarations live, which query is the calendar, and which gates there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from backcourt.engine.declare.catalog import Catalog
from backcourt.engine.declare.statement import StatementCache
from backcourt.engine.errors import BackcourtError
from backcourt.engine.warehouse import Warehouse

PACKAGES = (
    "backcourt.sources.relations",
    "backcourt.tables.resolved",
    "backcourt.tables.analytics",
    "backcourt.tables.precompute",
    "backcourt.tables.ledger",
)

CALENDAR_SQL = """
select
    s.game_date, s.game_id, s.season, s.season_type,
    case
        when s.status in ('postponed', 'cancelled') then s.status
        when coalesce(r.is_final, false) then 'final'
        else 'open'
    end as status
from schedule s
left join results r on r.game_id = s.game_id
where s.is_real_game
order by 1, 2
"""

GATES = {
    "phase2": range(2), "phase3": range(3), "phase4": range(4), "predictions": range(5), "ledger": range(5, 6),
    "all": range(99),
}  # fmt: skip
"""Gate -> the phases that it judges: what that phase needs, or the ledger by itself."""


def catalog(home: Path | None, cache_file: Path | None) -> Catalog:
    """All tables and sources: the package's own and those in the home's `tables` folder."""
    folders = [home / "tables"] if home else []
    return Catalog.load(PACKAGES, folders, StatementCache(cache_file))


def gate(name: str) -> range:
    """The phases that belong to the gate."""
    if name not in GATES:
        raise BackcourtError(f"There is no gate {name!r}; choose one of {', '.join(GATES)}.")
    return GATES[name]


def lock_times(warehouse: Warehouse, day: date) -> Mapping[str, datetime]:
    """The lock (UTC) of each game of a date."""
    return {str(game): moment for game, moment in warehouse.query("select game_id, lock_at from games where game_date = ?", [day])}
