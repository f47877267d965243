"""What the last report card left standing: a verdict for each market and lead bucket, and the fallbacks of the targets that were missed.

Without a card nothing has an edge, and nothing is known to be missed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import read_json, write_whole

FILE = "reports/standing.json"
FALLBACKS = "reports/fallbacks.json"


def standing_verdicts(home: Path) -> dict[str, dict[str, str]]:
    """Market -> lead bucket -> verdict; empty before the first report card. Raises BackcourtError for a file that can't be read."""
    return dict(_read(home / FILE, dict) or {})


def standing_fallbacks(home: Path) -> list[str]:
    """A sentence for each missed bound of a target, with its fallback. Raises BackcourtError for a file that can't be read."""
    return [str(entry["sentence"]) for entry in _read(home / FALLBACKS, list) or ()]


def missed_targets(home: Path) -> frozenset[str]:
    """The targets of which some bound was missed (T1, ...). Raises BackcourtError for a file that can't be read."""
    return frozenset(str(entry["target"]) for entry in _read(home / FALLBACKS, list) or ())


def keep_verdicts(home: Path, verdicts: Mapping[str, Mapping[str, str]]) -> None:
    """Replace the standing verdicts."""
    _keep(home / FILE, verdicts)


def keep_fallbacks(home: Path, fallbacks: Sequence[Mapping[str, str]]) -> None:
    """Replace the standing fallbacks: `target` and `sentence` of each."""
    _keep(home / FALLBACKS, list(fallbacks))


def _read(file: Path, kind: type) -> Any:
    remedy = "run `backcourt reportcard` to write it again"
    body = read_json(file, remedy)
    if body is not None and not isinstance(body, kind):
        raise BackcourtError(f"{file} holds no {kind.__name__}; {remedy}.")
    return body


def _keep(file: Path, body: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(body, indent=1, sort_keys=True) + "\n")
