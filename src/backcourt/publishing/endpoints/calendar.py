"""calendar.json: what there is on which date."""

from __future__ import annotations

from collections.abc import Iterator

from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope


def build(edition: Edition) -> Iterator[Document]:
    """Every date of the ledger and every date of this publication."""
    games = edition.reading.game_counts()
    counts = edition.date_counts
    days = sorted({*counts, *edition.dates})
    dates = []
    for day in days:
        counted = counts.get(day)
        dates.append(
            {
                "date": day,
                "kind": counted.kind if counted else None,
                "games": games.get(day, 0),
                "forecasts": counted.forecasts if counted else 0,
                "picks": counted.picks if counted else 0,
                "graded": counted.graded if counted else 0,
            }
        )
    kinds = {counted.kind for counted in counts.values()}
    kind = "LIVE" if "LIVE" in kinds else min(kinds, default=None)
    body = {**envelope(edition, {"dates": len(dates)}, kind=kind, status="ok" if dates else "empty"), "dates": dates}
    yield document("calendar.json", "calendar.schema.json", body)


endpoint = GlobalEndpoint("calendar.json", "calendar.schema.json", "1 h", build)
