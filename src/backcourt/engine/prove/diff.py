"""What a stored partition has that its query doesn't give today, and the other way round: rows by key, cells by column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from backcourt.engine.build.chunk import bounded_query
from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.warehouse import Warehouse

_COMPUTED = "computed_rows"


@dataclass(frozen=True)
class Difference:
    """`missing` row, `surplus` row, or a `column` whose values differ in `count` rows; `key` and the values are one example."""

    kind: str
    key: dict[str, Any]
    column: str = ""
    count: int = 1
    stored: Any = None
    computed: Any = None

    def __str__(self) -> str:
        key = ", ".join(f"{name} {value}" for name, value in self.key.items())
        if self.kind == "column":
            return f"column {self.column} differs in {self.count} row(s), e.g. {key}: stored {self.stored}, computed {self.computed}"
        return f"{self.kind} row: {key}"


def difference(warehouse: Warehouse, calendar: Calendar, node: Node, start: date, end: date, *, limit: int = 50) -> list[Difference]:
    """Compute the range again from today's inputs and compare it with what is stored.

    Games that the build withheld count as missing only where the computed rows have them; the caller knows which.
    """
    warehouse.stage(_COMPUTED, bounded_query(warehouse, calendar, node, start, end))
    try:
        return compare(warehouse, node, _COMPUTED, f"game_date between date '{start}' and date '{end}'", limit=limit)
    finally:
        warehouse.drop_stage(_COMPUTED)


def misshapen_columns(warehouse: Warehouse, node: Node) -> list[str]:
    """A sentence for each column that a built table lacks, has without being declared, or has with another type."""
    stored = dict(warehouse.columns(node.name))
    if not stored:
        return [f"there is no {'view' if node.is_view else 'table'} {node.name}; run builds it"]
    # As the warehouse names the declared types.
    typed = ", ".join(f"cast(null as {column.type}) as {column.name}" for column in node.columns)
    wanted = dict(warehouse.describe(f"select {typed}"))
    return [
        *(f"column {name} is gone; run builds the table again" for name in wanted if name not in stored),
        *(f"column {name} is not declared; run builds the table again" for name in stored if name not in wanted),
        *(
            f"column {name} is {stored[name]}, declared is {kind}; run builds the table again"
            for name, kind in wanted.items()
            if stored.get(name, kind) != kind
        ),
    ]


def compare(warehouse: Warehouse, node: Node, computed: str, where: str, *, limit: int = 50) -> list[Difference]:
    """Compare the stored rows of `node` with the relation `computed`, both restricted by `where`."""
    stored = warehouse.physical(node.name)
    content = f"count(*), {warehouse.content_hash(node.column_names)}"
    sides = [warehouse.query(f"select {content} from {relation} where {where}") for relation in (stored, computed)]
    if sides[0] == sides[1]:
        return []
    grain = list(node.table.grain)
    shown = grain + [name for name in ("game_id", "team_id") if name in node.column_names and name not in grain]
    found: list[Difference] = []
    for kind, ours, theirs in (("missing", computed, stored), ("surplus", stored, computed)):
        match = _same_key("theirs", "ours", grain)
        rows = warehouse.query(
            f"select {', '.join(f'ours.{name}' for name in shown)} from (select * from {ours} where {where}) as ours "
            f"where not exists (select 1 from (select * from {theirs} where {where}) as theirs where {match}) "
            f"order by {', '.join(f'ours.{name}' for name in shown)} limit {limit}"
        )
        found += [Difference(kind, dict(zip(shown, row, strict=True))) for row in rows]
    return found + _cells(warehouse, node, computed, where, grain, shown)


def _cells(warehouse: Warehouse, node: Node, computed: str, where: str, grain: list[str], shown: list[str]) -> list[Difference]:
    others = [name for name in node.column_names if name not in grain]
    if not others:
        return []
    match = _same_key("s", "c", grain)
    joined = (
        f"(select * from {warehouse.physical(node.name)} where {where}) as s join (select * from {computed} where {where}) as c on {match}"
    )
    counts = warehouse.query(
        f"select {', '.join(f'coalesce(sum(case when s.{n} is distinct from c.{n} then 1 else 0 end), 0)' for n in others)} from {joined}"
    )[0]
    found = []
    for name, count in zip(others, counts, strict=True):
        if count:
            row = warehouse.query(
                f"select {', '.join(f's.{n}' for n in shown)}, s.{name}, c.{name} from {joined} "
                f"where s.{name} is distinct from c.{name} order by {', '.join(f's.{n}' for n in shown)} limit 1"
            )[0]
            key = dict(zip(shown, row[: len(shown)], strict=True))
            found.append(Difference("column", key, name, int(count), row[-2], row[-1]))
    return found


def _same_key(one: str, other: str, grain: list[str]) -> str:
    """The condition on two rows; the first column of a grain is the date that both sides are restricted by, so it is never NULL."""
    others = [f"{one}.{name} is not distinct from {other}.{name}" for name in grain[1:]]
    return " and ".join([f"{one}.{grain[0]} = {other}.{grain[0]}", *others])
