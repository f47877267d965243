"""Where the declarations live, which query is the calendar, and which gates there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from backcourt.engine.catalog import Catalog
from backcourt.engine.errors import BackcourtError
from backcourt.engine.statement import StatementCache
from backcourt.engine.warehouse import Warehouse

PACKAGES = ("backcourt.sources.relations", "backcourt.resolved", "backcourt.analytics", "backcourt.precompute")

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

GATES = {"phase2": 2, "phase3": 3, "phase4": 4, "predictions": 5, "all": 99}
"""Gate -> everything below this phase (what that phase needs)."""


def catalog(home: Path | None, cache_file: Path | None) -> Catalog:
    """All tables and sources: the package's own and those in the home's `tables` folder."""
    folders = [home / "tables"] if home else []
    return Catalog.load(PACKAGES, folders, StatementCache(cache_file))


def gate(name: str) -> int:
    """The phase below which everything belongs to the gate."""
    if name not in GATES:
        raise BackcourtError(f"There is no gate {name!r}; choose one of {', '.join(GATES)}.")
    return GATES[name]


def lock_times(warehouse: Warehouse, day: date) -> Mapping[str, datetime]:
    """The lock (UTC) of each game of a date."""
    return {str(game): moment for game, moment in warehouse.query("select game_id, lock_at from games where game_date = ?", [day])}
