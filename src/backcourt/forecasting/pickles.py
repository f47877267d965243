"""Pickled models: loading a pickle runs what it says, so none is loaded but what this home has registered."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from pathlib import Path
from typing import Any

from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import write_all, write_whole

REGISTER = "pickles.jsonl"


class OtherCodeError(BackcourtError):
    """A pickle of classes that this code doesn't have, or has in another shape; what it holds must be made again."""


class AlteredError(BackcourtError):
    """A pickle that isn't to the last byte what the home registered under its name."""


class Pickles:
    """The pickles of a home, and their hashes in `HOME/pickles.jsonl`: a line each, the last of a file counts.

    The register lies beside `tables` and `systems`: who may write there may bring code into the home in any case. Who
    may write to a folder of models, or brings one along from elsewhere, can't make anything in it be loaded.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.register = home / REGISTER

    def keep(self, file: Path, content: object) -> str:
        """Pickle an object into a file, whole or not at all, and register it; its SHA-256 (hex). Raises OSError."""
        data = pickle.dumps(content, protocol=5)
        digest = hashlib.sha256(data).hexdigest()
        # A kill in between leaves a file that isn't loaded, never one that is loaded unregistered.
        self._enter(file, digest)
        write_whole(file, data)
        return digest

    def registered(self, file: Path) -> str | None:
        """The hash that the home has registered for a file; None for a file that it never registered."""
        return self._entries(self._text()).get(self._name(file))

    def load(self, file: Path) -> Any | None:
        """What a file holds; None when it is missing or was never registered.

        Raises AlteredError for one that isn't what was registered, OtherCodeError for classes that this code doesn't
        have. Nothing of either has been run.
        """
        known = self.registered(file)
        if known is None or not file.exists():
            return None
        data = file.read_bytes()
        if hashlib.sha256(data).hexdigest() != known:
            raise AlteredError(f"{file} is not the file that this home registered in {REGISTER}")
        return _unpickled(data, str(file.parent))

    def _enter(self, file: Path, digest: str) -> None:
        text, name = self._text(), self._name(file)
        if self._entries(text).get(name) == digest:
            return
        # What a kill has torn off stays a line of its own.
        line = ("" if text.endswith("\n") or not text else "\n") + json.dumps({"file": name, "sha256": digest}) + "\n"
        stream = os.open(self.register, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            write_all(stream, line.encode())
        finally:
            os.close(stream)

    def _text(self) -> str:
        try:
            return self.register.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def _name(self, file: Path) -> str:
        return file.relative_to(self.home).as_posix()

    @staticmethod
    def _entries(text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in text.splitlines():
            try:
                entry = json.loads(line)
                found[str(entry["file"])] = str(entry["sha256"])
            except (ValueError, TypeError, KeyError, RecursionError):
                continue
        return found


def _unpickled(data: bytes, name: str) -> Any:
    try:
        return pickle.loads(data)
    # Whatever a class of that name does with what it is given.
    except (ImportError, AttributeError, TypeError, ValueError, LookupError, EOFError, pickle.UnpicklingError) as error:
        raise OtherCodeError(
            f"{name} was fitted by other code ({error}); the next `backcourt predict` of its week fits it again."
        ) from error
