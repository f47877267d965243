"""Rebuild a warehouse: raw tables from the kept payloads, what was said from the newest copy that can be read. `run` builds the rest.

The old file is set aside, never deleted. Nothing is replaced before the new file is whole.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from backcourt.engine.build import intake
from backcourt.engine.declare.catalog import Catalog
from backcourt.engine.errors import BackcourtError, QueryError
from backcourt.engine.judge import checksums, records
from backcourt.engine.warehouse import Warehouse
from backcourt.field import clock
from backcourt.home import identity, marks
from backcourt.home.custody import CLOCK_MAY_LAG, Custody
from backcourt.home.identity import Identity
from backcourt.home.jobs import Job
from backcourt.home.kept import kept_tables
from backcourt.home.soundness import check_readable, ledger_height
from backcourt.parquet import quoted
from backcourt.record.writer import define_record
from backcourt.sources import decision_log, decisions, meanings
from backcourt.sources.declared import Sources
from backcourt.sources.ingest import ingest
from backcourt.sources.payloads import Payload, loads_of, read_log
from backcourt.sources.relations import create_relations
from backcourt.tables.declared import sources

SETTLED = (decisions.TABLE, meanings.NAMES, meanings.EVENTS)

_OLD = "old"


@dataclass
class RepairReport:
    """What a repair found and made.

    `loads` were read again, `lost` are loads without a payload or whose payload can't be read, `kept_from` is the
    copy that the raw rows stay as in when there are such, `said` the rows kept per table that only verbs write,
    `said_from` the file that they were taken from, `set_aside` where the old warehouse lies now.
    """

    loads: int = 0
    lost: list[str] = field(default_factory=list)
    kept_from: str = ""
    said: dict[str, int] = field(default_factory=dict)
    said_from: str = ""
    set_aside: str = ""

    @property
    def exit_code(self) -> int:
        """0, or 1 when something could not be brought back."""
        return 1 if self.lost else 0

    @property
    def sentence(self) -> str:
        """What was done, in one line."""
        if self.kept_from:
            return f"{len(self.lost)} load(s) have no raw file any more: everything is as in {self.kept_from}, {self.loads:,} loads added"
        kept = sum(self.said.values())
        where = f" from {self.said_from}" if self.said_from else ""
        lost = f"; {len(self.lost)} load(s) could not be read again" if self.lost else ""
        return f"{self.loads:,} loads read again, {kept:,} rows of the ledger, verdicts and waivers kept{where}{lost}"


def repair(custody: Custody, catalog: Catalog) -> RepairReport:
    """Rebuild the warehouse of a home that is damaged, lost or altered.

    Raises BackcourtError when there are neither payloads nor a copy that can be read.
    """
    layout = custody.layout
    if layout.place() in ("nothing", "unmade"):
        layout.require()
    with custody.working("repair") as job, custody.seat(job):
        report = RepairReport()
        _require_clock(custody)
        copies = _readable(custody, catalog)
        copy = _best(copies, _ledger(catalog))
        known = _loads_of(custody, copy.file) if copy else []
        payloads = read_log(layout.raw_folder, known)
        lacking = [load for load in known if load.payload is None or not (layout.raw_folder / load.payload).is_file()]
        if copy is None and not payloads:
            raise BackcourtError(
                f"{layout.path} holds neither raw files nor a copy of the warehouse that can be read; ingest the raw files into a new home."
            )
        layout.forget_repair()
        try:
            if copy and lacking:
                # What no raw file can give again stays as the copy has it.
                shutil.copyfile(copy.file, layout.repaired_file)
                report.kept_from = copy.file.name
                report.lost += [
                    f"{load.name}: no copy of the file was kept, so its rows stay as {copy.file.name} has them" for load in lacking
                ]
                report.lost += copy.told(copy.damaged)
            warehouse = custody.reads.open_file(layout.repaired_file)
            try:
                _fill(warehouse, custody, catalog, [] if lacking else copies, payloads, job, report)
                _count(warehouse, catalog)
                warehouse.query("checkpoint")
            finally:
                warehouse.close()
            report.set_aside = _set_aside(custody)
            layout.repaired_file.replace(layout.warehouse_file)
        finally:
            layout.forget_repair()
        custody.publish()
        job.ends(report.exit_code, report.sentence)
        return report


def _fill(
    warehouse: Warehouse, custody: Custody, catalog: Catalog, copies: list[Copy], payloads: list[Payload], job: Job,
    report: RepairReport,
) -> None:  # fmt: skip
    records.create(warehouse)
    marks.create(warehouse)
    identity.create(warehouse)
    known_sources = sources(custody.layout.path)
    create_relations(warehouse, known_sources)
    known = identity.read(warehouse) or identity.read_copy(custody.layout.identity_file)
    if copies:
        known = _keep_what_was_said(warehouse, catalog, copies, report) or known
    with warehouse.transaction():
        if not copies:
            decision_log.restore(warehouse, decision_log.read(custody.layout.decisions_file))
        identity.write(warehouse, known or identity.new("real", clock.now()))
    for place, payload in enumerate(payloads, start=1):
        _load(warehouse, custody.layout.raw_folder, payload, report, known_sources)
        job.emit({"event": "load", "done": place, "of": len(payloads), "name": payload.name})
        job.check()
    custody.create_outside(warehouse, job)
    with warehouse.transaction():
        intake.record(warehouse, catalog, {node.name: None for node in catalog.sources}, job.id, clock.now())
    identity.keep_copy(custody.layout.identity_file, identity.read(warehouse) or identity.new("real", clock.now()))


def _load(warehouse: Warehouse, folder: Path, payload: Payload, report: RepairReport, known: Sources) -> None:
    file = folder / payload.payload if payload.payload else None
    if report.kept_from and (file is None or not file.is_file()):
        return
    if file is None or not file.is_file():
        report.lost.append(f"{payload.name}, loaded at {payload.loaded_at}: no copy of it was kept; ingest it again")
        return
    captured = datetime.fromisoformat(payload.captured_at) if payload.captured_at else None
    # A load can't have been after now: that clock was ahead.
    loaded = min(datetime.fromisoformat(payload.loaded_at).replace(tzinfo=None), clock.now())
    found = ingest(
        warehouse, [file], raw_folder=None, now=loaded, captured_at=captured, again=payload.is_again,
        kept={file: payload.name}, known=known,
    )  # fmt: skip
    refused = [one.refused for one in found.files if one.refused]
    if all(one.already_loaded for one in found.files):
        return
    if refused:
        report.lost.append(f"{payload.name}: {refused[0]}")
    else:
        report.loads += 1


def _loads_of(custody: Custody, copy: Path) -> list[Payload]:
    with custody.reads.opened(copy) as warehouse:
        return loads_of(warehouse)


@dataclass(frozen=True)
class Copy:
    """A file of the warehouse that can be read, how much was said in it, and the tables that don't give their checksums."""

    file: Path
    height: int
    damaged: frozenset[str]

    def told(self, tables: Collection[str]) -> list[str]:
        """A sentence for each of these tables that stays as it is here, although another program changed it."""
        return [
            f"{table}: another program changed it and no copy holds what was written; it stays as in {self.file.name}"
            for table in sorted(self.damaged & set(tables))
        ]


