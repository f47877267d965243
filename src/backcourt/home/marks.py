"""Open marks: a job's word that it has stored rows whose receipts are not written yet. Whoever writes next settles them."""

from __future__ import annotations

from datetime import datetime

from backcourt.engine.warehouse import Warehouse


def create(warehouse: Warehouse) -> None:
    """Create the table of marks where it is missing. Not to be called inside a transaction."""
    warehouse.extend("open_marks", [("job", "VARCHAR"), ("made_at", "TIMESTAMP")])


def make(warehouse: Warehouse, job: str, now: datetime) -> None:
    """Leave a mark, before the first row is stored."""
    warehouse.insert("open_marks", ("job", "made_at"), [(job, now)])


def open_marks(warehouse: Warehouse) -> list[str]:
    """The jobs whose marks stand."""
    return [str(row[0]) for row in warehouse.query("select job from open_marks order by made_at, job")]


def clear(warehouse: Warehouse) -> None:
    """Remove all marks, in the transaction that writes the receipts of every source."""
    warehouse.query("delete from open_marks where true")


def clear_own(warehouse: Warehouse, job: str) -> None:
    """Remove a job's own marks, in the transaction that writes the receipts of what it touched."""
    warehouse.query("delete from open_marks where job = ?", [job])
