"""The hash chain over the ledger: how rows and batches are hashed, and what in it isn't as it was written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.warehouse import Warehouse

GENESIS = "0" * 64
SHORT = 16
_UNHASHED = ("row_hash", "batch_id")
_SLICE = 200


@dataclass(frozen=True)
class Fault:
    """Something that isn't as it was written: the table, the batch (None: no batch), the row or rows, and what is wrong."""

    table: str
    batch_id: int | None
    row: str
    problem: str

    def __str__(self) -> str:
        place = f"batch {self.batch_id}" if self.batch_id is not None else "no batch"
        return f"{self.table}, {place}: {self.row}: {self.problem}"


def row_hash(warehouse: Warehouse, node: Node) -> str:
    """SQL of the hash over a row of the table."""
    return warehouse.text_hash([name for name in node.column_names if name not in _UNHASHED])


def batch_hash(previous: str, row_hashes: Iterable[str]) -> str:
    """SHA-256 (hex) over the hash of the batch before and the sorted row hashes, all as text."""
    return hashlib.sha256("".join([previous, *sorted(row_hashes)]).encode()).hexdigest()


def chained(catalog: Catalog) -> list[Node]:
    """The tables whose rows the chain covers."""
    return [node for node in catalog.appended if "row_hash" in node.column_names]


def verify_chain(warehouse: Warehouse, catalog: Catalog) -> list[Fault]:
    """Compute every row hash and every batch hash again; what was altered, removed or inserted since is named."""
    nodes = [node for node in chained(catalog) if warehouse.columns(node.name)]
    faults = [fault for node in nodes for fault in _altered(warehouse, node)]
    if not warehouse.columns("batches"):
        return faults + [Fault(node.name, None, "all rows", "the table of batches is gone") for node in nodes]
    batches = warehouse.query(
        "select batch_id, previous_hash, batch_hash, table_name, rows, row_hashes from batches order by batch_id, created_at"
    )
    by_name = {node.name: node for node in nodes}
    faults += _strangers(warehouse, nodes)
    expected, number = GENESIS, 0
    for start in range(0, len(batches), _SLICE):
        part = batches[start : start + _SLICE]
        stored = _hashes(warehouse, nodes, int(part[0][0]), int(part[-1][0]))
        for batch_id, previous, own, table, rows, listed in part:
            number += 1
            if batch_id != number:
                faults.append(Fault("batches", int(batch_id), "the batch", f"number {number} is expected: a batch was removed or inserted"))
                number = int(batch_id)
            if previous != expected:
                faults.append(Fault("batches", int(batch_id), "the batch", "it doesn't follow from the batch before"))
            found = stored.get((str(table), int(batch_id)), [])
            faults += _differences(warehouse, by_name.get(str(table)), str(table), int(batch_id), found, str(listed).split(","))
            if len(found) != rows or batch_hash(str(previous), found) != own:
                faults.append(Fault(str(table), int(batch_id), f"{len(found)} of {rows} rows", "they don't give the hash of the batch"))
            expected = str(own)
    return faults


def _altered(warehouse: Warehouse, node: Node) -> list[Fault]:
    grain = ", ".join(node.table.grain)
    return [
        Fault(node.name, batch, _name(node, key), "its values don't give its hash")
        for batch, *key in warehouse.query(
            f"select batch_id, {grain} from {warehouse.physical(node.name)} where row_hash is distinct from {row_hash(warehouse, node)} "
            f"order by batch_id, {grain}"
        )
    ]


def _strangers(warehouse: Warehouse, nodes: list[Node]) -> list[Fault]:
    return [
        Fault(node.name, batch, _name(node, key), "nobody wrote a batch with it")
        for node in nodes
        for batch, *key in warehouse.query(
            f"select r.batch_id, {_grain_of('r', node)} from {warehouse.physical(node.name)} r "
            f"left join batches b on b.batch_id = r.batch_id and b.table_name = '{node.name}' where b.batch_id is null "
            f"order by r.batch_id, {_grain_of('r', node)}"
        )
    ]


def _hashes(warehouse: Warehouse, nodes: list[Node], first: int, last: int) -> dict[tuple[str, int], list[str]]:
    found: dict[tuple[str, int], list[str]] = {}
    for node in nodes:
        for batch, digest in warehouse.query(
            f"select batch_id, row_hash from {warehouse.physical(node.name)} where batch_id between ? and ?", [first, last]
        ):
            found.setdefault((node.name, int(batch)), []).append(str(digest))
    return found


def _differences(warehouse: Warehouse, node: Node | None, table: str, batch_id: int, found: list[str], listed: list[str]) -> list[Fault]:
    held, written = {digest[:SHORT] for digest in found}, set(listed) - {""}
    faults = [Fault(table, batch_id, f"row {digest}", "it was written and is gone") for digest in sorted(written - held)]
    surplus = sorted(digest for digest in found if digest[:SHORT] not in written)
    if surplus and node is not None:
        marks = ", ".join(f"'{digest}'" for digest in surplus)
        for key in warehouse.query(
            f"select {_grain_of('r', node)} from {warehouse.physical(table)} r "
            f"where r.batch_id = {batch_id} and r.row_hash in ({marks}) order by {_grain_of('r', node)}"
        ):
            faults.append(Fault(table, batch_id, _name(node, list(key)), "it wasn't written with the batch"))
    return faults


def _grain_of(row: str, node: Node) -> str:
    return ", ".join(f"{row}.{name}" for name in node.table.grain)


def _name(node: Node, key: list[object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(node.table.grain, key, strict=True))
