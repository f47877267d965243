"""Which files of a folder or a `.zip` are read, and in one sentence each why the others are not."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from backcourt.engine.errors import BackcourtError
from backcourt.sources.raw_file import NOTE, READ, RawFile, ending, plain_name, shown

_UNPACK = "unpack it and ingest what it holds"
_PACKED = (".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".tgz", ".gz", ".z", ".lz4")
_TABLES = (
    ".xlsx", ".xls", ".xlsm", ".ods", ".feather", ".arrow", ".avro", ".orc", ".pkl", ".pickle", ".rds", ".rdata", ".db",
    ".sqlite", ".duckdb", ".dta", ".sav", ".hdf5", ".h5",
)  # fmt: skip
_REMEDIES = {
    **dict.fromkeys(_PACKED, _UNPACK),
    **dict.fromkeys(_TABLES, "save it as CSV or Parquet"),
    ".parq": "rename it to .parquet",
    ".jsonlines": "rename it to .jsonl",
}
"""Endings of files that hold rows but aren't read, and what to do; what has another ending may hold none."""

_ORPHAN = "it is a note on a file that isn't there"
_DAMAGED = "its archive can't be unpacked, it is cut off or damaged; fetch it again"
_KINDS = {stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


@dataclass(frozen=True)
class Unread:
    """A file that is not read, and `why`; `is_fault` where it should hold rows, by its name or as it was asked for."""

    name: str
    why: str
    is_fault: bool


@dataclass
class FoundFiles:
    """The files to read, sorted by path, and those that are not read."""

    files: list[RawFile] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def add(self, other: FoundFiles) -> None:
        """What another place holds, too."""
        self.files += other.files
        self.unread += other.unread


def find(path: Path) -> FoundFiles:
    """The raw files under a folder, in a `.zip`, or the file itself; nothing but a plain file is ever opened.

    Raises BackcourtError when there is nothing of that name.
    """
    found = FoundFiles()
    if _is_folder(path):
        for entry, why in _walked(path):
            found.add(_one(entry, why, shown(str(entry.relative_to(path))), is_named=False))
    elif os.path.lexists(path):
        found.add(_one(path, "", shown(path.name), is_named=True))
    else:
        raise BackcourtError(f"{path} doesn't exist; give a file or a folder of raw files.")
    return found


def require_rows(path: Path, found: FoundFiles) -> None:
    """Count it as a fault where nothing that was found can be read. Raises BackcourtError where nothing was found."""
    if found.files or any(one.is_fault for one in found.unread):
        return
    if not found.unread:
        raise BackcourtError(f"{path} is an empty folder; give a file or a folder of raw files.")
    found.unread.append(Unread(str(path), f"none of its files can be read; give {READ}", is_fault=True))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _walked(folder: Path) -> Iterator[tuple[Path, str]]:
    """Everything below a folder but plain folders, in order of paths, and why a folder can't be opened."""
    unopened: list[OSError] = []
    entries: list[tuple[Path, str]] = []
    for place, folders, names in os.walk(folder, onerror=unopened.append):
        linked = [name for name in folders if (Path(place) / name).is_symlink()]
        # A folder that is called like a file of rows is no file; what it holds is looked at all the same.
        entries += [(Path(place) / name, "") for name in (*names, *linked)]
    for error in unopened:
        entries.append((Path(error.filename), f"the folder can't be opened ({error.strerror}); allow it to be read"))
    yield from sorted(entries)


def _one(path: Path, why: str, name: str, *, is_named: bool) -> FoundFiles:
    why = why or _obstacle(path)
    kind = ending(path.name)
    if why:
        return FoundFiles(unread=[Unread(name, why, is_fault=is_named or bool(kind) or "folder can't" in why)])
    if path.name.lower().endswith(NOTE) and not is_named:
        return FoundFiles() if _is_beside_its_file(path) else FoundFiles(unread=[Unread(name, _ORPHAN, False)])
    if kind == ".zip":
        return _in_archive(path)
    if kind:
        return FoundFiles([RawFile(path, shown(path.name))])
    return FoundFiles(unread=[_not_read(path.name, name, is_named=is_named)])


def _is_beside_its_file(note: Path) -> bool:
    return note.with_name(note.name[: -len(NOTE)]).exists()


def _not_read(file: str, name: str, *, is_named: bool) -> Unread:
    remedy = _REMEDIES.get(Path(file.lower()).suffix)
    named = shown(Path(file).suffix) or "a name without ending"
    return Unread(name, f"{named} is not read; {remedy or f'read are {READ}'}", is_fault=is_named or remedy is not None)


def _obstacle(path: Path) -> str:
    """What keeps a path from being opened as a file; empty where nothing does."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if path.is_symlink():
            target = shown(str(path.readlink()))
            return f"it is a link that leads nowhere ({target}); put the file there or remove the link"
        return f"it can't be looked at ({error.strerror}); allow it to be read"
    if stat.S_ISDIR(mode):
        return "it is a link to a folder, which isn't followed; give that folder itself"
    if not stat.S_ISREG(mode):
        return f"it is {_KINDS.get(stat.S_IFMT(mode), 'no file')}, which is never opened; write its content to a file"
    return "" if os.access(path, os.R_OK) else "it may not be read; allow it (chmod u+r)"


def _in_archive(path: Path) -> FoundFiles:
    found = FoundFiles()
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return FoundFiles(unread=[Unread(path.name, _DAMAGED, True)])
    names = [member.filename for member in members if not member.is_dir()]
    for name in names:
        found.add(_member(path, name, names))
    if not found.files and not any(one.is_fault for one in found.unread):
        found.unread.append(Unread(path.name, f"it holds nothing that can be read; give {READ}", is_fault=True))
    return found


def _member(path: Path, name: str, names: list[str]) -> FoundFiles:
    told = shown(f"{path.name}/{name}")
    if name.lower().endswith(NOTE):
        return FoundFiles() if name[: -len(NOTE)] in names else FoundFiles(unread=[Unread(told, _ORPHAN, False)])
    if names.count(name) > 1:
        why = f"the archive holds {names.count(name)} files of this name; {_UNPACK}"
        return FoundFiles(unread=[Unread(told, why, is_fault=True)])
    kind = ending(name)
    if plain_name(name).startswith("._"):
        return FoundFiles(unread=[Unread(told, "it is a Mac's note on another file", is_fault=False)])
    if kind == ".zip":
        return FoundFiles(unread=[Unread(told, f"it is an archive in an archive; {_UNPACK}", is_fault=True)])
    if kind:
        return FoundFiles([RawFile(path, told, name, has_note=f"{name}{NOTE}" in names)])
    return FoundFiles(unread=[_not_read(plain_name(name), told, is_named=False)])
