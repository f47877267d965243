"""The proof that nobody sees the future: rebuild a slate from what was known at each game's lock, and compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from backcourt.engine.declare.catalog import Node
from backcourt.engine.declare.table import Reads
from backcourt.engine.judge.situation import Situation
from backcourt.engine.prove.diff import Difference, compare
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


def prove(
    situation: Situation,
    tables: list[Node],
    days: list[date],
    cutoffs: Cutoffs,
    on_slate: Callable[[date], None],
    workers: int = 1,
) -> Proof:
    """For each slate and each lock in it: truncate every input to what was known, rebuild the as-of chain, compare with what is stored.

    Slates are independent, so `workers` of them are proven at a time, each on a connection of its own.
    """
    schedules = {day: dict(cutoffs(day)) for day in days}

    def slate(day: date) -> Proof:
        own = copy(situation)
        own.warehouse = situation.warehouse.sibling() if workers > 1 else situation.warehouse
        proof = Proof(1, 0, {node.name: 0 for node in tables}, {node.name: 0 for node in tables}, [])
        by_cutoff: dict[datetime, list[str]] = {}
        for game, moment in schedules[day].items():
            by_cutoff.setdefault(moment, []).append(game)
        try:
            for moment in sorted(by_cutoff):
                # Rows of the date that belong to no game must have been known before the first of them.
                _prove_lock(own, tables, day, moment, by_cutoff[moment], proof, with_no_game=moment == min(by_cutoff))
        finally:
            if workers > 1:
                own.warehouse.close()
        on_slate(day)
        return replace(proof, locks=len(by_cutoff))

    if workers == 1:
        return _summed([slate(day) for day in days], tables)
    with ThreadPoolExecutor(workers) as pool:
        return _summed(list(pool.map(slate, days)), tables)


def _summed(proofs: list[Proof], tables: list[Node]) -> Proof:
    return Proof(
        sum(proof.slates for proof in proofs),
        sum(proof.locks for proof in proofs),
        {node.name: sum(proof.compared[node.name] for proof in proofs) for node in tables},
        {node.name: sum(proof.rows[node.name] for proof in proofs) for node in tables},
        [leak for proof in proofs for leak in proof.leaks],
    )


def _prove_lock(
    situation: Situation,
    tables: list[Node],
    day: date,
    cutoff: datetime,
    games: list[str],
    proof: Proof,
    *,
    with_no_game: bool,
) -> None:
    warehouse = situation.warehouse
    listed = ", ".join(f"'{game}'" for game in games)
    where = f"game_date = date '{day}' and (game_id in ({listed}){' or game_id is null' if with_no_game else ''})"
    leaking: set[str] = set()
    with known_at(situation, tables, day, cutoff) as rebuilt:
        for node in rebuilt:
            if node.name not in proof.compared:
                continue
            proof.rows[node.name] += int(warehouse.query(f"select count(*) from {warehouse.physical(node.name)} where {where}")[0][0])
            differences = compare(warehouse, node, known_name(node), where, limit=5)
            proof.compared[node.name] += 1
            if differences:
                inherited = next((name for name in node.reads if name in leaking), None)
                leaking.add(node.name)
                proof.leaks.append(Leak(node.name, day, cutoff, tuple(differences), inherited))


@contextmanager
def known_at(situation: Situation, tables: Iterable[Node], day: date, cutoff: datetime) -> Iterator[list[Node]]:
    """The as-of chain of `day` as it could be computed at `cutoff` (UTC): each table staged as `known_name(node)`, upstream first.

    Every input is cut off at what was known then; nothing stored of `day` is read but what its source relations hold.
    """
    warehouse = situation.warehouse
    rebuilt: list[Node] = []
    try:
        for node in situation.catalog.upstream(table.name for table in tables):
            if not node.is_built or node.declaration.known.kind not in ("as_of", "captured"):
                continue
            last = day + timedelta(days=_read_ahead(situation, node))
            names = {other.name for other in rebuilt}
            warehouse.stage(known_name(node), _truncated_query(situation, node, day, last, cutoff, names))
            rebuilt.append(node)
        yield rebuilt
    finally:
        for node in rebuilt:
            warehouse.drop_stage(known_name(node))


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
            f"union all select {names} from {known_name(node)} where {window}"
        )
    names = ", ".join(node.column_names)
    return (
        f"select {names} from {source} where {window} and game_date < date '{day}' "
        f"union all select {names} from {known_name(node)} where {window}"
    )


def _read_ahead(situation: Situation, node: Node) -> int:
    """How many days after D some table reads of this one (a schedule is known ahead)."""
    readers: list[Reads] = [other.reads[node.name] for other in situation.catalog.built if node.name in other.reads]
    return max((reads.ahead_days for reads in readers), default=0)


def known_name(node: Node) -> str:
    """The staged relation of `known_at`."""
    return f"known_{node.name}"
