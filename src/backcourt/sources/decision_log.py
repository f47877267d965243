"""The log of a person's decisions beside the warehouse: with the raw files, what a lost warehouse is rebuilt from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from backcourt.engine.files import append_line
from backcourt.engine.warehouse import Warehouse
from backcourt.sources import decisions, meanings
from backcourt.sources.decisions import Decision
from backcourt.sources.meanings import EventDecision, NameDecision

AnyDecision = Decision | NameDecision | EventDecision
_KINDS: dict[str, type[AnyDecision]] = {"version": Decision, "name": NameDecision, "event": EventDecision}


def note(file: Path, decision: AnyDecision) -> None:
    """Add a decision to the log, on the disk before this returns. Raises OSError."""
    kind = next(name for name, one in _KINDS.items() if isinstance(decision, one))
    append_line(file, json.dumps({"kind": kind, **asdict(decision)}, default=str))


def read(file: Path) -> list[AnyDecision]:
    """The decisions in their order; a line that is cut off or isn't one is left out."""
    try:
        lines = file.read_bytes().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    found: list[AnyDecision] = []
    for line in lines:
        try:
            found.append(_decision(json.loads(line)))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
    return found


def restore(warehouse: Warehouse, found: Sequence[AnyDecision]) -> None:
    """Write the decisions of a log into a warehouse that has none."""
    decisions.write(warehouse, [one for one in found if isinstance(one, Decision)])
    for one in found:
        if not isinstance(one, Decision):
            meanings.write(warehouse, one)


def _decision(body: dict[str, Any]) -> AnyDecision:
    kind = _KINDS[body.pop("kind")]
    body["decided_at"] = datetime.fromisoformat(body["decided_at"])
    if kind is NameDecision:
        body["from_date"] = date.fromisoformat(body["from_date"])
    return kind(**body)
