"""Small files in the shapes of the feeds, with invented players."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from backcourt.sources.ingest import IngestReport, create_relations, ingest
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse

Row = dict[str, Any]

BOSTON, NEW_YORK = 1610612738, 1610612752
GAME = "0022300061"


def at(text: str) -> datetime:
    """A time as the warehouse has it: UTC, without zone."""
    return datetime.fromisoformat(text)


NOW = at("2026-01-01")


def warehouse() -> duckdb.DuckDBPyConnection:
    """An empty warehouse in memory."""
    connection = duckdb.connect()
    create_relations(DuckDBWarehouse(connection))
    return connection


def load(connection: duckdb.DuckDBPyConnection, *inputs: Any, **options: Any) -> IngestReport:
    """Ingest without keeping copies."""
    return ingest(DuckDBWarehouse(connection), inputs, **({"raw_folder": None, "now": NOW} | options))


def write_csv(file: Path, rows: Sequence[Row]) -> Path:
    """The rows as CSV."""
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def write_parquet(file: Path, rows: Sequence[Row]) -> Path:
    """The rows as Parquet, typed as given."""
    import pandas

    pandas.DataFrame(rows).to_parquet(file)
    return file


def player(player_id: int, team_id: int = BOSTON, game_id: str = GAME, **changes: Any) -> Row:
    """A line of the player log: 25 points on 9 of 18, 3 threes, 4 free throws; 7 rebounds."""
    line = {
        "SEASON_ID": "22023", "PLAYER_ID": player_id, "PLAYER_NAME": f"Player {player_id}", "TEAM_ID": team_id, "GAME_ID": game_id,
        "GAME_DATE": "2023-10-24", "MATCHUP": "BOS vs. NYK", "WL": "W", "MIN": 33, "FGM": 9, "FGA": 18, "FG3M": 3, "FG3A": 8, "FTM": 4,
        "FTA": 5, "OREB": 2, "DREB": 5, "REB": 7, "AST": 11, "STL": 1, "BLK": 0, "TOV": 3, "PF": 2, "PTS": 25, "PLUS_MINUS": 6,
    }  # fmt: skip
    return line | changes


def team(team_id: int, game_id: str = GAME, **changes: Any) -> Row:
    """A row of the team log: 100 points on 40 of 90."""
    line = {
        "SEASON_ID": "22023", "TEAM_ID": team_id, "GAME_ID": game_id, "GAME_DATE": "2023-10-24", "MATCHUP": "BOS vs. NYK", "WL": "W",
        "MIN": 240, "PTS": 100, "FGM": 40, "FGA": 90, "FG3M": 10, "FG3A": 30, "FTM": 10, "FTA": 12, "OREB": 10, "DREB": 30, "REB": 40,
        "AST": 25, "STL": 8, "BLK": 4, "TOV": 12, "PF": 18, "PLUS_MINUS": 5.0,
    }  # fmt: skip
    return line | changes


def scheduled(game_id: str = GAME, **changes: Any) -> Row:
    """A game of the mobile schedule, final 100:95."""
    line = {
        "gid": game_id, "etdate": "2023-10-24", "ettime": "19:30:00", "an": "Arena", "ac": "Boston", "st": 3, "stt": "Final",
        "h.tid": BOSTON, "v.tid": NEW_YORK, "h.s": 100.0, "v.s": 95.0,
    }  # fmt: skip
    return line | changes


def shot(team_id: int = BOSTON, **changes: Any) -> Row:
    """A shot of the reshaped charts: a three from straight on, with an id that lost its zeros."""
    line = {
        "GAME_ID": "22300061", "TEAM_ID": team_id, "PLAYER_ID": 11, "SHOT_MADE": True, "ACTION_TYPE": "Jump Shot",
        "SHOT_TYPE": "3PT Field Goal", "BASIC_ZONE": "Above the Break 3", "ZONE_NAME": "Center", "LOC_X": 0.0, "LOC_Y": 30.0,
        "SHOT_DISTANCE": 24, "QUARTER": 1, "MINS_LEFT": 11, "SECS_LEFT": 20,
    }  # fmt: skip
    return line | changes


def native_shot(event: int, team_id: int = BOSTON, **changes: Any) -> Row:
    """A shot of shotchartdetail: the same place as `shot`, in tenths of a foot from the basket."""
    line = {
        "GRID_TYPE": "Shot Chart Detail", "GAME_ID": GAME, "GAME_EVENT_ID": event, "PLAYER_ID": 10 + event % 7, "TEAM_ID": team_id,
        "PERIOD": 1, "MINUTES_REMAINING": 11, "SECONDS_REMAINING": 20, "ACTION_TYPE": "Jump Shot", "SHOT_TYPE": "3PT Field Goal",
        "SHOT_ZONE_BASIC": "Above the Break 3", "SHOT_ZONE_AREA": "Center(C)", "SHOT_DISTANCE": 24, "LOC_X": 0, "LOC_Y": 247,
        "SHOT_MADE_FLAG": event % 2,
    }  # fmt: skip
    return line | changes


def event(**changes: Any) -> Row:
    """A snapshot of a betting event: Boston at home, announced for 23:40 UTC of the game's Eastern date."""
    line = {
        "timestamp": "2023-10-24T11:55:00Z", "id": "e1", "commence_time": "2023-10-24T23:40:00Z", "home_team": "Boston Celtics",
        "away_team": "New York Knicks",
    }  # fmt: skip
    return line | changes


def prop(side: str, line: float = 24.5, **changes: Any) -> Row:
    """One side of a points line at a sportsbook."""
    row = {
        "id": "e1", "commence_time": "2023-10-24T23:40:00Z", "home_team": "Boston Celtics", "away_team": "New York Knicks",
        "bookmakers.key": "draftkings", "bookmakers.markets.key": "player_points",
        "bookmakers.markets.last_update": "2023-10-24T15:00:00Z", "outcomes_name": side, "outcomes_description": "Player 11",
        "outcomes_price": -110, "outcomes_point": line,
    }  # fmt: skip
    return row | changes


def fantasy(side: str, **changes: Any) -> Row:
    """One side of a fantasy book's line, without a capture time."""
    row = {
        "player": "Player 11", "market": "player_points", "bookmaker": "PrizePicks", "side": side, "line": 24.5, "price": -137,
        "home_team": "Boston Celtics", "away_team": "New York Knicks", "game_id": "e1", "commence_time": "2023-10-24T23:40:00Z",
    }  # fmt: skip
    return row | changes
