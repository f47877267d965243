"""Custody of a home's warehouse: who may open it, and what has to be in order before and after. Nobody else opens the file.

A writer holds the seat (a lock), settles what earlier jobs left open, works, closes, publishes the read snapshot when
it differs, and leaves a record. An exact reader takes the seat for its seconds. Everyone else reads the snapshot.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from backcourt.engine.build import intake
from backcourt.engine.errors import (
    BackcourtError,
    DamagedError,
    LockedError,
    NoSpaceError,
    QueryError,
)
from backcourt.engine.judge import records as kept
from backcourt.engine.lock import write_lock
from backcourt.engine.stop import Stopped, asked, dropped, heard, held
from backcourt.engine.warehouse import Warehouse
from backcourt.field import clock
from backcourt.home import identity, marks, migrate, relations
from backcourt.home.belonging import Belonging
from backcourt.home.failures import free_mb, plain
from backcourt.home.identity import Identity, Kind
from backcourt.home.jobs import MET_BY_EXCEPTION, Job, Jobs, outcome_of
from backcourt.home.kept import IDENTITY, KeptTables
from backcourt.home.layout import REPAIR, Layout
from backcourt.home.reads import Readers
from backcourt.home.snapshot import Snapshot
from backcourt.home.soundness import check_readable, ledger_height, newest_moment
from backcourt.home.stamp import Stamp

if TYPE_CHECKING:
    from backcourt.engine.declare.catalog import Catalog
    from backcourt.engine.judge.seals import Seals
    from backcourt.engine.judge.situation import Situation
    from backcourt.home.settings import Settings

CLOCK_MAY_LAG = timedelta(hours=1)


@dataclass
class Work:
    """What a writer has in hand.

    `trusted`: nobody but the engine has written since the receipts were written, so stored rows are what their
    receipts say; set it once everything has been measured and found so. `kept` knows what another program did to the
    tables that checksums cover; while it did anything, nothing is trusted.
    """

    warehouse: Warehouse
    job: Job
    identity: Identity
    trusted: bool
    kept: KeptTables
    _situation: Callable[..., Situation]

    @property
    def run_id(self) -> str:
        """The name under which rows and receipts are written: the job's."""
        return self.job.id

    def situation(self, *, exact: bool = False, seals: Seals | None = None) -> Situation:
        """Everything that states are computed from, as it is now."""
        return self._situation(self.warehouse, exact=exact, trusted=self.trusted, seals=seals)


