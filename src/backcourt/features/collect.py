"""Frames from a home's snapshot: history as it is stored, and a slate as it can be known at a moment."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import read_object, write_whole
from backcourt.engine.judge import records
from backcourt.engine.judge.situation import Situation
from backcourt.engine.prove.asof import as_of_tables, known_at, known_name
from backcourt.engine.warehouse import Warehouse, dates
from backcourt.features.frame import STATEMENT, FeatureFrame, frame_query, snapshot_id
from backcourt.features.manifest import choose, manifest_of
from backcourt.frames import Frame
from backcourt.tables import declared as declarations

STORE = "ml_feature_store"
PROOF_FILE = "leaktest.json"


@dataclass(frozen=True)
class Wanted:
    """What a frame should hold: groups of features (None: all), a label, masks and flags, only rows that are ready for a model group.

    `allow_thin`: rows whose history lacks games, too.
    """

    groups: tuple[str, ...] | None = None
    label: str | None = None
    masks: bool = False
    flags: bool = False
    ready: str | None = None
    allow_thin: bool = False


def lacking_history(situation: Situation, start: date, end: date) -> tuple[list[date], list[str]]:
    """The dates of [start, end] on which the store is thin, and the games that lack in what they rest on."""
    states = situation.states(situation.catalog.upstream([STORE]))[STORE]
    days = [day for day, partition in states.items() if start <= day <= end and partition.history_games_lacking]
    return days, situation.history.games(situation.catalog[STORE], start, end) if days else []


def history(warehouse: Warehouse, situation: Situation, runs: Path, start: date, end: date, wanted: Wanted) -> FeatureFrame:
    """The stored rows of [start, end]. Raises BackcourtError when there are none, or when some are thin and weren't allowed to be."""
    _require_store(warehouse)
    chosen = choose(wanted.groups)
    where = f"store.game_date between date '{start}' and date '{end}'"
    query, extra = frame_query(
        STORE, chosen, where, label=wanted.label, masks=wanted.masks, flags=wanted.flags, ready=wanted.ready
    )  # fmt: skip
    held = {day for day in situation.facts.receipts.get(STORE, {}) if start <= day <= end}
    expected = {
        game.game_date for game in situation.calendar.games if start <= game.game_date <= end and game.game_date <= situation.calendar.today
    }
    if not held:
        raise BackcourtError(f"The store has no rows between {start} and {end}; choose dates with games, or run `backcourt run` first.")
    proof = {
        "from": str(start),
        "to": str(end),
        **_thinness(situation, start, end, wanted),
        "partitions": len(held),
        "dates_without_rows": [str(day) for day in sorted(expected - held)],
        **_proof(situation, runs, held),
    }
    return FeatureFrame(Frame(lambda: warehouse, query), manifest_of(situation.catalog, chosen), proof, wanted.label, extra)


