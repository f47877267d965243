"""Seasons, kinds of games and slate dates: what a game id says, and which evening a moment belongs to."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from backcourt.engine.errors import BackcourtError

EASTERN = ZoneInfo("America/New_York")

SEASON_TYPES = {"1": "preseason", "2": "regular", "3": "all_star", "4": "playoffs", "5": "play_in", "6": "cup_final"}
REAL_SEASON_TYPES = ("regular", "play_in", "playoffs", "cup_final")


def game_id(value: str | int) -> str:
    """The NBA's 10-character game id, e.g. `0022300061`, from a feed that may have dropped leading zeros.

    Raises ValueError for anything that is not up to 10 digits with a known season type.
    """
    text = str(value).strip().zfill(10)
    if not re.fullmatch(r"00[1-6][0-9]{7}", text):
        raise ValueError(f"game id {value!r} is not the NBA's: 10 digits, 00 first, then a season type 1 to 6.")
    return text


FIRST_YEAR, LAST_YEAR = 1946, 2045
"""The years in which the seasons begin that an id can name, by two digits: the league's first was 1946-47."""


def season_name(start_year: int) -> str:
    """The season that begins in a year, e.g. `2023-24`."""
    return f"{start_year}-{(start_year + 1) % 100:02d}"


def season_of(identifier: str) -> str:
    """The season `2023-24` of a 10-character game id; never from the calendar month."""
    digits = int(identifier[3:5])
    return season_name(digits + (1900 if digits >= FIRST_YEAR % 100 else 2000))


def as_season(text: str) -> str:
    """The text, which must name a season that a game id can name. Raises BackcourtError."""
    found = re.fullmatch(r"([0-9]{4})-[0-9]{2}", text)
    if found is None or text != season_name(int(found[1])):
        raise BackcourtError(f"{text!r} is not a season; write a year and the last two digits of the next, e.g. 2023-24.")
    if not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        reach = f"{season_name(FIRST_YEAR)} to {season_name(LAST_YEAR)}"
        raise BackcourtError(f"{text!r} is no season of the league; game ids reach from {reach}.")
    return text


def season_range(text: str) -> tuple[str, str]:
    """First and last season of `2023-24` or `2021-22..2024-25` (inclusive). Raises BackcourtError for anything else."""
    start, dots, end = text.partition("..")
    first = as_season(start.strip())
    last = as_season(end.strip()) if dots else first
    if first > last:
        raise BackcourtError(f"{first} lies after {last}; ranges are inclusive, first season first.")
    return first, last


def season_type_of(identifier: str) -> str:
    """The season type (`regular`, `playoffs`, ...) of a 10-character game id."""
    return SEASON_TYPES[identifier[2]]


def season_sql(identifier: str) -> str:
    """`season_of` in SQL, of a column or expression that holds a game id."""
    year = f"substr({identifier}, 4, 2)"
    following = f"lpad(cast((cast({year} as bigint) + 1) % 100 as varchar), 2, '0')"
    return f"case when {year} >= '{FIRST_YEAR % 100}' then '19' else '20' end || {year} || '-' || {following}"


def season_type_sql(identifier: str) -> str:
    """`season_type_of` in SQL; NULL for a type that there isn't."""
    cases = " ".join(f"when '{digit}' then '{kind}'" for digit, kind in SEASON_TYPES.items())
    return f"case substr({identifier}, 3, 1) {cases} end"


def is_real_sql(identifier: str) -> str:
    """Is the game one of the league's own seasons (not preseason, not All-Star), in SQL."""
    real = ", ".join(f"'{digit}'" for digit, kind in SEASON_TYPES.items() if kind in REAL_SEASON_TYPES)
    return f"substr({identifier}, 3, 1) in ({real})"


def noon_eastern_sql(day: str) -> str:
    """Noon in New York on a date, as UTC, in SQL; before 2007, when summer time was shorter, an hour early in some weeks."""
    # Days since the last Sunday; 2 January 2000 was one.
    weekday = f"date_diff('day', date '2000-01-02', {day}) % 7"
    since = f"(extract(day from {day}) - {weekday})"
    is_summer = (
        f"extract(month from {day}) between 4 and 10 or (extract(month from {day}) = 3 and {since} >= 8) "
        f"or (extract(month from {day}) = 11 and {since} < 1)"
    )
    return f"(cast({day} as timestamp) + case when {is_summer} then interval 16 hour else interval 17 hour end)"


def eastern_date(moment: datetime) -> date:
    """The US-Eastern slate date of a UTC moment (aware, or naive and UTC): a 22:30 ET tip-off belongs to that evening."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(EASTERN).date()
