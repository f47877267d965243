"""methodology.md: how the figures come about, written from the rules that make them."""

from __future__ import annotations

from collections.abc import Iterator

from backcourt.field.markets import MARKETS
from backcourt.judgement.bootstrap import DRAWS, LEAST_BLOCKS
from backcourt.publishing.day import SHOWN_SYSTEMS
from backcourt.publishing.documents import Document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import text_head
from backcourt.publishing.generation import KEPT_GENERATIONS
from backcourt.publishing.guard import CHECKS
from backcourt.publishing.histories import LEAST_ROWS
from backcourt.publishing.live_states import STALE_AFTER_S

_TEXT = """# How these figures are made

Every forecast is a distribution of a player's result, stated before the game and kept for ever. A **LIVE** forecast was written
before its game locked, a **REPLAY** after; the two are never mixed, and record and calibration hold LIVE rows only. A missing value
is null.

## Markets

| market | what counts | largest value told apart |
|---|---|---|
{markets}

## Which forecast is shown

The first of {systems} that has one; `system` names it. While the last report card finds that the blend's
distribution of points misses its target against the market's (T5), the market's own stands first there. The market is a system like any
other and stands first in every comparison.
P(over) is published for systems that know the line only.

## Picks

Expected value of one unit is p_win x price + p_push - 1, with decimal prices. `ev_lcb` is its 10th percentile over what the blend
doesn't know. BET and LEAN are listed, PASS and NO_LINE stand in the ledger. `p_win_lo` is the probability at which expected value
is `ev_lcb`.

## Results

WON and LOST lie strictly beyond the line, PUSH on it; VOID returns the stake (did not play, postponed, not completed); NO_ACTION
has nothing to settle; UNGRADED isn't known yet. published = won + lost + push + void + no_action + ungraded. ROI = units / (won +
lost + push). Closing-line value counts closes within an hour of the lock. Averages are over rows; who did not play is in none.

## Uncertainty

Intervals are 95 %, from {draws:,} bootstrap draws of whole blocks: game dates, or players where a file holds one date. With fewer
than {blocks} blocks they are null. A player's accuracy is shown from {rows} graded forecasts on. What can't be told from break-even
is said to be so.

## Live

WON_EARLY and LOST_EARLY are provisional, and only final states are counted. A source older than {stale} seconds is STALE. What is
still to come is negative binomial: the forecast mean times the share of the game that is left, with the forecast's ratio of
variance to mean.

## What must hold before anything is published

{checks}

If one of these fails, what was published before stays and `status.json` says why. If a state can't be determined, no picks are
shown. The last {kept} generations are kept; ledger files and final results are never changed.
"""


def build(edition: Edition) -> Iterator[Document]:
    """One text."""
    markets = "\n".join(f"| {market.id} | {market.name} | {market.kmax} |" for market in MARKETS.values())
    checks = "\n".join(f"- {(check.__doc__ or '').strip()}" for check in CHECKS)
    text = text_head(edition) + _TEXT.format(
        markets=markets, checks=checks, systems=", ".join(SHOWN_SYSTEMS), draws=DRAWS, blocks=LEAST_BLOCKS, rows=LEAST_ROWS,
        stale=STALE_AFTER_S, kept=KEPT_GENERATIONS,
    )  # fmt: skip
    yield Document("methodology.md", text.encode(), None)


endpoint = GlobalEndpoint("methodology.md", None, "1 d", build)
