"""A project home: one method per verb, over the custody of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backcourt.engine.build import intake
from backcourt.engine.build.plan import Plan, make_plan
from backcourt.engine.build.run import RunOptions, RunSummary
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.catalog import Catalog
from backcourt.engine.errors import BackcourtError, CouldNotVerifyError, DamagedError
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.judge.seals import Seals
from backcourt.engine.judge.situation import Situation
from backcourt.engine.prove.season_checks import RememberedChecks
from backcourt.engine.prove.verify import Verdict, verify, with_checksums
from backcourt.engine.warehouse import Warehouse
from backcourt.field import clock
from backcourt.field.seasons import as_season
from backcourt.frames import Frame
from backcourt.home import identity, marks, migrate, settings
from backcourt.home.custody import Custody, Work
from backcourt.home.finding import find_home
from backcourt.home.identity import Kind
from backcourt.home.jobs import Job, Jobs
from backcourt.home.layout import Layout
from backcourt.record.reading import Ledger
from backcourt.record.verifying import with_chain
from backcourt.tables import declared as declarations

if TYPE_CHECKING:
    from backcourt.features.frame import FeatureFrame
    from backcourt.home.repair import RepairReport
    from backcourt.sources.ingest import IngestReport
    from backcourt.sources.report import FileReport


class Home:
    """A folder with a warehouse. Writing goes through `writing`, which keeps it in order; reading uses the snapshot."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.layout = Layout(path)
        self.warehouse_file = self.layout.warehouse_file
        self.snapshot_file = self.layout.snapshot_file
        self.lock_file = self.layout.lock_file
        self.runs_folder = self.layout.runs_folder
        self.raw_folder = self.layout.raw_folder
        self.custody = Custody(self.layout, lambda: self.settings, lambda: self.catalog, self.situation_of)
        self._open: dict[str, tuple[int, Warehouse]] = {}

    @cached_property
    def settings(self) -> settings.Settings:
        """The configuration."""
        return settings.read(self.path)

    @cached_property
    def catalog(self) -> Catalog:
        """All tables and sources."""
        # What is no home is not made to look like one.
        is_home = self.layout.place() != "nothing"
        return declarations.catalog(self.path if is_home else None, self.layout.cache_folder / "statements.json" if is_home else None)

    @property
    def jobs(self) -> Jobs:
        """What every verb that worked here left behind."""
        return self.custody.jobs

    @property
    def is_simulated(self) -> bool:
        """Is what this home holds made up, or its clock a set one? Fixed when it was made; a home of format 0 is judged."""
        known = identity.read_copy(self.layout.identity_file)
        if known is None:
            with self.reading() as warehouse:
                known = identity.read(warehouse) or migrate.judged(warehouse)
        return known.is_simulated

    # ---- writing
    def init(self, *, simulated: bool = False) -> bool:
        """Make the folder a home: configuration, warehouse, folders. Returns False when it already was one; nothing is overwritten.

        A simulated home takes its time from `BACKCOURT_NOW` or `BACKCOURT_CLOCK`, may write LIVE rows under it, and
        says what it is in all that it publishes. Raises BackcourtError when the folder can't be written, holds a home
        of the other kind, or one whose warehouse is gone.
        """
        is_new = self.layout.place() in ("nothing", "unmade")
        kind: Kind = "simulated" if simulated else "real"
        if self.layout.place() == "lost":
            self.layout.require()
        try:
            for folder in (self.path, self.runs_folder, self.raw_folder):
                folder.mkdir(parents=True, exist_ok=True)
            if not self.layout.settings_file.exists():
                self.layout.settings_file.write_text(settings.TEMPLATE)
        except OSError as error:
            raise BackcourtError(f"{self.path} can't be written ({error.strerror}); choose a folder that you may write.") from error
        with self.custody.making(kind) as work:
            if simulated and not work.identity.is_simulated:
                raise BackcourtError(
                    f"{self.path} is a real home, which is fixed when a home is made; choose another --home to simulate in."
                )
        return is_new

    def writing(self, verb: str, *, replays: bool = False) -> AbstractContextManager[Work]:
        """The warehouse, open for writing by one process; see `Custody.writing`."""
        return self.custody.writing(verb, replays=replays)

    def working(self, verb: str) -> AbstractContextManager[Job]:
        """A job with its record; see `Custody.working`."""
        return self.custody.working(verb)

    def ingest(
        self,
        *inputs: Any,
        source: str | None = None,
        captured_at: datetime | None = None,
        again: bool = False,
        on_file: Callable[[FileReport], None] = lambda report: None,
    ) -> IngestReport:
        """Load raw files, folders or DataFrames. Versioned and idempotent; bad rows are kept apart with their reason.

        `source` names the format of a DataFrame; `captured_at` (UTC) says when an archive was taken; `again`
        re-asserts a file that was loaded before.
        """
        from backcourt.sources.ingest import ingest

        with self.writing("ingest") as work:
            is_marked = False

            def mark() -> None:
                nonlocal is_marked
                if not is_marked:
                    marks.make(work.warehouse, work.job.id, clock.now())
                    is_marked = True

            def told(report: FileReport, done: int, of: int) -> None:
                work.job.emit({"event": "file", "done": done, "of": of, **report.counts()})
                rest = "again loads the rest" if done < of else "again says so, and `backcourt run` goes on from them"
                work.job.keep(f"{done} of {of} files are loaded; `backcourt ingest` {rest}")
                on_file(report)
                work.job.check()

            report = ingest(
                work.warehouse,
                inputs,
                raw_folder=self.raw_folder,
                captured_at=captured_at,
                again=again,
                now=clock.now(),
                source=source,
                known=declarations.sources(self.path),
                on_new_bytes=lambda size: self.custody.require_space(size, "Keeping the new raw files"),
                on_store=mark,
                on_file=told,
            )
            if is_marked:
                self.custody.create_outside(work.warehouse, work.job, look_again=True)
                with work.warehouse.transaction():
                    intake.record(work.warehouse, self.catalog, report.touched, work.run_id, clock.now())
                    marks.clear_own(work.warehouse, work.job.id)
            work.job.ends(report.exit_code, report.sentence)
            return report

    def run(
        self,
        selection: Selection | None = None,
        options: RunOptions | None = None,
        on_event: Callable[[dict[str, Any]], None] | None = None,
        *,
        reason: str | None = None,
    ) -> RunSummary:
        """Build what the selection needs, upstream included. Failures are in the summary; what passed is stored."""
        from backcourt.home.running import run

        options = options or RunOptions(workers=self.settings.workers)
        return run(self, selection or Selection(), options, on_event or (lambda event: None), reason)

    def repair(self) -> RepairReport:
        """Rebuild the warehouse from the raw payloads and the newest readable copy of what was said; see `home.repair`."""
        from backcourt.home.repair import repair

        return repair(self.custody, self.catalog)

    # ---- reading
    def reading(self) -> AbstractContextManager[Warehouse]:
        """The read snapshot."""
        return self.custody.reads.reading()

    def read_from(self) -> str:
        """Which file a read uses, as of when, and why it may not be what the warehouse holds."""
        file = self.custody.reads.file_to_read()
        if file != self.snapshot_file:
            return "warehouse"
        at = datetime.fromtimestamp(self.snapshot_file.stat().st_mtime, tz=UTC)
        behind = self.custody.reads.behind()
        return f"snapshot of {at:%Y-%m-%d %H:%M:%S} UTC" + (f". {behind}" if behind else "")

    @contextmanager
    def situation(self) -> Iterator[Situation]:
        """States can be asked of it, as of the read snapshot."""
        with self.reading() as warehouse:
            self._require_loaded(warehouse)
            yield self.situation_of(warehouse)

    @contextmanager
    def exact_situation(self, verb: str, *, records: bool = True) -> Iterator[Situation]:
        """States can be asked of the warehouse itself: everything is measured, the source relations too, while nobody writes.

        `records`: it is a job with a record.
        """
        with self.custody.exact(verb, records=records) as warehouse:
            self._require_loaded(warehouse)
            yield self.situation_of(warehouse, exact=True)

    def _require_loaded(self, warehouse: Warehouse) -> None:
        if not warehouse.columns("schedule"):
            raise BackcourtError(f"{self.warehouse_file} has no raw tables yet; run `backcourt ingest PATH` first.")

    def plan(self, selection: Selection | None = None, *, rebuild: bool = False) -> Plan:
        """What a run would do, and why; writes nothing."""
        with self.situation() as situation:
            return make_plan(situation, selection or Selection(), rebuild=rebuild)

    def verify(self, gate: str = "all", selection: Selection | None = None, *, strict: bool = False, save: bool = False) -> Verdict:
        """The verdict of a gate: everything that the phase needs, exactly. `.require()` raises unless it is met.

        `save` stores it, with the exit code that `strict` gives it. Raises CouldNotVerifyError for a damaged or lost
        warehouse.
        """
        phases = declarations.gate(gate)
        remembered = RememberedChecks(self.layout.cache_folder / "season_checks.json")
        try:
            with self.working("verify") as job:
                with self.exact_situation("verify") as situation:
                    verdict = verify(
                        situation,
                        gate,
                        phases.stop,
                        selection or Selection(),
                        from_phase=phases.start,
                        remembered=remembered,
                    )
                    verdict = with_chain(verdict, situation, self.path)
                    verdict = with_checksums(verdict, situation.warehouse)
                code = verdict.exit_code(strict=strict)
                job.ends(code, verdict.sentence)
                if save:
                    self._save_verdict(verdict, code)
                return verdict
        except DamagedError as error:
            raise CouldNotVerifyError(str(error)) from error

    def _save_verdict(self, verdict: Verdict, exit_code: int) -> None:
        days = [partition.game_date for partition in verdict.partitions]
        row = (
            clock.now(), verdict.gate, min(days, default=None), max(days, default=None), verdict.policy_hash, exit_code, verdict.sentence,
        )  # fmt: skip
        columns = ("verified_at", "gate", "from_date", "to_date", "policy_hash", "exit_code", "summary")
        with self.writing("verify") as work:
            work.warehouse.insert("verdicts", columns, [row])

    def show(self, name: str, day: date | str) -> dict[str, list[dict[str, Any]]]:
        """One player's or team's day: per table the rows, column -> value, from the read snapshot."""
        from backcourt.home.player_day import day_of

        return day_of(self.snapshot(), self.catalog, name, clock.day(day))

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
        allow_thin: bool = False,
    ) -> FeatureFrame:
        """Rows of the feature store from `start` to `end` (inclusive), one per listed player and game, in date and player order.

        `groups` are market_blind, game_market, prop_market or a feature group (default: all); `label` is a statistic
        of those who played or did_play; `masks` adds `<feature>_is_missing`, `flags` a JSON column of small windows,
        priors and old quotes; `ready` keeps the rows that are ready for a model group. Raises BackcourtError when
        nothing is stored there, and when the history of a row lacks games, unless `allow_thin`, which writes their
        number into the proof.
        """
        from backcourt.features.collect import Wanted, history

        warehouse = self.snapshot()
        wanted = Wanted(None if groups is None else tuple(groups), label, masks, flags, ready, allow_thin)
        return history(
            warehouse,
            self.situation_of(warehouse, trusted=True),
            self.runs_folder,
            clock.day(start),
            clock.day(end),
            wanted,
        )

    def tonight(
        self,
        day: date | str,
        *,
        as_of: datetime | None = None,
        groups: Iterable[str] | None = None,
        masks: bool = False,
        flags: bool = False,
        ready: str | None = None,
        allow_thin: bool = False,
    ) -> FeatureFrame:
        """The same columns for one slate, as they can be known at `as_of` (UTC, default: now or the game's lock, whichever is earlier)."""
        from backcourt.features.collect import Wanted, tonight

        warehouse = self.snapshot()
        wanted = Wanted(None if groups is None else tuple(groups), None, masks, flags, ready, allow_thin)
        return tonight(
            warehouse,
            self.situation_of(warehouse, trusted=True),
            self.runs_folder,
            clock.day(day),
            as_of,
            clock.now(),
            wanted,
        )

    def export(
        self,
        name: str,
        out: Path | str,
        *,
        season: str | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
    ) -> int:
        """Write a table's rows to a .parquet, .csv or .arrow file; the number of rows. An unfinished file never gets the name."""
        self.layout.require_readable()
        return self.table(name, season=season, start=start, end=end).write(Path(out))

    @property
    def ledger(self) -> Ledger[Frame]:
        """What was said and what came of it, on the read snapshot: `.live(...)` and `.replay(...)`, never one for the other."""
        return Ledger(self.sql)

    def sql(self, query: str) -> Frame:
        """A query on the read snapshot; lazy. Whatever it says, it reads this home's tables and does nothing else."""
        return Frame(lambda: self._current("queries", self.custody.reads.open_for_queries), query)

    def table(self, name: str, *, season: str | None = None, start: date | str | None = None, end: date | str | None = None) -> Frame:
        """A table's rows on the read snapshot, of a season or of an inclusive range of dates; lazy."""
        node = self.catalog[name]
        conditions = []
        if season:
            conditions.append(f"season = '{as_season(season)}'")
        if start:
            conditions.append(f"game_date >= date '{clock.day(start)}'")
        if end:
            conditions.append(f"game_date <= date '{clock.day(end)}'")
        if conditions and not node.dated:
            raise BackcourtError(f"{name} has no dates; leave season, start and end out.")
        where = f" where {' and '.join(conditions)}" if conditions else ""
        order = f" order by {', '.join(node.declaration.grain)}"
        return Frame(self.snapshot, f"select * from {node.name}{where}{order}")

    def snapshot(self) -> Warehouse:
        """The read snapshot, open read-only for as long as it is the current one."""
        return self._current("reading", self.custody.reads.open_for_reading)

    def _current(self, use: str, opened: Callable[[Path], Warehouse]) -> Warehouse:
        file = self.custody.reads.file_to_read()
        inode = file.stat().st_ino
        if use not in self._open or self._open[use][0] != inode:
            self._open[use] = (inode, opened(file))
        return self._open[use][1]

    def has_built(self, table: str) -> bool:
        """Does the read snapshot hold the table, or the view?"""
        return bool(self.snapshot().columns(table))

    def require_built(self, table: str) -> None:
        """Raise BackcourtError with the next step when the read snapshot lacks the table."""
        if not self.has_built(table):
            raise BackcourtError(f"{table} of {self.path} isn't built yet; run `backcourt run` first.")

    def situation_of(self, warehouse: Warehouse, *, exact: bool = False, trusted: bool = False, seals: Seals | None = None) -> Situation:
        """Everything that states are computed from, on an open warehouse."""
        calendar = Calendar.read(warehouse, declarations.CALENDAR_SQL, clock.today(), clock.now())
        catalog = declarations.as_stored(self.catalog, self.path, warehouse)
        return Situation(
            warehouse,
            catalog,
            calendar,
            self.settings.policy,
            exact=exact,
            trusted=trusted,
            now=clock.now(),
            seals=seals,
        )


def open_home(path: Path | str | None = None) -> Home:
    """The project home at `path`, or the one that `BACKCOURT_HOME`, the nearest `backcourt.toml` or the current folder gives.

    Raises BackcourtError for one that is found and that others may write to: code in a home runs with the user's rights.
    """
    return Home(find_home(Path(path) if path is not None else None))
