"""The manifest: every feature's definition as sorted JSON, and the hash that names it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backcourt.engine.declare.catalog import Catalog
from backcourt.engine.errors import BackcourtError
from backcourt.tables.precompute.feature_groups import BLIND, GAME_MARKET, PROP_MARKET, TABLES, Feature, features
from backcourt.tables.precompute.ml_feature_store import null_group

MARKETS = (BLIND, GAME_MARKET, PROP_MARKET)


@dataclass(frozen=True)
class Manifest:
    """The definitions of some features, in the store's order."""

    entries: tuple[dict[str, Any], ...]

    @property
    def names(self) -> list[str]:
        """The features' names."""
        return [str(entry["name"]) for entry in self.entries]

    @cached_property
    def text(self) -> str:
        """Entries ordered by name, keys sorted, no white space, UTF-8."""
        ordered = sorted(self.entries, key=lambda entry: str(entry["name"]))
        return json.dumps(ordered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def hash(self) -> str:
        """The first 16 hex digits of the text's SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def names_hash(self) -> str:
        """Names the features and their versions, and nothing of how they are computed: what a model may read as the same columns."""
        pairs = sorted((str(entry["name"]), str(entry["version"])) for entry in self.entries)
        return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()[:16]

    def differing(self, names: Iterable[str], other: Manifest) -> list[str]:
        """Those of `names` whose name and version the two don't share: a model may read rows of another manifest when there are none."""
        ours, theirs = ({e["name"]: e["version"] for e in manifest.entries} for manifest in (self, other))
        return sorted(name for name in names if name not in ours or ours.get(name) != theirs.get(name))


def manifest_of(catalog: Catalog, chosen: Iterable[Feature] | None = None) -> Manifest:
    """The manifest of `chosen` features, by default of all."""
    return Manifest(tuple(_entry(catalog, feature) for feature in (features() if chosen is None else chosen)))


def _entry(catalog: Catalog, feature: Feature) -> dict[str, Any]:
    table = TABLES[feature.source]
    stored = next(column for column in catalog["ml_feature_store"].columns if column.name == feature.name)
    return {
        "name": feature.name,
        "version": feature.version,
        "definition": stored.meaning,
        "group": feature.group,
        "market": feature.market,
        "dtype": stored.type,
        "unit": feature.unit,
        "min": feature.low,
        "max": feature.high,
        "window": feature.window,
        "n": feature.n,
        "comfort_n": feature.comfort_n,
        "source": table,
        "column": feature.column,
        "null_group": null_group(feature),
        "nullable": null_group(feature) is not None,
        "when_available": feature.when_available,
        "fingerprint": catalog[table].fingerprint,
    }


def choose(groups: Iterable[str] | None) -> tuple[Feature, ...]:
    """The features of these groups (market_blind, game_market, prop_market, or a group such as scoring), by default of all.

    Raises BackcourtError for a group that doesn't exist.
    """
    if groups is None:
        return features()
    wanted = list(groups)
    known = list(dict.fromkeys([BLIND, *(feature.group for feature in features())]))
    for group in wanted:
        if group not in known:
            raise BackcourtError(f"There is no feature group {group!r}; groups are {', '.join(known)}.")
    return tuple(feature for feature in features() if feature.group in wanted or feature.market in wanted)
