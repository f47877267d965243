"""The formulas of box-score analysis as SQL text, each once. Possessions are counted in hundredths, so that sums stay exact."""

from __future__ import annotations

SHOT_ZONES = ("restricted_area", "paint", "mid_range", "three", "corner_three", "backcourt")


def overtime_periods(minutes_reported: str) -> str:
    """Overtime periods from the summed player minutes of a team: 240 in regulation, 25 more for each period (F1)."""
    return f"cast(round(({minutes_reported} - 240) / 25::double) as bigint)"


def team_minutes(minutes_reported: str) -> str:
    """The minutes that a team played, five players at a time (F1)."""
    return f"(240 + 25 * {overtime_periods(minutes_reported)})"


def possessions_hundredths(row: str) -> str:
    """100 x a team's own possessions: field goals + 0.44 free throws + turnovers - offensive rebounds (F2)."""
    return f"(100 * {row}.fg_attempts + 44 * {row}.ft_attempts + 100 * {row}.turnovers - 100 * {row}.offensive_rebounds)"


def usage_hundredths(row: str) -> str:
    """100 x the possessions that a player or team ended: field goals + 0.44 free throws + turnovers (F5)."""
    return f"(100 * {row}.fg_attempts + 44 * {row}.ft_attempts + 100 * {row}.turnovers)"


def ratio(numerator: str, denominator: str) -> str:
    """A ratio as DOUBLE, NULL where the denominator is 0."""
    return f"({numerator})::double / nullif({denominator}, 0)::double"


def true_shooting(row: str) -> str:
    """Points per two shooting possessions (F6)."""
    return f"(50 * {row}.points)::double / nullif(100 * {row}.fg_attempts + 44 * {row}.ft_attempts, 0)::double"


def effective_field_goals(row: str) -> str:
    """Field-goal percentage with a three counted as one and a half (F6)."""
    return f"(2 * {row}.fg_makes + {row}.three_makes)::double / nullif(2 * {row}.fg_attempts, 0)::double"


def zone_sums(shots: str) -> str:
    """Attempts and makes by zone: the shot's value decides on three, then the area on paint or mid-range."""
    is_three = f"{shots}.shot_value = 3"
    is_paint = f"{shots}.shot_value = 2 and {shots}.area in ('restricted_area', 'paint_non_ra')"
    conditions = {
        "restricted_area": f"{shots}.shot_value = 2 and {shots}.area = 'restricted_area'",
        "paint": is_paint,
        "mid_range": f"{shots}.shot_value = 2 and {shots}.area not in ('restricted_area', 'paint_non_ra')",
        "three": is_three,
        "corner_three": f"{is_three} and {shots}.area in ('left_corner_3', 'right_corner_3')",
        "backcourt": f"{is_three} and {shots}.area = 'backcourt'",
    }
    return ",\n".join(
        f"        count_if({conditions[zone]}) as {zone}_attempts, count_if({conditions[zone]} and {shots}.is_made) as {zone}_makes"
        for zone in SHOT_ZONES
    )


def zone_name(zone: str) -> str:
    """A zone's name in columns. The box counts threes too, and the two may differ by one, so the shots' own count is `three_zone`."""
    return "three_zone" if zone == "three" else zone
