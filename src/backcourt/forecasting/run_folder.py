"""What a walk-forward of one market leaves behind: `HOME/runs/backtest/<market>/`, Parquet files and a `run.json`.

A file gets its name only when it is whole. The readers are the report card, `predict` (earlier weeks' forecasts) and
`publish`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from backcourt.engine.errors import BackcourtError, QueryError
from backcourt.engine.files import read_object, write_whole
from backcourt.parquet import InMemory, scan, write_parquet

Columns = dict[str, np.ndarray[Any, Any]]

SCHEMA: dict[str, dict[str, str]] = {
    # One row per player and game that the store lists, in order of date and player; the other files refer to `row`.
    "rows": {
        "row": "bigint", "game_date": "date", "game_id": "varchar", "player_id": "bigint", "team_id": "bigint",
        "opponent_team_id": "bigint", "season": "varchar", "season_type": "varchar", "week": "date", "appeared": "boolean",
        "actual": "double", "appearances_before": "integer", "minutes_mean_last10": "double", "season_mean_before": "double",
        "tier": "varchar", "days_since_opening": "integer", "is_home": "boolean", "rest_days": "double", "is_new_team": "boolean",
        "data_tier": "varchar", "p_play": "double", "is_a25": "boolean", "is_r25": "boolean",
    },
    # One row per system and row; systems that read prices have one per population of the row instead. Scores are NULL
    # where the player did not appear; AE is that of the point. `abstain_reason` explains NULLs.
    "scores": {
        "row": "bigint", "system": "varchar", "population": "varchar", "point": "double", "mean": "double", "median": "double",
        "sd": "double", "q05": "double", "q10": "double", "q25": "double", "q75": "double", "q90": "double", "q95": "double",
        "n_eff": "double",
        "abstain_reason": "varchar", "ae": "double", "crps": "double", "logs": "double", "pit": "double",
    },
    # One row per lined row and population (S24, Q24, Q25, D25): the lines readable before the lock. D25 has no prices.
    "lines": {
        "row": "bigint", "population": "varchar", "books": "integer", "line": "double", "modal_line": "double", "market_over": "double",
        "market_over_multiplicative": "double", "overround": "double", "lead_seconds": "bigint", "lead_bucket": "varchar",
        "best_over_price": "double", "best_under_price": "double", "median_over_price": "double", "median_under_price": "double",
    },
    # One row per lined row, population and system: P(over | no push) at the modal line, and its scores where the
    # player appeared.
    "probabilities": {
        "row": "bigint", "population": "varchar", "system": "varchar", "p_over": "double", "p_over_low": "double", "logloss": "double",
        "brier": "double",
    },
    "weights": {"week": "date", "system": "varchar", "weight": "double"},
    "blend": {
        "week": "date", "lead_bucket": "varchar", "n": "integer", "a": "double", "b": "double", "c": "double", "market_weight": "double",
    },
    # Appearances that a population lacks: the store didn't list the player for that game, or all quotes came at the
    # lock or later.
    "not_forecast": {
        "population": "varchar", "game_date": "date", "game_id": "varchar", "player_id": "bigint", "appearances_before": "bigint",
        "reason": "varchar",
    },
}  # fmt: skip
"""File -> column -> type. Prices are decimal; `p_over_low` is the 10th percentile of the blend's posterior, NULL for other systems."""

LEAD_BUCKETS = (("3h+", 3 * 3600), ("30m-3h", 30 * 60), ("<30m", 0))
"""Name -> least seconds between capture and lock."""


class RunFolder:
    """One market's run folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def info(self) -> dict[str, Any]:
        """`run.json`: market, seasons, configuration, seed, manifest hash, snapshot id, versions. Raises BackcourtError without one."""
        again = f"run `backcourt backtest --market {self.path.name}`"
        info = read_object(self.path / "run.json", f"{again} again")
        if info is None:
            raise BackcourtError(f"{self.path} holds no finished backtest; {again} first.")
        return info

    def write_info(self, info: dict[str, Any]) -> None:
        """Replace `run.json`, the last file of a run: with it the run is finished."""
        write_whole(self.path / "run.json", json.dumps(info, indent=1, sort_keys=True, default=str) + "\n")

    def file(self, name: str) -> Path:
        """Where the file of this name lies."""
        return self.path / f"{name}.parquet"

    def write(self, name: str, columns: Columns) -> None:
        """Write one file of the schema; the columns must be the declared ones, in any order."""
        declared = SCHEMA[name]
        if set(columns) != set(declared):
            raise BackcourtError(f"{name} has the columns {sorted(set(columns) ^ set(declared))} too many or too few; see SCHEMA.")
        selected = ", ".join(f'"{column}"::{kind} as "{column}"' for column, kind in declared.items())
        write_parquet(self.file(name), columns, selected)

    def read(self, name: str, where: str = "true", order: str = "") -> Columns:
        """Columns of one file as NumPy arrays; NULL is NaN, or None in text columns."""
        with InMemory() as memory:
            return self.ask(memory, name, f"select * from {{file}} where {where}" + (f" order by {order}" if order else ""))

    def ask(self, memory: InMemory, name: str, query: str, *values: str) -> Columns:
        """A query over one file of the folder, `{file}`. Raises BackcourtError with the next step for one that can't be read."""
        again = f"run `backcourt backtest --market {self.path.name}` again"
        if not self.file(name).exists():
            raise BackcourtError(f"{self.file(name)} is missing; {again}.")
        try:
            return memory.arrays(query.format(file=scan(self.file(name))), values)
        except QueryError as error:
            if error.kind == "timeout":
                raise
            raise BackcourtError(f"{self.file(name)} can't be read ({error}); {again}.") from error
