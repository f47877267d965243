"""The state of every partition: facts, one way of looking at rows, and the judges, in the order of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.errors import QueryError
from backcourt.engine.judge import appended, built, receipts, records, source
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.judge.evidence import gather
from backcourt.engine.judge.expectation import KeyCounts
from backcourt.engine.judge.facts import Facts
from backcourt.engine.judge.history import History
from backcourt.engine.judge.measuring import Exactly, FromReceipts, FromRows
from backcourt.engine.judge.partition import Judged, Partition
from backcourt.engine.judge.policy import Policy
from backcourt.engine.judge.receipts import Receipt
from backcourt.engine.judge.seals import Seals
from backcourt.engine.judge.upstream import Upstream
from backcourt.engine.warehouse import Warehouse


def _unfilled(states: Mapping[date, Partition]) -> dict[date, frozenset[str] | None]:
    """The dates of a table without games of its own on which rows lack, with their games where only these do."""
    found: dict[date, frozenset[str] | None] = {}
    for day, partition in states.items():
        if partition.state == "failed" and partition.holes and not partition.needs_build:
            found[day] = frozenset(hole.game_id for hole in partition.holes)
        elif partition.state in ("unknown", "failed", "missing", "partial"):
            found[day] = None
    return found


class Situation:
    """What is true of a warehouse now. The records are read once; rows are looked at when a table is judged.

    `exact` also measures the source relations again and counts every key. `trusted` says that nobody but the engine
    has written since the receipts were: stored rows are then what their receipts say, and are not measured. `now`
    (UTC) decides what is due of tables that are appended to. `seals`, only with `trusted` and only for
    `open_partitions`, leave out the seasons that hold none.
    """

    def __init__(
        self, warehouse: Warehouse, catalog: Catalog, calendar: Calendar, policy: Policy, *, exact: bool = False, trusted: bool = False,
        now: datetime | None = None, seals: Seals | None = None,
    ) -> None:  # fmt: skip
        self.warehouse = warehouse
        self.exact = exact
        self._seals = seals
        first_season = seals.first_open(warehouse, catalog, calendar) if seals is not None and trusted else -1
        self.facts = Facts.read(warehouse, catalog, calendar, policy, now, first_season)
        self.upstream = Upstream()
        self.history = History(catalog, calendar)
        self._measuring: FromRows = (Exactly if exact else FromReceipts if trusted else FromRows)(warehouse)
        self.realigned: set[str] = set()
        """Tables that were given other columns since the records were read: what they held on other dates counts no more."""
        self._open: dict[str, list[date]] = {}
        self._expected: dict[str, KeyCounts] = {}

    @property
    def catalog(self) -> Catalog:
        """The declarations."""
        return self.facts.catalog

    @property
    def calendar(self) -> Calendar:
        """The games by date."""
        return self.facts.calendar

    @property
    def policy(self) -> Policy:
        """Thresholds, and what is declared unavailable."""
        return self.facts.policy

    def states(self, nodes: Iterable[Node]) -> dict[str, dict[date, Partition]]:
        """The states of these nodes; `nodes` must hold all their inputs, in dependency order."""
        nodes = list(nodes)
        found: dict[str, dict[date, Partition]] = {}
        with self._measuring.asking(nodes):
            for node in nodes:
                try:
                    found[node.name] = self.of(node)
                except QueryError as error:
                    found[node.name] = self._unknown(node, str(error))
        return found

    def of(self, node: Node) -> dict[date, Partition]:
        """The states of one node's partitions; its inputs must have been asked for before."""
        if node.is_built:
            return self._built(node, only_open=False)
        if node.is_appended:
            judged = {one.day: appended.judge(self.facts, one) for one in appended.gather(self.facts, self._measuring, node)}
        else:
            judged = source.judge(self.facts, node, self._measuring.raw_content(node), self._measuring.lacking(node))
        return self._kept(node, judged)

    def open_partitions(self, node: Node) -> dict[date, Partition]:
        """The partitions that may need a build: all but those that are what their receipt says, by today's code, from today's inputs."""
        return self._built(node, only_open=True)

    def take_over(self, node: Node, written: list[Receipt], *, failed: bool = True) -> None:
        """Go on with the receipts that were just written for some of the node's partitions, for the tables that read them.

        `failed`: failures were recorded meanwhile.
        """
        failures = records.read_failures(self.warehouse) if self.facts.failures or failed else self.facts.failures
        self.facts = self.facts.after(node, written, failures, alone=node.name in self.realigned)
        self.upstream.written(self.facts, node, written)
        self._measuring.forget(node)

    def expected_keys(self, node: Node, days: list[date]) -> KeyCounts | None:
        """The keys that were expected when the table was last judged; None unless all of these dates were open then."""
        asked = self._expected.get(node.name, {})
        return {day: asked[day] for day in days} if all(day in asked for day in days) else None

    def remember_seals(self) -> None:
        """Keep which seasons were found to hold no open partition."""
        if self._seals is not None:
            unsettled = {name: {self.calendar.number_of(day) for day in days} for name, days in self._open.items()}
            self._seals.remember(self.warehouse, self.catalog, self.calendar, self.facts.first_season, unsettled)

    def _built(self, node: Node, *, only_open: bool) -> dict[date, Partition]:
        found = gather(self.facts, self._measuring, self.upstream, node, only_open=only_open)
        # A plan needs no history: whether a build could change anything doesn't hang on it.
        lacking = {} if only_open else self.history.inherit(node, [one.day for one in found.evidence])
        judged = {one.day: built.judge(self.facts, self.upstream, one, lacking.get(one.day, 0)) for one in found.evidence}
        if found.expected is not None:
            self._expected[node.name] = {day: found.expected.get(day, {}) for day in found.open}
        self._open[node.name] = [day for day in found.open if judged[day].partition.state != "no_games"]
        states = self._kept(node, judged, has_history=not only_open)
        self.upstream.found_damage(node.name, [day for day, partition in states.items() if partition.state in ("altered", "surplus")])
        if node.table.games == "none":
            self.upstream.found_unfilled(node.name, _unfilled(states))
        return states

    def _kept(self, node: Node, judged: dict[date, Judged], *, has_history: bool = True) -> dict[date, Partition]:
        self.upstream.judged(node.name, {day: one.held for day, one in judged.items()})
        if has_history:
            self.history.judged(node, ((day, one.lacking) for day, one in judged.items()))
        return {day: one.partition for day, one in judged.items()}

    def _unknown(self, node: Node, message: str) -> dict[date, Partition]:
        days = self.calendar.dates or [receipts.UNDATED]
        self.history.judged(node, ((day, {game.game_id for game in self.calendar.due("scheduled", day)}) for day in days))
        return {day: Partition(node.name, day, self.calendar.season_of(day) or "", "unknown", message) for day in days}
