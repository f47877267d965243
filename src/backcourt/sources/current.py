"""The current rows of a raw table: of each group the version that counts."""

from __future__ import annotations


def current(raw: str, columns: str) -> str:
    """SQL of the current rows of a raw table: `select COLUMNS from (...)`, columns of the raw table prefixed `r.`."""
    return (
        f"select {columns} from {raw} r join raw_current c "
        f"on c.raw = '{raw}' and c.group_key = r.group_key and c.source = r.source and c.load_id = r.load_id and c.is_winner"
    )


def dated(raw: str, columns: str) -> str:
    """As `current`, with game_date and the facts of rows whose game the schedule knows."""
    return (
        f"select s.game_date, {columns} from {raw} r join raw_current c "
        f"on c.raw = '{raw}' and c.group_key = r.group_key and c.source = r.source and c.load_id = r.load_id and c.is_winner "
        f"left join schedule s on s.game_id = r.game_id"
    )


def listed(*columns: str) -> str:
    """Raw columns by name, prefixed."""
    return ", ".join(f"r.{column}" for column in columns)
