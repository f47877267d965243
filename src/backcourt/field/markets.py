"""The markets that forecasts are made for. Nothing else in the package names a statistic when it forecasts, grades or publishes."""

from __future__ import annotations

from dataclasses import dataclass

from backcourt.engine.errors import BackcourtError


@dataclass(frozen=True)
class Market:
    """One market.

    `parts` are columns of player_game_summary whose sum is the result; PMFs run over 0..kmax, the last cell holds the
    tail. `prefix` starts the names of its features. `bands` are bounds of the mean that split forecasts for
    calibration, `tiers` bounds of the level before the game that split players; empty: quartiles.
    """

    id: str
    name: str
    parts: tuple[str, ...]
    kmax: int
    feed_keys: tuple[str, ...]
    prefix: str
    bands: tuple[float, ...] = ()
    tiers: tuple[float, ...] = ()

    @property
    def target(self) -> str:
        """The result as SQL over player_game_summary or player_box."""
        return " + ".join(self.parts)


MARKETS = {
    market.id: market
    for market in (
        Market("points", "points", ("points",), 100, ("player_points",), "points", (6, 12, 18), (10, 18, 25)),
        Market("rebounds", "rebounds", ("rebounds",), 50, ("player_rebounds",), "rebounds"),
        Market("assists", "assists", ("assists",), 40, ("player_assists",), "assists"),
        Market("threes", "made threes", ("three_makes",), 20, ("player_threes",), "threes"),
        Market(
            "pra", "points + rebounds + assists", ("points", "rebounds", "assists"), 140, ("player_points_rebounds_assists",), "pra"
        ),
    )
}  # fmt: skip


def market_of(name: str) -> Market:
    """The market of this id. Raises BackcourtError for any other text."""
    if name not in MARKETS:
        raise BackcourtError(f"There is no market {name!r}; markets are {', '.join(MARKETS)}.")
    return MARKETS[name]
