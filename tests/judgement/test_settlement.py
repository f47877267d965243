"""Settlement from the facts alone: every status, its reason and its units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backcourt.field.odds import decimal
from backcourt.judgement.rules import FANTASY, STANDARD, rules_of
from backcourt.judgement.settlement import Bet, Fact, settle_forecast, settle_pick
from backcourt.tables.ledger.current import STATUSES


def settled(line: float, side: str, result: int, price: float = 1.9) -> tuple[str, float | None]:
    """Status and units of a bet on a player who appeared."""
    found = settle_pick(Bet("BET", side, line, price), Fact("final", True, result), STANDARD)
    return found.status, found.units


@pytest.mark.parametrize("side", ["over", "under"])
def test_an_equal_result_is_returned_on_both_sides(side: str) -> None:
    assert settled(20.0, side, 20) == ("PUSH", 0.0)


@pytest.mark.parametrize(
    ("line", "side", "result", "status"),
    [
        (20.5, "over", 21, "WON"), (20.5, "over", 20, "LOST"), (20.5, "under", 20, "WON"), (20.5, "under", 21, "LOST"),
        (20.0, "over", 21, "WON"), (20.0, "under", 21, "LOST"), (20.0, "over", 19, "LOST"), (20.0, "under", 19, "WON"),
        (0.5, "over", 0, "LOST"), (0.5, "under", 0, "WON"),
    ],
)  # fmt: skip
def test_strictly_beyond_the_line(line: float, side: str, result: int, status: str) -> None:
    assert settled(line, side, result) == (status, pytest.approx(0.9) if status == "WON" else -1.0)


def test_units_follow_the_price_that_was_taken() -> None:
    assert settled(20.5, "over", 30, decimal(150)) == ("WON", pytest.approx(1.5))
    assert settled(20.5, "over", 30, decimal(-115)) == ("WON", pytest.approx(100 / 115))


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (Fact("final", False, None), "did_not_play"),
        (Fact("postponed", False, None, None), "postponed"),
        (Fact("cancelled", False, None, None), "cancelled"),
        (Fact("abandoned", False, None, None), "abandoned"),
        (Fact("final", True, 30, 3), "postponed"),
    ],
)
def test_void_returns_the_stake_and_says_why(fact: Fact, reason: str) -> None:
    found = settle_pick(Bet("BET", "over", 20.5, 1.9), fact, STANDARD)
    assert (found.status, found.reason, found.units) == ("VOID", reason, 0.0)
    assert settle_forecast(False, fact, STANDARD).status == "VOID"


def test_a_game_played_within_the_window_counts() -> None:
    assert settle_pick(Bet("BET", "over", 20.5, 1.9), Fact("final", True, 30, 2), STANDARD).status == "WON"


@pytest.mark.parametrize(
    ("bet", "reason"),
    [
        (Bet("PASS", "over", 20.5, 1.9), "pass"),
        (Bet("NO_LINE", None, None, None), "no_line"),
        (Bet("LEAN", "over", 20.5, None), "price_missing"),
        (Bet("BET", "over", 20.5, 1.9, is_one_sided=True), "one_sided_price"),
        (Bet("BET", "over", 20.5, 1.9, is_fantasy=True), "fantasy_line"),
    ],
)
@pytest.mark.parametrize("fact", [None, Fact("final", True, 30), Fact("final", False, None)])
def test_nothing_to_settle_whatever_happened(bet: Bet, reason: str, fact: Fact | None) -> None:
    found = settle_pick(bet, fact, STANDARD)
    assert (found.status, found.reason, found.units) == ("NO_ACTION", reason, None)


def test_a_fantasy_book_settles_nothing_and_is_named_in_one_place() -> None:
    assert rules_of("prizepicks") is FANTASY and rules_of("draftkings") is rules_of(None) is STANDARD
    assert settle_pick(Bet("BET", "over", 20.5, 1.9), Fact("final", True, 30), FANTASY).reason == "fantasy_line"


def test_what_nobody_knows_is_ungraded() -> None:
    found = settle_pick(Bet("LEAN", "over", 20.5, 1.9), None, STANDARD)
    assert (found.status, found.reason, found.units) == ("UNGRADED", "no_source", None)
    assert settle_forecast(False, None, STANDARD).status == "UNGRADED"


def test_a_forecast_is_scored_or_abstained() -> None:
    assert settle_forecast(False, Fact("final", True, 0), STANDARD).reason == "scored"
    assert settle_forecast(True, Fact("final", True, 0), STANDARD).reason == "abstained"


_FACTS = st.one_of(
    st.none(),
    st.builds(Fact, st.just("final"), st.just(True), st.integers(0, 70), st.integers(0, 5)),
    st.builds(Fact, st.just("final"), st.just(False), st.none(), st.integers(0, 5)),
    st.builds(Fact, st.sampled_from(["postponed", "cancelled", "abandoned"]), st.just(False), st.none(), st.none()),
)


@given(st.sampled_from(["BET", "LEAN", "PASS"]), st.integers(0, 120), st.floats(1.01, 20), _FACTS)
def test_the_two_sides_of_a_line_mirror_each_other(action: str, half_points: int, price: float, fact: Fact | None) -> None:
    over, under = (settle_pick(Bet(action, side, half_points / 2, price), fact, STANDARD) for side in ("over", "under"))
    mirror = {"WON": "LOST", "LOST": "WON"}
    assert over.status in STATUSES and under.status == mirror.get(over.status, over.status) and over.reason == under.reason
    assert over.status != "PUSH" or half_points % 2 == 0
    for found in (over, under):
        expected = {"WON": price - 1, "LOST": -1.0, "PUSH": 0.0, "VOID": 0.0}.get(found.status)
        assert found.units == expected
