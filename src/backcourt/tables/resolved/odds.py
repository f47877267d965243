"""Odds as SQL text: American prices, their implied probabilities, and the phase in which a quote was captured."""

from __future__ import annotations


def decimal_price(price: str) -> str:
    """An American price as a decimal one: what one unit staked returns."""
    return f"case when {price} > 0 then 1 + {price} / 100::double when {price} < 0 then 1 + 100 / nullif(-{price}, 0)::double end"


def implied_probability(price: str) -> str:
    """The probability that an American price implies, with the bookmaker's margin (F12)."""
    return (
        f"case when {price} > 0 then 100 / nullif({price} + 100, 0)::double "
        f"when {price} < 0 then -{price} / nullif(100 - {price}, 0)::double end"
    )


def capture_phase(captured_at: str, game: str) -> str:
    """pre_tip, at_tip, live, or unknown without a capture time or a game; a game whose tip nobody knows has its lock only."""
    return (
        f"case when {captured_at} is null or {game}.lock_at is null then 'unknown' "
        f"when {captured_at} < coalesce({game}.tip_at, {game}.lock_at) then 'pre_tip' "
        f"when {captured_at} < {game}.lock_at then 'at_tip' else 'live' end"
    )
