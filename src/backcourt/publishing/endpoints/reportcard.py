"""reportcard.json: the report card of the newest snapshot, exactly as it was made."""

from __future__ import annotations

from collections.abc import Iterator

from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope
from backcourt.publishing.newest_card import newest_card


def build(edition: Edition) -> Iterator[Document]:
    """The card, or the statement that none was made."""
    card, hashed = newest_card(edition.home / "reports") or (None, None)
    made = envelope(
        edition, {}, kind="BACKTEST" if card else None, status="ok" if card else "empty", reason=None if card else "NO_REPORT_CARD"
    )
    yield document("reportcard.json", "reportcard.schema.json", {**made, "card": card, "card_sha256": hashed})


endpoint = GlobalEndpoint("reportcard.json", "reportcard.schema.json", "1 d", build)
