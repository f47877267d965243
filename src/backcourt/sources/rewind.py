"""The raw tables as they stood at a moment."""

from __future__ import annotations

from datetime import datetime

from backcourt.engine.warehouse import Warehouse
from backcourt.sources.declared import Sources


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
    warehouse.query("delete from raw_superseded")
    warehouse.query(
        "insert into raw_superseded with ranked as ("
        "select g.raw, g.group_key, g.load_id, g.source, s.rank, "
        "row_number() over (partition by g.raw, g.group_key, g.source order by g.last_seen_at desc, g.load_id desc) as age "
        "from raw_groups g join raw_sources s on s.source = g.source), "
        "chosen as (select *, age = 1 and row_number() over (partition by raw, group_key order by age, rank, source) = 1 as counts "
        "from ranked) select raw, group_key, load_id from chosen where not counts"
    )
    return int(warehouse.query("select count(*) from raw_groups")[0][0])
