"""The state of every partition, computed from expectation, stored rows and receipts in one pass per table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, Literal

from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.declare.table import Table
from backcourt.engine.errors import QueryError
from backcourt.engine.judge import appended, expectation, receipts
from backcourt.engine.judge.ahead import Ahead
from backcourt.engine.judge.built import Evidence, judge
from backcourt.engine.judge.calendar import EARLIEST, Calendar, Game
from backcourt.engine.judge.expectation import ANY_GAME, KeyCounts, Keys
from backcourt.engine.judge.inputs import InputHashes
from backcourt.engine.judge.partition import Hole, Partition, State, hole_text, is_intact, rows_by_game
from backcourt.engine.judge.policy import Policy
from backcourt.engine.judge.receipts import Failure, Measure, Receipt
from backcourt.engine.judge.seals import Seals
from backcourt.engine.warehouse import Warehouse, dates

# Above so many open dates one pass over the table is cheaper than a list of dates.
_FEW_DATES = 400


@dataclass
class Situation:
    """Everything that states are computed from, read once.

    `exact` also measures the source relations again. `trusted` says that nobody but the engine has written since the receipts were
    written: stored rows are then what their receipts say, and are not measured. `now` (UTC) decides what is due of tables that are
    appended to; without it everything of dates up to today is. `seals`, only with `trusted` and only for `open_partitions`, leave out the
    seasons that hold none.
    """

    warehouse: Warehouse
    catalog: Catalog
    calendar: Calendar
    policy: Policy
    exact: bool = False
    trusted: bool = False
    now: datetime | None = None
    seals: Seals | None = None
    receipts: dict[str, dict[date, Receipt]] = field(init=False)
    failures: dict[tuple[str, date], Failure] = field(init=False)
    hashes: InputHashes = field(init=False)
    _since: date = field(init=False, default=EARLIEST)
    _read_since: dict[str, date] = field(init=False, default_factory=dict)
    _first_judged: int = field(init=False, default=-1)
    _open: dict[str, list[date]] = field(init=False, default_factory=dict)
    _expected: dict[str, KeyCounts] = field(init=False, default_factory=dict)
    _ahead: Ahead | None = field(init=False, default=None)
    _whole: dict[str, dict[date, set[str]]] = field(init=False, default_factory=dict)
    _damaged: dict[str, set[date]] = field(init=False, default_factory=dict)
    _tags: dict[str, str | None] = field(init=False, default_factory=dict)
    _waivers: list[tuple[str, date, date, str]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        if self.seals is not None and self.trusted:
            self._leave_out(self.seals.first_open(self.warehouse, self.catalog, self.calendar))
        self.receipts = receipts.read(self.warehouse, self._read_since)
        self.failures = receipts.read_failures(self.warehouse)
        self.hashes = InputHashes(self.calendar, self.receipts)
        if self.warehouse.columns("waivers"):
            self._waivers = [
                (str(t), a, b, str(r))
                for t, a, b, r in self.warehouse.query(
                    "select table_name, from_date, to_date, reason from waivers where expires is null or expires >= ?",
                    [self.calendar.today],
                )
            ]

    def _leave_out(self, first_open: int) -> None:
        """Judge nothing before a season, and read of the receipts only what its windows may reach."""
        starts = self.calendar.starts
        reads = [(name, window) for node in self.catalog.built for name, window in node.reads.items()]
        if first_open < 0 or any(window.undated and self.catalog[name].dated for name, window in reads):
            return
        self._first_judged = first_open
        self._since = starts[first_open] if first_open < len(starts) else date.max
        self._read_since = dict.fromkeys(self.catalog.nodes, self._since)
        if first_open < len(starts):
            for name, window in reads:
                self._read_since[name] = min(self._read_since[name], self.calendar.window(window, self._since)[0])

    def remember_seals(self) -> None:
        """Keep which seasons were found to hold no open partition."""
        if self.seals is not None:
            unsettled = {name: {self.calendar.number_of(day) for day in days} for name, days in self._open.items()}
            self.seals.remember(self.warehouse, self.catalog, self.calendar, self._first_judged, unsettled)

    def take_over(self, node: Node, written: list[Receipt], *, failed: bool = True) -> None:
        """Go on with the receipts that were just written for some of the node's partitions, for the tables that read them.

        `failed`: failures were recorded meanwhile.
        """
        self.receipts.setdefault(node.name, {}).update({receipt.game_date: receipt for receipt in written})
        if self.failures or failed:
            self.failures = receipts.read_failures(self.warehouse)
        self.hashes.update(node.name, self.receipts[node.name])
        self._tags.pop(node.name, None)
        whole = self._whole.setdefault(node.name, {})
        for receipt in written:
            present = set(receipt.games)
            if node.table.expects.zero:
                present |= {game.game_id for game in self.calendar.due(node.table.games, receipt.game_date)} - set(receipt.withheld)
            whole[receipt.game_date] = present

    def states(self, nodes: Iterable[Node]) -> dict[str, dict[date, Partition]]:
        """The states of these nodes; `nodes` must hold all their inputs, in dependency order."""
        nodes = list(nodes)
        found: dict[str, dict[date, Partition]] = {}
        with Ahead(self.warehouse) if self.exact else nullcontext() as self._ahead:
            for node in nodes:
                self._ask(node)
            for node in nodes:
                try:
                    found[node.name] = self.of(node)
                except QueryError as error:
                    found[node.name] = self._unknown(node, str(error))
        self._ahead = None
        return found

    def _ask(self, node: Node) -> None:
        """Begin to read what an exact verification reads of every table; whether a view is read follows from the tables before it."""
        if self._ahead is None or node.is_view or node.is_appended or (node.is_built and not self._has_its_columns(node)):
            return
        for key, query in self._questions(node).items():
            self._ahead.ask(f"{key} {node.name}", query)

    def _questions(self, node: Node) -> Mapping[str, Callable[[Warehouse], Any]]:
        content = {"content": partial(receipts.measure, node=node, content_only=True)}
        if not node.is_built:
            return content
        return {**content, "expected": partial(expectation.expected, node=node), "stored": partial(expectation.stored, node=node)}

    def _answer(self, key: str, node: Node) -> Any:
        query = self._questions(node)[key]
        return query(self.warehouse) if self._ahead is None else self._ahead.answer(f"{key} {node.name}", query)

    def of(self, node: Node) -> dict[date, Partition]:
        """The states of one node's partitions; its inputs must have been asked for before."""
        if node.is_appended:
            return appended.judge(self, node)
        return self._built(node) if node.is_built else self._source(node)

    def open_partitions(self, node: Node) -> dict[date, Partition]:
        """The partitions that may need a build: all but those that are what their receipt says, by today's code, from today's inputs."""
        return self._built(node, only_open=True)

    def expected_keys(self, node: Node, days: list[date]) -> KeyCounts | None:
        """The keys that were expected when the table was last judged; None unless all of these dates were open then."""
        asked = self._expected.get(node.name, {})
        return {day: asked[day] for day in days} if all(day in asked for day in days) else None

    def is_damaged(self, node: Node) -> bool:
        """Were rows of the table found that its receipts don't describe, when it was last judged?"""
        return bool(self._damaged.get(node.name))

    def altered_sources(self) -> list[str]:
        """A sentence for each source relation whose rows, measured now, are not what its load recorded."""
        found = []
        for node in self.catalog.sources:
            own, now = self.receipts.get(node.name, {}), receipts.measure(self.warehouse, node, content_only=True)
            days = sorted(
                day
                for day in own.keys() | now.keys()
                if (own[day].content_hash if day in own else None) != (now[day].content_hash if day in now else None)
            )
            if days:
                span = "" if days[0] == receipts.UNDATED else f" of {len(days)} date(s), the first {days[0]}"
                found.append(f"the raw rows of {node.name}{span} are not what their load recorded; `backcourt repair` rebuilds them")
        return found

    def days_of(self, node: Node) -> list[date]:
        """Every date that the table has, or should have, a partition for; ascending."""
        return sorted({*self.receipts.get(node.name, {}), *(self.calendar.dates if node.table.games != "none" else ())})

    def _has_whole(self, name: str, day: date, game_id: str) -> bool:
        """Does the relation hold all that is expected of this game? A partition that nobody judged is what its receipt says."""
        judged = self._whole.get(name, {}).get(day)
        if judged is not None:
            return game_id in judged
        receipt = self.receipts.get(name, {}).get(day)
        if receipt is None:
            return False
        declaration = self.catalog[name].declaration
        expects_none = isinstance(declaration, Table) and declaration.expects.zero is not None
        return game_id in receipt.games or (expects_none and game_id not in receipt.withheld)

    def missing_inputs(self, node: Node, day: date, game_id: str) -> list[str]:
        """The required same-date inputs that lack this game."""
        return [
            name for name in node.required if self.catalog[name].declaration.games != "none" and not self._has_whole(name, day, game_id)
        ]

    def origins_lacking(self, node: Node, game: Game) -> list[str]:
        """The source relations, up the same-date graph, that should have this game's rows and don't."""
        return [
            source
            for source in self.catalog.origins(node)
            if self.catalog[source].declaration.games != "none"
            and game.game_id not in getattr(self.receipts.get(source, {}).get(game.game_date), "games", {})
        ]

    def _source(self, node: Node) -> dict[date, Partition]:
        found: dict[date, Partition] = {}
        own = self.receipts.get(node.name, {})
        measured: dict[date, Measure] | None = self._answer("content", node) if self.exact else None
        whole = self._whole.setdefault(node.name, {})
        games_set = node.declaration.games
        days = set(own) | set(self.calendar.dates if games_set != "none" else ()) | set(measured or ())
        for day in sorted(days):
            receipt = own.get(day)
            present = set(receipt.games) if receipt else set()
            whole[day] = present
            due = self.calendar.due(games_set, day)
            holes = []
            for game in due:
                if game.game_id not in present:
                    excuse = self.policy.excuse(node.name, game)
                    text = f"{node.name} has no rows of {game.game_id}" + (f": {excuse.reason}" if excuse else "")
                    holes.append(Hole(game.game_id, "unavailable" if excuse else "missing", text))
            state, detail = self._source_state(day, receipt, measured, due, holes)
            found[day] = Partition(
                node.name,
                day,
                self.calendar.season_of(day) or "",
                state,
                detail,
                rows_expected=receipt.rows if receipt else 0,
                rows_present=receipt.rows if receipt else 0,
                games_expected=len(due),
                games_present=len(due) - len(holes),
                holes=tuple(holes),
            )
        return found

    def _source_state(
        self, day: date, receipt: Receipt | None, measured: dict[date, Measure] | None, due: list[Game], holes: list[Hole]
    ) -> tuple[State, str]:
        if measured is not None:
            now = measured.get(day)
            before = receipt.content_hash if receipt else None
            if (now.content_hash if now else None) != before:
                return "altered", "the raw rows differ from what ingest recorded; ingest the file again or run `recompute --raw`"
        missing = [hole for hole in holes if hole.cause == "missing"]
        if missing:
            return ("missing" if len(missing) == len(due) else "partial"), hole_text(missing)
        if holes:
            return "unavailable", holes[0].text
        if not due and not (receipt and receipt.rows):
            return "no_games", "nothing is expected"
        return "complete", ""

    def _built(self, node: Node, *, only_open: bool = False) -> dict[date, Partition]:
        own = self.receipts.get(node.name, {})
        if (self.trusted and not node.is_view) or self._follows(node):
            measured = {day: Measure(receipt.rows, receipt.content_hash) for day, receipt in own.items() if receipt.rows}
        else:
            measured = self._answer("content", node) if self._has_its_columns(node) else {}
        days = set(own) | set(measured) | (set(self.calendar.dates) if node.table.games != "none" else set())
        if node.table.games == "none":
            days |= {day for name in node.expects_relations for day, receipt in self.receipts.get(name, {}).items() if receipt.rows}
        is_partial = self._since > EARLIEST
        days = {day for day in days if day >= self._since} if is_partial else days
        settled = self._settled(node, days, own, measured)
        present: KeyCounts = {
            day: {game: Keys(rows, "") for game, rows in rows_by_game(node, own[day]).items()} for day in (() if only_open else settled)
        }
        unsettled = sorted(days - settled)
        wanted: KeyCounts | None = dict(present)
        # Where nothing is known to be settled, keys may stand on dates that nothing else names.
        is_listed = bool(settled) or is_partial
        if unsettled or not is_listed:
            expected: KeyCounts | None = self._keys("expected", node, unsettled if is_listed else None)
            # A date without rows has no keys to count.
            with_rows = sorted(set(unsettled) & set(measured)) if self._has_its_columns(node) else []
            stored: KeyCounts = self._keys("stored", node, with_rows if is_listed else None) if with_rows else {}
            if not is_listed and node.table.games == "none":
                unsettled = sorted({*days, *(expected or {})})
            if expected is not None:
                self._expected[node.name] = {day: expected.get(day, {}) for day in unsettled}
            present |= {day: stored[day] for day in unsettled if day in stored}
            wanted = None if expected is None else (wanted or {}) | {day: expected[day] for day in unsettled if day in expected}
        whole = self._whole.setdefault(node.name, {})
        judged = unsettled if only_open else sorted({*settled, *unsettled})
        found = {
            day: self._partition(node, day, None if wanted is None else wanted.get(day, {}), present.get(day, {}),
                                 measured.get(day), own.get(day), whole.setdefault(day, set()))
            for day in judged
        }  # fmt: skip
        self._open[node.name] = [day for day in unsettled if found[day].state != "no_games"]
        self._damaged[node.name] = {day for day, partition in found.items() if partition.state in ("altered", "surplus")}
        return found

    def _keys(self, key: Literal["expected", "stored"], node: Node, days: list[date] | None) -> Any:
        """Key counts of these dates at least; None: of all."""
        if days is None or len(days) > _FEW_DATES:
            return self._answer(key, node)
        count = expectation.expected if key == "expected" else expectation.stored
        return count(self.warehouse, node, f"game_date in ({dates(days)})")

    def _has_its_columns(self, node: Node) -> bool:
        return {name for name, _ in self.warehouse.columns(node.name)} == set(node.column_names)

    def _follows(self, node: Node) -> bool:
        """Is this a view whose content follows from its receipts?

        A view has no rows of its own that could be damaged: while its query is the declared one, its inputs are intact and every receipt
        names today's inputs, its rows are those that were measured when the receipts were written.
        """
        return (
            node.is_view
            and self.is_defined(node)
            and not any(self._damaged.get(name) for name in node.reads)
            and all(self._is_current(node, receipt, self.hashes.of(node, day)) for day, receipt in self.receipts.get(node.name, {}).items())
        )

    def is_defined(self, node: Node) -> bool:
        """Is the stored view the declared one?"""
        if node.name not in self._tags:
            self._tags[node.name] = self.warehouse.view_tag(node.name)
        return self._tags[node.name] == node.fingerprint

    def _settled(self, node: Node, days: set[date], own: dict[date, Receipt], measured: dict[date, Measure]) -> set[date]:
        """The dates whose rows are what their receipt says, by today's code, from today's inputs.

        The keys that were audited when such a date was built are still those that are expected, as long as what the expectation reads
        beside the inputs wasn't written since; they need not be counted again. An exact verification counts them all the same.
        """
        if self.exact and not self._follows(node):
            return set()
        beside = [self.receipts.get(name, {}) for name in node.expects_relations if name not in node.reads]
        return {
            day
            for day in days
            if (receipt := own.get(day)) is not None
            # By an earlier clock than the one that it was built by, nothing is due there.
            and (node.table.games == "none" or day <= self.calendar.today)
            and is_intact(receipt, measured.get(day))
            and all(day not in others or others[day].built_at <= receipt.built_at for others in beside)
            and self._is_current(node, receipt, self.hashes.of(node, day))
        }

    @staticmethod
    def _is_current(node: Node, receipt: Receipt | None, inputs_hash: str) -> bool:
        return (
            receipt is not None
            and receipt.fingerprint == node.fingerprint
            and receipt.inputs_hash == inputs_hash
            and receipt.policy_hash == node.policy_hash
        )

    def _partition(
        self,
        node: Node,
        day: date,
        wanted: dict[str, Keys] | None,
        present: dict[str, Keys],
        measured: Measure | None,
        receipt: Receipt | None,
        whole: set[str],
    ) -> Partition:
        inputs_hash = self.hashes.of(node, day)
        is_current = self._is_current(node, receipt, inputs_hash)
        intact = is_intact(receipt, measured)
        due = self.calendar.due(node.table.games, day)
        # A table that expects what its own query gives, or whose expectation reads rows that somebody changed, is judged by its receipt:
        # a current and intact one says what the keys were.
        recomputed = wanted is None or (is_current and any(day in self._damaged.get(name, ()) for name in node.expects_relations))
        if recomputed:
            wanted = dict(present) if intact and is_current else {}
        wanted = wanted or {}
        if node.table.games != "none":
            due_ids = {game.game_id for game in due}
            wanted = {game: keys for game, keys in wanted.items() if game in due_ids or (game == ANY_GAME and due)}
        failure = self.failures.get((node.name, day))
        still_failed = (
            failure is not None
            and failure.fingerprint == node.fingerprint
            and failure.inputs_hash == inputs_hash
            and (failure.kind != "transient" or failure.attempts >= self.policy.attempts)
        )
        evidence = Evidence(
            node, day, due, self.calendar.pending(node.table.games, day), wanted, present, measured, receipt,
            failure if still_failed else None, inputs_hash, is_current, intact, recomputed,
        )  # fmt: skip
        return judge(self, evidence, whole)

    def waiver(self, table: str, day: date) -> str | None:
        """The reason of the recorded exception for a partition."""
        return next((reason for name, start, end, reason in self._waivers if name == table and start <= day <= end), None)

    def _unknown(self, node: Node, message: str) -> dict[date, Partition]:
        days = self.calendar.dates or [receipts.UNDATED]
        return {day: Partition(node.name, day, self.calendar.season_of(day) or "", "unknown", message) for day in days}
