"""How far back a selection reaches: its own dates, and those that they rest on, along the windows of the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.declare.table import Reads, same
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.judge.history import Spans, joined, rests_on

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reach:
    """A selection, and per table the dates beside it that its rows rest on (half-open ranges)."""

    selection: Selection
    spans: Mapping[str, Spans]

    def is_chosen(self, day: date, season: str) -> bool:
        """Is the date one of the selection?"""
        return self.selection.holds(day, season)

    def is_rested_on(self, table: str, day: date, season: str) -> bool:
        """Is the date outside the selection, and does the selection rest on it?"""
        return not self.is_chosen(day, season) and any(first <= day < end for first, end in self.spans.get(table, ()))


def of_history(catalog: Catalog, calendar: Calendar, nodes: Iterable[Node], selection: Selection) -> Reach:
    """What the completeness of the selection rests on: history, as in `rests_on`."""
    return _reach(calendar, nodes, selection, lambda node: rests_on(catalog, node))


def of_rows(catalog: Catalog, calendar: Calendar, nodes: Iterable[Node], selection: Selection) -> Reach:
    """What the rows of the selection are made from: every dated window, optional or ahead as well."""

    def read(node: Node) -> dict[str, Reads]:
        every = {**node.reads, **dict.fromkeys(node.beside, same())}
        return {name: reads for name, reads in every.items() if catalog[name].dated and not reads.undated}

    return _reach(calendar, nodes, selection, read)


def _reach(calendar: Calendar, nodes: Iterable[Node], selection: Selection, read: Callable[[Node], Mapping[str, Reads]]) -> Reach:
    """Go up the graph, widening the dates by each window; `nodes` in dependency order, with all their inputs."""
    if not selection.is_narrow or not selection.with_history:
        return Reach(selection, {})
    ordered = list(nodes)
    targets = set(selection.tables if selection.tables is not None else (node.name for node in ordered))
    chosen = _chosen(calendar, selection)
    found: dict[str, Spans] = {}
    needed: dict[str, list[tuple[date, date]]] = {name: list(chosen) for name in targets}
    for node in reversed(ordered):
        spans = found[node.name] = joined(needed.get(node.name, ()))
        for name, reads in read(node).items():
            for first, end in spans:
                lower, upper = calendar.window(reads, first)[0], calendar.window(reads, end - _DAY)[1]
                needed.setdefault(name, []).append((lower, upper))
    return Reach(selection, found)


def _chosen(calendar: Calendar, selection: Selection) -> list[tuple[date, date]]:
    """The dates of the calendar that the selection holds, neighbours in one range."""
    found: list[tuple[date, date]] = []
    is_next = False
    for day in calendar.dates:
        is_held = selection.holds(day, calendar.season_of(day) or "")
        if is_held and is_next:
            found[-1] = (found[-1][0], day + _DAY)
        elif is_held:
            found.append((day, day + _DAY))
        is_next = is_held
    return found
