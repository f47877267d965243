"""States into chunks, in dependency order, each with its reason. Holds no write handle."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from backcourt.engine.build import reach
from backcourt.engine.build.reach import Reach
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge.partition import Partition
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
        due = wanted(node, states[node.name], reached, rebuild=rebuild and node.name in targets)
        certain += chunks(node, due, states[node.name], situation.policy.chunk_rows)
        chosen = {partition.game_date for partition in due}
        following = _following(situation, node, changing, states[node.name], reached) - chosen
        if following:
            possible[node.name] = sorted(following)
        changing[node.name] = chosen | following
    return Plan(certain, possible, _notes(certain, reached, situation))


def wanted(node: Node, states: Mapping[date, Partition], reached: Reach, *, rebuild: bool = False) -> list[Partition]:
    """The partitions that need a build, by date: those selected, and those that they are made from.

    Partitions that are selected by their state are tried again even if nothing has changed since they failed.
    """
    asked = reached.selection.states
    found = []
    for day in sorted(states):
        partition = states[day]
        if reached.is_chosen(day, partition.season):
            if asked:
                is_wanted = partition.state in asked and (partition.needs_build or partition.state in _TRIED_AGAIN)
            else:
                is_wanted = partition.needs_build or (rebuild and bool(partition.games_expected or partition.rows_expected))
        else:
            is_wanted = partition.needs_build and not asked and reached.is_rested_on(node.name, day, partition.season)
        if is_wanted:
            found.append(partition)
    return found


def _notes(certain: list[Chunk], reached: Reach, situation: Situation) -> tuple[str, ...]:
    """What is planned outside the selection, and why."""
    outside = [day for chunk in certain for day in chunk.days if not reached.is_chosen(day, situation.calendar.season_of(day) or "")]
    if not outside:
        return ()
    back = min(first for spans in reached.spans.values() for first, _ in spans)
    told = max(back, situation.calendar.dates[0])
    return (f"{len(outside):,} partitions outside the selection, because it reads back to {told} (--no-history leaves them out)",)


def chunks(node: Node, due: Iterable[Partition], days: Iterable[date], chunk_rows: int) -> list[Chunk]:
    """Contiguous runs of partitions among all `days`, cut above `chunk_rows` expected rows."""
    due = list(due)
    order = {day: place for place, day in enumerate(sorted({*days, *(partition.game_date for partition in due)}))}
    found: list[Chunk] = []
    run: list[Partition] = []
    rows = 0
    for partition in due:
        # A short gap of finished dates costs less than another transaction, but only the dates that need it are written.
        breaks = run and (order[partition.game_date] - order[run[-1].game_date] > 30 or rows + _rows(partition) > chunk_rows)
        if breaks:
            found.append(_chunk(node, run))
            run, rows = [], 0
        run.append(partition)
        rows += _rows(partition)
    if run:
        found.append(_chunk(node, run))
    return found


def _rows(partition: Partition) -> int:
    return max(partition.rows_expected, 1)


def _chunk(node: Node, run: list[Partition]) -> Chunk:
    reasons = Counter(partition.state if partition.state not in ("complete", "unavailable") else "rebuild" for partition in run)
    reason = ", ".join(f"{count} {state}" for state, count in reasons.most_common())
    if len(run) == 1 and run[0].detail:
        reason += f" ({run[0].detail})"
    return Chunk(node.name, tuple(partition.game_date for partition in run), reason, sum(partition.rows_expected for partition in run))


def _following(
    situation: Situation, node: Node, changing: Mapping[str, set[date]], states: Mapping[date, Partition], reached: Reach
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
