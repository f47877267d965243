"""Chunks into the warehouse: level by level, in parallel where independent, each with a deadline and its events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backcourt.engine.build import Attempt, ChunkResult, build_chunk, define, failure_of
from backcourt.engine.catalog import Node
from backcourt.engine.errors import OutOfTimeError, QueryError
from backcourt.engine.plan import Chunk, Selection, chunks, wanted
from backcourt.engine.receipts import Failure, write_failures
from backcourt.engine.state import Situation
from backcourt.engine.warehouse import Warehouse

Event = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class RunOptions:
    """How to run. `max_seconds` ends the run (exit 124) with what is done kept; `fail_fast` stops at the first failed partition."""

    workers: int = 1
    max_seconds: float | None = None
    rebuild: bool = False
    fail_fast: bool = False


@dataclass
class RunSummary:
    """What a run did. Counts are partitions; `failures` and `withheld` list what did not pass."""

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

    @property
    def failed(self) -> int:
        """Partitions whose attempt left nothing."""
        return len(self.failures)

    @property
    def blocked(self) -> int:
        """Games that wait for an input."""
        return sum(reason.startswith("waits for") for games in self.withheld.values() for reason in games.values())

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
        }


class Runner:
    """Executes what a selection needs, table by table along the graph; states are computed again at each level from what is stored."""

    def __init__(self, warehouse: Warehouse, situation: Situation, attempt: Attempt, options: RunOptions, on_event: Event) -> None:
        self._warehouse = warehouse
        self._situation = situation
        self._attempt = attempt
        self._options = options
        self._on_event = on_event
        self._deadline = time.monotonic() + options.max_seconds if options.max_seconds else None
        self._stop = threading.Event()
        self.summary = RunSummary(attempt.run_id)

    def run(self, selection: Selection) -> RunSummary:
        """Build everything that the selection needs; failures are recorded and summed up, not raised."""
        started = time.monotonic()
        nodes = selection.nodes(self._situation.catalog)
        targets = set(selection.tables if selection.tables is not None else (node.name for node in nodes))
        self._create_missing(nodes)
        try:
            for level in self._situation.catalog.levels(nodes):
                self._run_level(level, selection, targets)
        except OutOfTimeError:
            self.summary.out_of_time = True
        self.summary.seconds = time.monotonic() - started
        return self.summary

    def _create_missing(self, nodes: list[Node]) -> None:
        """A table that has nothing to hold yet (no quotes were loaded) must still be there for those that read it."""
        with self._warehouse.transaction():
            for node in nodes:
                if node.is_built and not node.is_view and not self._warehouse.columns(node.name):
                    define(self._warehouse, node)

    def _define_view(self, node: Node) -> None:
        """A view that was never built must be there for those that read it, as soon as its inputs have their columns."""
        if not node.is_view or self._warehouse.columns(node.name):
            return
        inputs = [self._situation.catalog[name] for name in node.reads]
        if all(set(other.column_names) <= {name for name, _ in self._warehouse.columns(other.name)} for other in inputs):
            with self._warehouse.transaction():
                define(self._warehouse, node)

    def _run_level(self, level: list[Node], selection: Selection, targets: set[str]) -> None:
        work: list[tuple[Node, Chunk]] = []
        for node in level:
            self._define_view(node)
            is_rebuilt = self._options.rebuild and node.name in targets
            states = self._situation.of(node) if is_rebuilt else self._situation.open_partitions(node)
            due = wanted(states, selection, rebuild=is_rebuilt)
            self.summary.planned += len(due)
            self.summary.found_damage |= self._situation.is_damaged(node)
            days = self._situation.days_of(node) if due else ()
            work += [(node, c) for c in chunks(node, due, days, self._situation.policy.chunk_rows, self._options.workers)]
        if not work:
            return
        if self._options.workers == 1 or len(work) == 1:
            for node, chunk in work:
                self._one(self._warehouse, node, list(chunk.days))
        else:
            self._parallel(work)
        for node in level:
            days = [day for other, chunk in work if other.name == node.name for day in chunk.days]
            if days:
                self._situation.take_over(node, days, failed=bool(self.summary.failures))

    def _parallel(self, work: list[tuple[Node, Chunk]]) -> None:
        local = threading.local()
        siblings: list[Warehouse] = []

        def task(node: Node, chunk: Chunk) -> None:
            if not hasattr(local, "warehouse"):
                local.warehouse = self._warehouse.sibling()
                siblings.append(local.warehouse)
            if not self._stop.is_set():
                self._one(local.warehouse, node, list(chunk.days))

        # One chunk per table first: it gives the table its columns before its siblings write to it.
        first = {node.name: (node, chunk) for node, chunk in reversed(work)}
        for node, chunk in first.values():
            self._one(self._warehouse, node, list(chunk.days))
        rest = [(node, chunk) for node, chunk in work if first[node.name][1] is not chunk]
        with ThreadPoolExecutor(self._options.workers) as pool:
            futures: list[Future[None]] = [pool.submit(task, node, chunk) for node, chunk in rest]
            try:
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
            except BaseException:
                self._stop.set()
                for sibling in siblings:
                    sibling.interrupt()
                raise
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
                for sibling in siblings:
                    sibling.close()

    def _one(self, warehouse: Warehouse, node: Node, days: list[date]) -> None:
        """Build one chunk; bisect a chunk whose query fails down to the date that breaks it."""
        started = time.monotonic()
        self._on_event({"event": "chunk_started", "table": node.name, "from": str(days[0]), "to": str(days[-1]), "partitions": len(days)})
        try:
            result = self._with_retries(warehouse, node, days)
        except QueryError as error:
            if len(days) == 1:
                self._record(warehouse, node, days[0], error)
                return
            self._on_event({"event": "chunk_split", "table": node.name, "from": str(days[0]), "to": str(days[-1]), "message": str(error)})
            middle = len(days) // 2
            self._one(warehouse, node, days[:middle])
            self._one(warehouse, node, days[middle:])
            return
        self._sum_up(node, result, time.monotonic() - started)

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
        self.summary.failures.append(failure)
        self._on_event(
            {"event": "partition_failed", "table": node.name, "date": str(day), "kind": failure.kind, "message": failure.message}
        )
        self._stop_if_asked()

    def _sum_up(self, node: Node, result: ChunkResult, seconds: float) -> None:
        summary = self.summary
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
