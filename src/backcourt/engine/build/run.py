"""Chunks into the warehouse: along the graph, tables side by side where independent, each chunk with a deadline and its events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from backcourt.engine.build.chunk import Attempt, ChunkResult, build_chunk, define, failure_of
from backcourt.engine.build.pace import pieces
from backcourt.engine.build.plan import Chunk, chunks, wanted
from backcourt.engine.build.reach import Reach, of_rows
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.catalog import Node
from backcourt.engine.errors import STOPPING, OutOfTimeError, QueryError
from backcourt.engine.judge.cause import Cause
from backcourt.engine.judge.partition import WAITS_FOR
from backcourt.engine.judge.receipts import Receipt
from backcourt.engine.judge.records import Failure, write_failures
from backcourt.engine.judge.situation import Situation
from backcourt.engine.warehouse import Warehouse

# So often whoever waits for a table looks whether the run was asked to end.
_PAUSE_SECONDS = 0.5

Event = Callable[[dict[str, Any]], None]
_Submit = Callable[[Node, list[Chunk]], Future[list[Receipt]]]


@dataclass(frozen=True)
class RunOptions:
    """How to run.

    `workers` tables are built at a time. `max_seconds` ends the run (exit 124) with what is done kept; `fail_fast`
    stops at the first failed partition. `retry` tries again what failed, although nothing has changed since.
    """

    workers: int = 1
    max_seconds: float | None = None
    rebuild: bool = False
    fail_fast: bool = False
    retry: bool = False


@dataclass
class RunSummary:
    """What a run did. Counts are partitions; `failures` and `withheld` list what did not pass.

    `altered_sources` names source relations whose rows are not what their load recorded; looked for only where
    somebody else wrote. `held` says which corrections were held, because a check fails with them. `unmet` counts the
    partitions of the selection that aren't good afterwards, by state; `cause` is the first of what they come down to.
    """

    run_id: str
    planned: int = 0
    built: int = 0
    unchanged: int = 0
    rows: int = 0
    seconds: float = 0.0
    by_table: dict[str, dict[str, float]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    withheld: dict[str, dict[str, str]] = field(default_factory=dict)
    out_of_time: bool = False
    found_damage: bool = False
    altered_sources: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    unjudged: dict[str, str] = field(default_factory=dict)
    unmet: dict[str, int] = field(default_factory=dict)
    cause: Cause | None = None

    @property
    def failed(self) -> int:
        """Partitions that failed: whose attempt left nothing, or a game of which was withheld."""
        return max(len(self.failures), self.unmet.get("failed", 0))

    @property
    def blocked(self) -> int:
        """Games that wait for an input."""
        return sum(reason.startswith(WAITS_FOR) for games in self.withheld.values() for reason in games.values())

    @property
    def exit_code(self) -> int:
        """0 when all of the selection is good, whatever this run had to do; 1 when some of it isn't, 124 out of time."""
        if self.out_of_time:
            return 124
        return 1 if self.failures or self.unmet or self.altered_sources or self.unjudged else 0

    @property
    def sentence(self) -> str:
        """What it did, in one line."""
        told = f"built {self.built:,} of {self.planned:,} partitions, {self.failed:,} failed, {self.blocked:,} game(s) blocked"
        if self.altered_sources:
            told += f"; {self.altered_sources[0]}"
        if self.held:
            told += f"; {len(self.held):,} game(s) stay as they were before a correction, see `backcourt held`"
        if self.unmet:
            told += f"; {self.unmet_told}" + (f": {self.cause.text}" if self.cause else "")
        return f"Out of time; {told}" if self.out_of_time else told

    @property
    def unmet_told(self) -> str:
        """What of the selection isn't good, in words; empty when all of it is."""
        if not self.unmet:
            return ""
        listed = ", ".join(f"{count:,} {state}" for state, count in self.unmet.items())
        return f"{sum(self.unmet.values()):,} partitions are unmet ({listed}); `backcourt gaps` says why"

    def and_then(self, later: RunSummary) -> RunSummary:
        """What this and a later run of the same selection did; what isn't well is as the later one left it."""
        for name in ("planned", "built", "unchanged", "rows", "seconds"):
            setattr(later, name, getattr(self, name) + getattr(later, name))
        for table, counts in self.by_table.items():
            known = later.by_table.setdefault(table, dict.fromkeys(counts, 0))
            later.by_table[table] = {name: round(known.get(name, 0) + count, 4) for name, count in counts.items()}
        later.found_damage |= self.found_damage
        later.altered_sources = later.altered_sources or self.altered_sources
        return later

    def as_dict(self) -> dict[str, Any]:
        """For JSON: counts, seconds, and what failed or was withheld in full."""
        return {
            "run_id": self.run_id,
            "planned": self.planned,
            "built": self.built,
            "unchanged": self.unchanged,
            "failed": self.failed,
            "blocked": self.blocked,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "out_of_time": self.out_of_time,
            "by_table": self.by_table,
            "failures": [{"table": f.table, "date": str(f.game_date), "kind": f.kind, "message": f.message} for f in self.failures],
            "withheld": self.withheld,
            "altered_sources": self.altered_sources,
            "held": self.held,
            "unjudged": self.unjudged,
            "unmet": self.unmet,
            "cause": vars(self.cause) if self.cause else None,
            "exit_code": self.exit_code,
        }


