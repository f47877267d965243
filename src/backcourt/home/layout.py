"""Where a home's files lie, and what kind of place a path is."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from backcourt.engine.errors import BackcourtError, DamagedError
from backcourt.home.settings import FILE_NAME

Place = Literal["nothing", "unmade", "lost", "there"]


class Layout:
    """The files of a home."""

    def __init__(self, path: Path) -> None:
        # The warehouse's driver takes what follows it for options.
        if "?" in str(path):
            raise BackcourtError(f"{path} holds a question mark, and no warehouse can be kept under such a path; choose another folder.")
        if path.is_file():
            raise BackcourtError(f"{path} is a file, and a home is a folder; correct the path.")
        self.path = path
        self.settings_file = path / FILE_NAME
        self.identity_file = path / "home.json"
        self.warehouse_file = path / "warehouse.duckdb"
        self.snapshot_file = path / "snapshot.duckdb"
        self.repaired_file = path / "warehouse.repaired.duckdb"
        self.lock_file = path / "run.lock"
        self.runs_folder = path / "runs"
        self.raw_folder = path / "raw"
        self.cache_folder = path / ".cache"
        self.backups_folder = path / "backups"

    @property
    def loads_file(self) -> Path:
        """One line for each file that was loaded, beside the payloads: what `repair` goes by."""
        return self.raw_folder / "loads.jsonl"

    @property
    def before_damage_file(self) -> Path:
        """The snapshot from before another program changed what no receipt covers."""
        return self.backups_folder / "snapshot.before-damage.duckdb"

    @property
    def decisions_file(self) -> Path:
        """One line for each thing that a person settled: with the raw files, what `repair` goes by."""
        return self.path / "decisions.jsonl"

    def forget_repair(self) -> None:
        """Remove what a repair that was stopped had made."""
        self.repaired_file.unlink(missing_ok=True)
        self.repaired_file.with_name(f"{self.repaired_file.name}.wal").unlink(missing_ok=True)

    def place(self) -> Place:
        """`nothing`: no home. `unmade`: a configuration, and never more. `lost`: a home whose warehouse is gone. `there`: a home."""
        if self.warehouse_file.is_file():
            return "there"
        left = (self.identity_file, self.snapshot_file, self.loads_file)
        # A folder `raw` alone is anybody's.
        has_raw = self.settings_file.is_file() and self.raw_folder.is_dir() and any(self.raw_folder.iterdir())
        if any(file.exists() for file in left) or has_raw:
            return "lost"
        return "unmade" if self.settings_file.is_file() else "nothing"

    def require(self) -> None:
        """Raise BackcourtError, or DamagedError for a lost warehouse, unless it is a home."""
        place = self.place()
        if place == "nothing":
            raise BackcourtError(
                f"{self.path} is no backcourt home (it holds no {self.warehouse_file.name}); correct the path, or make one there "
                f"with `backcourt init --home {self.path}`."
            )
        if place == "unmade":
            raise BackcourtError(f"{self.path} holds a {FILE_NAME} but no warehouse yet; run `backcourt init --home {self.path}`.")
        if place == "lost":
            raise DamagedError(f"The warehouse of {self.path} is gone ({self.warehouse_file.name}); {REPAIR}.")

    def require_readable(self) -> None:
        """As `require`, but a home whose warehouse is gone can be read while it has a snapshot."""
        if self.place() != "lost" or not self.snapshot_file.exists():
            self.require()


REPAIR = "`backcourt repair` rebuilds it from the raw files and the snapshot"
