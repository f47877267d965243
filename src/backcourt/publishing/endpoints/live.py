"""live/{date}.json: box rows of the games of a slate."""

from __future__ import annotations

from typing import Any

from backcourt.field.markets import MARKETS
from backcourt.publishing.day import Day
from backcourt.publishing.documents import Document, document
from backcourt.publishing.edition import Edition
from backcourt.publishing.endpoint import LiveEndpoint
from backcourt.publishing.envelope import day_envelope
from backcourt.publishing.live_view import LiveView
from backcourt.publishing.names import tricode
from backcourt.sources.live_boxes import SOURCE, LiveBox, LiveRow


def live_envelope(edition: Edition, day: Day, view: LiveView, counts: dict[str, int]) -> dict[str, Any]:
    """The envelope of a live file: as of the newest box."""
    captured = [box.captured_at for box in view.boxes.values()]
    status, reason = "ok", None
    if not day.games:
        status, reason = "empty", "NO_GAMES"
    elif view.problems:
        status, reason = "degraded", " ".join(view.problems)
    made = day_envelope(edition, day, counts, status=status, reason=reason)
    return {**made, "as_of": max(captured, default=edition.now)}


def build(edition: Edition, day: Day, view: LiveView) -> Document:
    """The slate's file; a game without a box has no data."""
    games, rows = [], []
    for game in day.games:
        box = view.boxes.get(game.game_id)
        games.append(
            {
                "game_id": game.game_id,
                "home": tricode(game.home_team_id),
                "away": tricode(game.away_team_id),
                "state": view.game_state(game),
                "period": box.period if box else None,
                "clock": box.clock if box else None,
                "source": SOURCE if box else None,
                "source_age_s": view.age(game.game_id, edition.now),
            }
        )
        rows += [_row(box, row) for row in box.rows.values()] if box else []
    rows.sort(key=lambda row: (row["game_id"], row["player_id"]))
    made = live_envelope(edition, day, view, {"games": len(games), "boxes": len(view.boxes), "rows": len(rows)})
    return document(f"live/{day.game_date}.json", "live.schema.json", {**made, "games": games, "rows": rows})


def _row(box: LiveBox, row: LiveRow) -> dict[str, Any]:
    values = {market.id: sum(row.counts[part] for part in market.parts) for market in MARKETS.values()}
    return {
        "player_id": row.player_id,
        "game_id": box.game_id,
        "seconds_played": row.seconds_played,
        "appeared": row.appeared,
        **values,
    }


endpoint = LiveEndpoint("live/{date}.json", "live.schema.json", "15-30 s", build)
