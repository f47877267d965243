"""When a game starts, from feeds that write a time also where none is known."""

from __future__ import annotations

from backcourt.field.seasons import season_sql
from backcourt.sources.feed import Rule, moment

FIRST_YEAR = 1946
"""No game of the league was played before."""


def known_tip(written: str, *, said: str = "null") -> str:
    """SQL of a UTC start, NULL where it is yet to be decided.

    The league writes that as midnight Eastern, as a year long before there was a league, or as TBD in the status text
    `said`; no game ever began at midnight Eastern.
    """
    start = moment(written)
    wall = f"timezone('America/New_York', {start})"
    is_open = (
        f"upper(trim(coalesce(cast({said} as varchar), ''))) like 'TBD%' or extract(year from {wall}) < {FIRST_YEAR} "
        f"or (extract(hour from {wall}) = 0 and extract(minute from {wall}) = 0)"
    )
    return f"case when {is_open} then null else {written} end"


_SEASON = season_sql("game_id")
_YEAR = f"cast(substr({_SEASON}, 1, 4) as bigint)"

DATED = (
    # The season of 2019-20 ended in October 2020, and no preseason began before September.
    Rule(
        "a date of its season",
        f"game_date not between make_date({_YEAR}, 8, 1) and make_date({_YEAR} + 1, 11, 30)",
        f"'game_date ' || game_date || ' lies outside the season ' || {_SEASON} || ' of game ' || game_id",
    ),
    Rule(
        "a start on its date",
        "cast(tip_at as date) not between game_date - 1 and game_date + 2",
        "'tip_at ' || tip_at || ' is not on game_date ' || game_date",
    ),
)
