"""The proof that nobody sees the future: rebuild a slate from what was known at each game's lock, and compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backcourt.engine.catalog import Node
from backcourt.engine.diff import Difference, compare
from backcourt.engine.state import Situation
from backcourt.engine.table import Reads
from backcourt.engine.warehouse import Warehouse, bind

Cutoffs = Callable[[date], Mapping[str, datetime]]
"""The moment (UTC) at which each game of a date locks, by game id."""


@dataclass(frozen=True)
class Leak:
    """A table's rows for the games that lock at `cutoff` change when what was not known then is removed."""

    table: str
    game_date: date
    cutoff: datetime
    differences: tuple[Difference, ...]
    inherited_from: str | None

    def __str__(self) -> str:
        source = f" (inherited from {self.inherited_from})" if self.inherited_from else ""
        return f"{self.table} {self.game_date}, lock {self.cutoff:%H:%M} UTC{source}: {self.differences[0]}"


@dataclass(frozen=True)
class Proof:
    """What was proven: slates, locks and table-slates compared, and every leak found."""

    slates: int
    locks: int
    compared: dict[str, int]
    rows: dict[str, int]
    leaks: list[Leak]


def as_of_tables(situation: Situation) -> list[Node]:
    """The tables whose rows claim to be knowable at the game's lock."""
    return [node for node in situation.catalog.built if node.declaration.known.kind == "as_of"]


def prove(situation: Situation, tables: list[Node], days: list[date], cutoffs: Cutoffs, on_slate: Callable[[date], None]) -> Proof:
    """For each slate and each lock in it: truncate every input to what was known, rebuild the as-of chain, compare with what is stored."""
    proof = Proof(0, 0, {node.name: 0 for node in tables}, {node.name: 0 for node in tables}, [])
    slates = locks = 0
    for day in days:
        by_cutoff: dict[datetime, list[str]] = {}
        for game, moment in cutoffs(day).items():
            by_cutoff.setdefault(moment, []).append(game)
        for moment in sorted(by_cutoff):
            # Rows of the date that belong to no game must have been known before the first of them.
            _prove_lock(situation, tables, day, moment, by_cutoff[moment], proof, with_no_game=moment == min(by_cutoff))
            locks += 1
        slates += 1
        on_slate(day)
    return Proof(slates, locks, proof.compared, proof.rows, proof.leaks)


def _prove_lock(
    situation: Situation, tables: list[Node], day: date, cutoff: datetime, games: list[str], proof: Proof, *, with_no_game: bool
) -> None:
    warehouse = situation.warehouse
    rebuilt: list[str] = []
    leaking: set[str] = set()
    try:
        for node in situation.catalog.upstream(table.name for table in tables):
            if not node.is_built or node.declaration.known.kind not in ("as_of", "captured"):
                continue
            last = day + timedelta(days=_read_ahead(situation, node))
            warehouse.stage(_name(node), _truncated_query(situation, node, day, last, cutoff, set(rebuilt)))
            rebuilt.append(node.name)
            if node.name not in proof.compared:
                continue
            listed = ", ".join(f"'{game}'" for game in games)
            where = f"game_date = date '{day}' and (game_id in ({listed}){' or game_id is null' if with_no_game else ''})"
            proof.rows[node.name] += int(warehouse.query(f"select count(*) from {warehouse.physical(node.name)} where {where}")[0][0])
            differences = compare(warehouse, node, _name(node), where, limit=5)
            proof.compared[node.name] += 1
            if differences:
                inherited = next((name for name in node.reads if name in leaking), None)
                leaking.add(node.name)
                proof.leaks.append(Leak(node.name, day, cutoff, tuple(differences), inherited))
    finally:
        for name in rebuilt:
            warehouse.drop_stage(f"known_{name}")


def _truncated_query(situation: Situation, node: Node, day: date, last: date, cutoff: datetime, rebuilt: set[str]) -> str:
    warehouse = situation.warehouse
    bounds = {}
    for name, reads in node.reads.items():
        upstream = situation.catalog[name]
        if reads.undated:
            bounds[name] = f"select * from {warehouse.physical(name)}"
            continue
        lower = situation.calendar.window(reads, day)[0]
        upper = situation.calendar.window(reads, last)[1]
        bounds[name] = _known(warehouse, upstream, day, lower, upper, cutoff, name in rebuilt)
    names = ", ".join(node.column_names)
    query = bind(node.table.sql, bounds, warehouse.bound_cte)
    return f"select {names} from (\n{query}\n) as result where game_date between date '{day}' and date '{last}'"


def _known(warehouse: Warehouse, node: Node, day: date, lower: date, upper: date, cutoff: datetime, is_rebuilt: bool) -> str:
    """The rows of an input in [lower, upper) that were known at the cutoff of a game on `day`."""
    source = warehouse.physical(node.name)
    window = f"game_date >= date '{lower}' and game_date < date '{upper}'"
    kind = node.declaration.known.kind
    if kind == "always":
        return f"select * from {source} where {window}"
    earlier = f"select * from {source} where {window} and game_date < date '{day}'"
    if kind == "after_game":
        return earlier
    if kind == "captured":
        column = node.declaration.known.column
        timely = f"{column} < timestamp '{cutoff}'"
        if not is_rebuilt:
            return f"select * from {source} where {window} and {timely}"
        names = ", ".join(node.column_names)
        return (
            f"select {names} from {source} where {window} and game_date < date '{day}' and {timely} "
            f"union all select {names} from {_name(node)} where {window}"
        )
    names = ", ".join(node.column_names)
    return (
        f"select {names} from {source} where {window} and game_date < date '{day}' "
        f"union all select {names} from {_name(node)} where {window}"
    )


def _read_ahead(situation: Situation, node: Node) -> int:
    """How many days after D some table reads of this one (a schedule is known ahead)."""
    readers: list[Reads] = [other.reads[node.name] for other in situation.catalog.built if node.name in other.reads]
    return max((reads.ahead_days for reads in readers), default=0)


def _name(node: Node) -> str:
    return f"known_{node.name}"
