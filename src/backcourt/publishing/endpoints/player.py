"""players/{id}.json: one player's form, how well his forecasts do, and his next distribution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backcourt.field.markets import MARKETS
from backcourt.publishing.distribution import chart
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope
from backcourt.publishing.histories import MarketHistory, histories, identity, is_due, seen_row
from backcourt.publishing.names import tricode
from backcourt.publishing.rows import SlatePlayer

SHOWN_GAMES = 20


def build(edition: Edition) -> Iterator[Document]:
    """The players forecast on this publication's dates, and those without a file."""
    due = [player for player in edition.people if is_due(edition, player, _name(player))]
    for history in histories(edition, due):
        person = edition.people[history.player_id]
        season = history.seasons[-1]
        body = {
            **envelope(edition, {"forecasts": len(history.seen)}, kind=history.kind, season=season),
            **identity(edition, person.player_id),
            "team": tricode(person.team_id),
            "position": person.position_group,
            "seasons": history.seasons,
            "splits": _splits(edition.listings.get(person.player_id)),
            "markets": [_market(edition, one) for one in history.markets()],
        }
        yield document(_name(person.player_id), "player.schema.json", body)


def _name(player_id: int) -> str:
    return f"players/{player_id}.json"


def _splits(player: SlatePlayer | None) -> list[dict[str, Any]]:
    """His form as it was known before the newest slate of this publication that lists him."""
    if player is None:
        return []
    return [
        {
            "market": market,
            "as_of": player.game_date,
            "last5": player.last5[market],
            "last10": player.last10[market],
            "season": player.season_means[market],
        }
        for market in MARKETS
    ]


def _market(edition: Edition, history: MarketHistory) -> dict[str, Any]:
    newest = next((row for row in reversed(history.rows) if row.mean is not None), None)
    pmf = edition.distributions.pmf_of(newest) if newest else None
    return {
        "market": history.market,
        "system": history.system,
        "accuracy": history.accuracy(),
        "last20": [seen_row(row) for row in history.rows[-SHOWN_GAMES:]],
        "pmf_date": newest.game_date if newest else None,
        "pmf": chart(pmf) if pmf is not None else [],
    }


endpoint = GlobalEndpoint("players/{id}.json", "player.schema.json", "1 h", build)
