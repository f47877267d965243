"""The log beside the kept payloads: what was loaded, in which order and as captured when. A lost warehouse is rebuilt by it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from backcourt.engine.files import append_line
from backcourt.engine.warehouse import Warehouse
from backcourt.sources.archive import file_hash
from backcourt.sources.raw_file import given_name

LOG_FILE = "loads.jsonl"


@dataclass(frozen=True)
class Payload:
    """One load: the file's name as it was given, its copy in `raw/` (None when none was kept), the format, and the moments (UTC, ISO)."""

    name: str
    payload: str | None
    source: str
    captured_at: str | None
    loaded_at: str
    is_again: bool = False


def note(folder: Path, payload: Payload) -> None:
    """Add a load to the log, on the disk before this returns. Raises OSError."""
    append_line(folder / LOG_FILE, _line(payload))


def read_log(folder: Path, known: Sequence[Payload] = ()) -> list[Payload]:
    """The loads in their order; a line that is cut off or isn't one is left out. Payloads that no line names come last, by name.

    `known` are loads that a warehouse knows of, in its order: those that the log doesn't name come first.
    """
    found: list[Payload] = []
    try:
        lines = (folder / LOG_FILE).read_bytes().decode("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        try:
            entry = Payload(**json.loads(line))
            for moment in (entry.loaded_at, entry.captured_at or entry.loaded_at):
                datetime.fromisoformat(moment)
            found.append(entry)
        except (ValueError, TypeError, RecursionError):
            continue
    named = {entry.payload for entry in found}
    found = [entry for entry in known if entry.payload not in named] + found
    named = {entry.payload for entry in found}
    others = sorted(file for file in folder.glob("*") if file.is_file() and file.name != LOG_FILE and not file.name.startswith("."))
    for file in others:
        if file.name not in named:
            loaded = datetime.fromtimestamp(int(file.stat().st_mtime)).astimezone().isoformat()
            found.append(Payload(file.name, file.name, "", None, loaded))
    return found


def log_of(warehouse: Warehouse) -> str:
    """The log's text for what a warehouse has loaded."""
    return "".join(f"{_line(load)}\n" for load in loads_of(warehouse))


def loads_of(warehouse: Warehouse) -> list[Payload]:
    """What a warehouse has loaded, in its order."""
    rows: list[tuple[Any, ...]] = warehouse.query(
        "select file, payload_ref, source, captured_at, loaded_at, "
        "row_number() over (partition by file_hash order by load_id) > 1 and file_hash <> '' from raw_loads order by load_id"
    )
    found = []
    for file, kept, source, captured, loaded, again in rows:
        captured_at = captured.isoformat() if captured else None
        copy = Path(kept).name if kept else None
        found.append(Payload(given_name(file, kept), copy, source, captured_at, loaded.isoformat(), again))
    return found


def damaged(folder: Path, loads: Sequence[Payload]) -> list[str]:
    """A sentence for each load whose kept copy is gone or isn't, by the hash that is its name, what was loaded."""
    found = []
    for load in loads:
        if load.payload is None:
            continue
        file = folder / load.payload
        if not file.is_file():
            found.append(f"{load.name}: its copy {file} is gone; ingest the file again")
        elif file_hash(file) != load.payload.partition(".")[0]:
            found.append(f"{load.name}: its copy {file} is not what was loaded; ingest the file again")
    return found


def _line(payload: Payload) -> str:
    return json.dumps(asdict(payload))
