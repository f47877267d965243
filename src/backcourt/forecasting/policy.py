"""When a priced line becomes a pick, and of which kind. Every number that decides stands here, under one version."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PickPolicy:
    """`version` is stored with each pick; a changed number needs a new one."""

    version: str = "2026-1"
    quote_minutes: int = 30
    data_tier: str = "FULL"
    verdict: str = "EDGE"


POLICY = PickPolicy()
