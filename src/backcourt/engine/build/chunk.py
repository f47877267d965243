"""One chunk: in one transaction, replace a range of one table set-based, audit what was written, write the receipts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from backcourt.engine.build.audit import DuplicateKeysError, Reasons, name_offending, offending, parted, repeated_keys
from backcourt.engine.declare.catalog import Node
from backcourt.engine.declare.contract import meaning_of
from backcourt.engine.errors import QueryError
from backcourt.engine.judge import expectation, receipts, records
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.judge.expectation import ANY_GAME, KeyCounts
from backcourt.engine.judge.partition import is_intact
from backcourt.engine.judge.receipts import UNDATED, Measure, Receipt, make_receipt
from backcourt.engine.judge.records import Failure
from backcourt.engine.judge.situation import Situation
from backcourt.engine.warehouse import Warehouse, bind, dates

# Dates times columns. Many dates of a wide view cost more to stage than to compute again: most statements need few of
# its columns.
_STAGED_CELLS = 20_000


@dataclass
class ChunkResult:
    """What a chunk did; dates are partitions."""

    table: str
    built: list[date] = field(default_factory=list)
    unchanged: list[date] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    withheld: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    receipts: list[Receipt] = field(default_factory=list)

    def and_also(self, other: ChunkResult) -> ChunkResult:
        """What both did, of the same table."""
        return ChunkResult(
            self.table, self.built + other.built, self.unchanged + other.unchanged, self.failed + other.failed,
            self.withheld | other.withheld, self.rows + other.rows, self.receipts + other.receipts,
        )  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """Who builds, and when; `rebuilds`: every row is written again, whatever is stored."""

    run_id: str
    now: datetime
    rebuilds: bool = False


def bounded_query(warehouse: Warehouse, calendar: Calendar, node: Node, start: date, end: date) -> str:
    """The table's query, reading only what the dates from `start` to `end` may read, restricted to these dates."""
    bounds = {}
    for name, reads in node.reads.items():
        source = warehouse.physical(name)
        if reads.undated:
            bounds[name] = f"select * from {source}"
            continue
        lower, upper = calendar.window(reads, start)[0], calendar.window(reads, end)[1]
        bounds[name] = f"select * from {source} where game_date >= date '{lower}' and game_date < date '{upper}'"
    names = ", ".join(node.column_names)
    query = bind(node.table.sql, bounds, warehouse.bound_cte)
    return f"select {names} from (\n{query}\n) as result where game_date between date '{start}' and date '{end}'"


def build_chunk(warehouse: Warehouse, situation: Situation, node: Node, days: list[date], attempt: Attempt) -> ChunkResult:
    """Build the partitions `days` (ascending) of one table; raises QueryError when the query itself fails, leaving everything as it was.

    Rows are written and audited inside one transaction, which nobody else sees before it commits. A game that
    fails an audit is left out of its date, and so are games that share a key; a date of a view whose keys repeat gets
    a failure. Where only the checks are others than they were, the rows that stand are audited.
    """
    if UNDATED in days:
        result = _without_dateless(warehouse, node)
        rest = [day for day in days if day != UNDATED]
        return result.and_also(build_chunk(warehouse, situation, node, rest, attempt)) if rest else result
    to_come = [day for day in days if node.table.games != "none" and day > situation.calendar.today]
    if to_come:
        result = _emptied(warehouse, situation, node, to_come, attempt)
        rest = [day for day in days if day <= situation.calendar.today]
        return result.and_also(build_chunk(warehouse, situation, node, rest, attempt)) if rest else result
    result = ChunkResult(node.name)
    _prepare(warehouse, situation, node, days)
    kept = _only_to_judge(warehouse, situation, node, days, attempt)
    written = [day for day in days if day not in kept]
    try:
        with warehouse.transaction():
            if written:
                _write(warehouse, situation, node, written, _scope(situation, node, written))
            _judge(warehouse, situation, node, days, attempt, result)
    except DuplicateKeysError as duplicated:
        failures = [
            Failure(
                node.name,
                day,
                "grain",
                message,
                node.fingerprint,
                situation.facts.hashes.of(node, day),
                1,
                attempt.run_id,
            )
            for day, message in duplicated.messages.items()
        ]
        with warehouse.transaction():
            records.write_failures(warehouse, node.name, failures)
        rest = [day for day in days if day not in duplicated.messages]
        result = build_chunk(warehouse, situation, node, rest, attempt) if rest else ChunkResult(node.name)
        result.failed += failures
    return result


