"""players/index.json: every player who has a file."""

from __future__ import annotations

from collections.abc import Iterator

from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import GlobalEndpoint
from backcourt.publishing.envelope import envelope
from backcourt.publishing.histories import identity
from backcourt.publishing.names import tricode


def build(edition: Edition) -> Iterator[Document]:
    """Everybody with a forecast in the ledger, by slug."""
    players = [
        {**identity(edition, person.player_id), "team": tricode(person.team_id), "path": f"players/{person.player_id}.json"}
        for person in edition.people.values()
    ]
    players.sort(key=lambda player: player["slug"])
    made = envelope(edition, {"players": len(players)}, kind=None, status="ok" if players else "empty")
    yield document("players/index.json", "players_index.schema.json", {**made, "players": players})


endpoint = GlobalEndpoint("players/index.json", "players_index.schema.json", "1 h", build)
