"""The published files, one endpoint a file; being in the folder is being registered."""

from __future__ import annotations

from pathlib import Path

from backcourt.engine.declare.loader import Kind, Loaded, load
from backcourt.publishing.endpoint import Endpoint

ENDPOINTS: Kind[Endpoint] = Kind("endpoint", Endpoint, "endpoints", ("backcourt.publishing.endpoints",))


def loaded_endpoints(home: Path | None = None) -> Loaded[Endpoint]:
    """All endpoints: the package's own, those in the home's `endpoints` folder, those of libraries; and why a file is left out."""
    return load(ENDPOINTS, home)


def endpoints(home: Path | None = None) -> dict[str, Endpoint]:
    """Every endpoint by its file's name."""
    return loaded_endpoints(home).declarations


def schema_folders(home: Path) -> list[Path]:
    """Where the schemas of endpoints from outside the package lie: beside them."""
    return list(dict.fromkeys(one.file.parent for one in loaded_endpoints(home).found.values() if not one.is_own))
