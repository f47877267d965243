"""What is seen of a slate's games while they are played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backcourt.publishing.day import Day
from backcourt.publishing.live_states import Sight, State
from backcourt.publishing.rows import Pick, SlateGame
from backcourt.sources.live_boxes import LiveBox


@dataclass(frozen=True)
class LiveView:
    """The boxes of a slate's games, the states published before (pick_id -> state) and what was wrong with the files."""

    boxes: Mapping[str, LiveBox]
    previous: Mapping[str, State]
    problems: tuple[str, ...]

    def age(self, game_id: str, now: datetime) -> int | None:
        """Seconds since the game's box was captured; None without a box."""
        box = self.boxes.get(game_id)
        return max(0, int((now - box.captured_at).total_seconds())) if box else None

    def game_state(self, game: SlateGame) -> str:
        """scheduled, live, final, postponed, cancelled or no_data."""
        if not game.is_to_be_played:
            return game.status
        box = self.boxes.get(game.game_id)
        return box.state if box else "no_data"

    def value(self, pick: Pick, parts: tuple[str, ...]) -> int | None:
        """The player's count so far; None without a row, which is no data and not 0."""
        box = self.boxes.get(pick.game_id)
        row = box.rows.get(pick.player_id) if box else None
        return sum(row.counts[part] for part in parts) if row else None

    def sight(self, day: Day, pick: Pick, parts: tuple[str, ...], now: datetime) -> Sight:
        """What can be seen of a pick."""
        game = next((game for game in day.games if game.game_id == pick.game_id), None)
        box = self.boxes.get(pick.game_id)
        row = box.rows.get(pick.player_id) if box else None
        state = self.game_state(game) if game else "no_data"
        return Sight(
            state,
            is_locked=game is not None and game.lock_at <= now,
            value=self.value(pick, parts),
            appeared=row.appeared if row else None,
            source_age_s=self.age(pick.game_id, now),
        )
