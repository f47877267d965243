"""The full story of one partition: what is expected, what is there, what it read and who reads it."""

from __future__ import annotations

from datetime import date

from backcourt.engine.declare.catalog import Node
from backcourt.engine.declare.table import Reads
from backcourt.engine.errors import BackcourtError
from backcourt.engine.judge.changes import changes
from backcourt.engine.judge.partition import Partition
from backcourt.engine.judge.receipts import UNDATED
from backcourt.engine.judge.situation import Situation
from backcourt.engine.prove.verify import EXPLAINED, explain_partition

_NAMED = 10


def story(situation: Situation, table: str, day: date) -> list[str]:
    """Sentences about the partition (table, day). Raises BackcourtError when there is no such table or partition."""
    node = situation.catalog[table]
    states = situation.states(situation.catalog.nodes.values())
    partition = states[table].get(day if node.dated else UNDATED)
    if partition is None:
        raise BackcourtError(
            f"{table} has no partition of {day}: the calendar expects nothing there; see `backcourt calendar --why {day}`."
        )
    lines = [f"{table} {day}: {partition.state}" + (f", {partition.detail}" if partition.detail else "")]
    if partition.waived:
        lines.append(f"waived: {partition.waived}")
    lines.append(
        f"expected {partition.rows_expected:,} rows in {partition.games_expected} game(s), "
        f"present {partition.rows_present:,} rows in {partition.games_present}"
    )
    lines += [f"  {hole.cause}: {hole.text}" for hole in partition.holes]
    if partition.history_games_lacking:
        lines.append(_lacking(situation, node, day))
    receipt = situation.facts.receipts.get(table, {}).get(day)
    if receipt is None:
        lines.append("receipt: none; it was never built")
    else:
        lines.append(
            f"receipt: {receipt.rows:,} rows, content {receipt.content_hash[:12]}, by {receipt.run_id} "
            f"at {receipt.built_at:%Y-%m-%d %H:%M:%S} UTC"
        )
        if node.is_built:
            code, inputs = (
                _same(receipt.fingerprint, node.fingerprint),
                _same(receipt.inputs_hash, partition.inputs_hash),
            )
            lines.append(f"  code: {code}; inputs: {inputs}; checks: {_same(receipt.policy_hash, situation.facts.policy_hash(node, day))}")
        elif node.is_appended:
            lines.append(f"  last appended by {receipt.fingerprint}, from {receipt.inputs_hash}")
        lines += [f"  withheld {game}: {reason}" for game, reason in receipt.withheld.items()]
    if partition.state == "stale":
        lines += [f"  since then: {change.sentence}" for change in changes(situation.facts, node, day)]
    failure = situation.facts.failures.get((table, day))
    if failure:
        lines.append(f"last failure: {failure.kind}: {failure.message} ({failure.attempts} attempt(s), {failure.run_id})")
    if (node.is_built and partition.state in EXPLAINED) or (node.is_appended and partition.state in (*EXPLAINED, "missing")):
        lines += [f"  {sentence}" for sentence in explain_partition(situation, partition)]
    lines += [_reading(situation, states, name, reads, day) for name, reads in node.reads.items()]
    for other in situation.catalog.downstream([table]):
        below = states[other.name].get(day)
        if table in other.reads and below:
            lines.append(f"read by {other.name}: {below.state} on this date")
    return lines + _nulls(situation, table, day)


def _reading(situation: Situation, states: dict[str, dict[date, Partition]], name: str, reads: Reads, day: date) -> str:
    upstream = states[name].get(day) if reads.is_same_day else None
    if reads.undated:
        window = "whole"
    else:
        lower, upper = situation.calendar.window(reads, day)
        window = f"[{lower}, {upper})"
    need = ", required" if reads.is_same_day and not reads.optional else ""
    return f"reads {name} {window}{need}" + (f": {upstream.state}" if upstream else "")


def _lacking(situation: Situation, node: Node, day: date) -> str:
    """The games that the partition's history lacks, by the date that they are of."""
    games = situation.history.games(node, day)
    told = [f"{game} of {known.game_date}" if (known := situation.calendar.by_id.get(game)) else game for game in games[:_NAMED]]
    more = f" and {len(games) - _NAMED:,} more" if len(games) > _NAMED else ""
    return f"its history lacks {len(games):,} game(s): {', '.join(told)}{more}"


def _same(then: str, now: str) -> str:
    return "as today" if then == now else f"{then} then, {now} now"


def _nulls(situation: Situation, table: str, day: date) -> list[str]:
    node = situation.catalog[table]
    if not node.is_built or not situation.warehouse.columns(table):
        return []
    lines = []
    groups = sorted({column.null_group for column in node.columns if column.null_group})
    for group in groups:
        reasons = situation.warehouse.query(
            f"select {group}_null_reason, count(*) from {table} "
            f"where game_date = ? and {group}_null_reason is not null group by 1 order by 2 desc",
            [day],
        )
        if reasons:
            columns = [column.name for column in node.columns if column.null_group == group]
            shown = ", ".join(columns[:3]) + (", ..." if len(columns) > 3 else "")
            lines.append(f"NULL in {shown}: " + ", ".join(f"{count:,} x {reason}" for reason, count in reasons))
    return lines
