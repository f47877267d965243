"""Which version of each raw group counts: a function of versions, decisions and the other raw rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from backcourt.engine.warehouse import Warehouse
from backcourt.sources.decisions import DROP, HOLD, TAKE
from backcourt.sources.whole import WHOLES, Part, Whole

_PLAIN = Whole("{}", ())


@dataclass(frozen=True)
class Version:
    """One version of a group: `age` counts from its source's newest (1), `facts` those in which it disagrees."""

    group_key: str
    source: str
    load_id: int
    age: int
    rank: int
    is_spoilt: bool
    seen_at: datetime
    facts: int = 0
    decision: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Loss:
    """Of one version's parts those that another lacks: how many of how many, by kind."""

    missing: Mapping[str, tuple[int, int]]

    @property
    def sentence(self) -> str:
        """`9 of 18 players are missing`."""
        return " and ".join(f"{count} of {of} {name}" for name, (count, of) in self.missing.items()) + " are missing"


Losses = Mapping[tuple[str, int, int], Loss]


@dataclass
class Chosen:
    """What came of a choice: which version of each group counts, why the others don't, and what those that count lost.

    A reason is empty where a newer or better-ranked version simply counts instead.
    """

    counting: dict[str, Version] = field(default_factory=dict)
    others: dict[tuple[str, int], str] = field(default_factory=dict)
    lost: dict[tuple[str, int], Loss] = field(default_factory=dict)

    def merge(self, other: Chosen) -> None:
        """Take over what another choice, of other groups, came to."""
        self.counting |= other.counting
        self.others |= other.others
        self.lost |= other.lost


def choose(warehouse: Warehouse, raw: str, groups: str) -> Chosen:
    """Choose anew of the groups that a query of `group_key` names; `raw_superseded` keeps what doesn't count."""
    warehouse.query(f"create or replace temp table chosen_groups as select distinct group_key from ({groups}) as named")
    warehouse.query(
        "delete from raw_superseded where raw = ? and group_key in (select group_key from chosen_groups)",
        [raw],
    )
    versions = _versions(warehouse, raw)
    if not versions:
        return Chosen()
    losses = _losses(warehouse, raw, WHOLES.get(raw, _PLAIN).parts)
    chosen = Chosen()
    for key, of_group in groupby(versions, attrgetter("group_key")):
        _choose_one(key, list(of_group), losses, chosen)
    rows = [(raw, key, load_id, why or None) for (key, load_id), why in chosen.others.items()]
    if rows:
        warehouse.insert("raw_superseded", ("raw", "group_key", "load_id", "why"), rows)
    return chosen


# Groups with one version that nobody decided about need no choice.
_SEVERAL_GROUPS = """
create or replace temp table several_groups as
select g.group_key from raw_groups g join chosen_groups c on c.group_key = g.group_key
where g.raw = ? group by g.group_key having count(*) > 1
union
select d.group_key from raw_decisions d join chosen_groups c on c.group_key = d.group_key where d.raw = ?
"""

_SEVERAL_ROWS = """
create or replace temp table several_rows as
select * from {raw} where group_key in (select group_key from several_groups)
"""

_VERSIONS = """
with decided as (
    select
        source, group_key, group_hash, decision, reason,
        row_number() over (partition by source, group_key, group_hash order by seq desc) as place
    from raw_decisions where raw = ?
)
select
    g.group_key, g.source, g.load_id,
    row_number() over (partition by g.group_key, g.source order by g.last_seen_at desc, g.load_id desc) as age,
    coalesce(s.rank, 1000), coalesce(g.rejected, 0) > 0, coalesce(g.captured_at, g.loaded_at), coalesce(f.facts, 0),
    d.decision, coalesce(d.reason, '')
from raw_groups g
join several_groups k on k.group_key = g.group_key
left join raw_sources s on s.source = g.source
left join ({facts}) as f on f.group_key = g.group_key and f.load_id = g.load_id
left join decided d on d.place = 1 and d.source = g.source and d.group_key = g.group_key and d.group_hash = g.group_hash
where g.raw = ?
order by g.group_key, g.source, age desc
"""

_PARTS = """
create or replace temp table version_parts as
select distinct group_key, load_id, part
from (select group_key, load_id, cast({part} as varchar) as part from several_rows) as named
where part is not null
"""

