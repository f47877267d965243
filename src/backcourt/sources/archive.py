"""Raw files as they came: their hash, their byte-for-byte copy, and when they were captured."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from re import search

from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import whole
from backcourt.engine.warehouse import Warehouse
from backcourt.sources.feed import Feed
from backcourt.sources.parsing import MAY_LEAD
from backcourt.sources.raw_file import NOTE, RawFile, ending
from backcourt.sources.reading import AS_READ


def file_hash(file: Path) -> str:
    """SHA-256 of the file's bytes, hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def keep(file: Path, hashed: str, folder: Path) -> Path:
    """Keep the file byte for byte under its hash; a copy that is cut off never gets the name. Raises BackcourtError when it can't."""
    target = folder / f"{hashed}{ending(file.name)}"
    if target.is_file() and target.stat().st_size == file.stat().st_size and file_hash(target) == hashed:
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole(target) as unfinished:
            shutil.copyfile(file, unfinished)
    except OSError as error:
        raise BackcourtError(
            f"{target} can't be written ({error.strerror}); raw files are kept there, so make room or give write access."
        ) from error
    return target


def keep_frame(warehouse: Warehouse, folder: Path) -> Path:
    """Keep the rows of `incoming` as a Parquet file under its hash, as `keep` does with a file. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = folder / "frame.parquet"
    with whole(drawn) as unfinished:
        warehouse.copy(f"select * exclude file_row from {AS_READ} order by file_row", unfinished)
    target = folder / f"{file_hash(drawn)}.parquet"
    return drawn.replace(target)


def archived_at(file: RawFile, feed: Feed, now: datetime) -> datetime | None:
    """When an archive was captured (UTC): by a `FILE.meta.json`, or a date in its name (the end of that day, or `now`).

    Raises BackcourtError for a note that says nothing or names a time to come.
    """
    said = _noted(file)
    if said is not None:
        return said
    found = search(feed.archived_at, file.name) if feed.archived_at else None
    if found is None:
        return None
    try:
        day = date.fromisoformat(found[1])
    except ValueError as error:
        raise BackcourtError(f"its name bears {found[1]}, which is no date; rename it") from error
    # Midnight Eastern is 05:00 UTC in the months of a season before the clocks change, 04:00 in the others; the later
    # one is after both.
    end = datetime.combine(day + timedelta(days=1), time(5))
    return min(end, now) if end - timedelta(days=1) <= now else end


def _noted(file: RawFile) -> datetime | None:
    note = file.note()
    if note is None:
        return None
    try:
        return utc(datetime.fromisoformat(json.loads(note)["captured_at"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        named = Path(file.name).name + NOTE
        raise BackcourtError(f'{named} beside it must hold {{"captured_at": "an ISO time"}}; correct or remove it') from error


def require_past(captured_at: datetime | None, now: datetime) -> None:
    """Raises BackcourtError for an archive of a time to come: it would count before all that is captured until then."""
    if captured_at is not None and captured_at > now + MAY_LEAD:
        raise BackcourtError(f"it was captured at {captured_at} UTC, later than now, {now}; correct the time or the clock")


def utc(moment: datetime) -> datetime:
    """A time as UTC without zone; one without zone is UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
