"""What games of a source relation lack although it has rows of them: the other team, players, attempts."""

from __future__ import annotations

from datetime import date

from backcourt.engine.declare.catalog import Node
from backcourt.engine.declare.table import GameCheck
from backcourt.engine.warehouse import Warehouse, bind

Parts = dict[date, dict[str, str]]
"""Per date the games that lack something, and what, in words."""


def lacking_parts(warehouse: Warehouse, node: Node, where: str = "true") -> Parts:
    """What the games of these dates (a condition on game_date) lack by the checks; nothing while a relation lacks."""
    found: Parts = {}
    if not all(warehouse.columns(name) for name in (node.name, *node.inputs)):
        return found
    for check in node.game_checks:
        for day, game, *rest in warehouse.query(_query(warehouse, node, check, where)):
            numbers = dict(zip(("team", "have", "wanted"), rest, strict=True))
            told = check.told.format(relation=node.name, game=game, **numbers)
            games = found.setdefault(day, {})
            games[str(game)] = f"{games[str(game)]}; {told}" if str(game) in games else told
    return found


def _query(warehouse: Warehouse, node: Node, check: GameCheck, where: str) -> str:
    bounds = {name: f"select * from {warehouse.physical(name)} where {where}" for name in (node.name, *check.beside)}
    asked = (
        f"select game_date, game_id, team_id, have, wanted from ({check.sql}) as lacking "
        "where game_date is not null order by game_date, game_id, team_id"
    )
    return bind(asked, bounds, warehouse.bound_cte)
