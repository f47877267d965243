"""What builds and loads leave behind of a partition, and how a stored relation is measured against it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from backcourt.engine.declare.catalog import Node
from backcourt.engine.warehouse import Warehouse

UNDATED = date(1900, 1, 1)
"""The date under which the single partition of an undated relation is kept."""


@dataclass(frozen=True)
class Measure:
    """A partition as it is stored: rows, rows per game, content hash and the number of values per column."""

    rows: int
    content_hash: str
    games: dict[str, int] = field(default_factory=dict)
    not_null: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """One partition's receipt. The JSON texts are read when they are asked for: most plans need few of them."""

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
        return dict(json.loads(self.games_json))

    @cached_property
    def withheld(self) -> dict[str, str]:
        """Games that were left out, with the reason."""
        return {} if self.withheld_json == "{}" else dict(json.loads(self.withheld_json))

    @cached_property
    def waived(self) -> dict[str, str]:
        """Games that a waiver let through, with what speaks against them."""
        return dict(json.loads(self.waived_json)) if self.waived_json else {}

    @cached_property
    def not_null(self) -> dict[str, int]:
        """The number of values per column."""
        return dict(json.loads(self.not_null_json))


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
) -> dict[date, Measure]:
    """Measure the stored rows per partition: one pass for hash and counts, one for the rows per game.

    `relation` is the physical relation to read, by default the node's own. An undated relation has one partition,
    dated UNDATED. `content_only` leaves out rows per game and values per column: enough to compare with a receipt, at
    a third of the cost. `games` are the rows per game, when they were counted already.
    """
    source = relation or warehouse.physical(node.name)
    columns = list(node.column_names) or [name for name, _ in warehouse.columns(node.name)]
    if not columns:
        return {}
    day = "game_date" if node.dated else f"date '{UNDATED}'"
    # Nobody can empty a column of a view.
    counts = "" if content_only or node.is_view else ", " + ", ".join(f"count({column})" for column in columns)
    condition = f"({where})" + (" and game_date is not null" if node.dated else "")
    content = warehouse.query(
        f"select {day} as day, count(*), {warehouse.content_hash(columns)}{counts} from {source} where {condition} group by 1"
    )
    if content_only:
        return {row[0]: Measure(int(row[1]), str(row[2])) for row in content}
    if games is None:
        games = _rows_per_game(warehouse, source, condition) if "game_id" in columns and node.dated else {}
    return {
        row[0]: Measure(int(row[1]), str(row[2]), games.get(row[0], {}), dict(zip(columns, row[3:], strict=bool(counts))))
        for row in content
    }


def _rows_per_game(warehouse: Warehouse, source: str, condition: str) -> dict[date, dict[str, int]]:
    games: dict[date, dict[str, int]] = {}
    for day, game, rows in warehouse.query(
        f"select game_date, game_id, count(*) from {source} where {condition} and game_id is not null group by 1, 2"
    ):
        games.setdefault(day, {})[str(game)] = int(rows)
    return games
