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


def file_hash(file: Path) -> str:
    """SHA-256 of the file's bytes, hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def keep(file: Path, hashed: str, folder: Path) -> Path:
    """Keep the file byte for byte under its hash; a copy that is cut off never gets the name. Raises BackcourtError when it can't."""
    suffix = "".join(file.suffixes[-2:]) if file.suffix == ".gz" else file.suffix
    target = folder / f"{hashed}{suffix}"
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
        warehouse.copy("select * exclude file_row from incoming order by file_row", unfinished)
    target = folder / f"{file_hash(drawn)}.parquet"
    return drawn.replace(target)


def archived_at(file: Path, feed: Feed) -> datetime | None:
    """When an archive was captured (UTC): from `FILE.meta.json` beside it, or from a date in its name (the end of that Eastern day)."""
    meta = file.with_name(file.name + ".meta.json")
    if meta.is_file():
        try:
            return utc(datetime.fromisoformat(json.loads(meta.read_text())["captured_at"]))
        except (ValueError, KeyError, TypeError) as error:
            raise BackcourtError(f'{meta.name} beside it must hold {{"captured_at": "an ISO time"}}; correct or remove it') from error
    found = search(feed.archived_at, file.name) if feed.archived_at else None
    # Midnight Eastern is 05:00 UTC in the months of a season before the clocks change, 04:00 in the others; the later
    # one is after both.
    return datetime.combine(date.fromisoformat(found[1]) + timedelta(days=1), time(5)) if found else None


def utc(moment: datetime) -> datetime:
    """A time as UTC without zone; one without zone is UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
