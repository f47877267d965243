"""Generations of published files. A new one is built beside the old one, and the manifest, swapped last, leads readers to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError
from backcourt.engine.lock import write_lock
from backcourt.publishing.disk import Disk
from backcourt.publishing.documents import Document, document, moment_text

KEPT_GENERATIONS = 14
_GENERATIONS, _IMMUTABLE, _MANIFEST = "generations", "immutable", "manifest.json"


@dataclass(frozen=True)
class Entry:
    """A published file in the manifest; `path` leads to it from the folder that holds the manifest."""

    path: str
    sha256: str
    bytes: int
    schema: str | None

    @property
    def name(self) -> str:
        """The path as readers know it: without the generation's folder or the content hash."""
        first, _, rest = self.path.partition("/")
        if first == _GENERATIONS:
            return rest.partition("/")[2]
        stem, _, ending = rest.rpartition(f".{self.sha256}")
        return stem + ending


@dataclass(frozen=True)
class PublishedFiles:
    """What is published: the generation, the one before it (None for the first), when, every file, and whether a simulated home made them.

    `is_simulated` is None in manifests from before they said it.
    """

    generation: int
    previous: int | None
    created_at: str
    files: tuple[Entry, ...]
    is_simulated: bool | None

    @property
    def by_name(self) -> dict[str, Entry]:
        """Every file by the path that readers know."""
        return {entry.name: entry for entry in self.files}

    @property
    def body(self) -> dict[str, Any]:
        """The manifest as its schema has it."""
        return {("simulated" if name == "is_simulated" else name): value for name, value in asdict(self).items()}


Finish = Callable[[Mapping[str, Entry]], Iterable[Document]]


