"""The raw tables as they stood at a moment."""

from __future__ import annotations

from datetime import datetime

from backcourt.engine.warehouse import Warehouse
from backcourt.sources.declared import Sources
from backcourt.sources.rechoosing import choose_all


def rewind(warehouse: Warehouse, moment: datetime, known: Sources) -> int:
    """Delete every version that was not captured before `moment` (UTC); an unknown capture time is the time of loading.

    Returns how many versions are left. Meant for a copy: raw tables are append-only.
    """
    obtained = "coalesce(captured_at, loaded_at)"
    warehouse.query(
        f"create or replace temp table later_versions as select raw, group_key, load_id from raw_groups where {obtained} >= ?", [moment]
    )
    for raw in known.raw_columns:
        warehouse.query(
            f"delete from {raw} where (group_key, load_id) in (select (group_key, load_id) from later_versions where raw = ?)", [raw]
        )
    warehouse.query("delete from raw_groups where (raw, group_key, load_id) in (select (raw, group_key, load_id) from later_versions)")
    # Who saw a version again after the moment didn't know so then.
    warehouse.query(f"update raw_groups set last_seen_at = {obtained} where last_seen_at >= ?", [moment])
    warehouse.query("delete from raw_decisions where decided_at >= ?", [moment])
    warehouse.query("delete from raw_superseded")
    choose_all(warehouse, known)
    return int(warehouse.query("select count(*) from raw_groups")[0][0])
