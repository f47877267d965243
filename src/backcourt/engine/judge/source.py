"""The judging of source relations: which games their loads brought, and whether the raw rows are still those."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge import receipts
from backcourt.engine.judge.calendar import Game
from backcourt.engine.judge.facts import Facts
from backcourt.engine.judge.partition import Hole, Judged, Partition, State, dateless_text, hole_text, overdue_text
from backcourt.engine.judge.parts import Parts
from backcourt.engine.judge.receipts import Measure, Receipt
from backcourt.engine.warehouse import Warehouse


def judge(
    facts: Facts,
    node: Node,
    measured: Mapping[date, Measure] | None,
    lacking: Parts | None = None,
) -> dict[date, Judged]:
    """Every partition that a load left or the calendar expects.

    `measured` are the raw rows as they are, and `lacking` what their games lack; None where the load's record is
    believed.
    """
    own = facts.of(node)
    games_set = node.declaration.games
    days = {*own, *(facts.calendar.dates if games_set != "none" else ()), *(measured or ())}
    if lacking is None:
        lacking = {day: receipt.withheld for day, receipt in own.items()}
    return {day: _partition(facts, node, day, measured, lacking.get(day, {})) for day in sorted(days)}


def altered(warehouse: Warehouse, facts: Facts) -> list[str]:
    """A sentence for each source relation whose rows, measured now, are not what its load recorded."""
    found = []
    for node in facts.catalog.sources:
        own, now = (
            {day: receipt for day, receipt in facts.of(node).items() if day != receipts.UNDATED or not node.dated},
            receipts.measure(warehouse, node, "true" if not node.dated else "game_date is not null", content_only=True),
        )
        days = sorted(day for day in own.keys() | now.keys() if _differs(own.get(day), now.get(day)))
        if days:
            span = "" if days[0] == receipts.UNDATED else f" of {len(days)} date(s), the first {days[0]}"
            found.append(f"the raw rows of {node.name}{span} are not what their load recorded; `backcourt repair` rebuilds them")
    return found


def _differs(receipt: Receipt | None, measured: Measure | None) -> bool:
    return (receipt.content_hash if receipt else None) != (measured.content_hash if measured else None)


def _partition(
    facts: Facts,
    node: Node,
    day: date,
    measured: Mapping[date, Measure] | None,
    lacks: Mapping[str, str],
) -> Judged:
    receipt = facts.of(node).get(day)
    present = set(receipt.games) - set(lacks) if receipt else set()
    games_set = node.declaration.games
    due = facts.calendar.due(games_set, day)
    overdue = facts.calendar.overdue(day) if games_set == "final" else []
    absent = [game for game in (*due, *overdue) if game.game_id not in present]
    holes = [_hole(facts, node, game, lacks.get(game.game_id)) for game in absent]
    is_altered = measured is not None and _differs(receipt, measured.get(day))
    state, detail = _state(receipt, due, holes, is_altered=is_altered)
    rows = receipt.rows if receipt else 0
    if node.dated and day == receipts.UNDATED:
        rows = measured[day].rows if measured is not None and day in measured else rows
        games = f" (of {', '.join(sorted(receipt.games)[:3])})" if receipt and receipt.games else ""
        state, detail = "surplus", dateless_text(rows, f"ingest a schedule that has their games{games}, or `backcourt repair`")
    partition = Partition(
        node.name, day, facts.calendar.season_of(day) or "", state, detail, rows, rows, len(due), len(due) - len(holes), tuple(holes),
        waived=facts.waived_text(node.name, day),
        is_waived=facts.waivers.covering(node.name, day) is not None,
    )  # fmt: skip
    lacking = {game.game_id for game in due} if is_altered else {hole.game_id for hole in holes if hole.cause == "missing"}
    return Judged(partition, present, frozenset(lacking))


def _hole(facts: Facts, node: Node, game: Game, lacks: str | None) -> Hole:
    excuse = facts.excuse(node.name, game)
    if excuse is None and game.status == "open" and node.declaration.games == "final":
        return Hole(game.game_id, "missing", overdue_text(game))
    text = (lacks or f"{node.name} has no rows of {game.game_id}") + (f": {excuse.reason}" if excuse else "")
    return Hole(game.game_id, "unavailable" if excuse else "missing", text)


def _state(receipt: Receipt | None, due: list[Game], holes: list[Hole], *, is_altered: bool) -> tuple[State, str]:
    if is_altered:
        return (
            "altered",
            "the raw rows differ from what ingest recorded; ingest the file again or run `recompute --raw`",
        )
    missing = [hole for hole in holes if hole.cause == "missing"]
    if missing:
        return ("partial" if receipt and receipt.rows else "missing"), hole_text(missing)
    if holes:
        return "unavailable", holes[0].text
    if not due and not (receipt and receipt.rows):
        return "no_games", "nothing is expected"
    return "complete", ""
