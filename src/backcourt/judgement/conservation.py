"""Is every published pick accounted for: published = WON + LOST + PUSH + VOID + NO_ACTION + UNGRADED."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backcourt.tables.ledger.current import current_one

if TYPE_CHECKING:
    from backcourt.engine.warehouse import Warehouse


@dataclass(frozen=True)
class Conservation:
    """Picks by current status; `unaccounted` have no grade though their game is graded for others, `duplicates` repeat a grade's key."""

    published: int
    by_status: dict[str, int]
    unaccounted: int
    duplicates: int


def conservation(warehouse: Warehouse) -> Conservation | None:
    """Read the ledger of an open snapshot; None where it has no picks or nothing is graded yet.

    A pick whose game isn't graded yet is UNGRADED.
    """
    if not (warehouse.columns("picks") and warehouse.columns("grades")) or warehouse.query("select count(*) from grades") == [(0,)]:
        return None
    rows = warehouse.query(
        f"""
        select coalesce(current.status, case when graded.game_id is null then 'UNGRADED' else 'none' end) as status, count(*)
        from picks left join ({current_one()}) as current
            on current.game_date = picks.game_date and current.subject_id = picks.pick_id and current.subject_kind = 'pick'
        left join (select distinct game_id from grades where status <> 'UNGRADED') as graded on graded.game_id = picks.game_id
        group by 1 order by 1"""
    )
    counted = {str(status): int(n) for status, n in rows}
    if not counted:
        return None
    (repeated,) = warehouse.query(
        "select coalesce(sum(rows - 1), 0) from (select subject_id, outcome_version, grader_version, status, count(*) as rows from grades "
        "group by 1, 2, 3, 4) as counted"
    )[0]
    unaccounted = counted.pop("none", 0)
    return Conservation(sum(counted.values()) + unaccounted, counted, unaccounted, int(repeated))
