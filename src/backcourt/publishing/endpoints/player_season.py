"""players/{id}/{season}.json: one player's forecasts and results of a season."""

from __future__ import annotations

from collections.abc import Iterator

from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope
from backcourt.publishing.histories import histories, identity, is_due, seen_row


def build(edition: Edition) -> Iterator[Document]:
    """The seasons of this publication's dates for the players forecast on them, and every season without a file."""
    due: dict[int, list[str]] = {}
    for player, season in sorted(edition.reading.player_seasons()):
        name = _name(player, season)
        if name not in edition.published or (season in edition.seasons and is_due(edition, player, name)):
            due.setdefault(player, []).append(season)
    for history in histories(edition, due):
        for season in due[history.player_id]:
            rows = sum(row.season == season for row in history.seen)
            body = {
                **envelope(edition, {"forecasts": rows}, kind=history.kind, season=season, status="ok" if rows else "empty"),
                **identity(edition, history.player_id),
                "markets": [
                    {
                        "market": one.market,
                        "system": one.system,
                        "accuracy": one.accuracy(),
                        "games": [seen_row(row) for row in one.rows],
                    }
                    for one in history.markets(season)
                ],
            }
            yield document(_name(history.player_id, season), "player_season.schema.json", body)


def _name(player_id: int, season: str) -> str:
    return f"players/{player_id}/{season}.json"


endpoint = GlobalEndpoint("players/{id}/{season}.json", "player_season.schema.json", "1 h", build)
