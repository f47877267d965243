"""The live states of a pick, as a pure state machine, and its chance while the game is played.

PENDING -> LIVE -> WON_EARLY or LOST_EARLY -> FINAL_WON, FINAL_LOST, FINAL_PUSH, FINAL_VOID; whatever isn't final goes
to STALE while the source is too old, and back. WON_EARLY (an over beyond its line) and LOST_EARLY (an under beyond
it) are provisional: a correction of the box takes them back. A final state only gives way to another final one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from backcourt.field.pmf import negative_binomial, over_push_under

STALE_AFTER_S = 300
_PERIODS, _PERIOD_S = 4, 720


class State(StrEnum):
    """Where a pick stands."""

    PENDING = "PENDING"
    LIVE = "LIVE"
    WON_EARLY = "WON_EARLY"
    LOST_EARLY = "LOST_EARLY"
    FINAL_WON = "FINAL_WON"
    FINAL_LOST = "FINAL_LOST"
    FINAL_PUSH = "FINAL_PUSH"
    FINAL_VOID = "FINAL_VOID"
    STALE = "STALE"

    @property
    def is_final(self) -> bool:
        """Is the game over for this pick?"""
        return self.name.startswith("FINAL")


@dataclass(frozen=True)
class Sight:
    """What can be seen of a pick's game now.

    `game` is scheduled, live, final, postponed, cancelled or no_data (no box at all). `value` is the player's count
    so far and `appeared` whether he was on the court; both are None without a row. `source_age_s` is the box's age,
    None without a box.
    """

    game: str
    is_locked: bool
    value: int | None = None
    appeared: bool | None = None
    source_age_s: int | None = None


def advance(previous: State | None, side: str, line: float, sight: Sight) -> State:
    """The state after `sight`; `previous` is None for a pick that is seen for the first time. `side` is over or under."""
    seen = _seen(side, line, sight)
    return previous if previous is not None and previous.is_final and not seen.is_final else seen


def _seen(side: str, line: float, sight: Sight) -> State:
    if sight.game in ("postponed", "cancelled"):
        return State.FINAL_VOID
    if sight.game == "final":
        return _settled(side, line, sight.value) if sight.appeared and sight.value is not None else State.FINAL_VOID
    if not sight.is_locked and sight.game in ("scheduled", "no_data"):
        return State.PENDING
    if sight.game == "no_data" or sight.source_age_s is None or sight.source_age_s > STALE_AFTER_S:
        return State.STALE
    if sight.game == "scheduled" or sight.value is None:
        return State.PENDING
    if sight.value > line:
        return State.WON_EARLY if side == "over" else State.LOST_EARLY
    return State.LIVE


def _settled(side: str, line: float, value: int) -> State:
    if value == line:
        return State.FINAL_PUSH
    return State.FINAL_WON if (value > line) == (side == "over") else State.FINAL_LOST


def remaining_share(period: int, clock_seconds: float) -> float:
    """Of a game of regulation length, the share still to be played; in overtime what is left of it, by the same measure."""
    periods_left = max(0, _PERIODS - max(period, 1))
    return (periods_left * _PERIOD_S + clock_seconds) / (_PERIODS * _PERIOD_S)


def p_win_live(side: str, line: float, value: int, mean: float, sd: float, share: float, kmax: int) -> float:
    """The chance that the side still wins.

    What is to come is negative binomial with mean `mean` x `share` and the forecast's ratio of variance to mean, and
    comes on top of `value`; `mean` and `sd` are of the whole game, `share` is what is left of it.
    """
    if share <= 0 or mean <= 0:
        return float(value > line if side == "over" else value < line)
    to_come = np.array([mean * share])
    pmf = negative_binomial(to_come, to_come * (sd * sd / mean), kmax)
    over, _, under = over_push_under(pmf, np.array([line - value]))
    return float(np.clip((over if side == "over" else under)[0], 0.0, 1.0))
