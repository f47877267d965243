"""Is every published pick accounted for: published = WON + LOST + PUSH + VOID + NO_ACTION + UNGRADED."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backcourt.engine.warehouse import Warehouse

_CURRENT = """
select subject_id, status from grades where subject_kind = 'pick'
qualify row_number() over (partition by subject_id order by outcome_version desc, grader_version desc, graded_at desc) = 1
"""


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
    if not (warehouse.columns("picks") and warehouse.columns("grades")) or not warehouse.query("select 1 from grades limit 1"):
        return None
    rows = warehouse.query(
        f"""
        select coalesce(current.status, case when graded.game_id is null then 'UNGRADED' else 'none' end) as status, count(*)
        from picks left join ({_CURRENT}) as current on current.subject_id = picks.pick_id
        left join (select distinct game_id from grades where status <> 'UNGRADED') as graded on graded.game_id = picks.game_id
        group by 1 order by 1"""
    )
    counted = {str(status): int(n) for status, n in rows}
    if not counted:
        return None
    (repeated,) = warehouse.query("select count(*) - count(distinct (subject_id, outcome_version, grader_version, status)) from grades")[0]
    unaccounted = counted.pop("none", 0)
    return Conservation(sum(counted.values()) + unaccounted, counted, unaccounted, int(repeated))