def _ledger(catalog: Catalog) -> frozenset[str]:
    return frozenset(node.name for node in catalog.appended)


def _best(copies: list[Copy], tables: frozenset[str]) -> Copy | None:
    """The copy for these tables: one in which they are what was written, of those the one in which the most was said.

    The first of equals: the warehouse may hold newer raw rows.
    """
    return max(copies, key=lambda copy: (not copy.damaged & tables, copy.height, -len(copy.damaged)), default=None)


def _readable(custody: Custody, catalog: Catalog) -> list[Copy]:
    """The warehouse, its snapshot and the copy before, as far as they are of this home and can be read."""
    layout = custody.layout
    found: list[Copy] = []
    own = _own_id(custody)
    spare = layout.snapshot_file.with_suffix(".spare")
    for file in (layout.warehouse_file, layout.snapshot_file, spare, layout.before_damage_file):
        if not file.exists():
            continue
        try:
            with custody.reads.opened(file) as warehouse:
                check_readable(warehouse)
                known = identity.read(warehouse)
                if warehouse.columns("raw_loads") and (own is None or known is None or known.home_id == own):
                    damaged = frozenset(damage.table for damage in checksums.damages(warehouse))
                    found.append(Copy(file, ledger_height(warehouse), damaged))
        except (BackcourtError, QueryError):
            continue
    return found


def _count(warehouse: Warehouse, catalog: Catalog) -> None:
    """What is there now is what counts."""
    checksums.create(warehouse)
    checksums.count_again(warehouse, kept_tables(warehouse, lambda: _ledger(catalog)))


def _own_id(custody: Custody) -> str | None:
    """Which home this is, by two of the three that say so; None where none of them does.

    Raises BackcourtError where they name different homes, and nothing tells which of them is this one.
    """
    layout = custody.layout
    copy = identity.read_copy(layout.identity_file)
    named = {
        layout.identity_file.name: copy.home_id if copy else None,
        layout.warehouse_file.name: custody.belonging.id_of(layout.warehouse_file),
        layout.snapshot_file.name: custody.belonging.id_of(layout.snapshot_file),
    }
    counted = Counter(home_id for home_id in named.values() if home_id)
    if not counted:
        return None
    (first, votes), *others = counted.most_common()
    if votes == 1 and others:
        told = ", ".join(f"{file} of {home_id}" for file, home_id in named.items() if home_id)
        raise BackcourtError(f"{layout.path} holds files of different homes ({told}); move those away that don't belong here.")
    return first