def tonight(
    warehouse: Warehouse, situation: Situation, runs: Path, day: date, as_of: datetime | None, now: datetime, wanted: Wanted
) -> FeatureFrame:
    """The rows of a slate as they can be known at `as_of` (UTC), by the code that builds the store.

    Each game is cut off at the earlier of `as_of` and its lock; without `as_of`, at the earlier of `now` and its
    lock. A game that had locked by a given `as_of` is left out: it is no longer to come. Raises BackcourtError when
    the date has no game left.
    """
    _require_store(warehouse)
    if wanted.label:
        raise BackcourtError("A slate to come has no labels; leave --label out, or ask for history with --from and --to.")
    locks = declarations.lock_times(warehouse, day)
    to_come = {game: lock for game, lock in locks.items() if as_of is None or as_of < lock}
    if not to_come:
        why = f"all its games had locked by {as_of:%Y-%m-%d %H:%M} UTC" if locks else "the schedule has no game on it"
        raise BackcourtError(f"There is nothing to come on {day}: {why}; choose another date or an earlier --as-of.")
    chosen = choose(wanted.groups)
    moments: dict[datetime, list[str]] = {}
    for game, lock in to_come.items():
        moments.setdefault(min(as_of or now, lock), []).append(game)
    name = f"slate_{day:%Y%m%d}_{abs(hash((as_of, now, wanted))):x}"
    warehouse.query(f"drop table if exists temp.{name}")
    extra: tuple[str, ...] = ()
    for moment in sorted(moments):
        with known_at(situation, as_of_tables(situation), day, moment) as rebuilt:
            staged = {node.name: known_name(node) for node in rebuilt}
            games = ", ".join(f"'{game}'" for game in moments[moment])
            query, extra = frame_query(
                f"(select * replace (timestamp '{moment:%Y-%m-%d %H:%M:%S}' as as_of_at) from {staged[STORE]})",
                chosen, f"store.game_date = date '{day}' and store.game_id in ({games})",
                masks=wanted.masks, flags=wanted.flags, ready=wanted.ready,
                context=staged["upcoming_player_game_context"], readiness=staged["feature_readiness"],
            )  # fmt: skip
            exists = warehouse.query("select 1 from duckdb_tables() where table_name = ?", [name])
            warehouse.query(f"insert into temp.{name} {query}" if exists else f"create temp table {name} as {query}")
    proof = {
        "date": str(day),
        **_thinness(situation, day, day, wanted),
        "as_of": [str(moment) for moment in sorted(moments)],
        "games": sorted(to_come),
        "games_left_out": sorted(set(locks) - set(to_come)),
        **_proof(situation, runs, ()),
    }
    frame = Frame(lambda: warehouse, f"select * from temp.{name} order by game_date, player_id")
    return FeatureFrame(frame, manifest_of(situation.catalog, chosen), proof, None, extra)


def _thinness(situation: Situation, start: date, end: date, wanted: Wanted) -> dict[str, Any]:
    days, games = lacking_history(situation, start, end)
    if days and not wanted.allow_thin:
        span = f"{days[0]}" if len(days) == 1 else f"{len(days):,} dates from {days[0]} to {days[-1]}"
        raise BackcourtError(
            f"The rows of {span} are thin: what they rest on lacks {len(games):,} game(s), e.g. {games[0]}; `backcourt gaps` says why, "
            "`backcourt run` builds what can be built, and --allow-thin writes them with that number."
        )
    return {"history_games_lacking": len(games), "thin_dates": [str(day) for day in days]}


def keep_proof(runs: Path, situation: Situation, proof: Any, at: datetime) -> None:
    """Record an as-of proof beside the runs, so that frames can carry it; a home that can't be written keeps none."""
    body = {
        "at": at.isoformat(),
        "slates": proof.slates,
        "locks": proof.locks,
        "rows": proof.rows,
        "leaks": [str(leak) for leak in proof.leaks],
        "fingerprints": {name: situation.catalog[name].fingerprint for name in proof.compared},
    }
    try:
        write_whole(runs / PROOF_FILE, json.dumps(body, indent=1) + "\n")
    except OSError:
        return


def _proof(situation: Situation, runs: Path, held: Iterable[date]) -> dict[str, Any]:
    upstream = situation.catalog.upstream([STORE])
    as_of = {node.name: node.fingerprint for node in upstream if node.is_built and node.declaration.known.kind == "as_of"}
    days = sorted(held)
    found = (
        situation.warehouse.query(
            f"select table_name, game_date, content_hash from {records.current()} as receipts "
            f"where table_name = '{STORE}' and game_date in ({dates(days)}) order by 2"
        )
        if days
        else []
    )
    return {
        "snapshot_id": snapshot_id(found) if found else None,
        "fingerprints": as_of,
        "leaktest": _last_leaktest(runs, as_of),
        "statement": STATEMENT,
    }


def _last_leaktest(runs: Path, fingerprints: dict[str, str]) -> dict[str, Any] | None:
    """The recorded proof, when it proved this very code."""
    told = ("at", "slates", "locks", "leaks")
    try:
        recorded = read_object(runs / PROOF_FILE, "run `backcourt leaktest` again") or {}
    except BackcourtError:
        return None
    proven = recorded.get("fingerprints")
    if not isinstance(proven, dict) or any(proven.get(name) != fingerprint for name, fingerprint in fingerprints.items()):
        return None
    return {name: recorded[name] for name in told} if recorded.keys() >= set(told) else None


def _require_store(warehouse: Warehouse) -> None:
    if not warehouse.columns(STORE):
        raise BackcourtError("The feature store isn't built yet; run `backcourt run` first.")
