"""One chunk: compute a range of one table set-based, audit the staged rows, then replace rows and receipts in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from backcourt.engine import expectation, receipts
from backcourt.engine.calendar import Calendar
from backcourt.engine.catalog import Node
from backcourt.engine.errors import QueryError
from backcourt.engine.expectation import ANY_GAME
from backcourt.engine.receipts import Failure, Measure, Receipt
from backcourt.engine.state import Situation
from backcourt.engine.warehouse import Warehouse, bind, dates

STAGE = "staged_rows"


@dataclass
class ChunkResult:
    """What a chunk did; dates are partitions."""

    table: str
    built: list[date] = field(default_factory=list)
    unchanged: list[date] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    withheld: dict[str, str] = field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True)
class Attempt:
    """Who builds, and when."""

    run_id: str
    now: datetime


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
    """Build the partitions `days` (ascending) of one table; raises QueryError when the query itself fails, leaving everything as it was."""
    result = ChunkResult(node.name)
    start, end = days[0], days[-1]
    query = bounded_query(warehouse, situation.calendar, node, start, end)
    with warehouse.transaction():
        warehouse.stage(STAGE, f"{query} and game_date in ({dates(days)})" if _has_gaps(situation, node, days) else query)
        _check_schema(warehouse, node)
        duplicated = _duplicates(warehouse, node)
        for day, message in duplicated.items():
            result.failed.append(
                Failure(node.name, day, "grain", message, node.fingerprint, situation.hashes.of(node, day), 1, attempt.run_id)
            )
        good = [day for day in days if day not in duplicated]
        withheld = _withhold(warehouse, situation, node, good)
        _replace(warehouse, node, good, withheld, set(duplicated))
        measured = receipts.measure(warehouse, node, f"game_date between date '{start}' and date '{end}'")
        written = _receipts(situation, node, good, measured, withheld, warehouse.hash_kind, attempt)
        previous = situation.receipts.get(node.name, {})
        for receipt in written:
            before = previous.get(receipt.game_date)
            same = before is not None and before.content_hash == receipt.content_hash and before.rows == receipt.rows
            (result.unchanged if same else result.built).append(receipt.game_date)
            result.rows += receipt.rows
        for games in withheld.values():
            result.withheld.update(games)
        receipts.write(warehouse, node.name, written)
        receipts.write_failures(warehouse, node.name, result.failed, cleared=good)
        warehouse.drop_stage(STAGE)
    return result


def _check_schema(warehouse: Warehouse, node: Node) -> None:
    described = warehouse.describe(f"select * from {STAGE}")
    warehouse.align(node.name, described, node.table.grain)


def _duplicates(warehouse: Warehouse, node: Node) -> dict[date, str]:
    grain = ", ".join(node.table.grain)
    found: dict[date, str] = {}
    for *key, count in warehouse.query(
        f"select {grain}, count(*) from {STAGE} group by {grain} having count(*) > 1 order by all limit 1000"
    ):
        found.setdefault(key[0], f"{count} rows for one key ({', '.join(map(str, key))}); the grain is {grain}")
    return found


def _withhold(warehouse: Warehouse, situation: Situation, node: Node, days: list[date]) -> dict[date, dict[str, str]]:
    """Games whose staged rows may not be written, with the reason; later reasons don't replace earlier ones."""
    withheld: dict[date, dict[str, str]] = {day: {} for day in days}
    if node.table.games != "none":
        staged = expectation.stored(warehouse, node, relation=STAGE)
        wanted = expectation.expected(warehouse, node, f"game_date between date '{days[0]}' and date '{days[-1]}'") if days else {}
        for day in days:
            due = {game.game_id for game in situation.calendar.due(node.table.games, day)}
            pending = {game.game_id for game in situation.calendar.pending(node.table.games, day)}
            for game in due:
                lacking = situation.missing_inputs(node, day, game)
                if lacking:
                    withheld[day][game] = f"waits for {', '.join(lacking)}"
            for game, keys in staged.get(day, {}).items():
                if game in pending:
                    withheld[day].setdefault(game, "not due yet")
                elif game not in due:
                    withheld[day].setdefault(game, f"{keys.count} rows of a game that the calendar doesn't expect")
            if wanted is None:
                continue
            for game in due:
                expected_keys, have = wanted.get(day, {}).get(game), staged.get(day, {}).get(game)
                if (expected_keys.hash if expected_keys else "0") != (have.hash if have else "0"):
                    counts = f"{have.count if have else 0} rows, expected {expected_keys.count if expected_keys else 0}"
                    withheld[day].setdefault(game, f"keys differ from the expectation: {counts}")
    for check in node.table.checks:
        if check.severity != "fail" or check.scope != "row":
            continue
        grain = node.table.grain
        game = "game_id" if "game_id" in node.column_names and node.table.games != "none" else f"'{ANY_GAME}'"
        offending = check.sql.format(rows=STAGE)
        for day, game_id, count, example in warehouse.query(
            f"select game_date, coalesce({game}, '{ANY_GAME}'), count(*), min(concat_ws(' ', {', '.join(grain[1:])})) "
            f"from ({offending}) as offending group by 1, 2"
        ):
            if day in withheld:
                withheld[day].setdefault(str(game_id), f"check {check.name}: {count} row(s), e.g. {example}")
    return withheld