def _require_clock(custody: Custody) -> None:
    """What is loaded again is dated by now where that is earlier: under a set clock, that would date all of it wrong for good."""
    known = identity.read_copy(custody.layout.identity_file)
    named = clock.given()
    if named is None or (known is not None and known.is_simulated) or not custody.checks_clock:
        return
    newest = max(
        (datetime.fromisoformat(load.loaded_at).replace(tzinfo=None) for load in read_log(custody.layout.raw_folder)),
        default=None,
    )
    if newest is not None and clock.now() < newest - CLOCK_MAY_LAG:
        raise BackcourtError(
            f"It is {clock.now():%Y-%m-%d %H:%M} UTC by {named}, and files of {custody.layout.path} were loaded at "
            f"{newest:%Y-%m-%d %H:%M}; nothing was changed, for a repair dates nothing later than now. Unset "
            f"{named.partition('=')[0]} and repair again."
        )


def _keep_what_was_said(
    warehouse: Warehouse, catalog: Catalog, copies: list[Copy], report: RepairReport
) -> Identity | None:  # fmt: skip
    """Copy the tables that only verbs write, each from the best copy; the identity of the ledger's, if it says one."""
    copy = _best(copies, _ledger(catalog))
    assert copy is not None
    with _attached(warehouse, copy) as stored:
        kept = [node for node in catalog.appended if node.name in stored]
        for node in kept:
            define_record(warehouse, node)
        with warehouse.transaction():
            for node in kept:
                report.said[node.name] = _copied(warehouse, node.name)
            _copy_receipts(warehouse, ", ".join(f"'{node.name}'" for node in catalog.appended))
        known = _identity_of(warehouse) if "home" in stored - copy.damaged else None
    report.said_from = copy.file.name
    report.lost += copy.told(_ledger(catalog))
    for table in ("waivers", "verdicts", "raw_player_aliases", *SETTLED):
        best = _best(copies, frozenset({table}))
        assert best is not None
        with _attached(warehouse, best) as stored, warehouse.transaction():
            if table in stored:
                report.said[table] = _copied(warehouse, table)
        report.lost += best.told([table])
    return known


@contextmanager
def _attached(warehouse: Warehouse, copy: Copy) -> Iterator[frozenset[str]]:
    """The copy's stored tables, to be read as those of another database inside the block."""
    warehouse.query(f"attach {quoted(copy.file)} as {_OLD} (read_only)")
    try:
        rows = warehouse.query("select table_name from duckdb_tables() where database_name = ?", [_OLD])
        yield frozenset(str(row[0]) for row in rows)
    finally:
        warehouse.query(f"detach {_OLD}")


def _identity_of(warehouse: Warehouse) -> Identity | None:
    found = warehouse.query(f"select home_id, kind, created_at from {_OLD}.main.home")
    return Identity(str(found[0][0]), found[0][1], identity.FORMAT, str(found[0][2])) if found else None


def _copy_receipts(warehouse: Warehouse, names: str) -> None:
    """Those that count; a copy of an earlier format has one of each partition, without a number."""
    stored = warehouse.query("select column_name from duckdb_columns() where database_name = ? and table_name = 'receipts'", [_OLD])
    columns = ", ".join(str(row[0]) for row in stored if row[0] != "seq")
    source = f"{_OLD}.main.receipts"
    counting = records.current(source=source) if ("seq",) in stored else source
    warehouse.query(f"insert into receipts ({columns}, seq) select {columns}, 1 from {counting} as kept where table_name in ({names})")


def _copied(warehouse: Warehouse, table: str) -> int:
    """Add the copy's rows, in the columns that both have; how many rows there are then."""
    listed = "select column_name from duckdb_columns() where database_name = ? and table_name = ?"
    stored = warehouse.query(listed, [_OLD, table])
    named = ", ".join(name for name, _ in warehouse.columns(table) if (name,) in stored)
    warehouse.query(f"insert into {table} ({named}) select {named} from {_OLD}.main.{table} except all select {named} from {table}")
    ((count,),) = warehouse.query(f"select count(*) from {table}")
    return int(count)


def _set_aside(custody: Custody) -> str:
    layout = custody.layout
    if not layout.warehouse_file.exists():
        return ""
    layout.backups_folder.mkdir(exist_ok=True)
    if layout.warehouse_file.is_symlink():
        # The link stays where what it leads to is, and the new file takes its place here.
        link, target = layout.warehouse_file, layout.warehouse_file.resolve()
        link.unlink()
        return str(target)
    target = layout.backups_folder / f"warehouse.set-aside-{clock.wall():%Y%m%dT%H%M%S}.duckdb"
    log = layout.warehouse_file.with_name(f"{layout.warehouse_file.name}.wal")
    if log.exists():
        log.replace(target.with_name(f"{target.name}.wal"))
    layout.warehouse_file.replace(target)
    return str(target)
