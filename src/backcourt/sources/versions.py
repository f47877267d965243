"""Groups and their versions: which rows are new, which replace others, which count now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from backcourt.sources.feed import Feed, Fill


@dataclass(frozen=True)
class Stored:
    """What storing one fill's good rows did; counts are rows."""

    new: int
    changed: int
    unchanged: int


def store(
    connection: duckdb.DuckDBPyConnection, feed: Feed, fill: Fill, load_id: int, captured_at: datetime | None, now: datetime
) -> Stored:
    """Store the good rows of `parsed`: groups whose rows equal the current version are skipped, others become versions as a whole.

    Leaves the keys of the groups that got a version in the temporary table `touched_groups`.
    """
    facts = ", ".join(field.name for field in fill.fields)
    connection.execute(
        f"create or replace temp table arriving as select group_key, count(*) as rows, "
        f"cast(sum(hash({facts})::hugeint) as varchar) as group_hash, coalesce(max(row_captured_at), ?) as captured_at "
        f"from parsed where problem is null group by group_key",
        [captured_at],
    )
    connection.execute(
        "create or replace temp table touched_groups as select a.*, c.group_key is null as is_new from arriving a "
        "left join raw_current c on c.raw = ? and c.source = ? and c.group_key = a.group_key "
        "left join raw_groups g on g.raw = c.raw and g.source = c.source and g.group_key = c.group_key and g.load_id = c.load_id "
        "where g.group_hash is distinct from a.group_hash or g.rows is distinct from a.rows",
        [fill.raw, feed.name],
    )
    counts = connection.execute(
        "select coalesce(sum(case when t.is_new then a.rows end), 0), coalesce(sum(case when not t.is_new then a.rows end), 0), "
        "coalesce(sum(case when t.group_key is null then a.rows end), 0) from arriving a left join touched_groups t using (group_key)"
    ).fetchall()[0]
    if counts[0] + counts[1] == 0:
        return Stored(0, 0, int(counts[2]))
    hashed = f"sha256(concat_ws('|', {', '.join(f'{field.name}' for field in fill.fields)}))"
    connection.execute(
        f"insert into {fill.raw} (source, group_key, load_id, payload_hash, {facts}) "
        f"select ?, p.group_key, ?, {hashed}, {', '.join(f'p.{field.name}' for field in fill.fields)} "
        f"from parsed p semi join touched_groups t on t.group_key = p.group_key where p.problem is null order by p.file_row",
        [feed.name, load_id],
    )
    connection.execute(
        "insert into raw_groups select ?, ?, group_key, ?, captured_at, ?, rows, group_hash from touched_groups",
        [fill.raw, feed.name, load_id, now],
    )
    _choose_current(connection, fill.raw)
    return Stored(int(counts[0]), int(counts[1]), int(counts[2]))


def _choose_current(connection: duckdb.DuckDBPyConnection, raw: str) -> None:
    """Per group and source the newest capture counts (an unknown capture time is the load's); between sources the first in rank."""
    connection.execute("delete from raw_current where raw = ? and group_key in (select group_key from touched_groups)", [raw])
    connection.execute(
        "insert into raw_current (raw, group_key, source, load_id, is_winner) "
        "with latest as (select g.raw, g.group_key, g.source, g.load_id, s.rank, "
        "row_number() over (partition by g.group_key, g.source order by coalesce(g.captured_at, g.loaded_at) desc, g.load_id desc) as age "
        "from raw_groups g semi join touched_groups t on t.group_key = g.group_key join raw_sources s on s.source = g.source where g.raw = ?) "
        "select raw, group_key, source, load_id, row_number() over (partition by group_key order by rank, source) = 1 from latest where age = 1",
        [raw],
    )