def _emptied(warehouse: Warehouse, situation: Situation, node: Node, days: list[date], attempt: Attempt) -> ChunkResult:
    """Take away rows and receipts of dates that are to come, which were built by a later clock.

    A receipt would say that their games were tried; in the result it only says that there are no rows.
    """
    with warehouse.transaction():
        if not node.is_view and warehouse.columns(node.name):
            warehouse.query(f"delete from {node.name} where game_date in ({dates(days)})")
        records.forget(warehouse, node.name, days)
        records.write_failures(warehouse, node.name, [], cleared=days)
    had_rows = {day for day, receipt in situation.facts.of(node).items() if receipt.rows}
    return ChunkResult(
        node.name,
        built=[day for day in days if day in had_rows],
        unchanged=[day for day in days if day not in had_rows],
        receipts=_receipts(situation, node, days, {}, {}, warehouse.hash_kind, attempt, {}),
    )


def _without_dateless(warehouse: Warehouse, node: Node) -> ChunkResult:
    """Take away rows without a date: no partition has them, and nothing that is built does."""
    if not node.is_view:
        with warehouse.transaction():
            warehouse.query(f"delete from {node.name} where game_date is null")
    return ChunkResult(node.name, built=[UNDATED])


def _only_to_judge(
    warehouse: Warehouse,
    situation: Situation,
    node: Node,
    days: list[date],
    attempt: Attempt,
) -> Collection[date]:
    """The dates whose stored rows today's code would give from today's inputs, and only the checks are others.

    What was withheld, or let through by a waiver, isn't stored as it was computed.
    """
    own = situation.facts.of(node)
    alike = [
        day
        for day in days
        if (receipt := own.get(day)) is not None
        and (receipt.fingerprint, receipt.inputs_hash) == (node.fingerprint, situation.facts.hashes.of(node, day))
        and receipt.policy_hash != situation.facts.policy_hash(node, day)
        and not (receipt.withheld or receipt.waived)
    ]
    if not alike or node.is_view or attempt.rebuilds or node.name in situation.realigned:
        return ()
    measured = receipts.measure(warehouse, node, _scope(situation, node, alike), content_only=True)
    return {day for day in alike if is_intact(own[day], measured.get(day))}


def _scope(situation: Situation, node: Node, days: list[date]) -> str:
    """The condition that holds for the rows of these dates and no others."""
    if _has_gaps(situation, node, days):
        return f"game_date in ({dates(days)})"
    return f"game_date between date '{days[0]}' and date '{days[-1]}'"


def _judge(
    warehouse: Warehouse,
    situation: Situation,
    node: Node,
    days: list[date],
    attempt: Attempt,
    result: ChunkResult,
) -> None:
    """Audit the rows that are there now, and write what is found of them."""
    scope = _scope(situation, node, days)
    source = warehouse.physical(node.name)
    is_staged = node.is_view and len(days) * len(node.columns) <= _STAGED_CELLS
    if is_staged:
        # Five statements look at the rows; the view's query would be planned, and run, for each.
        source = f"written_{node.name}"
        warehouse.stage(source, f"select * from {warehouse.physical(node.name)} where {scope}")
    try:
        withheld, waived, measured = _audit(warehouse, situation, node, days, scope, source)
    finally:
        if is_staged:
            warehouse.drop_stage(source)
    written = _receipts(situation, node, days, measured, withheld, warehouse.hash_kind, attempt, waived)
    previous = situation.facts.of(node)
    for receipt in written:
        before = previous.get(receipt.game_date)
        same = before is not None and before.content_hash == receipt.content_hash and before.rows == receipt.rows
        (result.unchanged if same else result.built).append(receipt.game_date)
        result.rows += receipt.rows
    for games in withheld.values():
        result.withheld.update(games)
    result.receipts = written
    records.write(warehouse, node.name, written)
    records.write_failures(warehouse, node.name, [], cleared=[day for day in days if (node.name, day) in situation.facts.failures])


def _audit(
    warehouse: Warehouse, situation: Situation, node: Node, days: list[date], scope: str, source: str
) -> tuple[Reasons, Reasons, dict[date, Measure]]:
    """Remove the games that may not stay, and measure what is left; `source` holds the rows that were written.

    Whether the columns keep their contract is seen while they are measured: what breaks it is named and removed then.
    """
    rows = f"(select * from {source} where {scope})"
    repeated = repeated_keys(warehouse, node, rows)
    counted = expectation.stored(warehouse, node, scope, relation=source) if node.table.games != "none" else None
    found = offending(warehouse, situation, node, days, scope, rows, counted)

    def left() -> tuple[Reasons, Reasons, dict[date, Measure]]:
        withheld, waived = parted(situation, node, found, repeated)
        if not node.is_view:
            _remove(warehouse, node, withheld)
        games = None if counted is None else _games(node, counted, withheld)
        return withheld, waived, receipts.measure(warehouse, node, scope, relation=source, games=games, judges=True)

    judged = left()
    if any(measure.broken for measure in judged[2].values()):
        name_offending(warehouse, node, node.contract, rows, found)
        judged = left()
    return judged


