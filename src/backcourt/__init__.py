"""backcourt: NBA player-prop analytics on a backfill engine that proves what is complete.

Start with `home = backcourt.open()`; see the README for ten lines that go from raw files to a proven frame.
"""

from __future__ import annotations

from backcourt.engine.errors import BackcourtError
from backcourt.engine.plan import Selection
from backcourt.engine.run import RunOptions
from backcourt.frames import Frame
from backcourt.home import Home
from backcourt.home import open_home as open

__version__ = "0.1.0"

__all__ = ["BackcourtError", "Frame", "Home", "RunOptions", "Selection", "open"]
