"""Rows of the feature store as a frame: keys, X, y, manifest and proof."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError, QueryError
from backcourt.engine.files import whole, write_whole
from backcourt.features.manifest import Manifest
from backcourt.frames import Frame
from backcourt.tables.precompute.feature_groups import N_COLUMNS, PROP_MARKET, Feature
from backcourt.tables.precompute.model_groups import MODEL_GROUPS

KEYS = ("game_date", "player_id", "game_id", "team_id", "opponent_team_id", "season", "season_type", "tip_at", "as_of_at", "is_bootstrap")
LABELS = {
    "points": "points",
    "rebounds": "rebounds",
    "assists": "assists",
    "threes": "three_makes",
    "pra": "pra",
    "minutes": "minutes",
    "did_play": "did_play",
}
"""Label -> column of player_game_summary. All but did_play exist only for players who appeared."""

_QUOTE_IS_OLD_AFTER_HOURS = 12

STATEMENT = (
    "History is built from earlier games as they are corrected today; quotes were captured before the game's lock. "
    "Archived box scores and schedules carry no capture time, so nothing more can be claimed for them."
)


@dataclass(frozen=True)
class FeatureFrame:
    """A training or prediction frame. `X`, `y` and `keys` are lazy frames with the same rows in the same order."""

    table: Frame
    manifest: Manifest
    proof: dict[str, Any]
    label: str | None = None
    extra: tuple[str, ...] = field(default=())

    @property
    def keys(self) -> Frame:
        """game_date, player_id, game_id and what else names the row."""
        return self.table.select(KEYS)

    @property
    def X(self) -> Frame:  # noqa: N802 - the field's own name for a design matrix
        """The features, in the manifest's order, then masks or flags that were asked for."""
        return self.table.select([*self.manifest.names, *self.extra])

    @property
    def y(self) -> Frame | None:
        """The label, when one was asked for."""
        return self.table.select([f"label_{self.label}"]) if self.label else None

    def write(self, out: Path) -> int:
        """Write OUT (Parquet) and OUT's manifest beside it (`.manifest.json`); the number of rows. Neither gets its name half-written."""
        if out.suffix != ".parquet":
            raise BackcourtError(f"{out.name} is not a Parquet file; give --out a name that ends in .parquet.")
        rows = int(self.table.count())
        sidecar = out.with_suffix(".manifest.json")
        body = {
            "schema_version": 1,
            "manifest_hash": self.manifest.hash,
            "rows": rows,
            "keys": list(KEYS),
            "n_columns": [name for name, _, _ in N_COLUMNS],
            "label": self.label,
            "extra_columns": list(self.extra),
            "proof": self.proof,
            "features": list(self.manifest.entries),
        }
        try:
            with whole(out) as unfinished:
                self.table.copy(unfinished)
                write_whole(sidecar, json.dumps(body, indent=1, default=str) + "\n")
        except (OSError, QueryError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
            raise BackcourtError(f"{out} can't be written ({reason}); choose a folder that you may write.") from error
        return rows


def frame_query(
    store: str,
    chosen: Sequence[Feature],
    where: str,
    *,
    label: str | None = None,
    masks: bool = False,
    flags: bool = False,
    ready: str | None = None,
    context: str = "upcoming_player_game_context",
    readiness: str = "feature_readiness",
) -> tuple[str, tuple[str, ...]]:
    """The query of a frame over the relations `store`, `context` and `readiness`, and the names of the columns beyond the features."""
    if label is not None and label not in LABELS:
        raise BackcourtError(f"There is no label {label!r}; labels are {', '.join(LABELS)}.")
    if ready is not None and ready not in {group.name for group in MODEL_GROUPS}:
        raise BackcourtError(f"There is no model group {ready!r}; groups are {', '.join(group.name for group in MODEL_GROUPS)}.")
    names = [feature.name for feature in chosen]
    columns = [f"store.{name}" for name in (*KEYS, *(n for n, _, _ in N_COLUMNS), *names)]
    extra = [f"{name}_is_missing" for name in names] if masks else []
    columns += [f"store.{name} is null as {name}_is_missing" for name in names] if masks else []
    joins = []
    if flags:
        extra.append("feature_flags")
        columns.append(f"{_flags(chosen)} as feature_flags")
        joins.append(f"join {context} as context on context.game_date = store.game_date and context.player_id = store.player_id")
    if label:
        columns.append(f"played.{LABELS[label]} as label_{label}")
        joins.append(
            "join player_game_summary as played on played.game_date = store.game_date and played.player_id = store.player_id "
            "and played.game_id = store.game_id"
        )
        where += "" if label == "did_play" else " and played.did_play"
    if ready:
        joins.append(
            f"join {readiness} as readiness on readiness.game_date = store.game_date and readiness.player_id = store.player_id "
            f"and readiness.model_group = '{ready}' and readiness.is_ready"
        )
    query = f"select {', '.join(columns)} from {store} as store {' '.join(joins)} where {where} order by store.game_date, store.player_id"
    return query, tuple(extra)


def _flags(chosen: Iterable[Feature]) -> str:
    """JSON object as text, feature -> its states: small_n, prior_only (the value is a prior), stale (an old quote), fallback_source."""
    parts = []
    for feature in chosen:
        states = []
        if feature.n:
            prior = f"store.{feature.n} = 0 and store.{feature.name} is not null"
            states.append(
                f"case when {prior} then ',\"prior_only\"' when store.{feature.n} < {feature.comfort_n} then ',\"small_n\"' else '' end"
            )
        if feature.group == PROP_MARKET and "_line_current" in feature.column:
            market = feature.column.partition("_line_")[0]
            old = f"context.{market}_line_captured_at < store.as_of_at - interval {_QUOTE_IS_OLD_AFTER_HOURS} hour"
            states.append(f"case when {old} then ',\"stale\"' else '' end")
        states.append("case when store.source_tier <> 'primary' then ',\"fallback_source\"' else '' end")
        stated = " || ".join(states)
        parts.append(f"case when {stated} = '' then '' else ',\"{feature.name}\":[' || substring({stated}, 2) || ']' end")
    return "'{' || substring(" + " || ".join(parts) + ", 2) || '}'"


def snapshot_id(receipts: Iterable[tuple[Any, ...]]) -> str:
    """A hash over (table, date, content hash) of the partitions that a frame stands on."""
    digest = hashlib.sha256()
    for row in receipts:
        digest.update("\x1f".join(map(str, row)).encode())
        digest.update(b"\x1e")
    return digest.hexdigest()[:16]
