"""What becomes of a pick or a forecast, from the facts alone. Pure: no input, no output, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from backcourt.judgement.rules import RuleSet

WON, LOST, PUSH, VOID, NO_ACTION, UNGRADED = "WON", "LOST", "PUSH", "VOID", "NO_ACTION", "UNGRADED"
STAKED = ("BET", "LEAN")


@dataclass(frozen=True)
class Bet:
    """A pick as it was published: `price` is decimal; `is_one_sided` and `is_fantasy` say what the quote behind it was."""

    action: str
    side: str | None
    line: float | None
    price: float | None
    is_one_sided: bool = False
    is_fantasy: bool = False


@dataclass(frozen=True)
class Fact:
    """An outcome: `game_status` is final, postponed, cancelled or abandoned; `result` is None unless the player appeared.

    `days_late` are the days from the date that was bet on to the date of the game; None unless it is final.
    """

    game_status: str
    appeared: bool
    result: int | None
    days_late: int | None = 0


@dataclass(frozen=True)
class Settlement:
    """A status, the code of its reason, and the profit of one staked unit (None: nothing staked, or open)."""

    status: str
    reason: str
    units: float | None


def settle_pick(bet: Bet, fact: Fact | None, rules: RuleSet) -> Settlement:
    """Settle a pick; `fact` is None while the game is over and nobody knows who did what."""
    nothing = _nothing_to_settle(bet, rules)
    if nothing:
        return Settlement(NO_ACTION, nothing, None)
    if fact is None:
        return Settlement(UNGRADED, "no_source", None)
    void = void_reason(fact, rules)
    if void:
        return Settlement(VOID, void, 0.0)
    assert fact.result is not None and bet.line is not None and bet.price is not None
    if fact.result == bet.line:
        return Settlement(PUSH, "equal_to_the_line", 0.0)
    if has_won(bet, fact.result):
        return Settlement(WON, "beyond_the_line", bet.price - 1)
    return Settlement(LOST, "beyond_the_line", -1.0)


def settle_forecast(abstains: bool, fact: Fact | None, rules: RuleSet) -> Settlement:
    """The status of a forecast: nothing is staked on it, so it is scored, void, or open."""
    if abstains:
        return Settlement(NO_ACTION, "abstained", None)
    if fact is None:
        return Settlement(UNGRADED, "no_source", None)
    void = void_reason(fact, rules)
    return Settlement(VOID, void, None) if void else Settlement(NO_ACTION, "scored", None)


def void_reason(fact: Fact, rules: RuleSet) -> str | None:
    """Why the stake is returned; None when the bet stands."""
    if fact.game_status != "final":
        return fact.game_status
    if fact.days_late is None or fact.days_late > rules.postponed_days:
        return "postponed"
    return None if fact.appeared else "did_not_play"


def has_won(bet: Bet, result: int) -> bool:
    """Does a result that isn't the line itself lie on the bet's side?"""
    assert bet.line is not None
    return (result > bet.line) == (bet.side == "over")


def _nothing_to_settle(bet: Bet, rules: RuleSet) -> str | None:
    if bet.action not in STAKED:
        return bet.action.lower()
    if bet.is_fantasy or not rules.settles:
        return "fantasy_line"
    if bet.price is None:
        return "price_missing"
    return "one_sided_price" if bet.is_one_sided else None
