"""A raw file as it lies on the disk or in a `.zip`, and its rows' bytes as a plain file of a plain name."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from backcourt.engine.errors import BackcourtError

KINDS = {
    ".parquet": "parquet", ".csv": "delimited", ".tsv": "delimited", ".json": "json", ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
NOTE = ".meta.json"
READ = f"Parquet, CSV, TSV, JSON and JSON lines ({', '.join(KINDS)}), each also as .gz or in a .zip"
LARGEST = 4 << 30
"""Bytes of a file once it is unpacked: a season of every format that is known has a thousandth of it."""

_CHUNK = 1 << 20
_LONGEST_NAME = 300
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, gzip.BadGzipFile, NotImplementedError, RuntimeError)


def ending(name: str) -> str:
    """The ending that says what a file holds, in small letters, `.gz` included; empty if it isn't read."""
    lower = name.lower()
    plain = lower.removesuffix(".gz")
    kind = next((kind for kind in KINDS if plain.endswith(kind)), "")
    if kind:
        return kind + (".gz" if plain != lower else "")
    return ".zip" if lower.endswith(".zip") else ""


@dataclass(frozen=True)
class RawFile:
    """A file of rows: `path` is what is kept, `name` what is said of it; `member` names the one file meant of a `.zip`.

    `has_note` says whether a member's own note lies beside it.
    """

    path: Path
    name: str
    member: str | None = None
    has_note: bool = False

    @property
    def place(self) -> str:
        """Where it lies, for the record of loads."""
        return shown(str(self.path) if self.member is None else f"{self.path}/{self.member}")

    @property
    def ending(self) -> str:
        """Of `.csv`, `.csv.gz` and so on what its bytes are: a kept copy has the ending, whatever it was called."""
        return ending(self.path.name if self.member is None else self.member)

    def hashed(self) -> str:
        """SHA-256 of its own bytes, hex, for a member what it would have alone. Raises OSError and BackcourtError."""
        with self._bytes() as stream, _told(self):
            digest = hashlib.sha256()
            while part := stream.read(_CHUNK):
                digest.update(part)
            return digest.hexdigest()

    def note(self) -> bytes | None:
        """What `NAME.meta.json` beside it says, else the note beside its archive; None without one. Raises OSError."""
        if self.has_note:
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(f"{self.member}{NOTE}")
        beside = self.path.with_name(self.path.name + NOTE)
        return beside.read_bytes() if beside.is_file() else None

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """A plain file of its unpacked bytes under a plain name, from which no reader takes a pattern or a column.

        Raises BackcourtError for bytes that can't be unpacked or are too many, OSError where the disk refuses.
        """
        with tempfile.TemporaryDirectory(prefix="backcourt-") as folder:
            plain = Path(folder) / "rows"
            if self.member is None and not self.ending.endswith(".gz"):
                plain.symlink_to(self.path.absolute())
            else:
                with self._bytes() as packed, plain.open("wb") as unpacked, _told(self):
                    _unpack(packed, unpacked, is_packed=self.ending.endswith(".gz"))
            yield plain

    @contextmanager
    def _bytes(self) -> Iterator[IO[bytes]]:
        if self.member is None:
            with self.path.open("rb") as stream:
                yield stream
            return
        with _told(self), zipfile.ZipFile(self.path) as archive, archive.open(self.member) as inside:
            yield inside


@contextmanager
def _told(file: RawFile) -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise BackcourtError(f"the archive holds no {file.member}; ingest the archive again") from error
    except _BROKEN as error:
        packed = "its archive" if file.member else "it"
        if "encrypt" in str(error) or "password" in str(error):
            raise BackcourtError(f"{packed} is encrypted; unpack it and ingest what it holds") from error
        if isinstance(error, NotImplementedError):
            way = f"{packed} is packed in a way that isn't read"
            raise BackcourtError(f"{way}; unpack it and ingest what it holds") from error
        raise BackcourtError(f"{packed} can't be unpacked, it is cut off or damaged; fetch it again") from error


def _unpack(packed: IO[bytes], unpacked: IO[bytes], *, is_packed: bool) -> None:
    source: IO[bytes] = gzip.GzipFile(fileobj=packed) if is_packed else packed  # type: ignore[assignment]
    written = 0
    while part := source.read(_CHUNK):
        written += len(part)
        if written > LARGEST:
            raise BackcourtError(f"it unpacks to more than {LARGEST >> 30} GB; split it into files of a season each")
        unpacked.write(part)


def plain_name(name: str) -> str:
    """The last part of a member's name."""
    return PurePosixPath(name).name


def given_name(place: str, payload: str | None) -> str:
    """The name of a `RawFile` by its `place` and the file that was kept of it: a member's begins with its archive's."""
    archive = place.lower().rpartition(".zip/")[0]
    if ending(payload or "") != ".zip" or not archive:
        return PurePosixPath(place).name
    return place[place.rfind("/", 0, len(archive)) + 1 :]


def shown(name: str) -> str:
    """A name on one line, in characters that any terminal and table take, and short enough for a sentence."""
    text = name.encode("utf-8", "backslashreplace").decode()
    line = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    return line if len(line) <= _LONGEST_NAME else f"{line[:_LONGEST_NAME]}..."
