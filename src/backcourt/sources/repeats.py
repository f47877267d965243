"""Rows of one load that share a key: copies are one, a later update counts, what disagrees is rejected."""

from __future__ import annotations

from backcourt.engine.warehouse import Warehouse
from backcourt.sources.feed import Fill

REPEATED = "repeats a row of the same file"
DISAGREE = "one row per key"

_SHOWN = 60


def resolve(warehouse: Warehouse, fill: Fill) -> None:
    """Mark the rows of `parsed` that share a key with others so that at most one of each key is left unmarked."""
    if _is_unique(warehouse, fill):
        return
    facts = ", ".join(fill.facts)
    _drop(
        warehouse,
        f"select file_row, row_number() over (partition by {facts}{_updated(fill)} order by file_row) > 1 as drops",
    )
    if fill.updated_at:
        key, updated = ", ".join(fill.key), fill.updated_at
        _drop(
            warehouse,
            f"select file_row, {updated} < max({updated}) over (partition by {key}) "
            f"and count({updated}) over (partition by {key}) = count(*) over (partition by {key}) as drops",
        )
        _drop(warehouse, f"select file_row, row_number() over (partition by {facts} order by file_row) > 1 as drops")
    if not _is_unique(warehouse, fill):
        _reject(warehouse, fill)


def _updated(fill: Fill) -> str:
    return f", {fill.updated_at}" if fill.updated_at else ""


def _is_unique(warehouse: Warehouse, fill: Fill) -> bool:
    key = ", ".join(fill.key)
    return bool(warehouse.query(f"select count(*) = count(distinct ({key})) from parsed where problem is null")[0][0])


def _drop(warehouse: Warehouse, marked: str) -> None:
    warehouse.query(
        f"update parsed set problem = '{REPEATED}', rule = '{REPEATED}' where file_row in "
        f"(select file_row from ({marked} from parsed where problem is null) as marked where drops)"
    )


def _reject(warehouse: Warehouse, fill: Fill) -> None:
    """All rows of each key that several have: nothing says which of them is right."""
    key = ", ".join(fill.key)
    shown = " || ', ' || ".join(f"'{name} ' || {_shown(name)}" for name in fill.key)
    differing = ", ".join(_differing(name) for name in fill.facts if name not in fill.key)
    warehouse.query(
        f"create or replace temp table disagreeing as select {key}, 'one of several rows for ' || {shown} || "
        f"coalesce(': ' || nullif(concat_ws(', ', {differing}), ''), '') || ' (rule: {DISAGREE})' as sentence "
        f"from parsed where problem is null group by {key} having count(*) > 1"
    )
    same = " and ".join(f"parsed.{name} is not distinct from d.{name}" for name in fill.key)
    warehouse.query(
        f"update parsed set problem = d.sentence, rule = '{DISAGREE}' from disagreeing d where parsed.problem is null and {same}"
    )
    warehouse.query("drop table temp.disagreeing")


def _shown(name: str) -> str:
    return f"left(coalesce(cast({name} as varchar), 'none'), {_SHOWN})"


def _differing(name: str) -> str:
    """SQL: the column and its values where the rows of a key have more than one."""
    values = f"list(distinct {_shown(name)})"
    return f"case when len({values}) > 1 then '{name} ' || array_to_string(list_sort({values}), ' or ') end"
