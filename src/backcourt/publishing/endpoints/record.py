"""record.json: how live picks fared. Everything is derived from the ledger each time; nothing is carried over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from backcourt.field.markets import MARKETS
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope
from backcourt.publishing.intervals import ratio_of
from backcourt.publishing.rows import GradedPick
from backcourt.publishing.settled import STAKED, Settled, money, tally

ALL = "all"
NOTE = "not distinguishable from break-even"


def build(edition: Edition) -> Iterator[Document]:
    """The windows by market and action; only LIVE picks can come in."""
    picks = [pick for pick in edition.reading.live_picks() if pick.action in ("BET", "LEAN")]
    season = max((pick.season for pick in picks), default=None)
    windows = {
        "7d": [pick for pick in picks if pick.game_date > edition.today - timedelta(days=7)],
        "30d": [pick for pick in picks if pick.game_date > edition.today - timedelta(days=30)],
        "season": [pick for pick in picks if pick.season == season],
        "all": picks,
    }
    records = []
    for window, inside in windows.items():
        for market in (ALL, *MARKETS):
            for action in ("BET", "LEAN"):
                part = [pick for pick in inside if pick.action == action and market in (ALL, pick.market)]
                if part:
                    records.append({"window": window, "market": market, "action": action, **_record(part)})
    made = envelope(
        edition,
        {"picks": len(picks)},
        kind="LIVE",
        season=season,
        status="ok" if picks else "empty",
        reason=None if picks else "NO_LIVE_PICKS",
    )
    yield document("record.json", "record.schema.json", {**made, "records": records})


def _record(picks: Sequence[GradedPick]) -> dict[str, Any]:
    settled = [Settled(pick.status, pick.units, pick.clv_prob, pick.close_quality) for pick in picks]
    counted = tally(settled)
    staked = [pick for pick in picks if pick.status in STAKED and pick.units is not None]
    roi = ratio_of([pick.units or 0.0 for pick in staked], [1.0] * len(staked), [pick.game_date.isoformat() for pick in staked])
    above = roi["lo"] is not None and roi["lo"] > 0
    below = roi["hi"] is not None and roi["hi"] < 0
    return {
        **{name: counted[name] for name in ("won", "lost", "push", "void", "ungraded")},
        **money(settled),
        "roi_lo": roi["lo"],
        "roi_hi": roi["hi"],
        "n": len(staked),
        "verdict": "ABOVE_BREAK_EVEN" if above else ("BELOW_BREAK_EVEN" if below else "UNRESOLVED"),
        "note": None if above or below else NOTE,
    }


endpoint = GlobalEndpoint("record.json", "record.schema.json", "1 h", build)
