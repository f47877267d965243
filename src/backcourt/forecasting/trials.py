"""The record of attempts, `HOME/trials.jsonl`: what was tried, with which configuration, and which opened tests it read.

Tests whose results steer the work prove less with every look, so looks are counted. The same attempt on the same
snapshot with the same results is one attempt, however often it is repeated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError

FILE = "trials.jsonl"


@dataclass(frozen=True)
class Trial:
    """One attempt. `results` are metric -> value; `opened` the tests it read; `seconds` is None unless it did all its work anew."""

    verb: str
    market: str
    snapshot_id: str
    config_hash: str
    results: dict[str, float | None]
    opened: tuple[str, ...] = ()
    seconds: float | None = None

    @property
    def key(self) -> str:
        """What makes an attempt the same as an earlier one: everything but the seconds."""
        return json.dumps({name: value for name, value in asdict(self).items() if name != "seconds"}, sort_keys=True)


def config_hash(configuration: Mapping[str, Any]) -> str:
    """The first 16 hex digits of the SHA-256 of a configuration as sorted JSON."""
    return hashlib.sha256(json.dumps(configuration, sort_keys=True, default=str).encode()).hexdigest()[:16]


def read_trials(home: Path) -> list[Trial]:
    """All attempts, oldest first; none without a file. A last line that a kill cut off is none.

    Raises BackcourtError for any other line that isn't one.
    """
    file = home / FILE
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(_without_torn_line(file.read_bytes()).splitlines(), start=1):
        try:
            content = json.loads(line)
            found.append(Trial(**{**content, "opened": tuple(content["opened"])}))
        except (ValueError, TypeError, KeyError) as error:
            raise BackcourtError(f"{file}, line {number}, is no trial ({error}); restore the line or remove it.") from error
    return found


def record(home: Path, trials: Iterable[Trial]) -> int:
    """Append the attempts that aren't recorded yet; how many. A known attempt is recorded again only when it states seconds at last."""
    timed: dict[str, bool] = {}
    for trial in read_trials(home):
        timed[trial.key] = timed.get(trial.key, False) or trial.seconds is not None
    new = []
    for trial in trials:
        if trial.key not in timed or (trial.seconds is not None and not timed[trial.key]):
            timed[trial.key] = trial.seconds is not None
            new.append(trial)
    if new:
        home.mkdir(parents=True, exist_ok=True)
        with (home / FILE).open("ab+") as out:
            out.seek(0)
            body = out.read()
            kept = _without_torn_line(body)
            if kept != body:
                out.truncate(len(kept))
            lines = "".join(json.dumps(asdict(trial), sort_keys=True) + "\n" for trial in new)
            out.write((b"\n" if kept and not kept.endswith(b"\n") else b"") + lines.encode())
    return len(new)


def _without_torn_line(body: bytes) -> bytes:
    """The file without a last line that has no end and is no JSON: a killed append left it, for the start of an object is never JSON."""
    start = body.rfind(b"\n") + 1
    try:
        json.loads(body[start:])
    except ValueError:
        return body[:start]
    return body


def reads(trials: Iterable[Trial]) -> dict[str, int]:
    """Opened test -> how many different configurations and snapshots were tried on it, whatever verbs looked at them."""
    by_test: dict[str, set[tuple[str, str, str]]] = {}
    for trial in trials:
        for test in trial.opened:
            by_test.setdefault(test, set()).add((trial.market, trial.snapshot_id, trial.config_hash))
    return {test: len(keys) for test, keys in sorted(by_test.items())}


def full_backtest_seconds(trials: Iterable[Trial]) -> dict[str, float]:
    """Market -> seconds of its latest backtest that fitted every week."""
    return {trial.market: trial.seconds for trial in trials if trial.verb == "backtest" and trial.seconds is not None}
