"""The raw tables: append-only rows, versioned by group, and the ledgers of loads and rejects."""

from __future__ import annotations

from backcourt.engine.warehouse import Warehouse
from backcourt.field.names import normalise_name
from backcourt.field.teams import team_names
from backcourt.sources import decisions, meanings
from backcourt.sources.declared import Sources
from backcourt.sources.feed import STORED

_PROVENANCE = "source varchar, group_key varchar, load_id bigint, payload_hash hugeint"


def create_raw_tables(warehouse: Warehouse, known: Sources) -> None:
    """Create what is missing: tables, and columns that a newer version's feeds have."""
    for raw, fields in known.raw_columns.items():
        stored = {name for name, _ in warehouse.columns(raw)}
        if not stored:
            facts = ", ".join(f"{field.name} {STORED[field.kind]}" for field in fields)
            warehouse.query(f"create table {raw} ({_PROVENANCE}, {facts})")
            continue
        for field in fields:
            if field.name not in stored:
                warehouse.query(f"alter table {raw} add column {field.name} {STORED[field.kind]}")
    create_ledgers(warehouse)
    ranked = set(warehouse.query("select source, rank from raw_sources"))
    changed = [(feed.name, feed.rank) for feed in known.feeds.values() if (feed.name, feed.rank) not in ranked]
    if changed:
        placeholders = ", ".join("?" for _ in changed)
        warehouse.query(f"delete from raw_sources where source in ({placeholders})", [name for name, _ in changed])
        warehouse.insert("raw_sources", ("source", "rank"), changed)


def create_ledgers(warehouse: Warehouse) -> None:
    """Create what is missing of the tables in which ingest keeps word of what it does. Not inside a transaction."""
    warehouse.query(
        "create table if not exists raw_loads (load_id bigint, file varchar, source varchar, file_hash varchar, payload_ref varchar, "
        "captured_at timestamp, loaded_at timestamp, ingest_version varchar, rows_in bigint, rows_new bigint, rows_changed bigint, "
        "rows_unchanged bigint, rows_rejected bigint)"
    )
    warehouse.extend(
        "raw_groups",
        [
            ("raw", "VARCHAR"), ("source", "VARCHAR"), ("group_key", "VARCHAR"), ("load_id", "BIGINT"),
            ("captured_at", "TIMESTAMP"), ("loaded_at", "TIMESTAMP"),
            ("last_seen_at", "TIMESTAMP"), ("rows", "BIGINT"), ("group_hash", "VARCHAR"),
            ("rejected", "BIGINT"),
        ],
    )  # fmt: skip
    # The versions that don't count, and why they are held where they are: derived (`choice`), and kept because every
    # read needs them.
    warehouse.extend(
        "raw_superseded",
        [("raw", "VARCHAR"), ("group_key", "VARCHAR"), ("load_id", "BIGINT"), ("why", "VARCHAR")],
    )
    decisions.create(warehouse)
    meanings.create(warehouse)
    warehouse.extend(
        "raw_rejects",
        [
            ("load_id", "BIGINT"), ("file", "VARCHAR"), ("source", "VARCHAR"), ("raw", "VARCHAR"),
            ("file_row", "BIGINT"), ("rule", "VARCHAR"), ("sentence", "VARCHAR"), ("payload", "VARCHAR"), ("group_key", "VARCHAR"),
        ],
    )  # fmt: skip
    warehouse.query("create table if not exists raw_sources (source varchar primary key, rank bigint)")
    warehouse.query("create table if not exists raw_player_names (name varchar primary key, normalised varchar)")


def create_lookups(warehouse: Warehouse) -> None:
    """What parsing needs: times read as UTC, the closed vocabulary of teams, and the names of players."""
    warehouse.query("set timezone = 'UTC'")
    warehouse.query("create or replace temp table team_names (name varchar, team_id bigint)")
    warehouse.insert("team_names", ("name", "team_id"), list(team_names().items()))
    warehouse.query("create or replace temp view player_names as select name, normalised from raw_player_names")


def learn_names(warehouse: Warehouse, columns: list[str]) -> None:
    """Store the normalised spelling of every player name in these columns of `incoming`, so that views need no Python."""
    for column in columns:
        fresh = warehouse.query(
            f'select distinct cast("{column}" as varchar) from incoming '
            f'where "{column}" is not null and cast("{column}" as varchar) not in (select name from raw_player_names) order by 1'
        )
        if fresh:
            warehouse.insert("raw_player_names", ("name", "normalised"), [(name, normalise_name(name)) for (name,) in fresh])
