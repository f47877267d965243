"""What can have become of a cache file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def _put(data: bytes) -> Callable[[Path], None]:
    def put(file: Path) -> None:
        file.write_bytes(data)

    return put


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3])


def _longer(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def _altered(file: Path) -> None:
    """Another character somewhere in the body, which is still JSON."""
    data = bytearray(file.read_bytes())
    at = data.index(b'"', len(data) // 2) + 1
    data[at] = ord("y") if data[at] == ord("x") else ord("x")
    file.write_bytes(bytes(data))


def _renamed(file: Path) -> None:
    """Another cache's file under this one's name."""
    from backcourt.engine import cache_file

    other = file.with_name("other.json")
    cache_file.keep(other, cache_file.recall(file))
    other.replace(file)


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _loop(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "missing": Path.unlink,
    "empty": _put(b""),
    "cut": _cut,
    "longer": _longer,
    "altered": _altered,
    "foreign": _renamed,
    "no JSON": _put(b"{"),
    "not UTF-8": _put(b"\xff\xfe\x00"),
    "zeros": _put(bytes(4096)),
    "nested": _put(b"[" * 200_000),
    "a list": _put(b"[]"),
    "a number": _put(b"5"),
    "without a digest": _put(b'{"version": "1", "digests": [], "found": {}, "statements": {}}'),
    "a body of another type": _put(b'{"sha256": 5, "body": []}'),
    "a folder": _folder,
    "a pipe": _pipe,
    "a link to itself": _loop,
}
