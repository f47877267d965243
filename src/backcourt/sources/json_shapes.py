"""The shapes in which feeds wrap their records in JSON; where an answer differs from its shape, the place is named."""

from __future__ import annotations

import json
from typing import Any

from backcourt.engine.errors import BackcourtError
from backcourt.sources.raw_file import shown

Record = dict[str, Any]

_EMPTY = {"PlayerStats": "the answer has no players; use boxscoretraditionalv3"}
"""What an answer without rows means, by its first set: since 2025-10 boxscoretraditionalv2 gives none for new games."""


def flatten(body: Any) -> list[Record]:
    """One flat record per row. Raises BackcourtError for a shape that is unknown or lacks a part, and for no rows."""
    records = _records(body)
    if not records:
        raise BackcourtError("it holds no records in a known shape; give a list of records or a feed's own answer")
    return records


def _records(body: Any) -> list[Record]:
    if isinstance(body, list):
        return [_one_level(_object(record, f"record {number}")) for number, record in enumerate(body, start=1)]
    answer = _object(body, "the answer")
    for name in ("resultSets", "resultSet"):
        if name in answer:
            return _first_set(answer[name], name)
    if "rowSet" in answer:
        return _rows(answer, "the answer")
    if "leagueSchedule" in answer:
        return _games(_object(answer["leagueSchedule"], "leagueSchedule"))
    if "boxScoreTraditional" in answer:
        if answer["boxScoreTraditional"] is None:
            raise BackcourtError("boxScoreTraditional is null: the answer has no box, fetch it again")
        return _players(_object(answer["boxScoreTraditional"], "boxScoreTraditional"))
    if "data" in answer and "timestamp" in answer:
        return _events(answer["timestamp"], _list(answer["data"], "data"))
    return []


def _first_set(sets: Any, name: str) -> list[Record]:
    chosen = _object(sets[0] if isinstance(sets, list) and sets else sets, f"{name}[0]")
    records = _rows(chosen, f"{name}[0]")
    if not records:
        title = str(chosen.get("name", f"{name}[0]"))
        raise BackcourtError(_EMPTY.get(title, f"the answer's {shown(title)!r} has no rows; fetch it again"))
    return records


def _rows(answer: Record, place: str) -> list[Record]:
    headers = [str(name) for name in _list(_part(answer, "headers", place), f"{place}.headers")]
    if len(set(headers)) < len(headers):
        twice = next(name for name in headers if headers.count(name) > 1)
        raise BackcourtError(f"{place}.headers names {shown(twice)!r} twice; fetch it again")
    rows = _list(_part(answer, "rowSet", place), f"{place}.rowSet")
    return [_row(headers, row, number, place) for number, row in enumerate(rows, start=1)]


def _row(headers: list[str], row: Any, number: int, place: str) -> Record:
    cells = _list(row, f"row {number} of {place}")
    if len(cells) != len(headers):
        raise BackcourtError(f"row {number} of {place} has {len(cells)} of {len(headers)} columns; fetch it again")
    return {name: cell for name, cell in zip(headers, cells, strict=True) if not isinstance(cell, dict | list)}


def _games(schedule: Record) -> list[Record]:
    days = _objects(_part(schedule, "gameDates", "leagueSchedule"), "leagueSchedule.gameDates")
    games = [_objects(_part(day, "games", place), f"{place}.games") for day, place in days]
    return [_one_level(game) for of_day in games for game, _ in of_day]


def _players(game: Record) -> list[Record]:
    """boxscoretraditionalv3: one record per listed player, the statistics beside the person."""
    found = []
    for side in ("homeTeam", "awayTeam"):
        place = f"boxScoreTraditional.{side}"
        team = _object(_part(game, side, "boxScoreTraditional"), place)
        for player, where in _objects(_part(team, "players", place), f"{place}.players"):
            statistics = _object(_part(player, "statistics", where), f"{where}.statistics")
            person = {key: value for key, value in player.items() if key != "statistics"}
            name = " ".join(str(person.get(part) or "") for part in ("firstName", "familyName")).strip()
            of_game = {"gameId": _part(game, "gameId", "boxScoreTraditional"), "teamId": _part(team, "teamId", place)}
            found.append(_one_level({**person, **statistics, **of_game, "name": name}))
    return found


def _events(timestamp: Any, events: list[Any]) -> list[Record]:
    return [record for event, place in _objects(events, "data") for record in _odds_records(timestamp, event, place)]


def _odds_records(timestamp: Any, event: Record, place: str) -> list[Record]:
    """The Odds API's nested events: one record per outcome, or one per event where no books are listed."""
    head = {"timestamp": timestamp, **{key: event.get(key) for key in ("id", "commence_time", "home_team", "away_team")}}
    if "bookmakers" not in event:
        return [head]
    return [
        {
            **head, "bookmaker_key": _part(book, "key", of_book),
            "last_update": market.get("last_update") or book.get("last_update"),
            "market_key": _part(market, "key", of_market), "outcome_name": _part(outcome, "name", of_outcome),
            "price": _part(outcome, "price", of_outcome), "point": outcome.get("point"),
        }
        for book, of_book in _objects(event["bookmakers"], f"{place}.bookmakers")
        for market, of_market in _objects(_part(book, "markets", of_book), f"{of_book}.markets")
        for outcome, of_outcome in _objects(_part(market, "outcomes", of_market), f"{of_market}.outcomes")
    ]  # fmt: skip


def _one_level(record: Record) -> Record:
    """Nested objects as `outer.inner` columns; they themselves, what lies deeper, and lists as text: no value of any feed."""
    flat: Record = {}
    for key, value in record.items():
        flat[key] = _text(value)
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": _text(item) for inner, item in value.items()}
    return flat


def _text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _part(whole: Record, name: str, place: str) -> Any:
    if name not in whole:
        raise BackcourtError(f"{place} lacks {name!r}; fetch it again")
    return whole[name]


def _object(value: Any, place: str) -> Record:
    if not isinstance(value, dict):
        raise BackcourtError(f"{place} is {_kind(value)}, not an object; fetch it again")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise BackcourtError(f"{place} is {_kind(value)}, not a list; fetch it again")
    return value


def _objects(value: Any, place: str) -> list[tuple[Record, str]]:
    """Each object of a list, with its place."""
    return [(_object(one, f"{place}[{at}]"), f"{place}[{at}]") for at, one in enumerate(_list(value, place))]


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return {dict: "an object", list: "a list", bool: "true or false"}.get(type(value), "text or a number")
