"""States into chunks, in dependency order, each with its reason. Holds no write handle."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from backcourt.engine.build import reach
from backcourt.engine.build.reach import Reach
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge.changes import told
from backcourt.engine.judge.partition import FROM_OTHER_INPUTS, Partition
from backcourt.engine.judge.situation import Situation

_TRIED_AGAIN = ("failed", "blocked", "altered", "surplus")


@dataclass(frozen=True)
class Chunk:
    """One table, one contiguous range of partitions, and why."""

    table: str
    days: tuple[date, ...]
    reason: str
    rows: int

    @property
    def start(self) -> date:
        """First date."""
        return self.days[0]

    @property
    def end(self) -> date:
        """Last date."""
        return self.days[-1]


@dataclass(frozen=True)
class Plan:
    """`certain` chunks must be built; `possible` partitions are downstream of them and are skipped when their inputs come out equal."""

    certain: list[Chunk]
    possible: dict[str, list[date]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def partitions(self) -> int:
        """How many partitions are certain."""
        return sum(len(chunk.days) for chunk in self.certain)


def make_plan(situation: Situation, selection: Selection, *, rebuild: bool = False) -> Plan:
    """What would turn what is into what should be; `rebuild` takes every due partition of the selected tables, complete or not."""
    nodes = selection.nodes(situation.catalog)
    targets = set(selection.tables if selection.tables is not None else (node.name for node in nodes))
    states = situation.states(nodes)
    reached = reach.of_rows(situation.catalog, situation.calendar, nodes, selection)
    certain: list[Chunk] = []
    changing: dict[str, set[date]] = {}
    possible: dict[str, list[date]] = {}
    for node in nodes:
        if not node.is_built:
            continue
        due = wanted(node, states[node.name], reached, is_target=node.name in targets, rebuild=rebuild)
        reason = partial(_reason, situation, node, changing)
        certain += chunks(node, due, states[node.name], situation.policy.chunk_rows, reason)
        chosen = {partition.game_date for partition in due}
        following = _following(situation, node, changing, states[node.name], reached) - chosen
        if following:
            possible[node.name] = sorted(following)
        changing[node.name] = chosen | following
    return Plan(certain, possible, _notes(certain, reached, situation))


def wanted(
    node: Node, states: Mapping[date, Partition], reached: Reach, *, is_target: bool, rebuild: bool = False, retry: bool = False
) -> list[Partition]:
    """The partitions that need a build, by date: those selected, and those that they are made from.

    Of a table that was asked for (`is_target`), `rebuild` takes every due partition, `retry` those that failed
    although nothing has changed since; so does a selection by state.
    """
    asked = reached.selection.states if is_target else ()

    def is_wanted(partition: Partition) -> bool:
        if not reached.is_chosen(partition.game_date, partition.season):
            is_read = reached.is_rested_on(node.name, partition.game_date, partition.season)
            return partition.needs_build and is_read and not reached.selection.states
        if asked:
            return partition.state in asked and (partition.needs_build or partition.state in _TRIED_AGAIN)
        if partition.needs_build or not is_target:
            return partition.needs_build
        is_due = bool(partition.games_expected or partition.rows_expected)
        return (rebuild and is_due) or (retry and partition.state == "failed")

    return [states[day] for day in sorted(states) if is_wanted(states[day])]


def _notes(certain: list[Chunk], reached: Reach, situation: Situation) -> tuple[str, ...]:
    """What is planned outside the selection, and why."""
    outside = [day for chunk in certain for day in chunk.days if not reached.is_chosen(day, situation.calendar.season_of(day) or "")]
    if not outside:
        return ()
    back = min(first for spans in reached.spans.values() for first, _ in spans)
    told = max(back, situation.calendar.dates[0])
    return (f"{len(outside):,} partitions outside the selection, because it reads back to {told} (--no-history leaves them out)",)


def chunks(
    node: Node,
    due: Iterable[Partition],
    days: Iterable[date],
    chunk_rows: int,
    reason: Callable[[list[Partition]], str] = lambda run: "",
) -> list[Chunk]:
    """Contiguous runs of partitions among all `days`, cut above `chunk_rows` expected rows; `reason` says why a run is built."""
    due = list(due)
    order = {day: place for place, day in enumerate(sorted({*days, *(partition.game_date for partition in due)}))}
    found: list[Chunk] = []
    run: list[Partition] = []
    rows = 0
    for partition in due:
        # A short gap of finished dates costs less than another transaction, but only the dates that need it are
        # written.
        breaks = run and (order[partition.game_date] - order[run[-1].game_date] > 30 or rows + _rows(partition) > chunk_rows)
        if breaks:
            found.append(_chunk(node, run, reason))
            run, rows = [], 0
        run.append(partition)
        rows += _rows(partition)
    if run:
        found.append(_chunk(node, run, reason))
    return found


def _rows(partition: Partition) -> int:
    return max(partition.rows_expected, 1)


def _chunk(node: Node, run: list[Partition], reason: Callable[[list[Partition]], str]) -> Chunk:
    rows = sum(partition.rows_expected for partition in run)
    return Chunk(node.name, tuple(partition.game_date for partition in run), reason(run), rows)


def _reason(situation: Situation, node: Node, changing: Mapping[str, set[date]], run: list[Partition]) -> str:
    """How many partitions of each state, what the first of them says, and whose change made it stale."""
    words = [_word(situation, node, changing, partition) for partition in run]
    reason = ", ".join(f"{count:,} {word}" for word, count in Counter(words).most_common())
    stale = next((partition for partition in run if partition.state == "stale"), None)
    cause = told(situation.facts, node, stale.game_date) if stale and stale.detail == FROM_OTHER_INPUTS else ""
    if cause:
        return f"{reason} ({cause})"
    return f"{reason} ({run[0].detail})" if run[0].state in ("stale", "failed") or (len(run) == 1 and words[0] == run[0].state) else reason


def _word(situation: Situation, node: Node, changing: Mapping[str, set[date]], partition: Partition) -> str:
    """The state, in a plan: what waits only for what the same run builds is not blocked."""
    if partition.state in ("complete", "unavailable", "thin", "no_games"):
        return "rebuild"
    is_fed = any(partition.game_date in changing.get(name, ()) for name in node.inputs)
    if partition.state == "blocked" and is_fed:
        return "missing" if situation.facts.of(node).get(partition.game_date) is None else "stale"
    return partition.state


def _following(
    situation: Situation,
    node: Node,
    changing: Mapping[str, set[date]],
    states: Mapping[date, Partition],
    reached: Reach,
) -> set[date]:
    """The partitions of `node` whose declared window holds a date that is going to change."""
    moving = {name: sorted(changing[name]) for name in node.reads if changing.get(name)}
    if not moving:
        return set()
    following = set()
    for day, partition in states.items():
        is_meant = reached.is_chosen(day, partition.season) or reached.is_rested_on(node.name, day, partition.season)
        if not is_meant or not (partition.games_expected or partition.rows_expected):
            continue
        for name, days in moving.items():
            lower, upper = situation.calendar.window(node.reads[name], day)
            if bisect_left(days, lower) < bisect_left(days, upper):
                following.add(day)
                break
    return following