_LOST = """
select p.group_key, p.load_id, o.load_id, count_if(q.part is null), count(*)
from version_parts p
join (select group_key, load_id from raw_groups where raw = ?) as o
    on o.group_key = p.group_key and o.load_id <> p.load_id
left join version_parts q on q.group_key = o.group_key and q.load_id = o.load_id and q.part = p.part
group by 1, 2, 3
having count_if(q.part is null) >= ?
"""


def _versions(warehouse: Warehouse, raw: str) -> list[Version]:
    """The versions of the groups that have several, or about which something was decided, by group."""
    warehouse.query(_SEVERAL_GROUPS, [raw, raw])
    ((count,),) = warehouse.query("select count(*) from several_groups")
    if not count:
        return []
    warehouse.query(_SEVERAL_ROWS.format(raw=raw))
    facts = WHOLES.get(raw, _PLAIN).disagreement.format(rows="several_rows")
    return [
        Version(str(key), str(source), int(load), int(age), int(rank), *rest)
        for key, source, load, age, rank, *rest in warehouse.query(_VERSIONS.format(facts=facts), [raw, raw])
    ]


def _losses(warehouse: Warehouse, raw: str, parts: Sequence[Part]) -> dict[tuple[str, int, int], Loss]:
    """(group, one version, another) -> what the other lacks of the one's parts, where that is enough to be missed."""
    found: dict[tuple[str, int, int], dict[str, tuple[int, int]]] = {}
    for part in parts:
        warehouse.query(_PARTS.format(part=part.sql))
        for key, one, other, count, of in warehouse.query(_LOST, [raw, part.several]):
            found.setdefault((str(key), int(one), int(other)), {})[part.name] = (int(count), int(of))
    return {pair: Loss(missing) for pair, missing in found.items()}


def _choose_one(key: str, versions: list[Version], losses: Losses, chosen: Chosen) -> None:
    newest: list[Version] = []
    for _, of_source in groupby(versions, attrgetter("source")):
        stands = _of_source(key, of_source, losses, chosen)
        newest += [stands] if stands else []
    # The last in rank first: a better one has to earn its place.
    counts: Version | None = None
    for version in sorted(newest, key=lambda one: (-one.rank, one.source)):
        why = _refusal_of_source(key, counts, version, losses) if counts and version.decision != TAKE else ""
        if why:
            chosen.others[key, version.load_id] = why
            continue
        if counts:
            chosen.others[key, counts.load_id] = ""
        counts = version
    if counts:
        chosen.counting[key] = counts


def _of_source(key: str, versions: Iterable[Version], losses: Losses, chosen: Chosen) -> Version | None:
    """Of one source's versions, the oldest first, the one that stands."""
    stands: Version | None = None
    # What a version has less than several parts fewer of adds up: each is held against the last that was whole.
    whole: Version | None = None
    for version in versions:
        if version.decision in (DROP, HOLD):
            chosen.others[key, version.load_id] = version.reason if version.decision == HOLD else ""
            continue
        loss = losses.get((key, whole.load_id, version.load_id)) if whole else None
        if stands and whole and loss and version.decision != TAKE and version.facts > whole.facts:
            chosen.others[key, version.load_id] = f"{loss.sentence}; the version of {stands.seen_at:%Y-%m-%d} stands"
            continue
        if stands:
            chosen.others[key, stands.load_id] = ""
        if loss:
            chosen.lost[key, version.load_id] = loss
        stands = version
        if whole is None or version.decision == TAKE or version.facts <= whole.facts:
            whole = version
    return stands


def _refusal_of_source(key: str, counts: Version, version: Version, losses: Losses) -> str:
    """Why a source that is better in rank doesn't take the place of another's version; empty where it does."""
    stays = f"that of {counts.source} counts"
    if version.facts > counts.facts:
        loss = losses.get((key, counts.load_id, version.load_id))
        what = loss.sentence if loss else f"{version.facts} facts aren't as else known, against {counts.facts}"
        return f"{what}; {stays}"
    if version.facts < counts.facts:
        return ""
    if version.is_spoilt and not counts.is_spoilt:
        return f"a row was rejected; {stays}"
    loss = losses.get((key, counts.load_id, version.load_id))
    return f"{loss.sentence}; {stays}" if loss else ""
