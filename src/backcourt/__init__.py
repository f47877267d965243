"""backcourt: NBA player-prop analytics on a backfill engine that proves what is complete.

Start with `home = backcourt.open()`; see the README for ten lines that go from raw files to a proven frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backcourt.engine.build.run import RunOptions
    from backcourt.engine.build.selection import Selection
    from backcourt.engine.errors import BackcourtError
    from backcourt.frames import Frame
    from backcourt.home import Home
    from backcourt.home import open_home as open

__version__ = "0.1.0"

__all__ = ["BackcourtError", "Frame", "Home", "RunOptions", "Selection", "open"]

_HOMES = {
    "BackcourtError": ("backcourt.engine.errors", "BackcourtError"),
    "Frame": ("backcourt.frames", "Frame"),
    "Home": ("backcourt.home", "Home"),
    "RunOptions": ("backcourt.engine.build.run", "RunOptions"),
    "Selection": ("backcourt.engine.build.plan", "Selection"),
    "open": ("backcourt.home", "open_home"),
}


def __getattr__(name: str) -> Any:
    # The command line imports this package for every verb, and the warehouse's driver takes longer to import than
    # `--help` may take.
    if name not in _HOMES:
        raise AttributeError(f"module 'backcourt' has no attribute {name!r}")
    import importlib

    module, attribute = _HOMES[name]
    return getattr(importlib.import_module(module), attribute)
