"""Box scores of games under way, from files in the shape of the league's live box score. Provider words end in this file."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backcourt.field.seasons import EASTERN, game_id
from backcourt.sources.reading import raw_files

SOURCE = "live_box"

_STATES = {1: "scheduled", 2: "live", 3: "final"}
_DURATION = re.compile(r"PT(?:(\d+)H)?(\d+)M(\d+(?:\.\d+)?)S")
_COUNTS = {"points": "points", "rebounds": "reboundsTotal", "assists": "assists", "three_makes": "threePointersMade"}


@dataclass(frozen=True)
class LiveRow:
    """A player's line in a live box; `counts` has the box's own columns (points, rebounds, assists, three_makes)."""

    player_id: int
    team_id: int
    seconds_played: float
    counts: Mapping[str, int]

    @property
    def appeared(self) -> bool:
        """Was he on the court for any time?"""
        return self.seconds_played > 0


@dataclass(frozen=True)
class LiveBox:
    """A game's live box; `captured_at` is UTC, `clock_seconds` what is left of the period (None before the start)."""

    game_id: str
    state: str
    period: int
    clock_seconds: float | None
    captured_at: datetime
    rows: Mapping[int, LiveRow]

    @property
    def clock(self) -> str | None:
        """What is left of the period as `mm:ss`."""
        if self.clock_seconds is None:
            return None
        return f"{int(self.clock_seconds) // 60:02d}:{int(self.clock_seconds) % 60:02d}"


def read_live_boxes(path: Path) -> tuple[dict[str, LiveBox], list[str]]:
    """game_id -> its newest box among the files, and one sentence for each file that can't be read.

    `path` is a file or a folder. Raises BackcourtError when there is nothing of that name. A bad file costs its game
    only: without a box that game has no data.
    """
    boxes: dict[str, LiveBox] = {}
    problems = []
    for file in raw_files(path):
        if not file.name.endswith((".json", ".json.gz")):
            continue
        try:
            box = _box(json.loads(gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()))
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(f"{file.name} is no live box score ({type(error).__name__}: {error}); fetch it again.")
            continue
        known = boxes.get(box.game_id)
        if known is None or known.captured_at <= box.captured_at:
            boxes[box.game_id] = box
    return boxes, problems


def _box(body: dict[str, Any]) -> LiveBox:
    game = body["game"]
    state = _STATES.get(game["gameStatus"])
    if state is None:
        raise ValueError(f"gameStatus {game['gameStatus']!r} is none of {sorted(_STATES)}")
    rows = [_row(team["teamId"], player) for team in (game["homeTeam"], game["awayTeam"]) for player in team["players"]]
    clock = _seconds(game["gameClock"]) if game["gameClock"] else None
    return LiveBox(
        game_id(game["gameId"]),
        state,
        int(game["period"]),
        clock,
        _captured_at(body["meta"]["time"]),
        {row.player_id: row for row in rows},
    )


def _row(team_id: int, player: dict[str, Any]) -> LiveRow:
    numbers = player["statistics"]
    counts = {name: _count(numbers[theirs], theirs) for name, theirs in _COUNTS.items()}
    return LiveRow(int(player["personId"]), int(team_id), _seconds(numbers["minutes"]), counts)


def _count(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} is {value!r}, not a count")
    return value


def _seconds(text: str) -> float:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a duration such as PT20M46.00S")
    hours, minutes, seconds = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def _captured_at(text: str) -> datetime:
    # The feed's time bears no zone and is the league's own, US Eastern: it lies after the final buzzer of games that
    # it shows as final.
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=EASTERN)
    return aware.astimezone(UTC).replace(tzinfo=None, microsecond=0)
