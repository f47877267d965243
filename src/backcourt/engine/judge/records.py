"""The engine's own tables: receipts and failures, which are only ever added to, waivers and verdicts.

A record of a partition is never changed: one with a higher `seq` takes its place. So two transactions that build
different partitions never touch the same row, on any warehouse. What was replaced is dropped by `compact`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from backcourt.engine.judge.receipts import UNDATED, Receipt
from backcourt.engine.warehouse import Warehouse, dates

_RECEIPT = (
    "table_name", "game_date", "rows", "games", "withheld", "content_hash", "hash_kind", "not_null",
    "fingerprint", "inputs_hash", "policy_hash", "run_id", "built_at", "waived",
)  # fmt: skip
_FAILURE = ("table_name", "game_date", "kind", "message", "fingerprint", "inputs_hash", "attempts", "run_id")

_receipt_values = attrgetter(
    "table",
    *_RECEIPT[1:3],
    "games_json",
    "withheld_json",
    *_RECEIPT[5:7],
    "not_null_json",
    *_RECEIPT[8:-1],
    "waived_json",
)
_failure_values = attrgetter("table", *_FAILURE[1:])

# Whichever of these is NULL in a record says that the partition has none any more.
_ENDS = {"receipts": "rows", "failures": "attempts"}

# So many replaced records may lie about, or as many as count: to read past them costs less than to delete them.
_COMPACTED_FROM = 10_000


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
    """Create the engine's own tables where they are missing. Not to be called inside a transaction."""
    warehouse.extend(
        "receipts",
        [
            ("table_name", "VARCHAR"), ("game_date", "DATE"), ("rows", "BIGINT"), ("games", "VARCHAR"), ("withheld", "VARCHAR"),
            ("content_hash", "VARCHAR"), ("hash_kind", "VARCHAR"), ("not_null", "VARCHAR"), ("fingerprint", "VARCHAR"),
            ("inputs_hash", "VARCHAR"), ("policy_hash", "VARCHAR"), ("run_id", "VARCHAR"), ("built_at", "TIMESTAMP"), ("seq", "BIGINT"),
            ("waived", "VARCHAR"),
        ],
    )  # fmt: skip
    warehouse.extend(
        "failures",
        [
            ("table_name", "VARCHAR"), ("game_date", "DATE"), ("kind", "VARCHAR"), ("message", "VARCHAR"), ("fingerprint", "VARCHAR"),
            ("inputs_hash", "VARCHAR"), ("attempts", "BIGINT"), ("run_id", "VARCHAR"), ("seq", "BIGINT"),
        ],
    )  # fmt: skip
    warehouse.extend(
        "waivers",
        [
            ("table_name", "VARCHAR"), ("from_date", "DATE"), ("to_date", "DATE"), ("reason", "VARCHAR"), ("author", "VARCHAR"),
            ("expires", "DATE"), ("game_id", "VARCHAR"),
        ],
    )  # fmt: skip
    warehouse.extend(
        "verdicts",
        [
            ("verified_at", "TIMESTAMP"), ("gate", "VARCHAR"), ("from_date", "DATE"), ("to_date", "DATE"), ("policy_hash", "VARCHAR"),
            ("exit_code", "BIGINT"), ("summary", "VARCHAR"),
        ],
    )  # fmt: skip


def current(kind: str = "receipts", *, source: str = "") -> str:
    """The records that count, as a relation in SQL: of each partition the one with the highest `seq`.

    `source` is the stored table's qualified name where it isn't `kind`.
    """
    return (
        "(select * from (select *, row_number() over (partition by table_name, game_date order by seq desc) as place "
        f"from {source or kind}) as numbered where place = 1 and {_ENDS[kind]} is not null)"
    )


def read(warehouse: Warehouse, since: Mapping[str, date] | None = None) -> dict[str, dict[date, Receipt]]:
    """The receipts by table and date; of the tables in `since` only those from that date on, and those of undated relations."""
    listed = " ".join(f"when '{table}' then date '{day}'" for table, day in (since or {}).items())
    condition = f"game_date = date '{UNDATED}' or game_date >= case table_name {listed} else date '{UNDATED}' end" if since else "true"
    found: dict[str, dict[date, Receipt]] = {}
    for row in _rows(warehouse, "receipts", _RECEIPT, condition):
        if None in row[:-1]:
            # Nobody wrote such a record: it is none.
            continue
        found.setdefault(row[0], {})[row[1]] = Receipt(*row)
    return found


