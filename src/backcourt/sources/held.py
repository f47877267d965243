"""Held versions: those that would count by age or rank and don't. Listed, and settled by a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backcourt.engine.errors import BackcourtError
from backcourt.engine.warehouse import Warehouse
from backcourt.sources import decisions
from backcourt.sources.choice import Chosen
from backcourt.sources.decisions import DROP, Decision
from backcourt.sources.whole import WHOLES


@dataclass(frozen=True)
class Held:
    """A version that doesn't count; `file` is where it came from, `why` what speaks against it."""

    raw: str
    source: str
    group_key: str
    group_hash: str
    file: str
    loaded_at: datetime
    why: str

    @property
    def id(self) -> str:
        """Eight characters that name it, the same on every rebuild."""
        named = "|".join((self.raw, self.source, self.group_key, self.group_hash))
        return hashlib.sha256(named.encode()).hexdigest()[:8]

    @property
    def sentence(self) -> str:
        """What is held, and why."""
        return _told(self.raw, self.group_key, self.why, self.file)

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"id": self.id, "file": self.file, "loaded_at": str(self.loaded_at), "sentence": self.sentence}

    def decided(self, decision: str, reason: str, author: str, now: datetime) -> Decision:
        """A decision about it."""
        return Decision(self.raw, self.source, self.group_key, self.group_hash, decision, reason, author, now)


_HELD = (
    "select x.raw, g.source, x.group_key, g.group_hash, l.file, g.loaded_at, x.why from raw_superseded x "
    "join raw_groups g on g.raw = x.raw and g.group_key = x.group_key and g.load_id = x.load_id "
    "join raw_loads l on l.load_id = x.load_id where x.why is not null"
)


def held(warehouse: Warehouse) -> list[Held]:
    """All held versions, by table and group; none in a home of an earlier version."""
    if "why" not in {name for name, _ in warehouse.columns("raw_superseded")}:
        return []
    rows = warehouse.query(f"{_HELD} order by 1, 3, 6, 4")
    return [Held(one[0], one[1], one[2], one[3], Path(one[4]).name, one[5], one[6]) for one in rows]


def decided(warehouse: Warehouse, word: str) -> list[Held]:
    """Every version that a person took, or dropped, of which the rows are stored."""
    if not warehouse.columns(decisions.TABLE):
        return []
    rows = warehouse.query(
        "select g.raw, g.source, g.group_key, g.group_hash, max(l.file), max(g.loaded_at), max(d.reason) "
        f"from {decisions.STANDING} as d join raw_groups g on g.raw = d.raw and g.source = d.source "
        "and g.group_key = d.group_key and g.group_hash = d.group_hash join raw_loads l on l.load_id = g.load_id "
        "where d.decision = ? group by 1, 2, 3, 4 order by 1, 3",
        [word],
    )
    return [Held(one[0], one[1], one[2], one[3], Path(one[4]).name, one[5], f"{word}; {one[6]}") for one in rows]


def is_called(one: Held, name: str) -> bool:
    """Is a version of that id, group, game or file?"""
    return name in (one.id, one.group_key, one.group_key.split("|")[0], one.file)


def named(found: list[Held], name: str) -> list[Held]:
    """Those of an id, a game, a group or a file. Raises BackcourtError where nothing held is called so."""
    chosen = [one for one in found if is_called(one, name)]
    if not chosen:
        listed = "held are " + ", ".join(f"{one.id} ({one.file})" for one in found[:5]) if found else "nothing is held"
        raise BackcourtError(f"Nothing held is called {name!r}; {listed}. Give an id, a game or a file of `backcourt held`.")
    return chosen


def held_of_file(warehouse: Warehouse, hashed: str, file: str) -> list[str]:
    """A sentence for each group of an already loaded file that is still held."""
    rows = warehouse.query(
        "select x.raw, x.group_key, x.why from raw_superseded x join raw_loads l on l.load_id = x.load_id "
        "where x.why is not null and l.file_hash = ? order by 1, 2",
        [hashed],
    )
    return [_told(raw, key, why, file) for raw, key, why in rows]


def superseded_of_file(warehouse: Warehouse, hashed: str, file: str) -> list[str]:
    """A sentence if newer or better versions count in place of what an already loaded file gave."""
    ((count,),) = warehouse.query(
        "select count(*) from raw_superseded x join raw_loads l on l.load_id = x.load_id "
        "join raw_groups g on g.raw = x.raw and g.group_key = x.group_key and g.load_id = x.load_id "
        f"left join {decisions.STANDING} as d on d.raw = g.raw and d.source = g.source and d.group_key = g.group_key "
        f"and d.group_hash = g.group_hash and d.decision = '{DROP}' "
        "where x.why is null and d.decision is null and l.file_hash = ?",
        [hashed],
    )
    if not count:
        return []
    return [f"{file}: {count:,} of its groups have newer versions, which count; `--again` says that the file is right."]


def held_again(warehouse: Warehouse, raw: str, file: str) -> list[str]:
    """A sentence for each group of `compared` whose rows are those of a version that is held."""
    rows = warehouse.query(
        "select c.group_key, x.why from compared c join raw_superseded x on x.raw = ? and x.group_key = c.group_key "
        "and x.load_id = c.newest_load_id where c.is_newest and x.why is not null order by 1",
        [raw],
    )
    return [_told(raw, key, why, file) for key, why in rows]


def held_sentences(raw: str, chosen: Chosen, load_id: int, file: str) -> list[str]:
    """A sentence for each group of a load that is held."""
    return [_told(raw, key, why, file) for (key, load), why in sorted(chosen.others.items()) if load == load_id and why]


def lost_sentences(raw: str, chosen: Chosen, load_id: int, file: str) -> list[str]:
    """A sentence for each group of a load that counts although it lacks what the version before had."""
    return [
        f"{called(raw, key)}: {loss.sentence} in {file}, which counts, as it agrees no worse with what else is known."
        for (key, load), loss in sorted(chosen.lost.items())
        if load == load_id and chosen.counting.get(key) and chosen.counting[key].load_id == load
    ]


def called(raw: str, group_key: str) -> str:
    """A group in words."""
    return WHOLES[raw].called(group_key) if raw in WHOLES else f"{raw.removeprefix('raw_')} {group_key}"


def _told(raw: str, group_key: str, why: str, file: str) -> str:
    what, _, rest = why.partition("; ")
    return f"{called(raw, group_key)}: {what} in {file}; {rest or 'an earlier version counts'}."
