"""A project home: its files, its lock, its snapshot, and one method per verb."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backcourt import clock, declarations, settings
from backcourt.engine import intake, receipts
from backcourt.engine.build import Attempt
from backcourt.engine.calendar import Calendar
from backcourt.engine.catalog import Catalog
from backcourt.engine.errors import BackcourtError
from backcourt.engine.lock import owner, write_lock
from backcourt.engine.plan import Plan, Selection, make_plan
from backcourt.engine.run import Runner, RunOptions, RunSummary
from backcourt.engine.seals import Seals
from backcourt.engine.season_checks import RememberedChecks
from backcourt.engine.snapshot import opened, publish
from backcourt.engine.stamp import Stamp
from backcourt.engine.state import Situation
from backcourt.engine.verify import Verdict, verify
from backcourt.engine.warehouses.duckdb import DuckDBWarehouse, open_duckdb
from backcourt.frames import Frame
from backcourt.heartbeat import beats
from backcourt.ledger.reading import Ledger
from backcourt.ledger.verifying import with_chain

if TYPE_CHECKING:
    import duckdb

    from backcourt.features.frame import FeatureFrame
    from backcourt.sources.ingest import IngestReport


class Home:
    """A folder with a warehouse. Reading uses the snapshot or opens the warehouse read-only; writing takes the lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warehouse_file = path / "warehouse.duckdb"
        self.snapshot_file = path / "snapshot.duckdb"
        self.lock_file = path / "run.lock"
        self.stamp = Stamp(self.warehouse_file, path / ".cache" / "stamp.json")
        self.runs_folder = path / "runs"
        self.raw_folder = path / "raw"
        self._snapshot: tuple[int, duckdb.DuckDBPyConnection] | None = None

    @cached_property
    def settings(self) -> settings.Settings:
        """The configuration."""
        return settings.read(self.path)

    @cached_property
    def catalog(self) -> Catalog:
        """All tables and sources."""
        return declarations.catalog(self.path, self.path / ".cache" / "statements.json")

    # ---- writing ----------------------------------------------------------------------------------------------------------------

    def init(self) -> bool:
        """Make the folder a home: configuration, warehouse, folders. Returns False when it already was one; nothing is overwritten."""
        is_new = not (self.path / settings.FILE_NAME).exists()
        try:
            for folder in (self.path, self.runs_folder, self.raw_folder):
                folder.mkdir(parents=True, exist_ok=True)
            if is_new:
                (self.path / settings.FILE_NAME).write_text(settings.TEMPLATE)
        except OSError as error:
            raise BackcourtError(f"{self.path} can't be written ({error.strerror}); choose a folder that you may write.") from error
        with self.writing("init"):
            pass
        return is_new

    @contextmanager
    def writing(self, run_id: str) -> Iterator[DuckDBWarehouse]:
        """The warehouse, locked and open for writing, with all of the engine's own tables and relations in place."""
        from backcourt.sources.ingest import create_relations

        with write_lock(self.lock_file, run_id, clock.now()):
            self.stamp.void()
            warehouse = self._open(self.warehouse_file, read_only=False)
            try:
                with warehouse.transaction():
                    receipts.create(warehouse)
                    warehouse.query("create table if not exists pending_intake (run_id varchar)")
                    create_relations(warehouse.connection)
                yield warehouse
            finally:
                warehouse.close()

    @beats("ingest")
    def ingest(
        self, *inputs: Any, source: str | None = None, captured_at: datetime | None = None, again: bool = False, publish: bool = True
    ) -> IngestReport:
        """Load raw files, folders or DataFrames. Versioned and idempotent; bad rows are kept apart with their reason.

        `source` names the format of a DataFrame; `captured_at` (UTC) says when an archive was taken; `again` re-asserts a file that was
        loaded before.
        """
        from backcourt.sources.ingest import ingest

        run_id = new_run_id("ingest")
        is_trusted = self.stamp.holds()
        with self.writing(run_id) as warehouse:
            warehouse.insert("pending_intake", ("run_id",), [(run_id,)])
            report = ingest(
                warehouse.connection,
                inputs,
                raw_folder=self.raw_folder,
                captured_at=captured_at,
                again=again,
                now=clock.now(),
                source=source,
            )
            self._take_in(warehouse, report.touched, run_id)
        if is_trusted:
            self.stamp.put()
        if publish and report.touched:
            self.publish_snapshot()
        return report

    def take_in_everything(self, warehouse: DuckDBWarehouse, run_id: str = "") -> None:
        """Measure every source relation and write its receipts."""
        self._take_in(warehouse, {node.name: None for node in self.catalog.sources}, run_id or new_run_id("ingest"))

    def _take_in(self, warehouse: DuckDBWarehouse, touched: dict[str, Any], run_id: str) -> None:
        with warehouse.transaction():
            intake.record(warehouse, self.catalog, touched, run_id, clock.now())
            warehouse.query("delete from pending_intake")

    @beats("run")
    def run(
        self,
        selection: Selection | None = None,
        options: RunOptions | None = None,
        on_event: Callable[[dict[str, Any]], None] | None = None,
        *,
        reason: str | None = None,
    ) -> RunSummary:
        """Build what the selection needs, upstream included. Failures are in the summary; what passed is stored."""
        selection = selection or Selection()
        workers = self.settings.workers
        options = options or RunOptions(workers=workers)
        run_id = new_run_id("run")
        is_trusted = self.stamp.holds()
        with self.writing(run_id) as warehouse, self._events(run_id, on_event) as emit:
            if warehouse.query("select 1 from pending_intake limit 1"):
                # An ingest was killed between its rows and their receipts: measure every source again.
                self.take_in_everything(warehouse, run_id)
            seals = None if options.rebuild else Seals(self.path / ".cache" / "seals.json")
            situation = self.situation_of(warehouse, trusted=is_trusted, seals=seals)
            started = clock.now()
            emit({"event": "run_started", "run_id": run_id, "workers": options.workers, "rebuild_reason": reason})
            summary = Runner(warehouse, situation, Attempt(run_id, started), options, emit).run(selection)
            emit({"event": "run_ended", **summary.as_dict()})
            situation.remember_seals()
            if summary.planned:
                outcome = "out_of_time" if summary.out_of_time else ("failed" if summary.failures else "done")
                warehouse.insert(
                    "runs",
                    ("run_id", "started_at", "ended_at", "outcome", "summary"),
                    [(run_id, started, clock.now(), outcome, json.dumps(summary.as_dict()))],
                )
        if is_trusted or (selection == Selection() and not summary.found_damage):
            self.stamp.put()
        if summary.built or not self.snapshot_file.exists():
            self.publish_snapshot()
        return summary

    def publish_snapshot(self) -> None:
        """Bring the read snapshot up to the closed warehouse file."""
        publish(self.warehouse_file, self.snapshot_file)

    @contextmanager
    def _events(self, run_id: str, on_event: Callable[[dict[str, Any]], None] | None) -> Iterator[Callable[[dict[str, Any]], None]]:
        self.runs_folder.mkdir(parents=True, exist_ok=True)
        with (self.runs_folder / f"{run_id}.jsonl").open("a") as log:

            def emit(event: dict[str, Any]) -> None:
                log.write(json.dumps({"at": clock.now().isoformat(), **event}) + "\n")
                log.flush()
                if on_event:
                    on_event(event)

            yield emit

    # ---- reading ----------------------------------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[DuckDBWarehouse]:
        """The warehouse itself, read-only, when nobody writes it; else the snapshot. `read_from()` says which."""
        file = self.snapshot_file if owner(self.lock_file) else self.warehouse_file
        if not file.exists():
            raise BackcourtError(f"{self.path} holds no {file.name}; run `backcourt init`, then `backcourt ingest PATH`.")
        warehouse = self._open(file, read_only=True)
        try:
            yield warehouse
        finally:
            warehouse.close()

    def read_from(self) -> str:
        """Which file the next read will use, and as of when."""
        held = owner(self.lock_file)
        if held is None:
            return "warehouse"
        at = datetime.fromtimestamp(self.snapshot_file.stat().st_mtime, tz=UTC) if self.snapshot_file.exists() else None
        return f"snapshot of {at:%Y-%m-%d %H:%M:%S} UTC, while run {held.get('run_id')} writes" if at else "nothing yet"

    @contextmanager
    def situation(self, *, exact: bool = False) -> Iterator[Situation]:
        """States can be asked of it; `exact` also measures the source relations again."""
        with self.reading() as warehouse:
            if not warehouse.columns("schedule"):
                raise BackcourtError(f"{self.warehouse_file} has no raw tables yet; run `backcourt ingest PATH` first.")
            yield self.situation_of(warehouse, exact=exact)

    def plan(self, selection: Selection | None = None, *, rebuild: bool = False) -> Plan:
        """What a run would do, and why; writes nothing."""
        with self.situation() as situation:
            return make_plan(situation, selection or Selection(), rebuild=rebuild)

    def verify(self, gate: str = "all", selection: Selection | None = None) -> Verdict:
        """The verdict of a gate: everything that the phase needs, exactly. `.require()` raises unless it is met."""
        phases = declarations.gate(gate)
        remembered = RememberedChecks(self.path / ".cache" / "season_checks.json")
        with self.situation(exact=True) as situation:
            verdict = verify(situation, gate, phases.stop, selection or Selection(), from_phase=phases.start, remembered=remembered)
            return with_chain(verdict, situation, self.path)

    def save_verdict(self, verdict: Verdict, exit_code: int) -> None:
        """Store a verdict: gate, range, policy, exit code, sentence, time."""
        days = [partition.game_date for partition in verdict.partitions]
        with self.writing(new_run_id("verify")) as warehouse:
            warehouse.insert(
                "verdicts",
                ("verified_at", "gate", "from_date", "to_date", "policy_hash", "exit_code", "summary"),
                [
                    (
                        clock.now(),
                        verdict.gate,
                        min(days, default=None),
                        max(days, default=None),
                        verdict.policy_hash,
                        exit_code,
                        verdict.sentence,
                    )
                ],
            )

    def show(self, name: str, day: date | str) -> dict[str, list[dict[str, Any]]]:
        """One player's or team's day: per table the rows, column -> value, from the read snapshot."""
        from backcourt.player_day import day_of

        return day_of(DuckDBWarehouse(self.snapshot_connection()), self.catalog, name, clock.day(day))

    def features(
        self,
        start: date | str,
        end: date | str,
        *,
        groups: Iterable[str] | None = None,
        label: str | None = None,
        masks: bool = False,
        flags: bool = False,
        ready: str | None = None,
    ) -> FeatureFrame:
        """Rows of the feature store from `start` to `end` (inclusive), one per listed player and game, in date and player order.

        `groups` are market_blind, game_market, prop_market or a feature group (default: all); `label` is a statistic of those who played
        or did_play; `masks` adds `<feature>_is_missing`, `flags` a JSON column of small windows, priors and old quotes; `ready` keeps the
        rows that are ready for a model group. Raises BackcourtError when nothing is stored there.
        """
        from backcourt.features.collect import Wanted, history

        warehouse = DuckDBWarehouse(self.snapshot_connection())
        wanted = Wanted(None if groups is None else tuple(groups), label, masks, flags, ready)
        return history(warehouse, self.situation_of(warehouse), self.runs_folder, clock.day(start), clock.day(end), wanted)

    def tonight(
        self,
        day: date | str,
        *,
        as_of: datetime | None = None,
        groups: Iterable[str] | None = None,
        masks: bool = False,
        flags: bool = False,
        ready: str | None = None,
    ) -> FeatureFrame:
        """The same columns for one slate, as they can be known at `as_of` (UTC, default: now or the game's lock, whichever is earlier)."""
        from backcourt.features.collect import Wanted, tonight

        warehouse = DuckDBWarehouse(self.snapshot_connection())
        wanted = Wanted(None if groups is None else tuple(groups), None, masks, flags, ready)
        return tonight(warehouse, self.situation_of(warehouse), self.runs_folder, clock.day(day), as_of, clock.now(), wanted)

    def export(
        self, name: str, out: Path | str, *, season: str | None = None, start: date | str | None = None, end: date | str | None = None
    ) -> int:
        """Write a table's rows to a .parquet, .csv or .arrow file; the number of rows. An unfinished file never gets the name."""
        target = Path(out)
        frame = self.table(name, season=season, start=start, end=end)
        temporary = target.with_name(f".{target.name}.part")
        try:
            if target.suffix in (".parquet", ".csv"):
                options = "format parquet, compression zstd" if target.suffix == ".parquet" else "format csv, header true"
                quoted = str(temporary).replace("'", "''")
                self.snapshot_connection().execute(f"copy ({frame.query}) to '{quoted}' ({options})").fetchall()
            elif target.suffix == ".arrow":
                import pyarrow.feather

                pyarrow.feather.write_feather(frame.arrow(), temporary)
            else:
                raise BackcourtError(f"{target.name} has no known ending; write .parquet, .csv or .arrow.")
            temporary.replace(target)
        except (OSError, ImportError) as error:
            temporary.unlink(missing_ok=True)
            raise BackcourtError(f"{target} can't be written ({error}); choose another place, or install pyarrow for .arrow.") from error
        return int(self.sql(f"select count(*) from ({frame.query})").fetch()[0][0])

    @property
    def ledger(self) -> Ledger[Frame]:
        """What was said and what came of it, on the read snapshot: `.live(...)` and `.replay(...)`, never one for the other."""
        return Ledger(self.sql)

    def sql(self, query: str) -> Frame:
        """A query on the read snapshot; lazy."""
        return Frame(self.snapshot_connection, query)

    def table(self, name: str, *, season: str | None = None, start: date | str | None = None, end: date | str | None = None) -> Frame:
        """A table's rows on the read snapshot, of a season or of an inclusive range of dates; lazy."""
        node = self.catalog[name]
        conditions = []
        if season:
            conditions.append(f"season = '{_season(season)}'")
        if start:
            conditions.append(f"game_date >= date '{clock.day(start)}'")
        if end:
            conditions.append(f"game_date <= date '{clock.day(end)}'")
        if conditions and not node.dated:
            raise BackcourtError(f"{name} has no dates; leave season, start and end out.")
        where = f" where {' and '.join(conditions)}" if conditions else ""
        order = f" order by {', '.join(node.declaration.grain)}"
        return Frame(self.snapshot_connection, f"select * from {node.name}{where}{order}")

    def snapshot_connection(self) -> duckdb.DuckDBPyConnection:
        """The read snapshot, open read-only."""
        if not self.snapshot_file.exists():
            raise BackcourtError(f"{self.path} has no read snapshot yet; run `backcourt ingest PATH` and `backcourt run` first.")
        inode = self.snapshot_file.stat().st_ino
        if self._snapshot is None or self._snapshot[0] != inode:
            opened(self.snapshot_file)
            self._snapshot = (inode, self._open(self.snapshot_file, read_only=True).connection)
        return self._snapshot[1]

    def situation_of(
        self, warehouse: DuckDBWarehouse, *, exact: bool = False, trusted: bool = False, seals: Seals | None = None
    ) -> Situation:
        """Everything that states are computed from, on an open warehouse."""
        calendar = Calendar.read(warehouse, declarations.CALENDAR_SQL, clock.today())
        return Situation(
            warehouse, self.catalog, calendar, self.settings.policy, exact=exact, trusted=trusted, now=clock.now(), seals=seals
        )

    def _open(self, file: Path, *, read_only: bool) -> DuckDBWarehouse:
        return open_duckdb(file, read_only=read_only, threads=self.settings.threads, memory_limit=self.settings.memory_limit)


def open_home(path: Path | str | None = None) -> Home:
    """The project home at `path`, or the one that `BACKCOURT_HOME`, the nearest `backcourt.toml` or the current folder gives."""
    return Home(settings.find_home(Path(path) if path is not None else None))


def new_run_id(verb: str) -> str:
    """A run's name: verb, UTC time and process."""
    return f"{verb}-{clock.now():%Y%m%dT%H%M%S}-{os.getpid()}"


def _season(value: str) -> str:
    if len(value) != 7 or value[4] != "-" or not (value[:4] + value[5:]).isdigit():
        raise BackcourtError(f"{value!r} is not a season; write e.g. 2023-24.")
    return value
