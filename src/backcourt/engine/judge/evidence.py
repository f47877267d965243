"""What is known of each partition of a built table: which keys should be there, which are, and whether they are those of the receipt.

The keys that were audited when a date was built are still those that are expected, as long as its rows, code and
inputs are what the receipt says and what the expectation reads beside the inputs wasn't written since. Only the other
dates are counted again: they are open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge import view
from backcourt.engine.judge.calendar import EARLIEST, Game
from backcourt.engine.judge.expectation import ANY_GAME, KeyCounts, Keys
from backcourt.engine.judge.facts import Facts
from backcourt.engine.judge.measuring import FromRows, recorded
from backcourt.engine.judge.partition import is_intact, rows_by_game
from backcourt.engine.judge.receipts import UNDATED, Measure, Receipt
from backcourt.engine.judge.records import Failure
from backcourt.engine.judge.upstream import Upstream


@dataclass(slots=True)
class Evidence:
    """What is known of one partition.

    `measured` are the stored rows as they were looked at, in detail where they aren't those of the receipt. `failure`
    is one that stands. `is_sound` says that nothing would be repaired by building it again: its rows are intact, or
    its view is the declared one. `is_recomputed` says that `wanted` comes from the receipt.
    """

    node: Node
    day: date
    due: list[Game]
    pending: list[Game]
    wanted: dict[str, Keys]
    present: dict[str, Keys]
    measured: Measure | None
    receipt: Receipt | None
    failure: Failure | None
    inputs_hash: str
    is_current: bool
    is_intact: bool
    is_sound: bool
    is_recomputed: bool

    @property
    def rows_stored(self) -> int:
        """Rows of the date as they were measured."""
        return self.measured.rows if self.measured else 0


@dataclass
class Gathered:
    """The evidence of a table by date; its open dates, and the keys that were expected on them (None: what its query gives)."""

    evidence: list[Evidence]
    open: list[date]
    expected: KeyCounts | None


def gather(facts: Facts, measuring: FromRows, upstream: Upstream, node: Node, *, only_open: bool) -> Gathered:
    """Look at a built table: at its open dates, and without `only_open` at what the receipts say of the others."""
    own = facts.of(node)
    is_followed = view.follows(facts, measuring, upstream, node)
    measured = recorded(own) if is_followed else measuring.content(node, own)
    days = _days(facts, node, measured)
    settled = set() if measuring.is_exact and not is_followed else _settled(facts, node, days, measured)
    open_days, expected, stored = _count(facts, measuring, node, days, settled, measured)
    present: KeyCounts = {} if only_open else {day: _recorded_keys(node, own[day]) for day in settled}
    wanted = None if expected is None else {**present, **{day: expected[day] for day in open_days if day in expected}}
    present |= {day: stored[day] for day in open_days if day in stored}
    looked_at = open_days if only_open else sorted({*settled, *open_days})
    found = [
        _evidence(
            facts,
            measuring,
            upstream,
            node,
            day,
            measured.get(day),
            None if wanted is None else wanted.get(day, {}),
            present.get(day, {}),
        )
        for day in looked_at
    ]
    _detail(measuring, node, found)
    return Gathered(found, open_days, expected)


def _days(facts: Facts, node: Node, measured: Iterable[date]) -> set[date]:
    """The dates of a table that hold rows, have a receipt, or are expected."""
    days = {*facts.of(node), *measured}
    if node.table.games != "none":
        days.update(facts.calendar.dates)
    else:
        days |= {day for name in node.expects_relations for day, receipt in facts.receipts.get(name, {}).items() if receipt.rows}
    return {day for day in days if day >= facts.since} if facts.since > EARLIEST else days


def _settled(facts: Facts, node: Node, days: set[date], measured: Mapping[date, Measure]) -> set[date]:
    """The dates whose rows are what their receipt says, by today's code, from today's inputs."""
    own = facts.of(node)
    beside = [facts.receipts.get(name, {}) for name in node.beside]
    return {
        day
        for day in days
        if (receipt := own.get(day)) is not None
        # By an earlier clock than the one that it was built by, nothing is due there.
        and (node.table.games == "none" or day <= facts.calendar.today)
        and is_intact(receipt, measured.get(day))
        and all(day not in others or others[day].built_at <= receipt.built_at for others in beside)
        and facts.is_current(node, day)
        and _holds_only_due(facts, node, day, receipt)
    }


def _holds_only_due(facts: Facts, node: Node, day: date, receipt: Receipt) -> bool:
    """Is none of the games in a receipt one that isn't due? A result can be taken back, and no input of the table need say so."""
    if node.table.games != "final" or day not in facts.calendar.open_dates:
        return True
    return {game.game_id for game in facts.calendar.pending("final", day)}.isdisjoint(receipt.games)


