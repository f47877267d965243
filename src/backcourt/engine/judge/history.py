"""What the dates lack that a partition rests on: each lacking game is carried to every date whose windows hold it.

A window only moves forward, so the dates that read a date are one span, and a game lacks in a table's history over a
few spans, however many partitions lie in them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from itertools import accumulate

from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.declare.table import Reads, same
from backcourt.engine.judge.calendar import Calendar

_DAY = timedelta(days=1)

Spans = tuple[tuple[date, date], ...]
"""Half-open ranges [from, to) of dates, ascending and apart."""


class History:
    """The games that lack in the tables judged so far, and in what they rest on; to be judged in the order of the graph."""

    def __init__(self, catalog: Catalog, calendar: Calendar) -> None:
        self._catalog = catalog
        self._calendar = calendar
        self._inherited: dict[str, Mapping[str, Spans]] = {}
        self._carried: dict[str, Mapping[str, Spans]] = {}
        self._dates: dict[str, list[date]] = {}

    def inherit(self, node: Node, days: Collection[date]) -> dict[date, int]:
        """How many games the history of each of these dates lacks, without the dates whose history lacks none.

        What the table reads must have been judged; `days` are all its dates.
        """
        ordered = sorted(days)
        reaching: dict[str, list[tuple[date, date]]] = {}
        for name, reads in rests_on(self._catalog, node).items():
            carried = self._carried.get(name)
            if not carried:
                continue
            reading = [day for day in ordered if self._reads_some(name, reads, day)]
            passed_on = {spans: self._passed_on(reads, spans, ordered, reading) for spans in set(carried.values())}
            for game, spans in carried.items():
                reaching.setdefault(game, []).extend(passed_on[spans])
        self._inherited[node.name] = spans_by_game = _joined_by_game(reaching)
        steps = [0] * (len(ordered) + 1)
        for found in spans_by_game.values():
            for first, end in found:
                steps[bisect_left(ordered, first)] += 1
                steps[bisect_left(ordered, end)] -= 1
        return {day: count for day, count in zip(ordered, accumulate(steps), strict=False) if count}

    def games(self, node: Node, first: date, last: date | None = None) -> list[str]:
        """The games that the history of a date lacks, or of any date of a range (inclusive), in order of their numbers.

        The table must have been judged.
        """
        end = (last or first) + _DAY
        inherited = self._inherited.get(node.name, {})
        return sorted(game for game, spans in inherited.items() if any(start < end and first < stop for start, stop in spans))

    def judged(self, node: Node, lacking: Iterable[tuple[date, Collection[str]]]) -> None:
        """Remember which games lack on each of the node's own dates, for those that read it."""
        carried = {game: list(spans) for game, spans in self._inherited.get(node.name, {}).items()}
        days = []
        for day, games in lacking:
            days.append(day)
            for game in games:
                carried.setdefault(game, []).append((day, day + _DAY))
        self._carried[node.name] = _joined_by_game(carried)
        self._dates[node.name] = sorted(days)

    def _passed_on(self, reads: Reads, spans: Spans, days: list[date], reading: list[date]) -> list[tuple[date, date]]:
        """The dates among `days` whose window holds a date of these spans; only dates in `reading` have a window."""
        found = []
        for first, end in spans:
            start, stop = self._calendar.readers(reads, first, end - _DAY)
            found += _runs(days, reading[bisect_left(reading, start) : bisect_left(reading, stop)])
        return found

    def _reads_some(self, name: str, reads: Reads, day: date) -> bool:
        """Does the window hold any date of the input? The first date of a season reads nothing of that season."""
        dates = self._dates[name]
        lower, upper = self._calendar.window(reads, day)
        return bisect_left(dates, lower) < bisect_left(dates, upper)


def _runs(days: list[date], chosen: list[date]) -> list[tuple[date, date]]:
    """The chosen dates as ranges that begin and end with one of them and hold none of the other days."""
    found: list[tuple[date, date]] = []
    last = -2
    for day in chosen:
        place = bisect_left(days, day)
        if place == last + 1:
            found[-1] = (found[-1][0], day + _DAY)
        else:
            found.append((day, day + _DAY))
        last = place
    return found


def rests_on(catalog: Catalog, node: Node) -> dict[str, Reads]:
    """The inputs of a table's history, with what is read of them: not what is optional, undated, ahead or appended to.

    What the expectation reads counts as the same date where the query doesn't read it, or could do without.
    """
    found = {name: behind for name, reads in node.reads.items() if (behind := reads.behind) is not None}
    found |= {name: same() for name in node.expects_relations if name not in found}
    return {name: reads for name, reads in found.items() if catalog[name].dated and not catalog[name].is_appended}


def joined(spans: Iterable[tuple[date, date]]) -> Spans:
    """The same dates as ranges that are apart."""
    found: list[tuple[date, date]] = []
    for first, end in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif first < end:
            found.append((first, end))
    return tuple(found)


def _joined_by_game(reaching: Mapping[str, list[tuple[date, date]]]) -> dict[str, Spans]:
    # The games of one date have the same spans: each union is made once.
    known: dict[Spans, Spans] = {}
    found = {}
    for game, spans in reaching.items():
        key = tuple(spans)
        if key not in known:
            known[key] = joined(key)
        found[game] = known[key]
    return found
