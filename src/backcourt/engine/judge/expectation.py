"""Which keys should exist, from the calendar and from relations upstream, counted per game and compared without joining rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backcourt.engine.declare.catalog import Node
from backcourt.engine.warehouse import Warehouse, dates

ANY_GAME = ""
"""The place of keys that belong to no game, or of all keys of a table that expects no games."""
ROW = "row "
"""How the name of a row begins that belongs to no game; its key follows."""


@dataclass(frozen=True)
class Keys:
    """How many keys there are and the order-independent hash over them."""

    count: int
    hash: str


KeyCounts = dict[date, dict[str, Keys]]


def expected(warehouse: Warehouse, node: Node, where: str = "true") -> KeyCounts | None:
    """The expected keys per date and game; None when the table expects what its own query gives, nothing before its inputs exist."""
    expects = node.table.expects
    if expects.sql is None:
        return None
    if not all(warehouse.columns(name) for name in node.expects_relations):
        return {}
    return _count(warehouse, node, f"({expects.sql})", where)


def stored(warehouse: Warehouse, node: Node, where: str = "true", *, relation: str | None = None) -> KeyCounts:
    """The keys that a stored (or staged) relation holds, per date and game."""
    return _count(warehouse, node, relation or warehouse.physical(node.name), where)


def differing_keys(warehouse: Warehouse, node: Node, days: list[date], limit: int = 200) -> list[tuple[str, tuple[object, ...]]]:
    """(`missing` or `surplus`, key) for these dates, by counting what is expected against what is stored; the key is the grain in order."""
    expects = node.table.expects
    if expects.sql is None or not days:
        return []
    listed = dates(days)
    grain = ", ".join(node.table.grain)
    keys = ", ".join(f"{key} as {name}" for key, name in zip(_cast_grain(node), node.table.grain, strict=True))
    sides = (("missing", f"({expects.sql})", node.name), ("surplus", node.name, f"({expects.sql})"))
    found: list[tuple[str, tuple[object, ...]]] = []
    for side, ours, theirs in sides:
        rows = warehouse.query(
            f"select {grain} from (select {keys}, 1 as side from {ours} as ours where game_date in ({listed}) union all "
            f"select {keys}, -1 from {theirs} as theirs where game_date in ({listed})) as both_sides "
            f"group by {grain} having sum(side) > 0 order by {grain} limit {limit}"
        )
        found += [(side, tuple(row)) for row in rows]
    return found


def key_text(node: Node) -> str:
    """SQL of a row's key as text, without its date and what has another text in another warehouse: numbers with a fraction, and of
    times all but the date.
    """
    types = {column.name: column.type for column in node.columns}
    named = [name for name in node.table.grain[1:] if not types[name].startswith(("DOUBLE", "DECIMAL"))]
    read = [f"cast({name} as date)" if types[name].startswith("TIMESTAMP") else name for name in named]
    return " || ' ' || ".join(f"coalesce(cast({value} as varchar), '')" for value in read) or "''"


def owner(warehouse: Warehouse, node: Node) -> str:
    """SQL of what a row belongs to: its game where it has one, else itself (`ROW`, its key, and a hash of all of it)."""
    itself = f"'{ROW}' || {key_text(node)} || ' ' || left({warehouse.text_hash(node.table.grain)}, 8)"
    has_games = "game_id" in node.column_names and (node.table.games != "none" or "game_id" in node.table.grain)
    return f"coalesce(game_id, {itself})" if has_games else itself


def _count(warehouse: Warehouse, node: Node, source: str, where: str) -> KeyCounts:
    game = f"'{ANY_GAME}'" if node.table.games == "none" else f"coalesce(game_id, '{ANY_GAME}')"
    found: KeyCounts = {}
    for day, game_id, count, digest in warehouse.query(
        f"select game_date, {game}, count(*), {warehouse.key_hash(_cast_grain(node))} from {source} as rows "
        f"where ({where}) and game_date is not null group by 1, 2"
    ):
        found.setdefault(day, {})[str(game_id)] = Keys(int(count), str(digest))
    return found


def _cast_grain(node: Node) -> list[str]:
    types = {column.name: column.type for column in node.columns}
    return [f"cast({name} as {types[name]})" for name in node.table.grain]