def _count(
    facts: Facts, measuring: FromRows, node: Node, days: set[date], settled: set[date], measured: Mapping[date, Measure]
) -> tuple[list[date], KeyCounts | None, KeyCounts]:
    """The open dates, and the keys that are expected and stored on them."""
    open_days = sorted(days - settled)
    # Where nothing is known to be settled, keys may stand on dates that nothing else names.
    is_listed = bool(settled) or facts.since > EARLIEST
    if is_listed and not open_days:
        return [], {}, {}
    expected = measuring.expected(node, open_days if is_listed else None)
    # A date without rows has no keys to count.
    with_rows = sorted(set(open_days) & set(measured)) if measuring.has_its_columns(node) else []
    stored = measuring.stored(node, with_rows if is_listed else None) if with_rows else {}
    if UNDATED in measured:
        dateless = measured[UNDATED]
        stored = {**stored, UNDATED: {ANY_GAME: Keys(dateless.rows, dateless.content_hash)}}
    if not is_listed and node.table.games == "none":
        open_days = sorted({*days, *(expected or {})})
    return open_days, expected, stored


def _recorded_keys(node: Node, receipt: Receipt) -> dict[str, Keys]:
    return {game: Keys(rows, "") for game, rows in rows_by_game(node, receipt).items()}


def _evidence(
    facts: Facts, measuring: FromRows, upstream: Upstream, node: Node, day: date, measured: Measure | None, wanted: dict[str, Keys] | None,
    present: dict[str, Keys],
) -> Evidence:  # fmt: skip
    receipt = facts.of(node).get(day)
    is_current = facts.is_current(node, day)
    # Nobody can change the rows of a view, and rows of other columns can't be compared: only what is current should
    # equal its receipt.
    is_comparable = is_current or receipt is None or not (node.is_view or receipt.not_null.keys() != set(node.column_names))
    intact = is_intact(receipt, measured) or not is_comparable
    due = facts.calendar.due(node.table.games, day)
    # A table that expects what its own query gives, or whose expectation reads rows that somebody changed, is judged
    # by its receipt: a current and intact one says what the keys were.
    is_recomputed = wanted is None or (is_current and any(day in upstream.damage(name) for name in node.expects_relations))
    if is_recomputed:
        wanted = dict(present) if intact and is_current else {}
    wanted = wanted or {}
    if node.table.games != "none":
        due_ids = {game.game_id for game in due}
        wanted = {game: keys for game, keys in wanted.items() if game in due_ids or (game == ANY_GAME and due)}
    return Evidence(
        node, day, due, facts.calendar.pending(node.table.games, day), wanted, present, measured, receipt,
        facts.standing_failure(node, day), facts.hashes.of(node, day), is_current, intact,
        measuring.is_defined(node) if node.is_view else intact, is_recomputed,
    )  # fmt: skip


def _detail(measuring: FromRows, node: Node, found: list[Evidence]) -> None:
    """Measure again in detail what isn't as the receipt says."""
    changed = [one for one in found if one.receipt is not None and one.measured is not None and not one.is_intact]
    details = measuring.details(node, [one.day for one in changed])
    for one in changed:
        one.measured = details.get(one.day)
