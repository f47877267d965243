"""What a model needs of a row before its forecast counts as fully informed: one declaration per group of models."""

from __future__ import annotations

from dataclasses import dataclass

from backcourt.tables.precompute.feature_groups import BLIND, GAME_MARKET, PROP_MARKET


@dataclass(frozen=True)
class ModelGroup:
    """Models with the same declaration.

    `reads` are the market groups that they may read; `required` features must not be NULL; `min_n` gives the least value of n columns;
    `max_quote_age_hours` bounds the age of the main line of `market` at the lock, for groups that read prop_market.
    """

    name: str
    reads: tuple[str, ...]
    required: tuple[str, ...]
    min_n: dict[str, int]
    market: str = "points"
    max_quote_age_hours: int = 12
    allow_bootstrap: bool = False


_REQUIRED = (
    "points_mean_shrunk",
    "minutes_mean_shrunk",
    "usage_rate_shrunk",
    "rest_days",
    "is_home",
    "opponent_defensive_rating_shrunk",
    "expected_pace",
)

MODEL_GROUPS = (
    ModelGroup("blind", (BLIND,), _REQUIRED, {"games_season": 3}),
    ModelGroup("game_market", (BLIND, GAME_MARKET), (*_REQUIRED, "team_spread", "game_total"), {"games_season": 3}),
    ModelGroup("aware", (BLIND, GAME_MARKET, PROP_MARKET), (*_REQUIRED, "points_line_current"), {"games_season": 3}),
)
