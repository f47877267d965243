"""Statistics of a box score, and the markets that books set lines on."""

from __future__ import annotations

COUNTING_STATS = (
    "points", "fg_makes", "fg_attempts", "three_makes", "three_attempts", "ft_makes", "ft_attempts", "offensive_rebounds",
    "defensive_rebounds", "rebounds", "assists", "steals", "blocks", "turnovers", "personal_fouls",
)  # fmt: skip

PROP_MARKETS = (
    "points", "rebounds", "assists", "threes", "pra", "points_rebounds", "points_assists", "rebounds_assists",
)  # fmt: skip
