"""Season checks: run over whole tables, and remembered under the content that they were run on.

Verification measures every table and compares it with its receipts. Where all of them agree, the receipts say what
the checks would read, and the same declarations over the same content find the same: what was found then is found
again without a scan. Where anything differs, the checks run. A lost or broken file only costs time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from backcourt.engine import cache_file
from backcourt.engine.declare.catalog import Node
from backcourt.engine.declare.table import Check, Relation
from backcourt.engine.errors import QueryError
from backcourt.engine.judge.partition import Partition
from backcourt.engine.judge.situation import Situation
from backcourt.engine.warehouse import Warehouse

_VERSION = "2"
_KEPT = 8
_NAME = re.compile(r"[a-z_]\w*")
_DIFFERENT = ("altered", "surplus", "unknown")
"""The states of a partition whose content is not what its receipt says, or that nobody could read."""


@dataclass(frozen=True)
class SeasonFinding:
    """A season check that found something: table, check and the offending row (texts and numbers)."""

    table: str
    check: str
    row: tuple[str | float | None, ...]
    severity: str


def run_season_checks(warehouse: Warehouse, nodes: Iterable[Node]) -> list[SeasonFinding]:
    """What the season checks, and the row checks that only warn, find here; one that can't be asked has failed."""
    found = []
    for node in nodes:
        for check in _checks(node) if warehouse.columns(node.name) else ():
            severity = check.severity if check.scope == "season" else "warn"
            try:
                rows = warehouse.query(_examples(warehouse, node, check))
            except QueryError as error:
                if error.kind not in ("data", "permanent"):
                    raise
                # A column isn't there, or isn't what was built.
                found.append(SeasonFinding(node.name, check.name, (f"can't be asked: {error}",), "fail"))
                continue
            for row in rows:
                plain = tuple(value if value is None or type(value) in (str, int, float) else str(value) for value in row[:6])
                found.append(SeasonFinding(node.name, check.name, plain, severity))
    return found


def _examples(warehouse: Warehouse, node: Node, check: Check) -> str:
    return f"select * from ({check.sql.format(rows=warehouse.physical(node.name))}) as offending order by 1 limit 20"


class RememberedChecks:
    """What was found on the last few contents, in a file of the home's cache; without a path nothing is remembered."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._found: dict[str, list[SeasonFinding]] = {}
        match cache_file.recall(path) if path else None:
            case {"version": str(version), "found": dict(stored)} if version == _VERSION:
                self._found = {
                    key: [SeasonFinding(**{**finding, "row": tuple(finding["row"])}) for finding in found] for key, found in stored.items()
                }

    def of(self, key: str | None) -> list[SeasonFinding] | None:
        """The findings on the content that the key names; None when they are not known."""
        return self._found.get(key) if key else None

    def keep(self, key: str | None, findings: list[SeasonFinding]) -> None:
        """Remember findings; the oldest make room."""
        if self._path is None or key is None or key in self._found:
            return
        self._found[key] = findings
        latest = dict(list(self._found.items())[-_KEPT:])
        body = {
            "version": _VERSION,
            "found": {name: [asdict(finding) for finding in found] for name, found in latest.items()},
        }
        cache_file.keep(self._path, body)


def content_key(situation: Situation, nodes: list[Node]) -> str | None:
    """Names declarations and receipts of these nodes; None when a check reads a relation that isn't among them."""
    names = {node.name for node in nodes}
    known = set(situation.catalog.nodes)
    digest = hashlib.sha256(_VERSION.encode())
    for node in nodes:
        if any(not (set(_NAME.findall(check.sql.lower())) & known) <= names for check in _checks(node)):
            return None
        held = sorted(
            (str(day), receipt.rows, receipt.hash_kind, receipt.content_hash) for day, receipt in situation.facts.of(node).items()
        )
        digest.update(json.dumps([node.name, node.fingerprint, node.policy_hash, held]).encode())
    return digest.hexdigest()


def as_received(partitions: Iterable[Partition]) -> bool:
    """Is the content of all these partitions what their receipts say?"""
    return not any(partition.state in _DIFFERENT for partition in partitions)


def _checks(node: Node) -> list[Check]:
    if isinstance(node.declaration, Relation):
        return []
    return [check for check in node.table.checks if check.scope == "season" or check.severity == "warn"]
