"""Number arrays in, Parquet files out: one single-threaded DuckDB in memory per season, so that the same seed gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from backcourt.engine.files import write_whole
from backcourt.field.teams import TEAMS
from backcourt.parquet import InMemory


class Press:
    """Holds a season's arrays as tables and prints queries over them as Parquet files."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.files: dict[str, int] = {}
        self.memory = InMemory(threads=1)
        self.table(
            "teams",
            {
                "team": list(range(len(TEAMS))),
                "team_id": list(TEAMS),
                "tricode": [row[0] for row in TEAMS.values()],
                "city": [row[1] for row in TEAMS.values()],
                "nickname": [row[2] for row in TEAMS.values()],
            },
        )
        self.rows("ALTER TABLE teams ADD COLUMN team_name VARCHAR")
        self.rows("UPDATE teams SET team_name = city || ' ' || nickname")
        # Betting feeds spell one team out.
        self.rows("ALTER TABLE teams ADD COLUMN odds_name VARCHAR")
        self.rows("UPDATE teams SET odds_name = replace(team_name, 'LA Clippers', 'Los Angeles Clippers')")

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement over the season's tables."""
        return self.memory.rows(sql, values)

    def table(self, name: str, columns: dict[str, Any]) -> None:
        """Replace table `name` by equally long columns: NumPy arrays as they are, lists of Python values as text, dates or timestamps."""
        import numpy as np

        arrays = {}
        for column, values in columns.items():
            if isinstance(values, np.ndarray):
                arrays[column] = values
            elif values and isinstance(values[0], datetime):
                arrays[column] = np.array(values, dtype="datetime64[us]")
            elif values and isinstance(values[0], str | None):
                arrays[column] = np.array(values, dtype=object)
            else:
                arrays[column] = np.array(values)
        self.memory.table(name, arrays)

    def print(self, name: str, query: str, captured_at: str | None = None) -> None:
        """Write the rows of an ordered query to `out`/`name`.parquet, with a FILE.meta.json beside it when the capture time is known."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if captured_at is not None:
            write_whole(path.parent / f"{path.name}.meta.json", json.dumps({"captured_at": captured_at}) + "\n")
        self.files[f"{name}.parquet"] = self.memory.copy(query, path)

    def path(self, name: str) -> Path:
        """Where `print` writes a file of this name."""
        return self.out / f"{name}.parquet"

    def discard(self, name: str) -> None:
        """Take back a printed file."""
        self.path(name).unlink()
        del self.files[f"{name}.parquet"]

    def close(self) -> None:
        """Release the database."""
        self.memory.close()
