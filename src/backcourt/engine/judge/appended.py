"""The states of a table that is only ever added to: what it should account for, what it does, and whether its rows are still those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge import receipts
from backcourt.engine.judge.expectation import ANY_GAME
from backcourt.engine.judge.partition import Hole, Partition, State, alteration, hole_text, is_intact
from backcourt.engine.judge.receipts import Measure, Receipt

if TYPE_CHECKING:
    from backcourt.engine.judge.state import Situation


@dataclass(frozen=True)
class _Count:
    """Keys of one game: due or already accounted for, accounted for, and neither."""

    due: int = 0
    covered: int = 0
    pending: int = 0


def judge(situation: Situation, node: Node) -> dict[date, Partition]:
    """The state of every partition that exists or is expected.

    Nothing is expected before the first date that the table, or one that its expectation reads and that is appended to, holds rows of.
    """
    own = situation.receipts.get(node.name, {})
    measured = _measured(situation, node, own)
    start = _first_date(situation, node)
    counted = _counted(situation, node, start) if start else {}
    days = {*own, *measured, *counted}
    if start and node.table.games != "none":
        days |= {day for day in situation.calendar.dates if day >= start}
    nothing: dict[str, _Count] = {}
    return {
        day: _partition(
            situation, node, day, counted.get(day, nothing) if start and day >= start else None, measured.get(day), own.get(day)
        )
        for day in sorted(days)
    }


def missing_keys(situation: Situation, node: Node, day: date, limit: int = 40) -> list[str]:
    """The expected keys of a date that no row accounts for, one sentence each."""
    if not _can_count(situation, node):
        return []
    rows = situation.warehouse.query(
        f"with {_keys(situation, node)} select expected.game_id, expected.key from expected "
        "left join covered using (game_date, game_id, key) "
        f"where expected.game_date = date '{day}' and expected.is_due and covered.key is null order by game_id, key limit {limit}"
    )
    return [f"missing: {key} of game {game}" for game, key in rows]


def _measured(situation: Situation, node: Node, own: Mapping[date, Receipt]) -> dict[date, Measure]:
    if situation.trusted:
        return {day: Measure(receipt.rows, receipt.content_hash) for day, receipt in own.items() if receipt.rows}
    return receipts.measure(situation.warehouse, node, content_only=True) if situation.warehouse.columns(node.name) else {}


def _first_date(situation: Situation, node: Node) -> date | None:
    read = [name for name in node.expects_relations if situation.catalog[name].is_appended]
    days = [day for name in (node.name, *read) for day, receipt in situation.receipts.get(name, {}).items() if receipt.rows]
    return min(days, default=None)


def _can_count(situation: Situation, node: Node) -> bool:
    return node.table.expects.sql is not None and all(situation.warehouse.columns(name) for name in (node.name, *node.expects_relations))


def _keys(situation: Situation, node: Node) -> str:
    append = node.table.append
    assert append is not None
    due = f"coalesce(due_at <= timestamp '{situation.now}', true)" if situation.now else f"game_date <= date '{situation.calendar.today}'"
    return (
        f"expected as (select distinct game_date, game_id, key, {due} as is_due from ({node.table.expects.sql}) as wanted), "
        f"covered as (select distinct game_date, game_id, key from "
        f"({append.covers.format(rows=situation.warehouse.physical(node.name))}) as held)"
    )


def _counted(situation: Situation, node: Node, start: date) -> dict[date, dict[str, _Count]]:
    if not _can_count(situation, node):
        return {}
    found: dict[date, dict[str, _Count]] = {}
    for day, game, due, covered, pending in situation.warehouse.query(
        f"with {_keys(situation, node)} select expected.game_date, expected.game_id, "
        "count_if(expected.is_due or covered.key is not null), count(covered.key), "
        "count_if(not expected.is_due and covered.key is null) from expected "
        f"left join covered using (game_date, game_id, key) where expected.game_date >= date '{start}' group by 1, 2"
    ):
        found.setdefault(day, {})[str(game)] = _Count(int(due), int(covered), int(pending))
    return found


def _partition(
    situation: Situation, node: Node, day: date, counts: Mapping[str, _Count] | None, measured: Measure | None, receipt: Receipt | None
) -> Partition:
    expected = counts or {}
    holes = [] if counts is None else _holes(situation, node, day, expected)
    due = {game for game, count in expected.items() if count.due} | {hole.game_id for hole in holes}
    if node.table.expects.sql is None:
        rows_expected, rows_present = receipt.rows if receipt else 0, measured.rows if measured else 0
    else:
        rows_expected, rows_present = (sum(getattr(count, name) for count in expected.values()) for name in ("due", "covered"))
    later = 0
    if counts is not None:
        coming = {game.game_id for game in situation.calendar.pending(node.table.games, day)} - due
        later = len(coming | {game for game, count in expected.items() if count.pending})
    state, detail = _state(situation, node, day, receipt, measured, holes, later, bool(due), rows_present)
    return Partition(
        node.name, day, situation.calendar.season_of(day) or "", state, detail, rows_expected, rows_present, len(due),
        len(due) - len(holes), tuple(holes), waived=situation.waiver(node.name, day),
    )  # fmt: skip


def _holes(situation: Situation, node: Node, day: date, expected: Mapping[str, _Count]) -> list[Hole]:
    append = node.table.append
    assert append is not None
    holes = []
    for game in situation.calendar.due(node.table.games, day):
        lacking = [name for name in node.expects_relations if not _was_listed(situation, situation.catalog[name], day, game.game_id)]
        if lacking:
            holes.append(Hole(game.game_id, "blocked", f"{game.game_id} waits for {', '.join(lacking)}"))
    blocked = {hole.game_id for hole in holes}
    for game_id, count in sorted(expected.items()):
        if count.covered < count.due and game_id not in blocked:
            text = f"{game_id}: {count.covered} of {count.due} keys; `backcourt {append.verb} --date {day}` adds what can be added"
            holes.append(Hole(game_id, "missing", text))
    return holes


def _was_listed(situation: Situation, upstream: Node, day: date, game_id: str) -> bool:
    """Does a built table name the keys of this game? What other code would name today doesn't matter to what was said then."""
    if not upstream.is_built or upstream.table.games == "none":
        return True
    receipt = situation.receipts.get(upstream.name, {}).get(day)
    if receipt is None or game_id in receipt.withheld or ANY_GAME in receipt.withheld:
        return False
    return game_id in receipt.games or upstream.table.expects.zero is not None


def _state(
    situation: Situation,
    node: Node,
    day: date,
    receipt: Receipt | None,
    measured: Measure | None,
    holes: list[Hole],
    later: int,
    is_due: bool,
    rows_present: int,
) -> tuple[State, str]:
    if receipt is None and measured is not None:
        return "altered", f"{measured.rows} rows that nothing has a receipt of; rows are only added by `backcourt {_verb(node)}`"
    if receipt is not None and not is_intact(receipt, measured):
        now = receipts.measure(situation.warehouse, node, f"game_date = date '{day}'") if measured else {}
        return "altered", f"{alteration(receipt, now.get(day))}; `backcourt verify --for ledger` names them"
    for cause in ("blocked", "missing"):
        found = [hole for hole in holes if hole.cause == cause]
        if found and cause == "blocked":
            return "blocked", hole_text(found)
        if found:
            return ("partial" if rows_present or measured else "missing"), hole_text(found)
    if later:
        rest = "; the others are complete" if is_due else ""
        return "not_due", f"{later} game(s) not due yet{rest}"
    if not is_due and measured is None:
        return "no_games", "nothing is expected"
    return "complete", ""


def _verb(node: Node) -> str:
    assert node.table.append is not None
    return node.table.append.verb
