"""Loading raw files: each in one transaction, recognised by its columns, parsed strictly, versioned, reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from re import search
from typing import Any

from backcourt.engine.errors import BackcourtError, QueryError
from backcourt.engine.warehouse import Warehouse
from backcourt.sources.archive import archived_at, file_hash, keep, keep_frame, require_past, utc
from backcourt.sources.declared import Sources, sources
from backcourt.sources.feed import Feed, Fill
from backcourt.sources.finding import Unread, find, require_rows
from backcourt.sources.held import held_again, held_of_file, held_sentences, lost_sentences, superseded_of_file
from backcourt.sources.parsing import REPEATED, apply_rules, parse
from backcourt.sources.payloads import Payload, note
from backcourt.sources.raw_file import RawFile
from backcourt.sources.raw_tables import create_lookups, learn_names
from backcourt.sources.reading import AS_READ, add_optional, forget_incoming, read_incoming
from backcourt.sources.rechoosing import choose_again, reopen
from backcourt.sources.recognise import recognise
from backcourt.sources.relations import create_relations
from backcourt.sources.report import FileReport, IngestReport
from backcourt.sources.touched import Touched, merge
from backcourt.sources.vanished import vanished
from backcourt.sources.versions import compare, write

INGEST_VERSION = "1"
_FAILS = "the SQL of this feed fails on the file ({error}); correct it"
SENTENCES = 20
"""So many rejected rows of a file are told one by one; all are in raw_rejects."""
_LONGEST_PAYLOAD = 100_000

# A source's first version of a group was counted as new, any other as changed.
_HELD_ROWS = """
with held as (
    select g.rows, (select count(*) from raw_groups o where o.raw = g.raw and o.source = g.source
        and o.group_key = g.group_key and o.load_id < g.load_id) as earlier
    from raw_groups g
    join raw_superseded x on x.raw = g.raw and x.group_key = g.group_key and x.load_id = g.load_id
    where g.raw = ? and g.load_id = ? and x.why is not null
)
select coalesce(sum(rows) filter (earlier = 0), 0), coalesce(sum(rows) filter (earlier > 0), 0) from held
"""

__all__ = ["FileReport", "IngestReport", "create_relations", "ingest"]


@dataclass(frozen=True)
class _Load:
    """What holds for all files of one ingest."""

    warehouse: Warehouse
    raw_folder: Path | None
    now: datetime
    captured_at: datetime | None
    again: bool
    source: str | None
    kept: Mapping[Path, str]
    on_store: Callable[[], None]
    known: Sources


def ingest(
    warehouse: Warehouse,
    inputs: Iterable[Any],
    *,
    raw_folder: Path | None,
    now: datetime,
    captured_at: datetime | None = None,
    again: bool = False,
    source: str | None = None,
    kept: Mapping[Path, str] | None = None,
    known: Sources | None = None,
    on_new_bytes: Callable[[int], None] = lambda size: None,
    on_store: Callable[[], None] = lambda: None,
    on_file: Callable[[FileReport, int, int], None] = lambda report, done, of: None,
) -> IngestReport:
    """Load files, folders and archives (walked) and DataFrames into the raw tables of an open warehouse.

    A file that isn't read is named with the reason. One that can't be read or recognised is refused with one sentence
    and never stops the others; a row that breaks a rule is kept in `raw_rejects` with its reason.

    A file whose bytes were loaded before changes nothing unless `again`. `captured_at` says when the facts were
    obtained; without it a file's own note (`FILE.meta.json`, a date in the name) does, else nobody knows and the load's
    order decides. Times are UTC. `kept` are files that are
    payloads already, with the names that they were given under; `known` are the feeds and relations that hold, by
    default the package's own. Before anything is loaded, `on_new_bytes` is told the size of the files that weren't
    loaded before; `on_store` is called in the transaction that stores a file's rows, before it commits; `on_file`
    after each file, with how many are done and of how many. Raises BackcourtError for an input that doesn't exist and
    for a raw folder that can't be written.
    """
    kept = kept or {}
    items = [item for given in inputs for item in _items(given, kept)]
    known = known or sources()
    create_relations(warehouse, known)
    create_lookups(warehouse)
    moment = utc(captured_at) if captured_at else None
    load = _Load(warehouse, raw_folder, utc(now), moment, again, source, kept, on_store, known)
    hashes = {item: _hash_of(item) for item in items if isinstance(item, RawFile)}
    fresh = {file.path for file, hashed in hashes.items() if hashed and (again or not _loaded(warehouse, hashed))}
    on_new_bytes(sum(file.stat().st_size for file in fresh))
    report = IngestReport()
    for done, item in enumerate(items, start=1):
        if isinstance(item, Unread):
            report.files.append(_unread(item))
        else:
            report.files.append(_load(load, item, hashes.get(item, "") if isinstance(item, RawFile) else "", report))
        on_file(report.files[-1], done, len(items))
    forget_incoming(warehouse)
    for relation in ("team_box", "player_box", "shots"):
        rows = warehouse.query(f"select count(*) from {relation} where game_date is null")[0][0]
        if rows:
            report.without_schedule[relation] = int(rows)
    return report


def _items(given: Any, kept: Mapping[Path, str]) -> list[Any]:
    """What an input comes to: files, what is not read, and frames as they are."""
    if not isinstance(given, str | Path):
        return [given]
    path = Path(given)
    if path in kept:
        return [_kept_file(path, kept[path])]
    found = find(path)
    require_rows(path, found)
    return [*found.files, *found.unread]


def _kept_file(path: Path, name: str) -> RawFile:
    """A payload under the name that it was given by; of a kept archive that is the member that was loaded."""
    archive, _, member = name.partition("/")
    return RawFile(path, name, member if archive.lower().endswith(".zip") else None)


def _unread(item: Unread) -> FileReport:
    sentence = f"{item.name}: {item.why.rstrip('.')}."
    return FileReport(item.name, refused=sentence) if item.is_fault else FileReport(item.name, skipped=sentence)


def _hash_of(file: RawFile) -> str:
    """Its hash; empty for a file that can't be read, which reading it will say."""
    try:
        return file.hashed()
    except (OSError, BackcourtError):
        return ""


