"""Does the grader still grade? A few bets with known results, settled by the code that settles all others."""

from __future__ import annotations

from backcourt.judgement.rules import STANDARD
from backcourt.judgement.settlement import LOST, NO_ACTION, PUSH, UNGRADED, VOID, WON, Bet, Fact, settle_pick

CASES: tuple[tuple[Bet, Fact | None, str, float | None], ...] = (
    (Bet("BET", "over", 24.5, 1.87), Fact("final", appeared=True, result=25), WON, 0.87),
    (Bet("LEAN", "under", 24.5, 1.87), Fact("final", appeared=True, result=25), LOST, -1.0),
    (Bet("LEAN", "over", 25.0, 1.95), Fact("final", appeared=True, result=25), PUSH, 0.0),
    (Bet("BET", "under", 4.5, 1.8), Fact("final", appeared=True, result=0), WON, 0.8),
    (Bet("BET", "under", 4.5, 1.8), Fact("final", appeared=False, result=None), VOID, 0.0),
    (Bet("BET", "over", 4.5, 1.8), Fact("postponed", appeared=False, result=None, days_late=None), VOID, 0.0),
    (Bet("PASS", "over", 4.5, 1.8), Fact("final", appeared=True, result=9), NO_ACTION, None),
    (Bet("BET", "over", 4.5, 1.8), None, UNGRADED, None),
)
"""Bet, fact, the status that it must get, and the profit of one unit."""


def probe_grader() -> str:
    """What was settled, as a sentence. Raises ValueError naming the first bet that is settled otherwise than it must be."""
    for bet, fact, status, units in CASES:
        found = settle_pick(bet, fact, STANDARD)
        same_units = found.units == units or (found.units is not None and units is not None and abs(found.units - units) < 1e-9)
        if found.status != status or not same_units:
            raise ValueError(f"{bet} with {fact} is settled as {found.status} ({found.units}), not {status} ({units})")
    return f"{len(CASES)} bets settled as they must be"
