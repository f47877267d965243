"""What builds and loads leave behind of a partition, and how a stored relation is measured against it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from backcourt.engine.declare.catalog import Node
from backcourt.engine.declare.contract import broken
from backcourt.engine.declare.table import Relation
from backcourt.engine.warehouse import Warehouse

UNDATED = date(1900, 1, 1)
"""The date under which the single partition of an undated relation is kept, and rows of any other without a date."""


@dataclass(frozen=True)
class Measure:
    """A partition as it is stored: rows, rows per game, content hash and the number of values per column.

    `broken` counts the rows that break the contract of the columns, where that was asked.
    """

    rows: int
    content_hash: str
    games: dict[str, int] = field(default_factory=dict)
    not_null: dict[str, int] = field(default_factory=dict)
    broken: int = 0


@dataclass(frozen=True)
class Receipt:
    """One partition's receipt. The JSON texts are read when they are asked for: most plans need few of them.

    A load has no code: its fingerprint is empty. It withholds nothing, but names the games that lack a part.
    """

    table: str
    game_date: date
    rows: int
    games_json: str
    withheld_json: str
    content_hash: str
    hash_kind: str
    not_null_json: str
    fingerprint: str
    inputs_hash: str
    policy_hash: str
    run_id: str
    built_at: datetime
    waived_json: str | None = None

    @cached_property
    def games(self) -> dict[str, int]:
        """Rows per game."""
        return _read(self.games_json)

    @cached_property
    def withheld(self) -> dict[str, str]:
        """Games that were left out, with the reason; of a load, those that don't count, with what they lack."""
        return {} if self.withheld_json == "{}" else _read(self.withheld_json)

    @cached_property
    def waived(self) -> dict[str, str]:
        """Games that a waiver let through, with what speaks against them."""
        return _read(self.waived_json) if self.waived_json else {}

    @cached_property
    def not_null(self) -> dict[str, int]:
        """The number of values per column."""
        return _read(self.not_null_json)


def _read(text: str) -> dict[str, Any]:
    """A text of a receipt; what another program made of it says nothing, and the checksum of all receipts says so."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def make_receipt(
    table: str,
    day: date,
    measured: Measure,
    withheld: dict[str, str],
    hash_kind: str,
    hashes: tuple[str, str, str],
    run_id: str,
    built_at: datetime,
    waived: dict[str, str] | None = None,
) -> Receipt:
    """A receipt from what was measured; `hashes` are fingerprint, inputs hash and policy hash."""
    games, left_out = (json.dumps(texts, sort_keys=True) for texts in (measured.games, withheld))
    not_null = json.dumps(measured.not_null)
    let_through = json.dumps(waived, sort_keys=True) if waived else None
    return Receipt(
        table,
        day,
        measured.rows,
        games,
        left_out,
        measured.content_hash,
        hash_kind,
        not_null,
        *hashes,
        run_id,
        built_at,
        let_through,
    )


def measure(
    warehouse: Warehouse,
    node: Node,
    where: str = "true",
    *,
    relation: str | None = None,
    content_only: bool = False,
    games: dict[date, dict[str, int]] | None = None,
    judges: bool = False,
) -> dict[date, Measure]:
    """Measure the stored rows per partition: one pass for hash and counts, one for the rows per game.

    `relation` is the physical relation to read, by default the node's own. An undated relation has one partition,
    dated UNDATED. `content_only` leaves out rows per game and values per column: enough to compare with a receipt, at
    a third of the cost; it also measures the rows that should have a date and don't, under UNDATED. `games` are the
    rows per game, when they were counted already. `judges`: count the rows that break the contract, too; all columns
    are read here anyway.
    """
    source = relation or warehouse.physical(node.name)
    columns = list(node.column_names) or [name for name, _ in warehouse.columns(node.name)]
    if not columns:
        return {}
    day = "game_date" if node.dated else f"date '{UNDATED}'"
    # Nobody can empty a column of a view.
    counts = "" if content_only or node.is_view else ", " + ", ".join(f"count({column})" for column in columns)
    condition = f"({where})" + (f" and {_has_date(node, content_only)}" if node.dated else "")
    offending = f"count_if({broken(node.columns)})" if judges else "0"
    asked = f"count(*), {warehouse.content_hash(columns)}, {offending}{counts}"
    content = warehouse.query(f"select {day} as day, {asked} from {source} where {condition} group by 1")
    if content_only:
        return {row[0] or UNDATED: Measure(int(row[1]), str(row[2])) for row in content}
    if games is None:
        games = _rows_per_game(warehouse, source, condition) if "game_id" in columns and node.dated else {}
    return {
        found: Measure(int(rows), str(digest), games.get(found, {}), _by_name(columns, values), int(bad))
        for found, rows, digest, bad, *values in content
    }


def dateless(warehouse: Warehouse, node: Node) -> dict[date, Measure]:
    """The rows of a dated relation that should have a date and don't, under UNDATED; empty where there are none."""
    without = f"game_date is null and {_has_date(node, True)}"
    found = measure(warehouse, node, without, content_only=True)
    if not found or "game_id" not in {name for name, _ in warehouse.columns(node.name)}:
        return found
    rows = warehouse.query(
        f"select game_id, count(*) from {warehouse.physical(node.name)} where {without} and game_id is not null group by game_id"
    )
    return {UNDATED: replace(found[UNDATED], games={str(game): int(count) for game, count in rows})}


def _by_name(columns: list[str], values: list[int]) -> dict[str, int]:
    return dict(zip(columns, values, strict=bool(values)))


def _has_date(node: Node, or_should: bool) -> str:
    """SQL of the condition that a row has a date (`or_should`: or should have one)."""
    if not or_should:
        return "game_date is not null"
    may_lack = node.declaration.may_lack_date if isinstance(node.declaration, Relation) else "false"
    return f"(game_date is not null or not ({may_lack}))"


def _rows_per_game(warehouse: Warehouse, source: str, condition: str) -> dict[date, dict[str, int]]:
    games: dict[date, dict[str, int]] = {}
    for day, game, rows in warehouse.query(
        f"select game_date, game_id, count(*) from {source} where {condition} and game_id is not null group by 1, 2"
    ):
        games.setdefault(day, {})[str(game)] = int(rows)
    return games
