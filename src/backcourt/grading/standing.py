"""The standing verdicts: what the last report card said of each market and lead bucket. Without one nothing has an edge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from backcourt.engine.errors import BackcourtError

FILE = "reports/standing.json"


def standing_verdicts(home: Path) -> dict[str, dict[str, str]]:
    """Market -> lead bucket -> verdict; empty before the first report card. Raises BackcourtError for a file that can't be read."""
    try:
        return dict(json.loads((home / FILE).read_text()))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise BackcourtError(f"{home / FILE} can't be read ({error}); run `backcourt reportcard` to write it again.") from error


def keep_verdicts(home: Path, verdicts: Mapping[str, Mapping[str, str]]) -> None:
    """Replace the standing verdicts."""
    file = home / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_text(json.dumps(verdicts, indent=1, sort_keys=True) + "\n")
    part.replace(file)
