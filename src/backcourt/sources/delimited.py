"""CSV and TSV as text columns; of a file that doesn't hold together, the row and what to do."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backcourt.engine.errors import BackcourtError
from backcourt.parquet import quoted
from backcourt.sources.raw_file import shown

_CHUNK = 1 << 20
_LONGEST_ROW = 2_000_000
LONGEST_VALUE = csv.field_size_limit()
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MAGIC = {
    b"PAR1": "it is Parquet; give its name the ending .parquet",
    b"PK\x03\x04": "it is a spreadsheet or a zip; save it as CSV, or give its name the ending .zip",
    b"\x1f\x8b": "it is packed with gzip; give its name the ending .gz too",
    b"BZh": "it is packed with bzip2; unpack it",
    b"\xfd7zXZ": "it is packed with xz; unpack it",
    b"\xd0\xcf\x11\xe0": "it is a spreadsheet; save it as CSV",
    b"\xff\xfe": "it is UTF-16; save it as UTF-8",
    b"\xfe\xff": "it is UTF-16; save it as UTF-8",
    b"%PDF": "it is a PDF; give the rows as CSV",
}


@dataclass(frozen=True)
class Delimited:
    """How a file separates its values, its columns' names (or places, without one), and whether they come first."""

    separator: str
    columns: tuple[str, ...]
    begins_at_once: bool = True

    def source(self, file: Path) -> str:
        """SQL of the file's rows, every column as text."""
        names = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in self.columns)
        return (
            f"read_csv({quoted(file)}, auto_detect = false, header = true, delim = {quoted(self.separator)}, "
            "quote = '\"', escape = '\"', "
            f"nullstr = '', strict_mode = true, null_padding = false, hive_partitioning = false, columns = {{{names}}})"
        )


def check_text(file: Path) -> None:
    """Raises BackcourtError for a file that isn't UTF-8 text, with the line, and for a web page in a file's stead."""
    line, decoder = 1, codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as stream:
        chunk = stream.read(_CHUNK)
        _refuse_other_things(chunk)
        while chunk:
            if b"\0" in chunk:
                line += chunk[: chunk.index(b"\0")].count(b"\n")
                raise BackcourtError(f"it holds NULL bytes (line {line}), so it is damaged or no text; fetch it again")
            _decode(decoder, chunk, line)
            line += chunk.count(b"\n")
            chunk = stream.read(_CHUNK)
        _decode(decoder, b"", line, final=True)


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes, line: int, *, final: bool = False) -> None:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        line += error.object[: error.start].count(b"\n")
        raise BackcourtError(f"it is not UTF-8 (line {line}); save it as UTF-8") from error


def _refuse_other_things(beginning: bytes) -> None:
    if not beginning.removeprefix(codecs.BOM_UTF8).strip():
        raise BackcourtError("it is empty; fetch it again")
    for magic, sentence in _MAGIC.items():
        if beginning.startswith(magic):
            raise BackcourtError(sentence)
    if beginning.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<":
        raise BackcourtError("it is a web page, not rows; the site may have refused, so look at it and fetch it again")


def layout_of(file: Path, ending: str) -> Delimited:
    """By the file's first row, which names the columns. Raises BackcourtError for a name that stands there twice."""
    order = "\t,;|" if ending.startswith(".tsv") else ",;\t|"
    headers = {separator: _header(file, separator) for separator in order}
    separator = max(order, key=lambda one: len(headers[one][0]))
    header, begins_at_once = headers[separator]
    names = [name.strip() or f"column{place}" for place, name in enumerate(header)]
    require_once(names)
    return Delimited(separator, tuple(names), begins_at_once)


def require_once(names: list[str]) -> None:
    """Raises BackcourtError where two columns have one name: which of them is meant, nobody knows."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise BackcourtError(f"its column {shown(name)!r} stands there twice; leave one of them")
        seen.add(name.lower())


def _header(file: Path, separator: str) -> tuple[list[str], bool]:
    """The first row that isn't blank, and whether it is the first of all."""
    with _rows(file, separator) as rows:
        number, header = next((one for one in enumerate(rows) if one[1]), (0, []))
        return header, number == 0


@contextmanager
def _rows(file: Path, separator: str, *, strict: bool = False) -> Iterator[Iterator[list[str]]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=separator, strict=strict)
        try:
            yield reader
        except csv.Error as error:
            raise BackcourtError(_broken(str(error), reader.line_num)) from error


def _broken(error: str, line: int) -> str:
    if "end of data" in error:
        return f"a quotation mark before line {line} is never closed; the file is cut off, fetch it again"
    if "field larger" in error:
        return f"line {line} holds a value of more than {LONGEST_VALUE:,} characters, which is none; fetch it again"
    return f"line {line} has a quotation mark inside a value; write it twice there, or fetch the file again"


def explain(file: Path, layout: Delimited) -> None:
    """Raises BackcourtError with the first row that isn't as long as the header or can't be read, if there is one."""
    wanted, number = len(layout.columns), 0
    with _rows(file, layout.separator, strict=True) as rows:
        next((row for row in rows if row), None)
        for cells in rows:
            if not cells:
                continue
            number += 1
            if len(cells) != wanted:
                raise BackcourtError(_uneven(number, len(cells), wanted, layout.separator))
            if sum(map(len, cells)) > _LONGEST_ROW:
                too_long = f"row {number} has more than {_LONGEST_ROW:,} characters"
                raise BackcourtError(f"{too_long}, as no format has; fetch it again")


def _uneven(row: int, found: int, wanted: int, separator: str) -> str:
    if found < wanted:
        return f"row {row} has {found} of {wanted} columns; the file is cut off, fetch it again"
    sign = _SEPARATORS[separator]
    return f"row {row} has {found} columns and the header {wanted}; quote values that hold {sign}, or fetch it again"
