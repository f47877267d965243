"""The published files, one endpoint a file; being in the folder is being registered."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from backcourt.publishing.endpoint import Endpoint


@cache
def endpoints() -> dict[str, Endpoint]:
    """Every endpoint by its file's name."""
    names = sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py"))
    return {name: importlib.import_module(f"backcourt.publishing.endpoints.{name}").endpoint for name in names}
