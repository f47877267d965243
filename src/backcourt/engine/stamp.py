"""Was the warehouse file written by anyone but the engine since the engine closed it?"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

# The file's headers hold a counter that every checkpoint raises.
_HEADER = 12 * 1024


class Stamp:
    """A note beside the warehouse file of its size, time and headers, made when the receipts described every stored row.

    While the file still bears it, stored rows are what their receipts say. Anything that writes the file, by whatever tool, voids it.
    """

    def __init__(self, file: Path, note: Path) -> None:
        self._file = file
        self._note = note

    def holds(self) -> bool:
        """Is the file the one that was stamped?"""
        try:
            kept: dict[str, object] = json.loads(self._note.read_text())
            return kept == self._of_file()
        except (OSError, ValueError):
            return False

    def put(self) -> None:
        """Stamp the closed file; a home that can't be written has no stamp."""
        try:
            self._note.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._note.with_suffix(".part")
            unfinished.write_text(json.dumps(self._of_file()))
            unfinished.replace(self._note)
        except OSError:
            return

    def void(self) -> None:
        """Take the stamp away, before anything is written."""
        self._note.unlink(missing_ok=True)

    def _of_file(self) -> dict[str, object]:
        if self._file.with_name(f"{self._file.name}.wal").exists():
            raise OSError("what a killed process left in the log isn't in the file yet")
        state = self._file.stat()
        with self._file.open("rb") as file:
            headers = hashlib.sha256(file.read(_HEADER)).hexdigest()
        return {"size": state.st_size, "changed": state.st_mtime_ns, "inode": state.st_ino, "headers": headers}
