"""The current rows of a raw table: of each group the version that counts."""

from __future__ import annotations

PLAYED = "join schedule s on s.game_date = r.game_date and s.home_team_id = r.home_team_id and s.away_team_id = r.away_team_id"
"""For rows that name their game by date and teams; others than the schedule's are no rows of a relation."""


def current(raw: str, columns: str, joined: str = "") -> str:
    """SQL of the current rows of a raw table `r`, joined to what `joined` says; `columns` of the raw table are prefixed `r.`."""
    return (
        f"select {columns} from {raw} r {joined} where not exists "
        f"(select 1 from raw_superseded x where x.raw = '{raw}' and x.load_id = r.load_id and x.group_key = r.group_key)"
    )


def dated(raw: str, columns: str) -> str:
    """As `current`, with the game_date that the schedule gives; NULL for a game that it doesn't know."""
    return current(raw, f"s.game_date, {columns}", "left join schedule s on s.game_id = r.game_id")


def listed(*columns: str) -> str:
    """Raw columns by name, prefixed."""
    return ", ".join(f"r.{column}" for column in columns)
