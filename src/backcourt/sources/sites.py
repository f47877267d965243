"""Neutral sites where a feed has no flag for them: cities abroad and Las Vegas, in which no team is at home."""

from __future__ import annotations

_CITIES = ("Mexico City", "Mexico City, Mexico", "Paris", "Las Vegas", "Abu Dhabi", "Tokyo", "Madrid", "London", "Montreal")


def is_neutral(city: str) -> str:
    """SQL: is the arena in one of these cities? False where the feed names none."""
    listed = ", ".join(f"'{name}'" for name in _CITIES)
    return f'coalesce("{city}" in ({listed}), false)'