def _replace(
    warehouse: Warehouse, node: Node, days: list[date], withheld: Mapping[date, Mapping[str, str]], kept_as_were: set[date]
) -> None:
    names = ", ".join(node.column_names)
    if not days:
        return
    for day, games in withheld.items():
        if not games:
            continue
        if ANY_GAME in games:
            warehouse.query(f"delete from {STAGE} where game_date = date '{day}'")
        else:
            listed = ", ".join(f"'{game}'" for game in games)
            warehouse.query(f"delete from {STAGE} where game_date = date '{day}' and game_id in ({listed})")
    for day in kept_as_were:
        warehouse.query(f"delete from {STAGE} where game_date = date '{day}'")
    warehouse.query(f"delete from {node.name} where game_date in ({dates(days)})")
    warehouse.query(f"insert into {node.name} ({names}) select {names} from {STAGE}")


def _receipts(
    situation: Situation,
    node: Node,
    days: list[date],
    measured: Mapping[date, Measure],
    withheld: Mapping[date, Mapping[str, str]],
    hash_kind: str,
    attempt: Attempt,
) -> list[Receipt]:
    nothing = Measure(0, "0")
    written = []
    for day in days:
        found = measured.get(day, nothing)
        written.append(
            Receipt(
                node.name, day, found.rows, found.games, dict(withheld.get(day, {})), found.content_hash, hash_kind, found.not_null,
                node.fingerprint, situation.hashes.of(node, day), node.policy_hash, attempt.run_id, attempt.now,
            )
        )  # fmt: skip
    return written


def _has_gaps(situation: Situation, node: Node, days: list[date]) -> bool:
    """Are there game dates inside the range that are not to be built?"""
    inside = [day for day in situation.calendar.dates if days[0] <= day <= days[-1]]
    return node.table.games == "none" or len(inside) != len(days)


def failure_of(situation: Situation, node: Node, day: date, error: QueryError, attempt: Attempt) -> Failure:
    """The record of a partition whose query failed; repeated transient failures count up."""
    before = situation.failures.get((node.name, day))
    inputs_hash = situation.hashes.of(node, day)
    again = before is not None and before.fingerprint == node.fingerprint and before.inputs_hash == inputs_hash
    attempts = (before.attempts if again and before else 0) + 1
    kind = "transient" if error.kind in ("transient", "timeout") else error.kind
    message = f"{error.kind}: {error}" if error.kind == "timeout" else str(error)
    return Failure(node.name, day, kind, message, node.fingerprint, inputs_hash, attempts, attempt.run_id)