class Runner:
    """Executes what a selection needs along the graph; the states of a table are computed from what is stored when its inputs are done."""

    def __init__(
        self, warehouse: Warehouse, situation: Situation, attempt: Attempt, options: RunOptions, on_event: Event,
        on_pause: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._warehouse = warehouse
        self._situation = situation
        self._attempt = replace(attempt, rebuilds=options.rebuild)
        self._options = options
        self._on_event = on_event
        self._on_pause = on_pause
        self._deadline = time.monotonic() + options.max_seconds if options.max_seconds else None
        self._stop = threading.Event()
        self._counting = threading.Lock()
        self.summary = RunSummary(attempt.run_id)

    def run(self, selection: Selection) -> RunSummary:
        """Build everything that the selection needs; failures are recorded and summed up, not raised."""
        started = time.monotonic()
        nodes = selection.nodes(self._situation.catalog)
        targets = set(selection.tables if selection.tables is not None else (node.name for node in nodes))
        reached = of_rows(self._situation.catalog, self._situation.calendar, nodes, selection)
        self._create_missing(nodes)
        try:
            with self._builders() as submit:
                self._follow_the_graph([node for node in nodes if node.is_built], reached, targets, submit)
        except OutOfTimeError:
            self.summary.out_of_time = True
        self.summary.seconds = time.monotonic() - started
        return self.summary

    def _follow_the_graph(self, nodes: list[Node], reached: Reach, targets: set[str], submit: _Submit) -> None:
        """Judge each table as soon as all that it reads is done, and hand it to a builder; only this thread judges."""
        unfinished = {node.name: node for node in nodes}
        building: dict[Future[list[Receipt]], Node] = {}
        while unfinished:
            started = {node.name for node in building.values()}
            # In dependency order, so that what needs no build is out of the way of those that read it.
            for node in [node for name, node in unfinished.items() if name not in started]:
                if unfinished.keys().isdisjoint(node.inputs):
                    work = self._judge(node, reached, targets)
                    if work:
                        building[submit(node, work)] = node
                    else:
                        del unfinished[node.name]
            self._on_pause()
            for future in wait(building, _PAUSE_SECONDS, FIRST_COMPLETED).done:
                node = building.pop(future)
                self._situation.take_over(node, future.result(), failed=bool(self.summary.failures))
                del unfinished[node.name]

    def _judge(self, node: Node, reached: Reach, targets: set[str]) -> list[Chunk]:
        self._define_view(node)
        rebuild, retry = self._options.rebuild, self._options.retry
        looks_at_all = node.name in targets and (rebuild or retry or bool(reached.selection.states))
        try:
            states = self._situation.of(node) if looks_at_all else self._situation.open_partitions(node)
        except QueryError as error:
            if error.kind in STOPPING:
                raise
            # Nobody can say what should be there; that is told with the states, and all other tables are built.
            self.summary.unjudged[node.name] = str(error)
            self._on_event({"event": "table_unknown", "table": node.name, "message": str(error)})
            return []
        due = wanted(node, states, reached, is_target=node.name in targets, rebuild=rebuild, retry=retry)
        self.summary.planned += len(due)
        self.summary.found_damage |= bool(self._situation.upstream.damage(node.name))
        days = self._situation.facts.days_of(node) if due else ()
        return chunks(node, due, days, self._situation.policy.chunk_rows)

    def _create_missing(self, nodes: list[Node]) -> None:
        """A table that has nothing to hold yet (no quotes were loaded) must still be there for those that read it."""
        for node in nodes:
            if node.is_built and not node.is_view and not self._warehouse.columns(node.name):
                define(self._warehouse, node)

    def _define_view(self, node: Node) -> None:
        """A view that was never built must be there for those that read it, as soon as its inputs have their columns."""
        if not node.is_view or self._warehouse.columns(node.name):
            return
        inputs = [self._situation.catalog[name] for name in node.reads]
        if all(set(other.column_names) <= {name for name, _ in self._warehouse.columns(other.name)} for other in inputs):
            define(self._warehouse, node)

    @contextmanager
    def _builders(self) -> Iterator[_Submit]:
        """`workers` threads, each with a connection of its own; the chunks of one table are built by one of them, one after the other."""
        local = threading.local()
        siblings: list[Warehouse] = []

        def build(node: Node, work: list[Chunk]) -> list[Receipt]:
            if not hasattr(local, "warehouse"):
                local.warehouse = self._warehouse.sibling()
                siblings.append(local.warehouse)
            written: list[Receipt] = []
            for chunk in work:
                for days in pieces(list(chunk.days), self._deadline):
                    if not self._stop.is_set():
                        written += self._one(local.warehouse, node, days)
            return written

        with ThreadPoolExecutor(self._options.workers) as pool:
            try:
                yield lambda node, work: pool.submit(build, node, work)
            except BaseException:
                self._stop.set()
                for sibling in siblings:
                    sibling.interrupt()
                raise
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
                for sibling in siblings:
                    sibling.close()

    def _one(self, warehouse: Warehouse, node: Node, days: list[date]) -> list[Receipt]:
        """Build one chunk and give what was written of it; bisect a chunk whose query fails down to the date that breaks it."""
        started = time.monotonic()
        self._on_event(
            {
                "event": "chunk_started",
                "table": node.name,
                "from": str(days[0]),
                "to": str(days[-1]),
                "partitions": len(days),
            }
        )
        try:
            result = self._with_retries(warehouse, node, days)
        except QueryError as error:
            if self._stop.is_set() or error.kind in STOPPING:
                raise
            if len(days) == 1:
                self._record(warehouse, node, days[0], error)
                return []
            self._on_event(
                {
                    "event": "chunk_split",
                    "table": node.name,
                    "from": str(days[0]),
                    "to": str(days[-1]),
                    "message": str(error),
                }
            )
            middle = len(days) // 2
            return [*self._one(warehouse, node, days[:middle]), *self._one(warehouse, node, days[middle:])]
        self._sum_up(node, result, time.monotonic() - started)
        return result.receipts

    def _with_retries(self, warehouse: Warehouse, node: Node, days: list[date]) -> ChunkResult:
        attempt = 1
        while True:
            try:
                with self._deadline_for(warehouse):
                    return build_chunk(warehouse, self._situation, node, days, self._attempt)
            except QueryError as error:
                if self._deadline is not None and time.monotonic() >= self._deadline:
                    raise OutOfTimeError("The time limit was reached; what was built is kept, run again to go on.") from error
                if error.kind != "transient" or attempt >= self._situation.policy.attempts:
                    raise
                time.sleep(0.05 * 4**attempt)
                attempt += 1

    @contextmanager
    def _deadline_for(self, warehouse: Warehouse) -> Iterator[None]:
        seconds = self._situation.policy.chunk_deadline_seconds
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise OutOfTimeError("The time limit was reached; what was built is kept, run again to go on.")
            seconds = min(seconds, left)
        timer = threading.Timer(seconds, warehouse.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _record(self, warehouse: Warehouse, node: Node, day: date, error: QueryError) -> None:
        failure = failure_of(self._situation, node, day, error, self._attempt)
        with warehouse.transaction():
            write_failures(warehouse, node.name, [failure])
        with self._counting:
            self.summary.failures.append(failure)
        self._on_event(
            {
                "event": "partition_failed",
                "table": node.name,
                "date": str(day),
                "kind": failure.kind,
                "message": failure.message,
            }
        )
        self._stop_if_asked()

    def _sum_up(self, node: Node, result: ChunkResult, seconds: float) -> None:
        summary = self.summary
        with self._counting:
            summary.built += len(result.built)
            summary.unchanged += len(result.unchanged)
            summary.rows += result.rows
            summary.failures += result.failed
            own = summary.by_table.setdefault(node.name, {"built": 0, "unchanged": 0, "rows": 0, "seconds": 0.0})
            own["built"] += len(result.built)
            own["unchanged"] += len(result.unchanged)
            own["rows"] += result.rows
            own["seconds"] = round(own["seconds"] + seconds, 4)
            if result.withheld:
                summary.withheld.setdefault(node.name, {}).update(result.withheld)
        self._on_event(
            {
                "event": "chunk_built", "table": node.name, "built": len(result.built), "unchanged": len(result.unchanged),
                "failed": len(result.failed), "withheld_games": len(result.withheld), "rows": result.rows, "seconds": round(seconds, 3),
            }
        )  # fmt: skip
        if result.failed:
            self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self._options.fail_fast:
            raise QueryError(f"stopped at the first failure: {self.summary.failures[-1].message}")
