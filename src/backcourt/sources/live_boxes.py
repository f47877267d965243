"""Box scores of games under way, from files in the shape of the league's live box score. Provider words end in this file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from backcourt.engine.errors import BackcourtError
from backcourt.field.seasons import EASTERN, game_id
from backcourt.sources.finding import find
from backcourt.sources.raw_file import RawFile

SOURCE = "live_box"

_STATES = {1: "scheduled", 2: "live", 3: "final"}
_DURATION = re.compile(r"PT(?:(\d{1,2})H)?(\d{1,3})M(\d{1,2}(?:\.\d{1,6})?)S", re.ASCII)
_LARGEST = 64 << 20
_MOST = 200
_Kind = TypeVar("_Kind")
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
    found = find(path)
    problems = [f"{one.name}: {one.why}." for one in found.unread if one.is_fault]
    for file in found.files:
        if not file.ending.startswith(".json"):
            continue
        try:
            box = _box(_body(file))
        except (OSError, ValueError, BackcourtError) as error:
            problems.append(f"{file.name} is no live box score: {_said(error)}.")
            continue
        known = boxes.get(box.game_id)
        if known is None or known.captured_at <= box.captured_at:
            boxes[box.game_id] = box
    return boxes, problems


def _body(file: RawFile) -> dict[str, Any]:
    with file.opened() as plain:
        if plain.stat().st_size > _LARGEST:
            raise ValueError(f"it has more than {_LARGEST >> 20} MB")
        try:
            return _object(json.loads(plain.read_bytes()), "the file")
        except json.JSONDecodeError as error:
            raise ValueError(f"it is no whole JSON (line {error.lineno}, column {error.colno})") from error
        except UnicodeDecodeError as error:
            raise ValueError("it is not UTF-8") from error
        except RecursionError as error:
            raise ValueError("its JSON is nested too deeply") from error


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{place} is no object")
    return value


def _part(whole: dict[str, Any], name: str, kind: type[_Kind]) -> _Kind:
    """What stands under a name, of the type that it must have; a number is never true or false."""
    value = _object(whole, f"what should hold {name}").get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{name} is {'missing' if value is None else f'of the wrong kind ({str(value)[:40]!r})'}")
    return value


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"it can't be read ({error.strerror}); fetch it again"
    return str(error).rstrip(".") if isinstance(error, BackcourtError) else f"{error}; fetch it again"


def _box(body: dict[str, Any]) -> LiveBox:
    game = _part(body, "game", dict)
    state = _STATES.get(_part(game, "gameStatus", int))
    if state is None:
        raise ValueError(f"gameStatus {game['gameStatus']!r} is none of {sorted(_STATES)}")
    teams = [(_part(team, "teamId", int), _part(team, "players", list)) for team in _teams(game)]
    rows = [_row(team_id, player) for team_id, players in teams for player in players]
    clock = _part(game, "gameClock", str)
    return LiveBox(
        game_id(_part(game, "gameId", str)),
        state,
        _count(_part(game, "period", int), "period"),
        _seconds(clock) if clock else None,
        _captured_at(_part(_part(body, "meta", dict), "time", str)),
        {row.player_id: row for row in rows},
    )


def _teams(game: dict[str, Any]) -> list[dict[str, Any]]:
    return [_part(game, side, dict) for side in ("homeTeam", "awayTeam")]


def _row(team_id: int, player: Any) -> LiveRow:
    person = _object(player, "a player")
    numbers = _part(person, "statistics", dict)
    counts = {name: _count(_part(numbers, theirs, int), theirs) for name, theirs in _COUNTS.items()}
    return LiveRow(_part(person, "personId", int), team_id, _seconds(_part(numbers, "minutes", str)), counts)


def _count(value: int, name: str) -> int:
    if not 0 <= value <= _MOST:
        raise ValueError(f"{name} is {value}, not a count from 0 to {_MOST}")
    return value


def _seconds(text: str) -> float:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a duration such as PT20M46.00S")
    hours, minutes, seconds = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def _captured_at(text: str) -> datetime:
    # The feed's time bears no zone and is the league's own, US Eastern: it lies after the final buzzer of games that
    # it shows as final.
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"time {text[:40]!r} is not an ISO time") from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=EASTERN)
    return aware.astimezone(UTC).replace(tzinfo=None, microsecond=0)
