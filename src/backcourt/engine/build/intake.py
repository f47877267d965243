"""Receipts of source relations: measured after a load, for the dates that it touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.judge import receipts, records
from backcourt.engine.judge.parts import Parts, lacking_parts
from backcourt.engine.judge.receipts import UNDATED, Measure, Receipt, make_receipt
from backcourt.engine.warehouse import Warehouse, dates

_NOTHING: Parts = {}


def record(warehouse: Warehouse, catalog: Catalog, touched: Mapping[str, Iterable[date] | None], run_id: str, now: datetime) -> None:
    """Write the receipts of the touched relations (None: all dates), in the transaction of the caller.

    What the games of a relation lack is looked at again where one that its checks read was touched, too. A date whose
    rows are gone loses its receipt; one whose content is the same, and lacks the same, keeps it.
    """
    before = records.read(warehouse)
    for node in catalog.sources:
        days = _looked_at(node, touched)
        if days is None or days:
            _record(warehouse, node, days, before.get(node.name, {}), (run_id, now))


def record_other_checks(warehouse: Warehouse, catalog: Catalog, run_id: str, now: datetime) -> bool:
    """Write anew the receipts of the relations that were judged by other checks than today's; were there any?"""
    judged = records.policies(warehouse)
    stored = [node for node in catalog.sources if warehouse.columns(node.name)]
    touched = {node.name: None for node in stored if judged.get(node.name, {node.policy_hash}) != {node.policy_hash}}
    if touched:
        with warehouse.transaction():
            record(warehouse, catalog, touched, run_id, now)
    return bool(touched)


def _looked_at(node: Node, touched: Mapping[str, Iterable[date] | None]) -> set[date] | None:
    """The dates of a relation that a load may have changed, or what its games lack there; None: all."""
    found: set[date] = set()
    for name in (node.name, *node.inputs):
        days = touched.get(name, ())
        if days is None or (days and not node.dated):
            return None
        found.update(days)
    return found


def _record(
    warehouse: Warehouse,
    node: Node,
    days: set[date] | None,
    own: Mapping[date, Receipt],
    written: tuple[str, datetime],
) -> None:
    where = "true" if days is None else f"game_date in ({dates(sorted(days))})"
    measured = receipts.measure(warehouse, node, where)
    if node.dated:
        measured |= receipts.dateless(warehouse, node)
    lacking = lacking_parts(warehouse, node, where) if node.game_checks else _NOTHING
    looked_at = set(own) if days is None else (days | {UNDATED}) & set(own)
    records.forget(warehouse, node.name, looked_at - set(measured))
    hashes = ("", "", node.policy_hash)
    records.write(
        warehouse,
        node.name,
        [
            make_receipt(node.name, day, found, lacking.get(day, {}), warehouse.hash_kind, hashes, *written)
            for day, found in measured.items()
            if not _is_recorded(node, own.get(day), found, lacking.get(day, {}))
        ],
    )


def _is_recorded(node: Node, receipt: Receipt | None, measured: Measure, lacking: Mapping[str, str]) -> bool:
    return (
        receipt is not None
        and (receipt.content_hash, receipt.rows) == (measured.content_hash, measured.rows)
        and (receipt.withheld, receipt.policy_hash) == (lacking, node.policy_hash)
    )
