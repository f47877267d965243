"""All feeds and source relations that hold for a home: the package's own, the home's, and those of installed libraries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from re import findall

from backcourt.engine.declare.loader import Declared, Kind, Loaded, load
from backcourt.engine.declare.problem import Problem
from backcourt.engine.declare.table import Relation
from backcourt.sources.feed import Feed, Field

LEDGERS = (
    "raw_loads", "raw_groups", "raw_superseded", "raw_rejects", "raw_sources", "raw_player_names", "raw_player_aliases", "raw_decisions",
    "raw_name_decisions", "raw_event_decisions",
)  # fmt: skip
"""The tables in which ingest keeps word of what it does: no feed fills them."""

_WORD = re.compile(r"[a-z][a-z0-9_]*")


def _refused(name: str, feed: Feed) -> str:
    """What speaks against a feed that isn't the package's own: SQL is made of its names before any file is read."""
    for fill in feed.fills:
        if not _WORD.fullmatch(fill.raw) or not fill.raw.startswith("raw_") or fill.raw in LEDGERS:
            return f"it fills {fill.raw!r}; name a raw table raw_..., in small letters, that ingest doesn't keep for itself"
        for field in fill.fields:
            if not _WORD.fullmatch(field.name):
                return f"the field {field.name!r} of {fill.raw} is no column's name; use small letters, digits and underscores"
    return "" if feed.columns and feed.fills else "it has no columns to be recognised by, or fills nothing; name both"


FEEDS: Kind[Feed] = Kind("feed", Feed, "feeds", ("backcourt.sources.formats",), name=lambda stem, feed: str(feed.name), refuses=_refused)
RELATIONS: Kind[Relation] = Kind(
    "relation",
    Relation,
    "relations",
    ("backcourt.sources.relations",),
    refuses=lambda name, relation: f"{name!r} would be a raw table's name; rename it" if name.startswith("raw_") else "",
)

# A relation may read those before it.
_FIRST = ("schedule", "odds_events", "players")


@dataclass(frozen=True)
class Sources:
    """Feeds and relations, and a problem for each file that was left out. Relations stand in an order in which they can be created."""

    loaded_feeds: Mapping[str, Declared[Feed]]
    loaded_relations: Mapping[str, Declared[Relation]]
    problems: tuple[Problem, ...] = ()

    @cached_property
    def feeds(self) -> dict[str, Feed]:
        """The feeds by name."""
        return {name: one.declaration for name, one in self.loaded_feeds.items()}

    @cached_property
    def relations(self) -> dict[str, Relation]:
        """The relations by name."""
        return {name: one.declaration for name, one in self.loaded_relations.items()}

    @cached_property
    def outside(self) -> dict[str, Declared[Relation]]:
        """The relations that aren't the package's own."""
        return {name: one for name, one in self.loaded_relations.items() if not one.is_own}

    @cached_property
    def raw_columns(self) -> dict[str, list[Field]]:
        """The raw tables and their fact columns, as the feeds declare them."""
        return _raw_columns(self.feeds)

    @cached_property
    def own_raws(self) -> frozenset[str]:
        """The raw tables that the package's own feeds fill."""
        return frozenset(_raw_columns({name: one.declaration for name, one in self.loaded_feeds.items() if one.is_own}))

    @cached_property
    def raws(self) -> dict[str, frozenset[str]]:
        """The raw tables behind each relation, through the relations that it reads."""
        return {name: self._raws(name, frozenset()) for name in self.relations}

    def _raws(self, relation: str, seen: frozenset[str]) -> frozenset[str]:
        words = set(findall(r"\w+", self.relations[relation].sql))
        through = [self._raws(other, seen | {relation}) for other in words & set(self.relations) - seen - {relation}]
        return frozenset(word for word in words if word.startswith("raw_")).union(*through)


def sources(home: Path | None = None, taken: Mapping[str, str] | None = None) -> Sources:
    """Everything that ingest reads by and that can be read of it; `taken` are names that no relation may have."""
    feeds = _agreeing(load(FEEDS, home))
    relations = load(RELATIONS, home, taken)
    own = {name: one for name, one in relations.found.items() if one.is_own}
    first = {name: own[name] for name in _FIRST}
    outside = {name: one for name, one in relations.found.items() if not one.is_own}
    return Sources(feeds.found, {**first, **own, **_in_order(outside)}, (*feeds.problems, *relations.problems))


def _agreeing(feeds: Loaded[Feed]) -> Loaded[Feed]:
    """Without those from outside that give a raw column another kind than a feed before them."""
    kinds: dict[tuple[str, str], tuple[str, Path]] = {}
    problems: dict[str, Problem] = {}
    for name, one in feeds.found.items():
        stored = {(fill.raw, field.name): field.kind for fill in one.declaration.fills for field in fill.fields if field.is_stored}
        odd = [(column, kinds[column]) for column, kind in stored.items() if column in kinds and kinds[column][0] != kind]
        if odd and not one.is_own:
            (raw, field), (kind, file) = odd[0]
            problems[name] = one.problem(
                f"{raw}.{field} is {stored[raw, field]} here and {kind} in {file}; give it one kind or another name"
            )
            continue
        kinds |= {column: (kind, one.file) for column, kind in stored.items() if column not in kinds}
    return feeds.without(problems)


def _in_order(relations: Mapping[str, Declared[Relation]]) -> dict[str, Declared[Relation]]:
    """Each after those that its query names."""
    ordered: dict[str, Declared[Relation]] = {}
    waiting = dict(relations)
    while waiting:
        named = {name: set(findall(r"\w+", one.declaration.sql)) & waiting.keys() - {name} for name, one in waiting.items()}
        # Of a circle any: its view can't be made, which is said then.
        chosen = [name for name, needed in named.items() if not needed] or list(waiting)[:1]
        ordered |= {name: waiting.pop(name) for name in chosen}
    return ordered


def _raw_columns(feeds: Mapping[str, Feed]) -> dict[str, list[Field]]:
    found: dict[str, list[Field]] = {}
    for feed in feeds.values():
        for fill in feed.fills:
            known = {field.name for field in found.setdefault(fill.raw, [])}
            found[fill.raw] += [field for field in fill.fields if field.is_stored and field.name not in known]
    return found