def digests(warehouse: Warehouse, starts: Sequence[date]) -> dict[tuple[str, int], str]:
    """A digest of all records of receipts per table and span of dates: span n begins at `starts[n]` (ascending), -1 is what lies before.

    Replaced ones count too: no receipt can change without another digest.
    """
    if not warehouse.columns("receipts"):
        return {}
    spans = " ".join(f"when game_date < date '{start}' then {number - 1}" for number, start in enumerate(starts))
    span = f"case {spans} else {len(starts) - 1} end" if starts else "-1"
    content = warehouse.content_hash([column for column in _RECEIPT if column != "not_null"])
    return {
        (str(table), int(number)): f"{count} {digest}"
        for table, number, count, digest in warehouse.query(
            f"select table_name, {span} as span, count(*), {content} from receipts group by 1, 2"
        )
    }


def write(warehouse: Warehouse, table: str, receipts: list[Receipt]) -> None:
    """Write these partitions' receipts."""
    _add(warehouse, "receipts", _RECEIPT, table, [_receipt_values(receipt) for receipt in receipts])


def dates_of(warehouse: Warehouse, table: str) -> list[date]:
    """The dates of which a table has a receipt."""
    return [day for (day,) in warehouse.query(f"select game_date from {current()} as receipts where table_name = ?", [table])]


def policies(warehouse: Warehouse) -> dict[str, set[str]]:
    """Table -> the hashes of the checks that its partitions were judged by."""
    found: dict[str, set[str]] = {}
    if not warehouse.columns("receipts"):
        return found
    for table, policy in warehouse.query(f"select distinct table_name, policy_hash from {current()} as receipts"):
        found.setdefault(str(table), set()).add(str(policy))
    return found


def forget(warehouse: Warehouse, table: str, days: Iterable[date]) -> None:
    """Write that these partitions have no receipt any more."""
    _end(warehouse, "receipts", table, days)


def read_failures(warehouse: Warehouse) -> dict[tuple[str, date], Failure]:
    """The failures on record by table and date."""
    return {(str(row[0]), row[1]): Failure(*row) for row in _rows(warehouse, "failures", _FAILURE) if None not in row}


def write_failures(warehouse: Warehouse, table: str, failures: list[Failure], cleared: Iterable[date] = ()) -> None:
    """Write the failures of these partitions, and that those that were built have none any more."""
    _add(warehouse, "failures", _FAILURE, table, [_failure_values(failure) for failure in failures])
    _end(warehouse, "failures", table, set(cleared) - {failure.game_date for failure in failures})


def compact(warehouse: Warehouse, above: int = _COMPACTED_FROM) -> int:
    """Drop the records that were replaced where they are more than `above` and than those that count; how many there were.

    Those that count stay as they are, so nothing is judged otherwise afterwards.
    """
    dropped = 0
    for kind, end in _ENDS.items():
        ((everything, counting),) = warehouse.query(f"select (select count(*) from {kind}), (select count(*) from {current(kind)})")
        if everything - counting <= (max(counting, above) if above else 0):
            continue
        with warehouse.transaction():
            warehouse.query(
                f"delete from {kind} where {end} is null or exists (select 1 from {kind} as newer where newer.table_name = "
                f"{kind}.table_name and newer.game_date = {kind}.game_date and newer.seq > {kind}.seq)"
            )
        dropped += everything - counting
    return dropped


def _rows(warehouse: Warehouse, kind: str, columns: Sequence[str], condition: str = "true") -> list[tuple[Any, ...]]:
    stored = {name for name, _ in warehouse.columns(kind)}
    if not stored:
        return []
    # A home of an earlier version has one record of each partition, and none of the later columns, until something is
    # written.
    source = current(kind) if "seq" in stored else kind
    listed = ", ".join(name if name in stored else f"null as {name}" for name in columns)
    return warehouse.query(f"select {listed} from {source} as records where {condition}")


def _add(warehouse: Warehouse, kind: str, columns: Sequence[str], table: str, rows: list[tuple[Any, ...]]) -> None:
    before = _newest(warehouse, kind, table, [row[1] for row in rows])
    if rows:
        warehouse.insert(kind, (*columns, "seq"), [(*row, before.get(row[1], 0) + 1) for row in rows])


def _end(warehouse: Warehouse, kind: str, table: str, days: Iterable[date]) -> None:
    ended = _newest(warehouse, kind, table, sorted(days))
    if ended:
        warehouse.insert(kind, ("table_name", "game_date", "seq"), [(table, day, seq + 1) for day, seq in ended.items()])


def _newest(warehouse: Warehouse, kind: str, table: str, days: list[date]) -> dict[date, int]:
    """The highest `seq` of each of these partitions that has a record, one that ends it too."""
    if not days:
        return {}
    listed = f"game_date in ({dates(days)})"
    return dict(
        warehouse.query(f"select game_date, max(seq) from {kind} where table_name = ? and {listed} group by game_date", [table])
    )  # fmt: skip
