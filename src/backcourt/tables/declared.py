"""Where the declarations live, which query is the calendar, and which gates there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from backcourt.engine.declare.catalog import Catalog, Found
from backcourt.engine.declare.loader import Kind, load
from backcourt.engine.declare.statement import StatementCache
from backcourt.engine.declare.table import Table
from backcourt.engine.errors import BackcourtError
from backcourt.engine.warehouse import Warehouse
from backcourt.sources import declared as raw
from backcourt.sources.declared import Sources

KEPT_BY_THE_ENGINE = ("receipts", "failures", "waivers", "verdicts", "open_marks", "home", "checksums")
"""What a warehouse holds beside raw rows and tables: no declaration may have such a name."""


def _refused(name: str, declaration: Table) -> str:
    return f"{name!r} would be a raw table's name; rename it" if name.startswith("raw_") else ""


TABLES: Kind[Table] = Kind(
    "table",
    Table,
    "tables",
    ("backcourt.tables.resolved", "backcourt.tables.analytics", "backcourt.tables.precompute", "backcourt.tables.ledger"),
    has_helpers=True,
    refuses=_refused,
)

CALENDAR_SQL = """
select
    s.game_date, s.game_id, s.season, s.season_type,
    case
        when s.status in ('postponed', 'cancelled') then s.status
        when coalesce(r.is_final, false) then 'final'
        else 'open'
    end as status,
    s.tip_at
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


def sources(home: Path | None) -> Sources:
    """All feeds and source relations: the package's own, the home's, those of libraries. No relation has the name of a table."""
    tables = {name: str(one.file) for name, one in load(TABLES).found.items() if one.is_own}
    return raw.sources(home, {**tables, **_kept()})


def catalog(home: Path | None, cache_file: Path | None) -> Catalog:
    """All tables and source relations, with a problem for each file of a feed, relation or table that is left out."""
    known = sources(home)
    relations = {name: str(one.file) for name, one in known.loaded_relations.items()}
    tables = load(TABLES, home, {**relations, **_kept()})
    declared: list[Found] = [*known.loaded_relations.values(), *tables.found.values()]
    return Catalog.load(declared, StatementCache(cache_file), (*known.problems, *tables.problems))


def as_stored(catalog: Catalog, home: Path | None, warehouse: Warehouse) -> Catalog:
    """The catalog without the relations from outside the package that have no view in the warehouse, and what reads them."""
    return catalog.without([name for name in sources(home).outside if name in catalog.nodes and not warehouse.columns(name)])


def _kept() -> dict[str, str]:
    return dict.fromkeys(KEPT_BY_THE_ENGINE, "the engine keeps it")


def gate(name: str) -> range:
    """The phases that belong to the gate."""
    if name not in GATES:
        raise BackcourtError(f"There is no gate {name!r}; choose one of {', '.join(GATES)}.")
    return GATES[name]


def lock_times(warehouse: Warehouse, day: date) -> Mapping[str, datetime]:
    """The lock (UTC) of each game of a date."""
    return {str(game): moment for game, moment in warehouse.query("select game_id, lock_at from games where game_date = ?", [day])}