def _load(load: _Load, item: Any, hashed: str, whole: IngestReport) -> FileReport:
    warehouse = load.warehouse
    report = FileReport(item.name if isinstance(item, RawFile) else "DataFrame")
    if hashed and not load.again and (before := _loaded(warehouse, hashed)):
        report.source, report.rows_in, report.unchanged, report.rejected = before
        if report.rejected:
            report.sentences.append(f"{report.file}: {report.rejected:,} of its rows were rejected when it was loaded; correct the file.")
        report.already_loaded = True
        report.held = held_of_file(warehouse, hashed, report.file)
        report.notes += superseded_of_file(warehouse, hashed, report.file)
        if load.raw_folder is not None and isinstance(item, RawFile):
            keep(item.path, _payload_hash(item, hashed), load.raw_folder)
        return report
    try:
        present = read_incoming(warehouse, item)
        feed = recognise(load.known.feeds, present, load.source)
        add_optional(warehouse, feed, present)
        _refuse(warehouse, feed)
        captured_at = load.captured_at or (archived_at(item, feed, load.now) if isinstance(item, RawFile) else None)
        require_past(captured_at, load.now)
    except BackcourtError as error:
        report.refused = f"{report.file}: {str(error).rstrip('.')}."
        return report
    report.source = feed.name
    try:
        with warehouse.transaction():
            touched = _store(load, feed, item, hashed, captured_at, present, report)
            load.on_store()
    except QueryError as error:
        file = load.known.loaded_feeds[feed.name]
        if error.kind != "data" and (file.is_own or error.kind != "permanent"):
            raise
        if not file.is_own:
            return FileReport(report.file, feed.name, refused=f"{report.file}: {file.problem(_FAILS.format(error=error)).sentence}")
        return FileReport(report.file, feed.name, refused=f"{report.file}: {_odd_column(feed, error)}; compare it with a file that loads.")
    merge(whole.touched, touched.relations())
    return report


def _store(
    load: _Load, feed: Feed, item: Any, hashed: str, captured_at: datetime | None, present: list[str], report: FileReport
) -> Touched:
    warehouse = load.warehouse
    report.rows_in = int(warehouse.query("select count(*) from incoming")[0][0])
    load_id = int(warehouse.query("select coalesce(max(load_id), 0) + 1 from raw_loads")[0][0])
    learn_names(warehouse, [name for name in feed.player_names if name in present])
    touched = Touched(warehouse, load.known)
    bad_rows: set[int] = set()
    for fill in feed.fills:
        parse(warehouse, fill)
        apply_rules(warehouse, fill, load.now)
        bad_rows |= _reject(warehouse, feed, fill, load_id, report)
        if fill.raw == "raw_schedule" and (told := vanished(warehouse, report.file, load.now)):
            report.notes.append(told)
        found = compare(warehouse, feed, fill, captured_at, load.now)
        report.held += held_again(warehouse, fill.raw, report.file)
        report.new += found.new
        report.changed += found.changed
        report.unchanged += found.unchanged
        for group in found.spoilt[:SENTENCES]:
            report.notes.append(
                f"{report.file}: {group} in {fill.raw} keeps its earlier version, because a row of the new one was rejected."
            )
        if found.new or found.changed:
            touched.note(fill.raw)
            write(warehouse, feed, fill, load_id, load.now)
    report.rejected = len(bad_rows)
    reopen(warehouse, touched, load.now)
    for raw, chosen in choose_again(warehouse, touched).items():
        held = held_sentences(raw, chosen, load_id, report.file)
        report.held += held
        if held:
            _uncount(warehouse, raw, load_id, report)
        report.notes += lost_sentences(raw, chosen, load_id, report.file)[:SENTENCES]
    kept = item.path if isinstance(item, RawFile) and item.path in load.kept else None
    if load.raw_folder is not None:
        kept = _keep(warehouse, item, hashed, load.raw_folder)
        moment = captured_at.isoformat() if captured_at else None
        note(load.raw_folder, Payload(report.file, kept.name, feed.name, moment, load.now.isoformat(), load.again))
    warehouse.query(
        "insert into raw_loads values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            load_id, _place(load, item), feed.name, hashed,
            str(kept) if kept else None, captured_at, load.now, INGEST_VERSION,
            report.rows_in, report.new, report.changed, report.unchanged, report.rejected,
        ],
    )  # fmt: skip
    return touched


