"""A seeded, fictional league that writes the public raw formats, so that ingest cannot tell it from a real one.

Teams, arenas and calendars are shaped like the real league; every player and every result is invented. This folder is the only one that
needs NumPy (imported when a league is simulated, not when the package is imported).
"""

from __future__ import annotations

from backcourt.simulate.league import SimulationSummary, simulate

__all__ = ["SimulationSummary", "simulate"]