def _write(warehouse: Warehouse, situation: Situation, node: Node, days: list[date], scope: str) -> None:
    if node.is_view:
        return
    names = ", ".join(node.column_names)
    warehouse.query(f"delete from {node.name} where {scope}")
    query = bounded_query(warehouse, situation.calendar, node, days[0], days[-1])
    warehouse.query(f"insert into {node.name} ({names}) select {names} from ({query}) as computed where {scope}")


def _prepare(warehouse: Warehouse, situation: Situation, node: Node, days: list[date]) -> None:
    """Give the table its columns before the transaction, in which no warehouse but the embedded one could.

    Where that changes a table that stands, the query and its checks are tried first: one that fails must leave the rows
    as they were. All receipts of the table end then, as it changes on every date.
    """
    columns = [(column.name, column.type) for column in node.columns]
    if not node.is_view and warehouse.columns(node.name) and not warehouse.is_aligned(node.name, columns):
        query = bounded_query(warehouse, situation.calendar, node, days[0], days[-1])
        warehouse.query(f"select {warehouse.content_hash(node.column_names)} from ({query}) as computed")
        for check in node.table.checks:
            warehouse.query(f"select count(*) from ({check.sql.format(rows=f'({query})')}) as offending")
        # What the other dates lose, or gain without a value, no receipt may vouch for, whatever the declaration
        # becomes.
        situation.realigned.add(node.name)
        with warehouse.transaction():
            records.forget(warehouse, node.name, records.dates_of(warehouse, node.name))
    define(warehouse, node)


def define(warehouse: Warehouse, node: Node) -> None:
    """Give a table its columns, or a view its query. Not to be called inside a transaction."""
    if node.is_view:
        names = ", ".join(node.column_names)
        warehouse.define_view(node.name, f"select {names} from (\n{node.table.sql}\n) as result", node.fingerprint)
    else:
        warehouse.align(node.name, [(column.name, column.type) for column in node.columns], node.table.grain)
    explain(warehouse, node)


def explain(warehouse: Warehouse, node: Node) -> None:
    """Write what a table and its columns mean where that isn't said yet. Not to be called inside a transaction."""
    told = {column.name: meaning_of(column) for column in node.columns}
    warehouse.comment(node.name, node.meaning, told)


def _remove(warehouse: Warehouse, node: Node, withheld: Mapping[date, Mapping[str, str]]) -> None:
    for day, reasons in withheld.items():
        if reasons:
            names = ", ".join(f"'{name.replace(chr(39), chr(39) * 2)}'" for name in reasons if name != ANY_GAME)
            gone = [f"{expectation.owner(warehouse, node)} in ({names})"] if names else []
            # Only rows of no game: whatever they are, a game of the date has nothing to do with them.
            gone += ["game_id is null"] if ANY_GAME in reasons else []
            warehouse.query(f"delete from {node.name} where game_date = date '{day}' and ({' or '.join(gone)})")


def _games(node: Node, counted: KeyCounts, withheld: Mapping[date, Mapping[str, str]]) -> dict[date, dict[str, int]]:
    """Rows per game that are left: what was counted, less what was removed."""
    found = {}
    for day, games in counted.items():
        removed: Mapping[str, str] = {} if node.is_view else withheld.get(day, {})
        found[day] = {game: keys.count for game, keys in games.items() if game != ANY_GAME and game not in removed}
    return found


def _receipts(
    situation: Situation,
    node: Node,
    days: list[date],
    measured: Mapping[date, Measure],
    withheld: Mapping[date, dict[str, str]],
    hash_kind: str,
    attempt: Attempt,
    waived: Mapping[date, dict[str, str]],
) -> list[Receipt]:
    nothing = Measure(0, "0")
    return [
        make_receipt(
            node.name,
            day,
            measured.get(day, nothing),
            withheld.get(day, {}),
            hash_kind,
            (node.fingerprint, situation.facts.hashes.of(node, day), situation.facts.policy_hash(node, day)),
            attempt.run_id,
            attempt.now,
            waived.get(day),
        )
        for day in days
    ]


def _has_gaps(situation: Situation, node: Node, days: list[date]) -> bool:
    """Are there game dates inside the range that are not to be built?"""
    inside = [day for day in situation.calendar.dates if days[0] <= day <= days[-1]]
    return node.table.games == "none" or len(inside) != len(days)


def failure_of(situation: Situation, node: Node, day: date, error: QueryError, attempt: Attempt) -> Failure:
    """The record of a partition whose query failed; repeated transient failures count up."""
    before = situation.facts.failures.get((node.name, day))
    inputs_hash = situation.facts.hashes.of(node, day)
    again = before is not None and before.fingerprint == node.fingerprint and before.inputs_hash == inputs_hash
    attempts = (before.attempts if again and before else 0) + 1
    kind = {"timeout": "transient", "data": "permanent"}.get(error.kind, error.kind)
    message = f"{error.kind}: {error}" if error.kind == "timeout" else str(error)
    return Failure(node.name, day, kind, message, node.fingerprint, inputs_hash, attempts, attempt.run_id)
