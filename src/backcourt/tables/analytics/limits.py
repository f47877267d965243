"""What no game of basketball can exceed, each with its reason: bounds beyond which a row is a mistake and not a surprise."""

from __future__ import annotations

from backcourt.engine.declare.checks import between
from backcourt.engine.declare.table import Check

MOST_MINUTES = 98
"""A game's 48 minutes and ten overtimes of 5; six is the most that was ever played."""
MOST_POINTS = 150
"""Half as many again as anybody ever scored in a game."""
DAYS_OF_A_SEASON = 365


def minutes_within_a_game(*columns: str) -> list[Check]:
    """Minutes of one game, or means of them."""
    return [
        between(name, 0, MOST_MINUTES, reason="nobody plays longer than a game of ten overtimes; six is the most ever") for name in columns
    ]


def points_within_a_game(*columns: str) -> list[Check]:
    """Points of one player in one game, or means of them."""
    return [between(name, 0, MOST_POINTS, reason="100 is the most that anybody scored in a game") for name in columns]


def rating(column: str) -> Check:
    """Points per 100 possessions, or a mean of them."""
    return between(column, 0, 400, reason="four points are the most that one possession brings")


def pace(column: str) -> Check:
    """Possessions per 48 minutes, or a mean of them."""
    told = "the shot clock ends a possession after 24 seconds, and 14 more a rebound; none that ends in a shot takes less than 6 on average"
    return between(column, 40, 240, reason=told)


def rest(column: str) -> Check:
    """Days between two games of one season."""
    return between(column, 0, DAYS_OF_A_SEASON, reason="both games lie in one season")


def games_in_days(column: str, days: int) -> Check:
    """Games in the last so many days."""
    return between(column, 0, days, reason="nobody plays two games on one date")


def share(column: str) -> Check:
    """A part of a whole, or a probability."""
    return between(column, 0, 1, reason="a part of a whole")
