"""The newest report card of a home."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError


def newest_card(reports: Path) -> tuple[Any, str] | None:
    """The newest `reportcard.json` under a home's reports and its SHA-256; None where none was made.

    Raises BackcourtError for one that isn't JSON.
    """
    files = sorted(reports.rglob("reportcard.json"), key=lambda file: (file.stat().st_mtime_ns, str(file)))
    if not files:
        return None
    data = files[-1].read_bytes()
    try:
        return json.loads(data), sha256(data).hexdigest()
    except ValueError as error:
        raise BackcourtError(f"{files[-1]} isn't JSON ({error}); run `backcourt reportcard` again.") from error