class Publication:
    """A folder with a manifest. What the manifest names is whole; a publisher that is killed leaves the manifest before it in place.

    `generations/<number>/...` holds the files that change, `immutable/...` those that never do, under their content
    hash.
    """

    def __init__(self, root: Path, *, keep: int = KEPT_GENERATIONS, disk: Disk | None = None) -> None:
        self.root = root
        self._keep = keep
        self._disk = disk or Disk()

    # ---- reading
    def manifest(self) -> PublishedFiles | None:
        """The current manifest; None before the first publication. Raises BackcourtError when it can't be read."""
        file = self.root / _MANIFEST
        try:
            body = json.loads(file.read_text(encoding="utf-8"))
            entries = tuple(Entry(**entry) for entry in body["files"])
            return PublishedFiles(body["generation"], body["previous"], body["created_at"], entries, body.get("simulated"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise BackcourtError(f"{file} can't be read ({error}); restore it from its generation's folder.") from error

    def names(self) -> frozenset[str]:
        """The names of all published files."""
        manifest = self.manifest()
        return frozenset(manifest.by_name) if manifest else frozenset()

    def require_same_origin(self, is_simulated: bool) -> None:
        """Raise BackcourtError when real files would lie beside simulated ones; a manifest from before the mark takes either."""
        manifest = self.manifest()
        if manifest and manifest.is_simulated not in (None, is_simulated):
            held, arriving = ("real", "simulated") if is_simulated else ("simulated", "real")
            raise BackcourtError(f"{self.root} holds {held} files, beside which {arriving} ones may not lie; choose another --out.")

    def read(self, name: str) -> bytes:
        """A published file's bytes, proved by their hash. Raises BackcourtError when it isn't published or isn't what was published."""
        manifest = self.manifest()
        entry = manifest.by_name.get(name) if manifest else None
        if entry is None:
            raise BackcourtError(f"{name} isn't published in {self.root}; run `backcourt publish` for its date.")
        problem = self._problem(entry)
        if problem:
            raise BackcourtError(f"{problem}; publish its date again.")
        return (self.root / entry.path).read_bytes()

    def read_json(self, name: str) -> dict[str, Any] | None:
        """A published JSON file's body; None when there is none of this name."""
        return dict(json.loads(self.read(name))) if name in self.names() else None

    def problems(self) -> list[str]:
        """One sentence for each file of the manifest that is missing or isn't what the manifest says."""
        manifest = self.manifest()
        return [problem for entry in (manifest.files if manifest else ()) if (problem := self._problem(entry))]

    def _problem(self, entry: Entry) -> str | None:
        try:
            data = (self.root / entry.path).read_bytes()
        except OSError as error:
            return f"{self.root / entry.path} can't be read ({error.strerror})"
        if len(data) != entry.bytes or sha256(data).hexdigest() != entry.sha256:
            return f"{self.root / entry.path} isn't what the manifest says"
        return None

    # ---- writing
    def publish(self, documents: Iterable[Document], now: datetime, finish: Finish = lambda _: (), *, is_simulated: bool) -> PublishedFiles:
        """Publish `documents` in place of those of the same names; every other file of the current generation stays.

        `finish` is given where each file will lie and returns the documents that point to them. Nothing is written
        when all is as it is published already. Raises LockedError when another process publishes here, BackcourtError
        when the folder can't be written or holds files of the other origin.
        """
        arriving = {document.name: document for document in documents}
        try:
            with write_lock(self.root / "publish.lock", "publish"):
                self.require_same_origin(is_simulated)
                current = self.manifest()
                known = current.by_name if current else {}
                is_marked = current is not None and current.is_simulated is is_simulated
                if current and is_marked and all(self._stands(document, known.get(document.name)) for document in arriving.values()):
                    return current
                return self._publish(arriving, current, now, finish, is_simulated)
        except OSError as error:
            raise BackcourtError(f"{self.root} can't be written ({error}); make room or give write access, then publish again.") from error

    def _publish(
        self, arriving: dict[str, Document], current: PublishedFiles | None, now: datetime, finish: Finish, is_simulated: bool
    ) -> PublishedFiles:
        generations = self.root / _GENERATIONS
        self._disk.make_folder(generations)
        number = current.generation + 1 if current else 1
        self._clear(generations, number)
        entries = {name: entry for name, entry in (current.by_name if current else {}).items() if name not in arriving}
        carried = {name: entry for name, entry in entries.items() if entry.path.startswith(_GENERATIONS)}
        for name, entry in carried.items():
            entries[name] = Entry(_generation_path(number, name), entry.sha256, entry.bytes, entry.schema)
        for name, arrived in arriving.items():
            entries[name] = _entry(arrived, number)
        pointing = {document.name: document for document in finish(entries)}
        for name, pointer in pointing.items():
            entries[name] = _entry(pointer, number)
        manifest = PublishedFiles(
            number,
            current.generation if current else None,
            moment_text(now),
            tuple(entries[name] for name in sorted(entries)),
            is_simulated,
        )
        text = document(_MANIFEST, "manifest.schema.json", manifest.body).data
        building = generations / f".{number:06d}.part"
        self._disk.make_folder(building)
        for name in sorted(carried.keys() - pointing.keys()):
            self._folder_of(building / name)
            self._disk.link(self.root / carried[name].path, building / name)
        for name, arrived in sorted((arriving | pointing).items()):
            self._place(arrived, entries[name], building)
        self._write(building / _MANIFEST, text)
        for folder in sorted({file.parent for file in building.rglob("*")}, reverse=True):
            self._disk.sync_folder(folder)
        self._disk.rename(building, generations / f"{number:06d}")
        self._disk.sync_folder(generations)
        self._write(self.root / _MANIFEST, text)
        self._disk.sync_folder(self.root)
        self._prune(generations, number)
        return manifest

    def _stands(self, arriving: Document, known: Entry | None) -> bool:
        return known is not None and known.sha256 == arriving.sha256 and self._problem(known) is None

    def _place(self, arrived: Document, entry: Entry, building: Path) -> None:
        if not arrived.is_immutable:
            self._folder_of(building / arrived.name)
            self._write(building / arrived.name, arrived.data)
            return
        file = self.root / entry.path
        if file.exists():
            if problem := self._problem(entry):
                raise BackcourtError(f"{problem}, and an immutable file is never rewritten; restore it from a copy.")
            return
        self._folder_of(file)
        self._write(file, arrived.data)
        self._disk.sync_folder(file.parent)

    def _write(self, file: Path, data: bytes) -> None:
        part = file.with_name(f".{file.name}.part")
        self._disk.write(part, data)
        self._disk.rename(part, file)

    def _folder_of(self, file: Path) -> None:
        if not file.parent.is_dir():
            self._disk.make_folder(file.parent)
            self._disk.sync_folder(file.parent.parent)

    def _clear(self, generations: Path, number: int) -> None:
        """Remove what a killed publisher left: an unfinished folder, or one that no manifest ever named."""
        for folder in sorted(generations.iterdir()):
            if folder.name.endswith(".part") or (folder.name.isdigit() and int(folder.name) >= number):
                self._disk.remove_folder(folder)

    def _prune(self, generations: Path, number: int) -> None:
        for folder in sorted(generations.iterdir()):
            if folder.name.isdigit() and int(folder.name) <= number - self._keep:
                # Under an unfinished name first: a half removed generation must not look like a whole one.
                gone = generations / f".{folder.name}.part"
                self._disk.rename(folder, gone)
                self._disk.remove_folder(gone)


def _generation_path(number: int, name: str) -> str:
    return f"{_GENERATIONS}/{number:06d}/{name}"


def _entry(arrived: Document, number: int) -> Entry:
    hashed = arrived.sha256
    if arrived.is_immutable:
        stem, dot, ending = arrived.name.rpartition(".")
        path = f"{_IMMUTABLE}/{stem}.{hashed}{dot}{ending}"
    else:
        path = _generation_path(number, arrived.name)
    return Entry(path, hashed, len(arrived.data), arrived.schema)
