"""Where the distributions of forecasts are kept: Parquet files in the home, named by their content, their hash in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from backcourt.engine.files import write_whole
from backcourt.parquet import InMemory, scan

if TYPE_CHECKING:
    from backcourt.field.pmf import Array

FOLDER = "ledger"


def write_pmfs(home: Path, day: date, market: str, keys: Sequence[str], pmfs: Array) -> tuple[str, str]:
    """Keep PMFs [rows, kmax + 1] under their keys (`system/player_id`, unique in the file): (path in the home, SHA-256 of the file).

    The columns are `key` and `pmf`, a list of float32. The same content gives the same file, which is then left alone.
    """
    folder = home / FOLDER / str(day)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch, InMemory(threads=1) as memory:
        copy = Path(scratch) / "pmfs.parquet"
        memory.rows("create table kept (key varchar primary key, pmf float[])")
        memory.rows("insert into kept select unnest(?), unnest(?)", [list(keys), [row.tolist() for row in pmfs]])
        memory.copy("select * from kept order by key", copy)
        body = copy.read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    target = folder / f"{market}-{digest[:16]}.parquet"
    if sha256_of(target) != digest:
        write_whole(target, body)
    return str(target.relative_to(home)), digest


def read_pmfs(home: Path, file: str, sha256: str) -> dict[str, list[float]] | None:
    """Key -> PMF of a kept file; None when the file is missing or isn't the one that was written."""
    path = home / file
    if sha256_of(path) != sha256:
        return None
    with InMemory() as memory:
        return dict(memory.rows(f"select key, pmf from {scan(path)}"))


def key_of(system: str, player_id: int) -> str:
    """The key of a forecast in its file."""
    return f"{system}/{player_id}"


def sha256_of(path: Path) -> str | None:
    """SHA-256 (hex) of a file's bytes; None when there is no such file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
