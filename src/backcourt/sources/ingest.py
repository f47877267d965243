"""Loading raw files: each in one transaction, recognised by its columns, parsed strictly, versioned, reported."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from re import search
from typing import Any

import duckdb

from backcourt.engine.errors import BackcourtError
from backcourt.sources.feed import Feed, Fill
from backcourt.sources.parsing import parse
from backcourt.sources.raw_tables import create_lookups, create_raw_tables, feeds, learn_names
from backcourt.sources.reading import raw_files, read_incoming
from backcourt.sources.relations import create_relations, touched_relations
from backcourt.sources.versions import store

INGEST_VERSION = "1"

__all__ = ["FileReport", "IngestReport", "create_relations", "ingest"]


@dataclass
class FileReport:
    """One file's outcome; counts are rows of its raw tables, `rejected` rows of the file. `refused` says why nothing was loaded."""

    file: str
    source: str = ""
    rows_in: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    already_loaded: bool = False
    refused: str | None = None
    sentences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class IngestReport:
    """What an ingest did, file by file. `touched` maps relations to the dates whose content may have changed (None: any date)."""

    files: list[FileReport] = field(default_factory=list)
    touched: dict[str, set[date] | None] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Was every file taken and every row accepted?"""
        return not any(report.refused or report.rejected for report in self.files)

    def total(self, count: str) -> int:
        """The sum of one count (`rows_in`, `new`, `changed`, `unchanged`, `rejected`) over the files."""
        return sum(int(getattr(report, count)) for report in self.files)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        names = ("rows_in", "new", "changed", "unchanged", "rejected")
        return {"files": [asdict(report) for report in self.files], "totals": {name: self.total(name) for name in names}, "ok": self.ok}


def ingest(
    connection: duckdb.DuckDBPyConnection,
    inputs: Iterable[Any],
    *,
    raw_folder: Path | None,
    now: datetime,
    captured_at: datetime | None = None,
    again: bool = False,
    source: str | None = None,
) -> IngestReport:
    """Load files, folders (walked) and DataFrames into the raw tables of an open warehouse.

    A file that can't be read or recognised is refused with one sentence and never stops the others; a row that breaks a rule is kept in
    `raw_rejects` with its reason. A file whose bytes were loaded before changes nothing unless `again`. Times are UTC without zone.
    """
    create_raw_tables(connection)
    create_lookups(connection)
    report = IngestReport()
    items: list[Any] = []
    for given in inputs:
        items += raw_files(Path(given)) if isinstance(given, str | Path) else [given]
    for item in items:
        report.files.append(_load(connection, item, raw_folder, now, captured_at, again, source, report.touched))
    return report


def _load(
    connection: duckdb.DuckDBPyConnection,
    item: Any,
    raw_folder: Path | None,
    now: datetime,
    captured_at: datetime | None,
    again: bool,
    source: str | None,
    touched: dict[str, set[date] | None],
) -> FileReport:
    report = FileReport(item.name if isinstance(item, Path) else "DataFrame")
    file_hash = _file_hash(item) if isinstance(item, Path) else ""
    if file_hash and not again and (before := _loaded(connection, file_hash)):
        report.source, report.rows_in, report.unchanged = before
        report.already_loaded = True
        return report
    try:
        columns = read_incoming(connection, item)
        feed = _recognise(columns, source)
        taken_at = captured_at or _archived_at(item, feed)
    except BackcourtError as error:
        report.refused = f"{report.file}: {error}."
        return report
    report.source = feed.name
    connection.execute("begin transaction")
    try:
        report.rows_in = int(connection.execute("select count(*) from incoming").fetchall()[0][0])
        load_id = int(connection.execute("select coalesce(max(load_id), 0) + 1 from raw_loads").fetchall()[0][0])
        learn_names(connection, columns)
        bad_rows: set[int] = set()
        for fill in feed.fills:
            bad_rows |= _fill(connection, feed, fill, load_id, taken_at, now, report, touched)
        report.rejected = len(bad_rows)
        kept = _keep(item, file_hash, raw_folder)
        connection.execute(
            "insert into raw_loads values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                load_id, str(item) if isinstance(item, Path) else "DataFrame", feed.name, file_hash, kept, taken_at, now, INGEST_VERSION,
                report.rows_in, report.new, report.changed, report.unchanged, report.rejected,
            ],
        )  # fmt: skip
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return report


def _fill(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    fill: Fill,
    load_id: int,
    captured_at: datetime | None,
    now: datetime,
    report: FileReport,
    touched: dict[str, set[date] | None],
) -> set[int]:
    parse(connection, fill)
    _apply_rules(connection, fill)
    rejects = connection.execute(
        "select p.file_row, p.problem, to_json(i) from parsed p join incoming i using (file_row) where p.problem is not null order by 1"
    ).fetchall()
    rejects = [row for row in rejects if row[1] != _REPEATED]
    aside = [row for row in rejects if _rule_of(row[1]) in {rule.name for rule in fill.rules if rule.sets_aside}]
    for file_row, problem, _ in rejects:
        told = report.notes if any(file_row == row[0] for row in aside) else report.sentences
        told.append(f"{report.file}, row {file_row}: {problem}.")
    if rejects:
        connection.executemany(
            "insert into raw_rejects values (?, ?, ?, ?, ?, ?, ?, ?)",
            [[load_id, report.file, feed.name, fill.raw, row, _rule_of(problem), problem, payload] for row, problem, payload in rejects],
        )
    stored = store(connection, feed, fill, load_id, captured_at, now)
    report.new += stored.new
    report.changed += stored.changed
    report.unchanged += stored.unchanged
    if stored.new + stored.changed:
        touched_relations(connection, fill.raw, touched)
    return {int(row[0]) for row in rejects} - {int(row[0]) for row in aside}


_REPEATED = "repeats a row of the same file"


def _apply_rules(connection: duckdb.DuckDBPyConnection, fill: Fill) -> None:
    for rule in fill.rules:
        sentence = f"coalesce({rule.sentence}, '') || ' (rule: {rule.name})'"
        connection.execute(f"update parsed set problem = {sentence} where problem is null and ({rule.offends})")
    key = ", ".join(fill.key)
    repeated = connection.execute(f"select count(*) - count(distinct hash({key})) from parsed where problem is null").fetchall()[0][0]
    if not repeated:
        return
    if fill.repeats == "drop":
        facts = ", ".join(item.name for item in fill.fields)
        connection.execute(
            f"update parsed set problem = '{_REPEATED}' where file_row in (select file_row from (select file_row, row_number() over "
            f"(partition by {facts} order by file_row) as copy from parsed where problem is null) as copies where copy > 1)"
        )
    shown = " || ', ' || ".join(f"'{name} ' || coalesce(cast({name} as varchar), 'none')" for name in fill.key)
    connection.execute(
        f"update parsed set problem = 'two rows for one key: ' || {shown} || ' (rule: one row per key)' where file_row in ("
        f"select file_row from (select file_row, count(*) over (partition by {key}) as copies from parsed where problem is null) as counted "
        f"where copies > 1)"
    )


def _rule_of(problem: str) -> str:
    found = search(r"\(rule: (.+)\)$", problem)
    return found[1] if found else "parses"


def _recognise(columns: list[str], source: str | None) -> Feed:
    have = set(columns)
    if source is not None:
        for feed in feeds().values():
            if source in (feed.name, *feed.aliases) and feed.columns <= have:
                return feed
        named = [feed for feed in feeds().values() if source in (feed.name, *feed.aliases)]
        if not named:
            raise BackcourtError(f"there is no source {source!r}; known are {', '.join(feeds())}")
        raise BackcourtError(f"it lacks the column {sorted(named[0].columns - have)[0]} of the source {source!r}")
    matching = [feed for feed in feeds().values() if feed.columns <= have]
    if matching:
        return max(matching, key=lambda feed: len(feed.columns))
    nearest = max(feeds().values(), key=lambda feed: len(feed.columns & have) / len(feed.columns))
    lacking = ", ".join(sorted(nearest.columns - have)[:5])
    raise BackcourtError(f"its columns are no known format; the nearest, {nearest.name!r}, also needs {lacking}")


def _archived_at(item: Any, feed: Feed) -> datetime | None:
    """When an archive was taken: from `FILE.meta.json` beside it, or from a date in its name (the end of that Eastern day)."""
    if not isinstance(item, Path):
        return None
    meta = item.with_name(item.name + ".meta.json")
    if meta.is_file():
        try:
            moment = datetime.fromisoformat(json.loads(meta.read_text())["captured_at"])
        except (ValueError, KeyError, TypeError) as error:
            raise BackcourtError(f'{meta.name} beside it must hold {{"captured_at": an ISO time}}') from error
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    found = search(feed.archived_at, item.name) if feed.archived_at else None
    return datetime.combine(date.fromisoformat(found[1]) + timedelta(days=1), datetime.min.time()) + timedelta(hours=5) if found else None


def _file_hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _loaded(connection: duckdb.DuckDBPyConnection, file_hash: str) -> tuple[str, int, int] | None:
    rows = connection.execute(
        "select source, rows_in, rows_new + rows_changed + rows_unchanged from raw_loads where file_hash = ? order by load_id limit 1",
        [file_hash],
    ).fetchall()
    return (str(rows[0][0]), int(rows[0][1]), int(rows[0][2])) if rows else None


def _keep(item: Any, file_hash: str, raw_folder: Path | None) -> str | None:
    """Keep the file byte for byte under its hash; a copy that is cut off never gets the name."""
    if raw_folder is None or not isinstance(item, Path):
        return None
    suffix = "".join(item.suffixes[-2:]) if item.suffix == ".gz" else item.suffix
    target = raw_folder / f"{file_hash}{suffix}"
    if not target.exists():
        raw_folder.mkdir(parents=True, exist_ok=True)
        temporary = target.with_suffix(".part")
        shutil.copyfile(item, temporary)
        temporary.replace(target)
    return str(target)
