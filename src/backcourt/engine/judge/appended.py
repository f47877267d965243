"""The judging of a table that is only ever added to: what it should account for, what it does, and whether its rows are still those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge.expectation import ANY_GAME
from backcourt.engine.judge.facts import Facts
from backcourt.engine.judge.measuring import FromRows
from backcourt.engine.judge.partition import Hole, Judged, Partition, State, alteration, hole_text, is_intact
from backcourt.engine.judge.receipts import UNDATED, Measure, Receipt
from backcourt.engine.warehouse import Warehouse

_WITHOUT_DATE = "without a game_date"


@dataclass(frozen=True)
class _Count:
    """Keys of one game: due or already accounted for, accounted for, and neither."""

    due: int = 0
    covered: int = 0
    pending: int = 0


@dataclass(frozen=True)
class RecordEvidence:
    """What is known of one partition. `counts` are by game; None before the first date of which anything is expected.

    `measured` are the stored rows, in detail where they aren't those of the receipt.
    """

    node: Node
    day: date
    counts: Mapping[str, _Count] | None
    measured: Measure | None
    receipt: Receipt | None


def gather(facts: Facts, measuring: FromRows, node: Node) -> list[RecordEvidence]:
    """The evidence of every partition that exists or is expected.

    Nothing is expected before the first date that the table, or one that its expectation reads and that is appended
    to, holds rows of.
    """
    own = facts.of(node)
    measured = dict(measuring.content(node, own))
    start = _first_date(facts, node)
    counted = _counted(measuring.warehouse, facts, node, start) if start else {}
    days = {*own, *measured, *counted}
    if start and node.table.games != "none":
        days |= {day for day in facts.calendar.dates if day >= start}
    changed = [day for day, receipt in own.items() if day in measured and not is_intact(receipt, measured[day])]
    measured |= measuring.details(node, changed)
    nothing: dict[str, _Count] = {}
    return [
        RecordEvidence(node, day, counted.get(day, nothing) if start and day >= start else None, measured.get(day), own.get(day))
        for day in sorted(days)
    ]


def judge(facts: Facts, found: RecordEvidence) -> Judged:
    """The partition that the evidence makes."""
    node, day = found.node, found.day
    expected = found.counts or {}
    holes = [] if found.counts is None else _holes(facts, found, expected)
    due = {game for game, count in expected.items() if count.due} | {hole.game_id for hole in holes}
    if node.table.expects.sql is None:
        rows_expected, rows_present = (
            found.receipt.rows if found.receipt else 0,
            found.measured.rows if found.measured else 0,
        )
    else:
        rows_expected, rows_present = (sum(getattr(count, name) for count in expected.values()) for name in ("due", "covered"))
    later = 0
    if found.counts is not None:
        coming = {game.game_id for game in facts.calendar.pending(node.table.games, day)} - due
        later = len(coming | {game for game, count in expected.items() if count.pending})
    state, detail = _state(found, holes, later, is_due=bool(due), rows_present=rows_present)
    partition = Partition(
        node.name, day, facts.calendar.season_of(day) or "", state, detail, rows_expected, rows_present, len(due),
        len(due) - len(holes), tuple(holes), waived=facts.waived_text(node.name, day),
        is_waived=facts.waivers.covering(node.name, day) is not None,
    )  # fmt: skip
    return Judged(partition, set())


def missing_keys(warehouse: Warehouse, facts: Facts, node: Node, day: date, limit: int = 40) -> list[str]:
    """The expected keys of a date that no row accounts for, one sentence each."""
    if not _can_count(warehouse, node):
        return []
    rows = warehouse.query(
        f"with {_keys(warehouse, facts, node)} select expected.game_id, expected.key from expected "
        "left join covered using (game_date, game_id, key) "
        f"where expected.game_date = date '{day}' and expected.is_due and covered.key is null order by game_id, key limit {limit}"
    )
    return [f"missing: {key} of game {game}" for game, key in rows]


def _first_date(facts: Facts, node: Node) -> date | None:
    read = [name for name in node.expects_relations if facts.catalog[name].is_appended]
    days = [day for name in (node.name, *read) for day, receipt in facts.receipts.get(name, {}).items() if receipt.rows]
    return min(days, default=None)


def _can_count(warehouse: Warehouse, node: Node) -> bool:
    return node.table.expects.sql is not None and all(warehouse.columns(name) for name in (node.name, *node.expects_relations))


def _keys(warehouse: Warehouse, facts: Facts, node: Node) -> str:
    append = node.table.append
    assert append is not None
    due = f"coalesce(due_at <= timestamp '{facts.now}', true)" if facts.now else f"game_date <= date '{facts.calendar.today}'"
    return (
        f"expected as (select distinct game_date, game_id, key, {due} as is_due from ({node.table.expects.sql}) as wanted), "
        f"covered as (select distinct game_date, game_id, key from "
        f"({append.covers.format(rows=warehouse.physical(node.name))}) as held)"
    )


def _counted(warehouse: Warehouse, facts: Facts, node: Node, start: date) -> dict[date, dict[str, _Count]]:
    if not _can_count(warehouse, node):
        return {}
    found: dict[date, dict[str, _Count]] = {}
    for day, game, due, covered, pending in warehouse.query(
        f"with {_keys(warehouse, facts, node)} select expected.game_date, expected.game_id, "
        "count_if(expected.is_due or covered.key is not null), count(covered.key), "
        "count_if(not expected.is_due and covered.key is null) from expected "
        f"left join covered using (game_date, game_id, key) where expected.game_date >= date '{start}' group by 1, 2"
    ):
        found.setdefault(day, {})[str(game)] = _Count(int(due), int(covered), int(pending))
    return found


def _holes(facts: Facts, found: RecordEvidence, expected: Mapping[str, _Count]) -> list[Hole]:
    node, append = found.node, found.node.table.append
    assert append is not None
    holes = []
    for game in facts.calendar.due(node.table.games, found.day):
        lacking = [name for name in node.expects_relations if not _was_listed(facts, facts.catalog[name], found.day, game.game_id)]
        if lacking:
            holes.append(Hole(game.game_id, "blocked", f"{game.game_id} waits for {', '.join(lacking)}"))
    blocked = {hole.game_id for hole in holes}
    for game_id, count in sorted(expected.items()):
        if count.covered < count.due and game_id not in blocked:
            text = f"{game_id}: {count.covered} of {count.due} keys; `backcourt {append.verb} --date {found.day}` adds what can be added"
            holes.append(Hole(game_id, "missing", text))
    return holes


def _was_listed(facts: Facts, upstream: Node, day: date, game_id: str) -> bool:
    """Does a built table name the keys of this game? What other code would name today doesn't matter to what was said then."""
    if not upstream.is_built or upstream.table.games == "none":
        return True
    receipt = facts.of(upstream).get(day)
    if receipt is None or game_id in receipt.withheld or ANY_GAME in receipt.withheld:
        return False
    return game_id in receipt.games or upstream.table.expects.zero is not None


def _state(found: RecordEvidence, holes: list[Hole], later: int, *, is_due: bool, rows_present: int) -> tuple[State, str]:
    receipt, measured = found.receipt, found.measured
    if receipt is None and measured is not None:
        return (
            "altered",
            f"{measured.rows} rows {_WITHOUT_DATE if found.day == UNDATED else 'that nothing has a receipt of'}; "
            f"rows are only added by `backcourt {_verb(found.node)}`",
        )
    if receipt is not None and not is_intact(receipt, measured):
        return "altered", f"{alteration(receipt, measured)}; `backcourt verify --for ledger` names them"
    for cause in ("blocked", "missing"):
        of_cause = [hole for hole in holes if hole.cause == cause]
        if of_cause and cause == "blocked":
            return "blocked", hole_text(of_cause)
        if of_cause:
            return ("partial" if rows_present or measured else "missing"), hole_text(of_cause)
    if later:
        rest = "; the others are complete" if is_due else ""
        return "not_due", f"{later} game(s) not due yet{rest}"
    if not is_due and measured is None:
        return "no_games", "nothing is expected"
    return "complete", ""


def _verb(node: Node) -> str:
    assert node.table.append is not None
    return node.table.append.verb
