"""Receipts of source relations: measured after a load, for the dates that it touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from backcourt.engine.declare.catalog import Catalog
from backcourt.engine.judge import receipts, records
from backcourt.engine.judge.receipts import make_receipt
from backcourt.engine.warehouse import Warehouse, dates


def record(warehouse: Warehouse, catalog: Catalog, touched: Mapping[str, Iterable[date] | None], run_id: str, now: datetime) -> None:
    """Write the receipts of the touched relations (None: all dates), in the transaction of the caller.

    A date whose rows are gone loses its receipt; one whose content is the same keeps it.
    """
    before = records.read(warehouse)
    for node in catalog.sources:
        if node.name not in touched:
            continue
        days = touched[node.name]
        wanted = None if days is None or not node.dated else sorted(set(days))
        if wanted == []:
            continue
        where = "true" if wanted is None else f"game_date in ({dates(wanted)})"
        measured = receipts.measure(warehouse, node, where)
        own = before.get(node.name, {})
        scope = set(own) if wanted is None else set(wanted) & set(own)
        records.forget(warehouse, node.name, scope - set(measured))
        changed = [
            make_receipt(node.name, day, m, {}, warehouse.hash_kind, ("", "", ""), run_id, now)
            for day, m in measured.items()
            if day not in own or own[day].content_hash != m.content_hash or own[day].rows != m.rows
        ]
        records.write(warehouse, node.name, changed)
