"""Counting graded picks: what was staked, won and returned; one definition for a day's results and for the record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CLOSE_ENOUGH = ("TRUE", "NEAR")
"""Close qualities that a closing-line value may rest on."""

STAKED = ("WON", "LOST", "PUSH")


@dataclass(frozen=True)
class Settled:
    """One pick's fate; `status` None stands for UNGRADED. `clv_prob` counts only with a close that is close enough."""

    status: str | None
    units: float | None
    clv_prob: float | None
    close_quality: str | None


def tally(picks: Iterable[Settled]) -> dict[str, int]:
    """How many have which status; published is their sum, by construction."""
    found = dict.fromkeys(("won", "lost", "push", "void", "no_action", "ungraded"), 0)
    for pick in picks:
        found[(pick.status or "UNGRADED").lower()] += 1
    return {"published": sum(found.values()), **found}


def money(picks: Sequence[Settled]) -> dict[str, float | None]:
    """Units won, return on what was staked (None without a stake) and mean closing-line value (None without a close)."""
    units = sum(pick.units for pick in picks if pick.units is not None)
    staked = sum(pick.status in STAKED for pick in picks)
    closes = [pick.clv_prob for pick in picks if pick.clv_prob is not None and pick.close_quality in CLOSE_ENOUGH]
    return {
        "units": float(units),
        "roi": units / staked if staked else None,
        "clv": sum(closes) / len(closes) if closes else None,
    }
