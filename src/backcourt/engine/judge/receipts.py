"""What builds and loads left behind, and how a stored relation is measured against it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter

from backcourt.engine.declare.catalog import Node
from backcourt.engine.warehouse import Warehouse, dates

UNDATED = date(1900, 1, 1)
"""The date under which the single partition of an undated relation is kept."""

_COLUMNS = (
    "table_name", "game_date", "rows", "games", "withheld", "content_hash", "hash_kind", "not_null",
    "fingerprint", "inputs_hash", "policy_hash", "run_id", "built_at",
)  # fmt: skip


_values = attrgetter("table", *_COLUMNS[1:3], "games_json", "withheld_json", *_COLUMNS[5:7], "not_null_json", *_COLUMNS[8:])


@dataclass(frozen=True)
class Measure:
    """A partition as it is stored: rows, rows per game, content hash and the number of values per column."""

    rows: int
    content_hash: str
    games: dict[str, int] = field(default_factory=dict)
    not_null: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """One partition's receipt. The three JSON texts are read when they are asked for: most plans need few of them."""

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

    @cached_property
    def games(self) -> dict[str, int]:
        """Rows per game."""
        return dict(json.loads(self.games_json))

    @cached_property
    def withheld(self) -> dict[str, str]:
        """Games that were left out, with the reason."""
        return {} if self.withheld_json == "{}" else dict(json.loads(self.withheld_json))

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
) -> Receipt:
    """A receipt from what was measured; `hashes` are fingerprint, inputs hash and policy hash."""
    games, left_out = (json.dumps(texts, sort_keys=True) for texts in (measured.games, withheld))
    not_null = json.dumps(measured.not_null)
    return Receipt(table, day, measured.rows, games, left_out, measured.content_hash, hash_kind, not_null, *hashes, run_id, built_at)


@dataclass(frozen=True)
class Failure:
    """The last attempt at a partition that left nothing; valid while fingerprint and inputs are the same."""

    table: str
    game_date: date
    kind: str
    message: str
    fingerprint: str
    inputs_hash: str
    attempts: int
    run_id: str


def create(warehouse: Warehouse) -> None:
    """Create the engine's own tables where they are missing."""
    warehouse.query(
        "create table if not exists receipts (table_name varchar, game_date date, rows bigint, games varchar, withheld varchar, "
        "content_hash varchar, hash_kind varchar, not_null varchar, fingerprint varchar, inputs_hash varchar, policy_hash varchar, "
        "run_id varchar, built_at timestamp)"
    )
    warehouse.query(
        "create table if not exists failures (table_name varchar, game_date date, kind varchar, message varchar, fingerprint varchar, "
        "inputs_hash varchar, attempts bigint, run_id varchar)"
    )
    warehouse.query(
        "create table if not exists waivers (table_name varchar, from_date date, to_date date, reason varchar, author varchar, "
        "expires date)"
    )
    warehouse.query(
        "create table if not exists verdicts (verified_at timestamp, gate varchar, from_date date, to_date date, policy_hash varchar, "
        "exit_code bigint, summary varchar)"
    )


def read(warehouse: Warehouse, since: Mapping[str, date] | None = None) -> dict[str, dict[date, Receipt]]:
    """The receipts by table and date; of the tables in `since` only those from that date on, and those of undated relations."""
    if not warehouse.columns("receipts"):
        return {}
    listed = " ".join(f"when '{table}' then date '{day}'" for table, day in (since or {}).items())
    condition = f"where game_date = date '{UNDATED}' or game_date >= case table_name {listed} else date '{UNDATED}' end" if since else ""
    found: dict[str, dict[date, Receipt]] = {}
    for row in warehouse.query(f"select {', '.join(_COLUMNS)} from receipts {condition}"):
        found.setdefault(row[0], {})[row[1]] = Receipt(*row)
    return found


def digests(warehouse: Warehouse, starts: Sequence[date]) -> dict[tuple[str, int], str]:
    """A digest of the receipts per table and span of dates: span n begins at `starts[n]` (ascending), -1 is what lies before."""
    if not warehouse.columns("receipts"):
        return {}
    spans = " ".join(f"when game_date < date '{start}' then {number - 1}" for number, start in enumerate(starts))
    span = f"case {spans} else {len(starts) - 1} end" if starts else "-1"
    content = warehouse.content_hash([column for column in _COLUMNS if column != "not_null"])
    return {
        (str(table), int(number)): f"{count} {digest}"
        for table, number, count, digest in warehouse.query(
            f"select table_name, {span} as span, count(*), {content} from receipts group by 1, 2"
        )
    }


def write(warehouse: Warehouse, table: str, receipts: list[Receipt], replaced: Iterable[date] | None = None) -> None:
    """Write these partitions' receipts. `replaced` are the dates among them that have one already, None when that isn't known."""
    _forget(warehouse, "receipts", table, [receipt.game_date for receipt in receipts] if replaced is None else list(replaced))
    warehouse.insert("receipts", _COLUMNS, [_values(receipt) for receipt in receipts])


def forget(warehouse: Warehouse, table: str, days: Iterable[date]) -> None:
    """Delete the receipts of partitions that are no more."""
    _forget(warehouse, "receipts", table, list(days))


def read_failures(warehouse: Warehouse) -> dict[tuple[str, date], Failure]:
    """The failures on record by table and date."""
    if not warehouse.columns("failures"):
        return {}
    rows = warehouse.query("select table_name, game_date, kind, message, fingerprint, inputs_hash, attempts, run_id from failures")
    return {(str(row[0]), row[1]): Failure(*row) for row in rows}


def write_failures(warehouse: Warehouse, table: str, failures: list[Failure], cleared: Iterable[date] = ()) -> None:
    """Replace the failures of these partitions and clear those of partitions that were built."""
    _forget(warehouse, "failures", table, [*cleared, *(failure.game_date for failure in failures)])
    warehouse.insert(
        "failures",
        ("table_name", "game_date", "kind", "message", "fingerprint", "inputs_hash", "attempts", "run_id"),
        [(f.table, f.game_date, f.kind, f.message, f.fingerprint, f.inputs_hash, f.attempts, f.run_id) for f in failures],
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

    `relation` is the physical relation to read, by default the node's own. An undated relation has one partition, dated UNDATED.
    `content_only` leaves out rows per game and values per column: enough to compare with a receipt, at a third of the cost.
    `games` are the rows per game, when they were counted already.
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


def _forget(warehouse: Warehouse, ledger: str, table: str, days: list[date]) -> None:
    if not days:
        return
    warehouse.query(f"delete from {ledger} where table_name = ? and game_date in ({dates(days)})", [table])