def _odd_column(feed: Feed, error: QueryError) -> str:
    lacking = search(r'column "([^"]+)" not found', str(error))
    return f"it lacks the column {lacking[1]} of {feed.name!r}" if lacking else f"a column isn't as {feed.name!r} has it ({error})"


def _keep(warehouse: Warehouse, item: Any, hashed: str, folder: Path) -> Path:
    """The copy that is kept: of a member its whole archive, of a frame its rows."""
    if not isinstance(item, RawFile):
        return keep_frame(warehouse, folder)
    return keep(item.path, _payload_hash(item, hashed), folder)


def _payload_hash(item: RawFile, hashed: str) -> str:
    return hashed if item.member is None else file_hash(item.path)


def _place(load: _Load, item: Any) -> str:
    """Where an input lies; of a payload the name that it was given under."""
    if not isinstance(item, RawFile):
        return "DataFrame"
    return load.kept.get(item.path, item.place)


def _uncount(warehouse: Warehouse, raw: str, load_id: int, report: FileReport) -> None:
    """Rows of held groups are stored, and neither new nor changed."""
    ((new, changed),) = warehouse.query(_HELD_ROWS, [raw, load_id])
    report.new -= int(new)
    report.changed -= int(changed)


def _reject(warehouse: Warehouse, feed: Feed, fill: Fill, load_id: int, report: FileReport) -> set[int]:
    """Keep the rejected rows of `parsed` with their reason, and return those of them that are the file's fault."""
    bad = warehouse.query("select file_row, problem, rule from parsed where problem is not null and rule <> ? order by 1", [REPEATED])
    if not bad:
        return set()
    set_aside = {rule.name for rule in fill.rules if rule.sets_aside}
    warehouse.query(
        "insert into raw_rejects (load_id, file, source, raw, file_row, rule, sentence, payload, group_key) "
        f"select ?, ?, ?, ?, p.file_row, p.rule, p.problem, left(cast(to_json(i) as varchar), {_LONGEST_PAYLOAD}), p.group_key "
        f"from parsed p join {AS_READ} i using (file_row) where p.problem is not null and p.rule <> ?",
        [load_id, report.file, feed.name, fill.raw, REPEATED],
    )
    for told, rows in (
        (report.notes, [row for row in bad if row[2] in set_aside]),
        (report.sentences, [row for row in bad if row[2] not in set_aside]),
    ):
        told += [f"{report.file}, row {row}: {problem}." for row, problem, _ in rows[:SENTENCES]]
        if len(rows) > SENTENCES:
            told.append(f"{report.file}: {len(rows) - SENTENCES} more rows were kept apart; see raw_rejects, load {load_id}.")
    return {int(row) for row, _, rule in bad if rule not in set_aside}


def _refuse(warehouse: Warehouse, feed: Feed) -> None:
    if warehouse.query("select count(*) from incoming")[0][0] == 0:
        raise BackcourtError(f"it has the columns of {feed.name!r} but no rows; fetch it again")
    for refusal in feed.refusals:
        try:
            is_refused = warehouse.query(f"select {refusal.when} from incoming")[0][0]
        except QueryError as error:
            if error.kind != "permanent":
                raise
            raise BackcourtError(
                f"{refusal.when!r}, for which {feed.name!r} refuses a file, can't be asked ({error}); correct it"
            ) from error
        if is_refused:
            raise BackcourtError(refusal.sentence)


def _loaded(warehouse: Warehouse, hashed: str) -> tuple[str, int, int, int] | None:
    rows = warehouse.query(
        "select source, rows_in, rows_new + rows_changed + rows_unchanged, rows_rejected "
        "from raw_loads where file_hash = ? order by load_id limit 1",
        [hashed],
    )
    return (str(rows[0][0]), int(rows[0][1]), int(rows[0][2]), int(rows[0][3])) if rows else None
