"""One player's or team's day across all tables."""

from __future__ import annotations

from datetime import date
from typing import Any

from backcourt.engine.declare.catalog import Catalog
from backcourt.engine.errors import BackcourtError
from backcourt.engine.warehouse import Warehouse
from backcourt.field.names import normalise_name
from backcourt.field.teams import TEAMS, team_names

Day = dict[str, list[dict[str, Any]]]


def day_of(warehouse: Warehouse, catalog: Catalog, name: str, day: date) -> Day:
    """Per table the rows (column -> value) of the player or team called `name` on a date.

    Raises BackcourtError when nobody, or more than one player, has that name.
    """
    key, number = _who(warehouse, name)
    found: Day = {}
    for node in catalog.built:
        if key not in node.column_names or key not in (*node.table.grain, "player_id") or not warehouse.columns(node.name):
            continue
        columns = node.column_names
        rows = warehouse.query(
            f"select {', '.join(columns)} from {node.name} where game_date = ? and {key} = ? order by all limit 60",
            [day, number],
        )
        if rows:
            found[node.name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


def _who(warehouse: Warehouse, name: str) -> tuple[str, int]:
    team = team_names().get(name.strip().lower())
    if team is not None:
        return "team_id", team
    found = _players(warehouse, name)
    if found:
        return "player_id", _only(name, found)[0]
    teams = ", ".join(code for code, *_ in TEAMS.values())
    raise BackcourtError(f"Nobody is called {name!r}; give a player's name as in box scores, or a team ({teams}).")


def player_called(warehouse: Warehouse, name: str) -> tuple[int, str]:
    """A player's number and name in the boxes, from either of them.

    Raises BackcourtError when nobody, or more than one player, is called so.
    """
    rows = warehouse.query("select player_id, full_name from players where cast(player_id as varchar) = ?", [name.strip()])
    found = rows or _players(warehouse, name)
    if not found:
        raise BackcourtError(f"Nobody is called {name!r}; give a player's number, or his name as in box scores.")
    return _only(name, found)


def _players(warehouse: Warehouse, name: str) -> list[tuple[Any, ...]]:
    wanted = normalise_name(name)
    rows = warehouse.query("select player_id, full_name from players where name_normalised = ? order by 1", [wanted])
    return rows or warehouse.query(
        "select player_id, full_name from players where strpos(name_normalised, ?) > 0 order by full_name limit 12",
        [wanted],
    )


def _only(name: str, found: list[tuple[Any, ...]]) -> tuple[int, str]:
    if len(found) > 1:
        told = ", ".join(f"{row[1]} ({row[0]})" for row in found)
        raise BackcourtError(f"{name!r} fits several players: {told}; give the full name or the number.")
    return int(found[0][0]), str(found[0][1])
