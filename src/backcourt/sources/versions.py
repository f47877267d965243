"""Groups and their versions: which rows are new, and which replace others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backcourt.engine.warehouse import Warehouse
from backcourt.sources.feed import Feed, Fill
from backcourt.sources.parsing import REPEATED

MULTISET = "concat_ws('-', count(*), sum(payload_hash >> 60), sum(payload_hash & 1152921504606846975))"
"""SQL of a group's hash: its rows without their order, by their number and the sums of both halves of their hashes."""


_ARRIVING = """
create or replace temp table arriving as
select *, {hashed} as payload_hash from parsed where problem is null
"""

_ARRIVING_GROUPS = f"""
create or replace temp table arriving_groups as
select group_key, count(*) as rows, {MULTISET} as group_hash, coalesce(max(row_captured_at), ?) as captured_at
from arriving group by group_key
"""

_COMPARED = """
create or replace temp table compared as
with stored as (
    select g.*, row_number() over (partition by g.group_key order by g.last_seen_at desc, g.load_id desc) as age
    from raw_groups g semi join arriving_groups a on a.group_key = g.group_key where g.raw = ? and g.source = ?
),
spoilt as (
    select group_key, count(distinct file_row) as rejected from parsed
    where problem is not null and problem <> ? and not ({set_aside})
    group by group_key
)
select
    a.*, newest.group_key is null as is_new, newest.load_id as newest_load_id,
    newest.group_hash is not distinct from a.group_hash as is_newest,
    exists (
        select 1 from stored s where s.group_key = a.group_key and s.group_hash = a.group_hash
        and a.captured_at between coalesce(s.captured_at, s.loaded_at) and s.last_seen_at
    ) as is_known,
    newest.group_key is not null and spoilt.rejected is not null as is_spoilt, coalesce(spoilt.rejected, 0) as rejected
from arriving_groups a
left join stored newest on newest.group_key = a.group_key and newest.age = 1
left join spoilt on spoilt.group_key = a.group_key
"""

_SEEN_AGAIN = """
update raw_groups set last_seen_at = coalesce(c.captured_at, ?) from compared c
where c.is_newest and raw_groups.raw = ? and raw_groups.source = ? and raw_groups.group_key = c.group_key
    and raw_groups.load_id = c.newest_load_id and raw_groups.last_seen_at < coalesce(c.captured_at, ?)
"""


@dataclass(frozen=True)
class VersionCounts:
    """What a fill's good rows are against what is stored; counts are rows.

    `spoilt` lists the groups that keep their earlier version.
    """

    new: int
    changed: int
    unchanged: int
    spoilt: list[str]


def compare(warehouse: Warehouse, feed: Feed, fill: Fill, captured_at: datetime | None, now: datetime) -> VersionCounts:
    """Find the groups of `parsed` that need a version, and put them into the temporary table `touched_groups`.

    A group whose rows equal its source's newest version, or an older version that was seen at the same time, needs
    none. A group of which a row was rejected makes no second version: the last good one stays.
    """
    facts = ", ".join(f"coalesce(cast({name} as varchar), chr(30))" for name in fill.facts)
    # The first 120 bits of the row's SHA-256: as text the whole of it would be half of the warehouse.
    hashed = f"cast('0x' || substr(sha256(concat_ws(chr(31), {facts})), 1, 30) as hugeint)"
    warehouse.query(_ARRIVING.format(hashed=hashed))
    warehouse.query(_ARRIVING_GROUPS, [captured_at])
    warehouse.query(_COMPARED.format(set_aside=_set_aside(fill)), [fill.raw, feed.name, REPEATED])
    warehouse.query(
        "create or replace temp table touched_groups as select * from compared where not is_newest and not is_known and not is_spoilt"
    )
    # Seen again is remembered: a version of the time between must not displace it when it arrives late.
    warehouse.query(_SEEN_AGAIN, [now, fill.raw, feed.name, now])
    new, changed, unchanged = warehouse.query(
        "select coalesce(sum(rows) filter (is_new), 0), "
        "coalesce(sum(rows) filter (not (is_new or is_newest or is_known or is_spoilt)), 0), "
        "coalesce(sum(rows) filter (is_newest or is_known), 0) from compared"
    )[0]
    spoilt = warehouse.query("select group_key from compared where is_spoilt and not is_newest and not is_known order by group_key")
    return VersionCounts(int(new), int(changed), int(unchanged), [str(row[0]) for row in spoilt])


def _set_aside(fill: Fill) -> str:
    names = ", ".join(f"'{rule.name}'" for rule in fill.rules if rule.sets_aside)
    return f"coalesce(rule, '') in ({names})" if names else "false"


def write(warehouse: Warehouse, feed: Feed, fill: Fill, load_id: int, now: datetime) -> None:
    """Store the rows of `touched_groups` as versions, whole groups; which of them count is chosen afterwards."""
    facts = ", ".join(fill.facts)
    warehouse.query(
        f"insert into {fill.raw} (source, group_key, load_id, payload_hash, {facts}) "
        f"select ?, group_key, ?, payload_hash, {facts} "
        "from arriving semi join touched_groups using (group_key) order by file_row",
        [feed.name, load_id],
    )
    warehouse.query(
        "insert into raw_groups "
        "(raw, source, group_key, load_id, captured_at, loaded_at, last_seen_at, rows, group_hash, rejected) "
        "select ?, ?, group_key, ?, captured_at, ?, coalesce(captured_at, ?), rows, group_hash, rejected "
        "from touched_groups",
        [fill.raw, feed.name, load_id, now, now],
    )
