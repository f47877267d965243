"""A project home's settings, as values."""

from __future__ import annotations

from dataclasses import dataclass

from backcourt.engine.policy import Policy


@dataclass(frozen=True)
class Settings:
    """`threads` None: as many as there are cores. `policy` holds the thresholds and declarations that verdicts cite."""

    threads: int | None
    memory_limit: str
    workers: int
    policy: Policy
