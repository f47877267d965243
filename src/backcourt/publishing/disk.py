"""The steps by which published files change on disk; each is whole or leaves only an unfinished name behind."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


class Disk:
    """The file system. Every change that a publication makes is one of these calls, so that a test can stop it at any of them."""

    def make_folder(self, folder: Path) -> None:
        """Create a folder and those above it."""
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, file: Path, data: bytes) -> None:
        """Write a new file and bring it to the disk."""
        with file.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name; where the file system can't, copy it."""
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
            with target.open("rb+") as stream:
                os.fsync(stream.fileno())

    def rename(self, source: Path, target: Path) -> None:
        """Give a file or folder its final name, in one step."""
        source.replace(target)

    def sync_folder(self, folder: Path) -> None:
        """Bring a folder's list of names to the disk."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder and all in it."""
        shutil.rmtree(folder)
