"""What was decided about versions of raw groups: taken or dropped by a person, held by a run. Only ever added to.

A decision names a version by its content, so that it holds for the same rows loaded again, and after a rebuild.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime

from backcourt.engine.warehouse import Warehouse

TAKE, DROP, HOLD, TRIED, OPEN = "take", "drop", "hold", "tried", "open"
"""It counts; it never does; a run found that a check fails with it, or without it as well; none of these."""

TABLE = "raw_decisions"
COLUMNS = ("raw", "source", "group_key", "group_hash", "decision", "reason", "author", "decided_at", "seq")

STANDING = (
    "(select * from (select *, "
    "row_number() over (partition by raw, source, group_key, group_hash order by seq desc) as place "
    f"from {TABLE}) as numbered where place = 1 and decision <> '{OPEN}')"
)
"""Of each version the decision that counts, as a relation in SQL."""


@dataclass(frozen=True)
class Decision:
    """One decision about one version."""

    raw: str
    source: str
    group_key: str
    group_hash: str
    decision: str
    reason: str
    author: str
    decided_at: datetime


def create(warehouse: Warehouse) -> None:
    """Create the table where it is missing. Not to be called inside a transaction."""
    warehouse.extend(
        TABLE,
        [
            ("raw", "VARCHAR"), ("source", "VARCHAR"), ("group_key", "VARCHAR"), ("group_hash", "VARCHAR"),
            ("decision", "VARCHAR"), ("reason", "VARCHAR"), ("author", "VARCHAR"), ("decided_at", "TIMESTAMP"), ("seq", "BIGINT"),
        ],
    )  # fmt: skip


def write(warehouse: Warehouse, decisions: Iterable[Decision]) -> None:
    """Add decisions; of one version the last counts."""
    ((last,),) = warehouse.query(f"select coalesce(max(seq), 0) from {TABLE}")
    rows = [(*astuple(one), last + place) for place, one in enumerate(decisions, start=1)]
    if rows:
        warehouse.insert(TABLE, COLUMNS, rows)


def of_games(warehouse: Warehouse, games: str) -> list[Decision]:
    """The decisions of runs that stand about versions of games; `games` is a query of `game_id`."""
    rows = warehouse.query(
        f"select {', '.join(f'd.{name}' for name in COLUMNS[:-1])} from {STANDING} as d "
        "left join schedule s on d.raw = 'raw_line_scores' "
        "and d.group_key = concat_ws('|', s.game_date, s.home_team_id, s.away_team_id) "
        f"where d.decision in ('{HOLD}', '{TRIED}') "
        f"and coalesce(s.game_id, split_part(d.group_key, '|', 1)) in ({games})"
    )
    return [Decision(*row) for row in rows]
