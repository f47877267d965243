"""The league's own words for where a shot was taken, as our enum."""

from __future__ import annotations

from backcourt.sources.feed import POSSIBLE_ID, Rule, possible

_AREAS = {
    "Restricted Area": "restricted_area",
    "In The Paint (Non-RA)": "paint_non_ra",
    "Mid-Range": "mid_range",
    "Left Corner 3": "left_corner_3",
    "Right Corner 3": "right_corner_3",
    "Above the Break 3": "above_break_3",
    "Backcourt": "backcourt",
}


AN_AREA = f"one of the league's areas ({', '.join(_AREAS)})"

SHOT_RULES = (
    Rule("period", "period not between 1 and 14", "'period ' || period || ' is not between 1 and 14'"),
    Rule("clock", "clock_seconds not between 0 and 720", "'clock ' || clock_seconds || ' seconds is not between 0 and 720'"),
)

# Feet from the middle of the floor and from the baseline; a floor is 50 by 94, and a few shots lie beyond its lines.
_ON_THE_FLOOR: dict[str, tuple[float, float]] = {"distance_ft": (0, 110), "x_ft": (-60, 60), "y_ft": (-20, 110)}
POSSIBLE_SHOT = possible(source_shot_no=POSSIBLE_ID, player_id=POSSIBLE_ID, **_ON_THE_FLOOR)


def area(column: str) -> str:
    """SQL of the area; NULL for a word that isn't the league's, which rejects the row."""
    cases = " ".join(f"when '{word}' then '{name}'" for word, name in _AREAS.items())
    return f'case "{column}" {cases} end'


def area_side(column: str) -> str:
    """SQL of the side (`left_side_center`, ...), without the abbreviation that one of the feeds appends."""
    return f"lower(replace(regexp_replace(\"{column}\", '\\(.*\\)', ''), ' ', '_'))"


def shot_value(column: str) -> str:
    """SQL of the shot's points: the first character of `3PT Field Goal`. It decides, because areas disagree with it now and then."""
    return f"case substr(\"{column}\", 1, 1) when '2' then 2 when '3' then 3 end"
