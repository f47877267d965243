"""The state of every partition, computed from expectation, stored rows and receipts in one pass per table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from backcourt.engine import appended, expectation, receipts
from backcourt.engine.calendar import EARLIEST, Calendar, Game
from backcourt.engine.catalog import Catalog, Node
from backcourt.engine.errors import QueryError
from backcourt.engine.expectation import ANY_GAME, KeyCounts, Keys
from backcourt.engine.inputs import InputHashes
from backcourt.engine.partition import Hole, Partition, State, alteration, hole_text, is_intact, rows_by_game, staleness
from backcourt.engine.policy import Policy
from backcourt.engine.receipts import Failure, Measure, Receipt
from backcourt.engine.seals import Seals
from backcourt.engine.table import Table
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

    def take_over(self, node: Node, days: list[date], *, failed: bool = True) -> None:
        """Read the receipts and failures of these partitions again after they were built, for the tables that read them."""
        self.receipts.setdefault(node.name, {}).update(receipts.read_again(self.warehouse, node.name, days))
        if self.failures or failed:
            self.failures = receipts.read_failures(self.warehouse)
        self.hashes.update(node.name, self.receipts[node.name])
        self._tags.pop(node.name, None)
        whole = self._whole.setdefault(node.name, {})
        for day in days:
            receipt = self.receipts[node.name].get(day)
            present = set(receipt.games) if receipt else set()
            if receipt and node.table.expects.zero:
                present |= {game.game_id for game in self.calendar.due(node.table.games, day)} - set(receipt.withheld)
            whole[day] = present

    def states(self, nodes: Iterable[Node]) -> dict[str, dict[date, Partition]]:
        """The states of these nodes; `nodes` must hold all their inputs, in dependency order."""
        found: dict[str, dict[date, Partition]] = {}
        for node in nodes:
            try:
                found[node.name] = self.of(node)
            except QueryError as error:
                found[node.name] = self._unknown(node, str(error))
        return found

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
            for source in self._origins(node)
            if self.catalog[source].declaration.games != "none"
            and game.game_id not in getattr(self.receipts.get(source, {}).get(game.game_date), "games", {})
        ]

    def _origins(self, node: Node) -> list[str]:
        found: dict[str, None] = {}
        stack = [*node.required, *node.expects_relations]
        while stack:
            name = stack.pop()
            upstream = self.catalog[name]
            if upstream.is_built:
                stack += [n for n in (*upstream.required, *upstream.expects_relations) if n not in found]
            found[name] = None
        return sorted(name for name in found if not self.catalog[name].is_built)

    def _source(self, node: Node) -> dict[date, Partition]:
        found: dict[date, Partition] = {}
        own = self.receipts.get(node.name, {})
        measured = receipts.measure(self.warehouse, node, content_only=True) if self.exact else None
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
            measured = receipts.measure(self.warehouse, node, content_only=True) if self._has_its_columns(node) else {}
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
            where = f"game_date in ({dates(unsettled)})" if is_listed and len(unsettled) <= _FEW_DATES else "true"
            expected = expectation.expected(self.warehouse, node, where)
            # A date without rows has no keys to count.
            with_rows = set(unsettled) & set(measured) if self._has_its_columns(node) else set()
            where = "true" if len(with_rows) > _FEW_DATES else f"game_date in ({dates(sorted(with_rows))})"
            stored = expectation.stored(self.warehouse, node, where) if with_rows else {}
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

    def _has_its_columns(self, node: Node) -> bool:
        return {name for name, _ in self.warehouse.columns(node.name)} == set(node.column_names)

    def _follows(self, node: Node) -> bool:
        """Is this a view whose content follows from its receipts?

        A view has no rows of its own that could be damaged: while its query is the declared one, its inputs are intact and every receipt
        names today's inputs, its rows are those that were measured when the receipts were written.
        """
        return (
            node.is_view
            and self._is_defined(node)
            and not any(self._damaged.get(name) for name in node.reads)
            and all(self._is_current(node, receipt, self.hashes.of(node, day)) for day, receipt in self.receipts.get(node.name, {}).items())
        )

    def _is_defined(self, node: Node) -> bool:
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
        table = node.table
        inputs_hash = self.hashes.of(node, day)
        is_current = self._is_current(node, receipt, inputs_hash)
        rows_stored = measured.rows if measured else 0
        intact = is_intact(receipt, measured)
        due = self.calendar.due(table.games, day)
        pending = self.calendar.pending(table.games, day)
        # A table that expects what its own query gives, or whose expectation reads rows that somebody changed, is judged by its receipt:
        # a current and intact one says what the keys were.
        recomputed = wanted is None or (is_current and any(day in self._damaged.get(name, ()) for name in node.expects_relations))
        if recomputed:
            wanted = dict(present) if intact and is_current else {}
        wanted = wanted or {}
        due_ids = {game.game_id for game in due}
        if table.games != "none":
            wanted = {game: keys for game, keys in wanted.items() if game in due_ids or (game == ANY_GAME and due)}
        holes, expected_rows, present_rows, games_present = self._holes(
            node, day, due, wanted, present, receipt, whole, recomputed, is_current
        )
        surplus = [] if recomputed else [
            game for game, keys in present.items()
            if game not in wanted or (keys.hash != wanted[game].hash and keys.count >= wanted[game].count)
        ]  # fmt: skip
        failure = self.failures.get((node.name, day))
        still_failed = (
            failure is not None
            and failure.fingerprint == node.fingerprint
            and failure.inputs_hash == inputs_hash
            and (failure.kind != "transient" or failure.attempts >= self.policy.attempts)
        )
        state, detail = self._state(
            node, day, receipt, measured, holes, surplus, due, pending, is_current, intact, expected_rows, present_rows,
            failure if still_failed else None,
        )  # fmt: skip
        worth_building = bool(due) or rows_stored > 0 or receipt is not None or (table.games == "none" and bool(wanted))
        # A view has nothing to repair: when its inputs are what they were, so is it.
        is_whole = self._is_defined(node) if node.is_view else intact and not surplus
        needs_build = worth_building and not (is_current and is_whole) and not still_failed
        return Partition(
            node.name, day, self.calendar.season_of(day) or "", state, detail, expected_rows, present_rows, len(due), games_present,
            tuple(holes), needs_build, inputs_hash, self.waiver(node.name, day),
        )  # fmt: skip

    def _holes(
        self,
        node: Node,
        day: date,
        due: list[Game],
        wanted: dict[str, Keys],
        present: dict[str, Keys],
        receipt: Receipt | None,
        whole: set[str],
        recomputed: bool,
        is_current: bool,
    ) -> tuple[list[Hole], int, int, int]:
        holes: list[Hole] = []
        expected_rows = present_rows = games_present = 0
        if node.table.games == "none":
            all_keys = wanted.get(ANY_GAME, Keys(0, "0")).count
            return holes, all_keys, min(present.get(ANY_GAME, Keys(0, "0")).count, all_keys), 0
        withheld = receipt.withheld if receipt and is_current else {}
        for game in due:
            keys, have = wanted.get(game.game_id), present.get(game.game_id)
            count = keys.count if keys else 0
            expected_rows += count
            if keys and have and keys.hash == have.hash and game.game_id not in withheld:
                present_rows += count
                games_present += 1
                whole.add(game.game_id)
                continue
            present_rows += min(have.count, count) if have else 0
            hole = self._hole(
                node,
                day,
                game,
                count,
                have.count if have else 0,
                withheld.get(game.game_id, withheld.get(ANY_GAME)),
                receipt is None or (recomputed and not is_current),
            )
            if hole is None:
                games_present += 1
                whole.add(game.game_id)
            else:
                holes.append(hole)
        rest, have = wanted.get(ANY_GAME, Keys(0, "0")), present.get(ANY_GAME, Keys(0, "0"))
        expected_rows += rest.count
        present_rows += min(have.count, rest.count)
        if rest.hash != have.hash and rest.count > have.count:
            holes.append(Hole("", "missing", f"{have.count} of {rest.count} rows that belong to no game; run builds them"))
        return holes, expected_rows, present_rows, games_present

    def _hole(self, node: Node, day: date, game: Game, count: int, have: int, withheld: str | None, unbuilt: bool) -> Hole | None:
        lacking = self.missing_inputs(node, day, game.game_id)
        origins = self.origins_lacking(node, game)
        excuse = next((e for e in (self.policy.excuse(source, game) for source in origins) if e), None)
        if have == 0 and excuse is not None:
            return Hole(game.game_id, "unavailable", f"{excuse.source} has no rows of {game.game_id}: {excuse.reason}")
        if lacking:
            return Hole(game.game_id, "blocked", f"{game.game_id} waits for {', '.join(lacking)}")
        if withheld:
            return Hole(game.game_id, "failed", f"{game.game_id}: {withheld}")
        if count == 0 and origins:
            return Hole(
                game.game_id, "missing", f"{game.game_id}: {', '.join(origins)} has no rows of it; ingest them or declare them unavailable"
            )
        if count == 0 and node.table.expects.zero and not unbuilt:
            return None
        return Hole(game.game_id, "missing", f"{game.game_id}: {have} of {count} rows" if count else f"{game.game_id}: not built")

    def _state(
        self,
        node: Node,
        day: date,
        receipt: Receipt | None,
        measured: Measure | None,
        holes: list[Hole],
        surplus: list[str],
        due: list[Game],
        pending: list[Game],
        is_current: bool,
        intact: bool,
        expected_rows: int,
        present_rows: int,
        failure: Failure | None,
    ) -> tuple[State, str]:
        rows_stored = measured.rows if measured else 0
        if surplus:
            listed = ", ".join(game or "no game" for game in surplus[:5])
            return "surplus", f"rows that nothing expects ({listed}); run rebuilds the date"
        if receipt is not None and not intact and not (node.is_view and not is_current):
            now = receipts.measure(self.warehouse, node, f"game_date = date '{day}'") if measured else {}
            return "altered", alteration(receipt, now.get(day))
        if failure is not None:
            return "failed", f"{failure.kind} after {failure.attempts} attempt(s): {failure.message}"
        unmet = [hole for hole in holes if hole.cause != "unavailable"]
        for cause in ("failed", "blocked"):
            found = [hole for hole in unmet if hole.cause == cause]
            if found:
                return cause, hole_text(found)
        if unmet:
            is_empty = present_rows == 0 and rows_stored == 0
            return ("missing" if is_empty else "partial"), hole_text(unmet)
        if node.table.games == "none" and present_rows < expected_rows:
            return ("missing" if present_rows == 0 else "partial"), f"{present_rows} of {expected_rows} rows"
        if not due and pending:
            return "not_due", f"{len(pending)} game(s) not final or still to come"
        if not due and not expected_rows and not rows_stored:
            return "no_games", "the calendar expects nothing on this date"
        if not is_current:
            return "stale", staleness(node, receipt)
        if pending:
            return "not_due", f"{len(pending)} game(s) not final yet; the others are complete"
        if holes:
            return "unavailable", hole_text(holes)
        if expected_rows == 0 and node.table.games != "none":
            return "complete", f"0 of 0: {node.table.expects.zero}"
        return "complete", ""

    def waiver(self, table: str, day: date) -> str | None:
        """The reason of the waiver that covers the partition, if any."""
        return next((reason for name, start, end, reason in self._waivers if name == table and start <= day <= end), None)

    def _unknown(self, node: Node, message: str) -> dict[date, Partition]:
        days = self.calendar.dates or [receipts.UNDATED]
        return {day: Partition(node.name, day, self.calendar.season_of(day) or "", "unknown", message) for day in days}
