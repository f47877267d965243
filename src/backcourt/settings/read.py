"""The settings of a home: from the cache while file, environment and validation are those that gave them."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from backcourt.engine.policy import Policy, Unavailable
from backcourt.settings.values import Settings

FILE_NAME = "backcourt.toml"

TEMPLATE = """# backcourt project home. Every key can also be set as BACKCOURT_<KEY>; unknown keys are errors.
# memory_limit = "2GB"
# workers = 2

# [policy]
# chunk_deadline_seconds = 600

# What a source is known not to have. Nothing in the package excuses a hole; this file may, with a reason.
# [[unavailable]]
# source = "player_box"
# season_types = ["play_in", "cup_final"]
# from = "2021-10-19"
# to = "2025-06-30"
# reason = "the archive has no player boxes of these games"
"""
_PREFIX = "BACKCOURT_"


def read(home: Path) -> Settings:
    """The settings of a home. Raises BackcourtError for an unknown key or a bad value.

    The validating library takes longer to import than a run with nothing to do has left, so its answer is kept in the home's cache.
    """
    file = home / FILE_NAME
    cache = home / ".cache" / "settings.json"
    origin = _origin(file)
    try:
        kept = json.loads(cache.read_text())
        if kept["origin"] == origin:
            return _from_json(kept["settings"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    from backcourt.settings.parse import parse

    found = parse(file)
    if file.exists():
        _keep(cache, {"origin": origin, "settings": asdict(found)})
    return found


def find_home(given: Path | None = None) -> Path:
    """--home > BACKCOURT_HOME > the nearest backcourt.toml upwards > the current folder."""
    if given is not None:
        return given.resolve()
    if os.environ.get("BACKCOURT_HOME"):
        return Path(os.environ["BACKCOURT_HOME"]).resolve()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / FILE_NAME).is_file()), here)


def _origin(file: Path) -> str:
    """A digest of all that the settings are made of: the file, the environment and the code that validates them."""
    digest = hashlib.sha256()
    for source in (file, Path(__file__).with_name("parse.py"), Path(__file__).with_name("values.py")):
        digest.update(source.read_bytes() if source.exists() else b"none")
    names = sorted(name for name in os.environ if name.upper().startswith(_PREFIX))
    digest.update(json.dumps([(name, os.environ[name]) for name in names]).encode())
    return digest.hexdigest()


def _keep(cache: Path, body: dict[str, Any]) -> None:
    unfinished = cache.with_suffix(".part")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(json.dumps(body, default=str))
        unfinished.replace(cache)
    except OSError:
        return


def _from_json(values: dict[str, Any]) -> Settings:
    policy = dict(values["policy"])
    entries = policy.pop("unavailable")
    for entry in entries:
        entry["kinds"] = tuple(entry["kinds"])
        for name in ("from_date", "to_date"):
            entry[name] = date.fromisoformat(entry[name]) if entry[name] else None
    unavailable = tuple(Unavailable(**entry) for entry in entries)
    return Settings(values["threads"], values["memory_limit"], values["workers"], Policy(**policy, unavailable=unavailable))
