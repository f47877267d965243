"""One invented evening: Boston at home to New York, scheduled for 23:30 UTC."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tests.plain_relations import PlainRelations

BOSTON, NEW_YORK = 1610612738, 1610612752
GAME, DAY = "0022300061", date(2023, 10, 24)
TIP = datetime.fromisoformat("2023-10-24T23:30")


def at(text: str, day: int = 24) -> datetime:
    """A UTC time of the evening."""
    return datetime.fromisoformat(f"2023-10-{day}T{text}")


def scheduled(relations: PlainRelations, game_id: str = GAME, **changes: Any) -> None:
    """A game of the schedule."""
    row = {
        "game_date": DAY, "game_id": game_id, "season": "2023-24", "season_type": "regular", "is_real_game": True, "tip_at": TIP,
        "status": "scheduled", "home_team_id": BOSTON, "away_team_id": NEW_YORK, "is_neutral_site": False,
    }  # fmt: skip
    relations.add("schedule", **(row | changes))


def announced(relations: PlainRelations, captured: datetime | None, starts: datetime | None) -> None:
    """What a feed said about the start."""
    relations.add(
        "odds_events", game_date=DAY, source_event_id="e1", captured_at=captured, commence_time=starts, home_team_id=BOSTON,
        away_team_id=NEW_YORK,
    )  # fmt: skip


def quoted(relations: PlainRelations, **changes: Any) -> None:
    """A two-sided points quote for Player Eleven, captured in the afternoon."""
    row = {
        "game_date": DAY, "source_event_id": "e1", "home_team_id": BOSTON, "away_team_id": NEW_YORK, "book": "draftkings", "is_dfs": False,
        "market": "points", "player_name_raw": "Jonathan Eleven", "player_name_normalised": "jonathan eleven", "line": 24.5,
        "over_price": -110, "under_price": -110, "captured_at": at("15:00"), "source": "feed",
    }  # fmt: skip
    relations.add("prop_quote_captures", **(row | changes))


def evening() -> PlainRelations:
    """The game, announced for ten minutes after the schedule, and one known player."""
    relations = PlainRelations()
    scheduled(relations)
    announced(relations, at("12:00"), at("23:40"))
    relations.add("players", player_id=11, full_name="Jonathan Eleven", name_normalised="jonathan eleven")
    return relations
