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
    wanted = normalise_name(name)
    rows = warehouse.query("select player_id, full_name from players where name_normalised = ? order by 1", [wanted])
    rows = rows or warehouse.query(
        "select player_id, full_name from players where strpos(name_normalised, ?) > 0 order by full_name limit 12",
        [wanted],
    )
    if len(rows) == 1:
        return "player_id", int(rows[0][0])
    if rows:
        raise BackcourtError(f"{name!r} fits several players: {', '.join(str(r[1]) for r in rows)}; give the full name.")
    teams = ", ".join(code for code, *_ in TEAMS.values())
    raise BackcourtError(f"Nobody is called {name!r}; give a player's name as in box scores, or a team ({teams}).")