class Custody:
    """The one place that opens a home's warehouse and snapshot."""

    def __init__(
        self,
        layout: Layout,
        settings: Callable[[], Settings],
        catalog: Callable[[], Catalog],
        situation: Callable[..., Situation],
    ) -> None:
        self.layout = layout
        self.jobs = Jobs(layout.runs_folder)
        self.stamp = Stamp(layout.warehouse_file, layout.cache_folder / "stamp.json")
        self.snapshot = Snapshot(layout.warehouse_file, layout.snapshot_file, layout.cache_folder)
        self.patience: float | None = None
        self.checks_clock = True
        self.say: Callable[[str], None] = lambda text: None
        self._settings = settings
        self._catalog = catalog
        self._situation = situation
        self._job: Job | None = None
        self.reads = Readers(layout, settings, self.snapshot, self.jobs, self._bring_up_to_date_at_once)
        self.belonging = Belonging(layout, self.reads)
        self._seated: int | None = None

    # ---- jobs
    @contextmanager
    def working(self, verb: str) -> Iterator[Job]:
        """A job with its record, from its beginning to its end, however it ends. Inside another job it is part of that one.

        A full disk and a damaged warehouse come out as one sentence (NoSpaceError, DamagedError), whoever met them.
        """
        if self._job is not None:
            yield self._job
            return
        job = self.jobs.begin(verb, records=self.layout.place() != "nothing")
        self._job = job
        try:
            yield job
            if (stop := asked()) is not None:
                raise stop
        except BaseException as error:
            told_as = heard() or plain(error, self.layout, verb)
            outcome, code, message = outcome_of(told_as)
            if job.is_kept_out and outcome == "stopped":
                # It did nothing but wait, so it says nothing of how the verb stands.
                outcome = "refused"
            told = f"{message}; {job.kept}" if job.kept and outcome != "failed" else message
            self._on_record(job, outcome, code, told, keeps_stop=isinstance(told_as, Stopped))
            if isinstance(told_as, Stopped | KeyboardInterrupt):
                told_as.add_note(job.kept)
            if told_as is error:
                raise
            raise told_as from error
        else:
            code, message, _ = job.end
            self._on_record(job, {0: "ok", MET_BY_EXCEPTION: "ok", 124: "out_of_time"}.get(code, "unmet"), code, message)
        finally:
            self._job = None

    def _on_record(self, job: Job, outcome: str, code: int, message: str, *, keeps_stop: bool = False) -> None:
        """Write down how a job ended. What is asked of it from now on comes too late."""
        with held():
            self.jobs.end(job, outcome, code, message, job.end[2])
            if not keeps_stop:
                dropped()

    def require_space(self, needed: int, what: str) -> None:
        """Raise NoSpaceError when less than `needed` bytes are free: what can't end is not begun."""
        try:
            state = os.statvfs(self.layout.path)
        except OSError:
            return
        free = state.f_bavail * state.f_frsize
        if free < needed:
            raise NoSpaceError(
                f"{what} needs at least {needed / 1e6:.1f} MB on the disk of {self.layout.path}, {free / 1e6:.1f} MB are free; nothing was "
                "changed, make room and try again."
            )

    def publication_bytes(self) -> int:
        """What publishing takes when there is no spare copy to bring up to date: another copy of the warehouse."""
        has_spare = self.layout.snapshot_file.with_suffix(".spare").exists()
        return 0 if has_spare or not self.layout.warehouse_file.is_file() else self.layout.warehouse_file.stat().st_size

    # ---- writing
    @contextmanager
    def writing(self, verb: str, *, replays: bool = False) -> Iterator[Work]:
        """The warehouse, open for writing, in order; afterwards closed, published and on record.

        `replays`: only what says of itself that it was written late will be, so the clock may stand anywhere. Raises
        LockedError when another process holds the seat for longer than the patience, BackcourtError for what is no
        home or for a clock that was set back, DamagedError, NoSpaceError.
        """
        with self.working(verb) as job:
            self.layout.require()
            with self.seat(job), self._in_order(job, check_clock=not replays) as work:
                yield work

    @contextmanager
    def making(self, kind: Kind) -> Iterator[Work]:
        """As `writing`, for a home that may have no warehouse yet; one that is there keeps its kind."""
        with self.working("init") as job, self.seat(job):
            if self.layout.place() == "lost":
                self.layout.require()
            with self._in_order(job, new=identity.new(kind, clock.now())) as work:
                yield work

    @contextmanager
    def _in_order(self, job: Job, *, check_clock: bool = True, new: Identity | None = None) -> Iterator[Work]:
        if new is None:
            # Again: it may have gone while this process waited for the seat, and opening would make a new one.
            self.layout.require()
        self.layout.forget_repair()
        trusted = self.stamp.holds()
        tables = KeptTables(lambda: [node.name for node in self._catalog().appended])
        work: Work | None = None
        warehouse = self._open_for_writing()
        try:
            warehouse, known = self._prepared(warehouse, job, trusted, check_clock, new, tables)
            self._settle(warehouse, job)
            try:
                yield (begun := Work(warehouse, job, known, trusted, tables, self._situation))
            finally:
                with held():
                    self._settle(warehouse, job)
                    tables.end(warehouse)
                    work = begun
        finally:
            with held():
                if work is None:
                    warehouse.close()
                else:
                    self._close(warehouse)
                    self._leave_in_order(work)

    def _prepared(
        self, warehouse: Warehouse, job: Job, trusted: bool, check_clock: bool, new: Identity | None, tables: KeptTables
    ) -> tuple[Warehouse, Identity]:
        """The warehouse with all of the engine's own tables and relations, of today's format."""
        known = self.belonging.known(warehouse)
        is_unmade = known is None and not warehouse.columns("raw_loads")
        self.belonging.require_own(warehouse, known)
        if is_unmade and new is None:
            raise BackcourtError(
                f"{self.layout.path} was not made to its end: its warehouse holds nothing yet; run the `backcourt init` of it again "
                "(with --simulated for a simulated home)."
            )
        if known is not None and known.format > identity.FORMAT:
            raise BackcourtError(
                f"{self.layout.path} has format {known.format}, this version of backcourt knows up to {identity.FORMAT}; "
                "use the newer version."
            )
        if not is_unmade:
            if not trusted:
                check_readable(warehouse)
            # Before anything of them is read.
            before = self.layout.snapshot_file if self.snapshot.is_sound() else None
            tables.look(warehouse, is_trusted=trusted, before=before)
            if check_clock:
                self._check_clock(warehouse, known or migrate.judged(warehouse))
            if not trusted:
                self._require_newest(warehouse)
            if known is None or known.format < identity.FORMAT:
                warehouse, known = self._migrated(warehouse, job, tables)
        tables.begin(warehouse)
        kept.create(warehouse)
        marks.create(warehouse)
        identity.create(warehouse)
        if known is None:
            assert new is not None
            known = new
        if identity.read(warehouse) != known or any(damage.table == IDENTITY for damage in tables.damages):
            with warehouse.transaction():
                identity.write(warehouse, known)
        relations.create_own(warehouse, self.layout.path)
        self.create_outside(warehouse, job)
        # Receipts of an earlier version don't say what the games of a source lack.
        intake.record_other_checks(warehouse, self._catalog(), job.id, clock.now())
        return warehouse, known

    def _close(self, warehouse: Warehouse) -> None:
        """Close the file with all that was committed in it. Raises QueryError when there is no room for that; it is safe in the log then.

        The driver leaves a killed writer's torn log where it is, although it has read all that counts in it. After a
        checkpoint it holds nothing.
        """
        log = self.layout.warehouse_file.with_name(f"{self.layout.warehouse_file.name}.wal")
        try:
            if log.exists():
                warehouse.query("checkpoint")
        finally:
            warehouse.close()
        log.unlink(missing_ok=True)

    def _require_newest(self, warehouse: Warehouse) -> None:
        """What was said can't be said again: a warehouse of an older copy must not take the place of a snapshot that holds more."""
        file = self.layout.snapshot_file
        if not file.is_file():
            return
        try:
            with self.reads.opened(file) as snapshot:
                theirs = ledger_height(snapshot)
        except (BackcourtError, QueryError):
            return
        ours = ledger_height(warehouse)
        if theirs > ours:
            raise DamagedError(
                f"{self.layout.warehouse_file} is older than {file.name}, which holds {theirs - ours:,} more batches of the ledger; "
                f"{REPAIR} (or delete {file.name}, if the older one is what you want)."
            )

    def _open_for_writing(self) -> Warehouse:
        try:
            return self.reads.open_file(self.layout.warehouse_file)
        except DamagedError as error:
            raise DamagedError(f"{str(error).rstrip('.')}; {REPAIR}.") from error

    def _settle(self, warehouse: Warehouse, job: Job) -> None:
        """Measure every source again when a job, this one too, left rows without receipts."""
        if marks.open_marks(warehouse):
            self.create_outside(warehouse, job, look_again=True)
            with warehouse.transaction():
                everything = {node.name: None for node in self._catalog().sources}
                intake.record(warehouse, self._catalog(), everything, job.id, clock.now())
                marks.clear(warehouse)

    def create_outside(self, warehouse: Warehouse, job: Job, *, look_again: bool = False) -> None:
        """See `relations.create_outside`."""
        relations.create_outside(warehouse, self._catalog, self.layout.path, job.id, look_again=look_again)

    def _leave_in_order(self, work: Work) -> None:
        if work.trusted and not work.kept.damages:
            self.stamp.put()
        identity.keep_copy(self.layout.identity_file, work.identity)
        before = self.layout.before_damage_file
        if work.kept.damages:
            # `repair` takes what only verbs write from a copy in which it is as it was written.
            self.snapshot.keep(before)
        else:
            before.unlink(missing_ok=True)
        self.publish()

    def publish(self) -> None:
        """Bring the read snapshot up to the closed warehouse where it differs."""
        if self.snapshot.is_current():
            return
        if self.layout.warehouse_file.with_name(f"{self.layout.warehouse_file.name}.wal").exists():
            raise NoSpaceError(
                f"The disk of {self.layout.path} is full ({free_mb(self.layout)} MB free): what was written is safe in the warehouse's "
                "log. Make room; any command goes on."
            )
        self.snapshot.publish()

    def _check_clock(self, warehouse: Warehouse, known: Identity) -> None:
        if known.is_simulated or not self.checks_clock:
            return
        newest = newest_moment(warehouse)
        now = clock.now()
        if newest is not None and now < newest - CLOCK_MAY_LAG:
            named = clock.given()
            way = f"unset {named.partition('=')[0]}" if named else "correct the machine's clock"
            raise BackcourtError(
                f"It is {now:%Y-%m-%d %H:%M} UTC here, but {self.layout.path} was written at {newest:%Y-%m-%d %H:%M}; nothing was changed, "
                f"because by an earlier clock later games would not have been played yet. Now {way} (or, if that writing was in the "
                "future, `backcourt repair`)."
            )

    def _migrated(self, warehouse: Warehouse, job: Job, tables: KeptTables) -> tuple[Warehouse, Identity]:
        before = migrate.format_of(warehouse)
        warehouse.close()
        migrate.back_up(self.layout, before)
        again = self._open_for_writing()
        try:
            tables.follow(again)
            known = migrate.migrate(again, self.layout)
        except BaseException:
            again.close()
            raise
        job.emit({"event": "migrated", "from_format": before, "to_format": known.format})
        self.say(f"{self.layout.path} was brought from format {before} to {known.format}; a copy of before lies in backups.")
        return again, known

    # ---- reading
    @contextmanager
    def exact(self, verb: str, *, records: bool = True) -> Iterator[Warehouse]:
        """The warehouse itself, read-only, in order, while nobody writes. A home that can't be written has no writers, and no record."""
        self.layout.require()
        if not self.reads.is_writable():
            with self.reads.opened(self.layout.warehouse_file) as warehouse:
                yield warehouse
            return
        with self.working(verb) if records else nullcontext(self._unrecorded(verb)) as job, self.seat(job):
            self._bring_up_to_date(job)
            with self.reads.opened(self.layout.warehouse_file) as warehouse:
                yield warehouse

    def _unrecorded(self, verb: str) -> Job:
        return self.jobs.begin(verb, records=False)

    def _bring_up_to_date_at_once(self) -> None:
        if self._seated is None:
            nobody = self._unrecorded("read")
            with self.seat(nobody, patience=0):
                self._bring_up_to_date(nobody)

    def _bring_up_to_date(self, job: Job) -> None:
        if self.reads.is_old() or self.snapshot.is_current():
            return
        with self._in_order(job, check_clock=False):
            pass

    @contextmanager
    def seat(self, job: Job, patience: float | None = None) -> Iterator[None]:
        """The writer's seat: one process at a time. Raises LockedError once the patience is over."""
        if self._seated == threading.get_ident():
            raise LockedError(f"This process writes to {self.layout.path} already; end that (`with home.writing(...)`) and try again.")
        if patience is None:
            patience = self.patience if self.patience is not None else self._settings().wait_seconds
        with write_lock(
            self.layout.lock_file,
            job.id,
            patience=patience,
            on_wait=lambda name: self._waits(job, name),
            describe=self.jobs.describe,
        ):
            job.is_kept_out = False
            self._seated = threading.get_ident()
            try:
                yield
            finally:
                self._seated = None

    def _waits(self, job: Job, name: str) -> None:
        job.is_kept_out = True
        job.emit({"event": "waiting", "for": name})
        self.say(f"waiting for {self.jobs.describe(name)}")
