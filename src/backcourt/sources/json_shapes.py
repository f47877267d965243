"""The shapes in which feeds wrap their records in JSON."""

from __future__ import annotations

from typing import Any


def flatten(body: Any) -> list[dict[str, Any]]:
    """One flat record per row; none for a shape that isn't known. Raises ValueError when a known shape lacks a part."""
    try:
        return _records(body)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"its JSON lacks {error}") from error


def _records(body: Any) -> list[dict[str, Any]]:
    if isinstance(body, list):
        return [_one_level(record) for record in body]
    if "rowSet" in body:
        return [dict(zip(body["headers"], row, strict=True)) for row in body["rowSet"]]
    for name in ("resultSets", "resultSet"):
        if name in body:
            sets = body[name] if isinstance(body[name], list) else [body[name]]
            return _records(sets[0])
    if "leagueSchedule" in body:
        return [_one_level(game) for day in body["leagueSchedule"]["gameDates"] for game in day["games"]]
    if "boxScoreTraditional" in body:
        return _players(body["boxScoreTraditional"])
    if "data" in body and "timestamp" in body:
        return [record for event in body["data"] for record in _odds_records(body["timestamp"], event)]
    return []


def _players(game: dict[str, Any]) -> list[dict[str, Any]]:
    """boxscoretraditionalv3: one record per listed player, the statistics beside the person."""
    return [
        {
            **{key: value for key, value in player.items() if key != "statistics"},
            **player["statistics"],
            "gameId": game["gameId"],
            "teamId": team["teamId"],
            "name": f"{player['firstName']} {player['familyName']}".strip(),
        }
        for team in (game["homeTeam"], game["awayTeam"])
        for player in team["players"]
    ]


def _odds_records(timestamp: str, event: dict[str, Any]) -> list[dict[str, Any]]:
    """The Odds API's nested events: one record per outcome, or one per event where no books are listed."""
    head = {"timestamp": timestamp, **{key: event.get(key) for key in ("id", "commence_time", "home_team", "away_team")}}
    if "bookmakers" not in event:
        return [head]
    return [
        {
            **head, "bookmaker_key": book["key"], "last_update": book.get("last_update"), "market_key": market["key"],
            "outcome_name": outcome["name"], "price": outcome["price"], "point": outcome.get("point"),
        }
        for book in event["bookmakers"]
        for market in book["markets"]
        for outcome in market["outcomes"]
    ]  # fmt: skip


def _one_level(record: dict[str, Any]) -> dict[str, Any]:
    """Nested objects as `outer.inner` columns; lists are dropped."""
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": item for inner, item in value.items() if not isinstance(item, dict | list)}
        elif not isinstance(value, list):
            flat[key] = value
    return flat
