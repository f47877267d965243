"""After a load or a decision: choose anew wherever the choice may have changed, witnesses first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from backcourt.engine.warehouse import Warehouse
from backcourt.sources import decisions
from backcourt.sources.choice import Chosen, choose
from backcourt.sources.decisions import OPEN, Decision
from backcourt.sources.declared import Sources
from backcourt.sources.touched import GAMES, Touched
from backcourt.sources.whole import WHOLES


def choose_again(warehouse: Warehouse, touched: Touched) -> dict[str, Chosen]:
    """By raw table what was chosen: of the touched groups, and of those that are judged by them."""
    chosen: dict[str, Chosen] = {}
    for raw in [*(raw for raw in touched.raws if raw not in WHOLES), *WHOLES]:
        groups = _judged_by_the_touched(raw, touched)
        if groups and warehouse.query(f"select group_key from ({groups}) as named limit 1"):
            touched.note(raw, groups)
        if raw in touched.raws:
            chosen[raw] = choose(warehouse, raw, f"select group_key from touched_keys where raw = '{raw}'")
    return chosen


def choose_all(warehouse: Warehouse, known: Sources) -> None:
    """Choose anew of every group."""
    for raw in [*(raw for raw in known.raw_columns if raw not in WHOLES), *WHOLES]:
        choose(warehouse, raw, f"select group_key from raw_groups where raw = '{raw}'")


def reopen(warehouse: Warehouse, touched: Touched, now: datetime) -> None:
    """Take back what runs decided about versions of the touched games: what came may be what was lacking."""
    standing = decisions.of_games(warehouse, GAMES)
    decide(warehouse, touched, [replace(one, decision=OPEN, decided_at=now) for one in standing])


def decide(warehouse: Warehouse, touched: Touched, found: list[Decision]) -> None:
    """Add decisions; what they are about is touched."""
    _note(touched, found)
    decisions.write(warehouse, found)


def _note(touched: Touched, found: list[Decision]) -> None:
    """The groups of these decisions are touched."""
    for raw in {one.raw for one in found}:
        keys = ", ".join("'" + one.group_key.replace("'", "''") + "'" for one in found if one.raw == raw)
        touched.note(raw, f"select group_key from raw_groups where raw = '{raw}' and group_key in ({keys})")


def _judged_by_the_touched(raw: str, touched: Touched) -> str:
    """A query of the groups that have several versions and a touched witness; empty where there can be none."""
    if raw not in WHOLES:
        return ""
    witnesses = [witness for witness in WHOLES[raw].witnesses if witness in touched.raws]
    if not witnesses:
        return ""
    named = ", ".join(f"'{witness}'" for witness in witnesses)
    return (
        f"select group_key from raw_groups where raw = '{raw}' and split_part(group_key, '|', 1) in "
        f"(select key from touched_keys where raw in ({named})) group by group_key having count(*) > 1"
    )
