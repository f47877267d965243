"""When a game starts, from feeds that write a time also where none is known."""

from __future__ import annotations

FIRST_YEAR = 1946
"""No game of the league was played before."""


def known_tip(moment: str, *, said: str = "null") -> str:
    """SQL of a UTC start, NULL where it is yet to be decided.

    The league writes that as midnight Eastern, as a year long before there was a league, or as TBD in the status text
    `said`; no game ever began at midnight Eastern.
    """
    start = f"try_cast({moment} as timestamptz)"
    wall = f"timezone('America/New_York', {start})"
    is_open = (
        f"upper(trim(coalesce(cast({said} as varchar), ''))) like 'TBD%' or extract(year from {wall}) < {FIRST_YEAR} "
        f"or (extract(hour from {wall}) = 0 and extract(minute from {wall}) = 0)"
    )
    return f"case when {is_open} then null else {moment} end"
