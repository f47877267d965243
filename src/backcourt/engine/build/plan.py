"""States into chunks, in dependency order, each with its reason. Holds no write handle."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.judge.partition import Partition
from backcourt.engine.judge.situation import Situation


@dataclass(frozen=True)
class Selection:
    """Which partitions are meant: tables (None: all), a range of dates (inclusive), single dates, seasons."""

    tables: tuple[str, ...] | None = None
    from_date: date | None = None
    to_date: date | None = None
    dates: tuple[date, ...] = ()
    seasons: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    def holds(self, day: date, season: str) -> bool:
        """Does the selection include this date?"""
        return (
            (self.from_date is None or day >= self.from_date)
            and (self.to_date is None or day <= self.to_date)
            and (not self.dates or day in self.dates)
            and (not self.seasons or season in self.seasons)
        )

    def nodes(self, catalog: Catalog) -> list[Node]:
        """The selected tables with everything upstream of them: upstream closes itself."""
        names = self.tables if self.tables is not None else [node.name for node in catalog.nodes.values()]
        return catalog.upstream(names)


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
    certain: list[Chunk] = []
    changing: dict[str, set[date]] = {}
    possible: dict[str, list[date]] = {}
    for node in nodes:
        if not node.is_built:
            continue
        due = wanted(states[node.name], selection, rebuild=rebuild and node.name in targets)
        certain += chunks(node, due, states[node.name], situation.policy.chunk_rows)
        chosen = {partition.game_date for partition in due}
        reached = _reached(situation, node, changing, states[node.name], selection) - chosen
        if reached:
            possible[node.name] = sorted(reached)
        changing[node.name] = chosen | reached
    return Plan(certain, possible)


def wanted(states: Mapping[date, Partition], selection: Selection, *, rebuild: bool = False) -> list[Partition]:
    """The selected partitions that need a build, by date."""
    found = []
    for day in sorted(states):
        partition = states[day]
        if not selection.holds(day, partition.season) or (selection.states and partition.state not in selection.states):
            continue
        if partition.needs_build or (rebuild and (partition.games_expected or partition.rows_expected)):
            found.append(partition)
    return found


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


def _reached(
    situation: Situation, node: Node, changing: Mapping[str, set[date]], states: Mapping[date, Partition], selection: Selection
) -> set[date]:
    """The partitions of `node` whose declared window holds a date that is going to change."""
    moving = {name: sorted(changing[name]) for name in node.reads if changing.get(name)}
    if not moving:
        return set()
    reached = set()
    for day, partition in states.items():
        if not selection.holds(day, partition.season) or not (partition.games_expected or partition.rows_expected):
            continue
        for name, days in moving.items():
            lower, upper = situation.calendar.window(node.reads[name], day)
            if bisect_left(days, lower) < bisect_left(days, upper):
                reached.add(day)
                break
    return reached
