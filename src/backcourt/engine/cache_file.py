"""Files of a home's cache: they save time, and nothing is wrong without them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from backcourt.engine.files import write_whole


def keep(path: Path, body: Any) -> None:
    """Write what JSON can hold to a cache file; a home that can't be written keeps none."""
    data = _stored(path.name, json.dumps(body).encode())
    try:
        path.parent.mkdir(exist_ok=True)
        write_whole(path, data)
    except OSError:
        return


def recall(path: Path) -> Any | None:
    """What `keep` wrote under this name; None for a file that is missing, can't be read or isn't to the last byte what was written."""
    try:
        # A pipe would never end.
        data = path.read_bytes() if path.is_file() else b""
        text = data[_HEAD:-_TAIL]
        # Only what bears its own digest is parsed; what JSON can't read bears one by intent alone.
        return json.loads(text) if data == _stored(path.name, text) else None
    except (OSError, ValueError, RecursionError):
        return None


def _stored(name: str, text: bytes) -> bytes:
    """The bytes of a cache file. The digest covers the name, so that one cache is never taken for another."""
    digest = hashlib.sha256(name.encode() + b"\n" + text).hexdigest()
    return b'{"sha256": "%s", "body": %s}\n' % (digest.encode(), text)


_TAIL = len(b"}\n")
_HEAD = len(_stored("", b"")) - _TAIL
