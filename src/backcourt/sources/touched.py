"""Which relations a load may have changed, and on which dates: those that its groups had before, and those that they have after."""

from __future__ import annotations

from datetime import date

from backcourt.engine.warehouse import Warehouse
from backcourt.sources.declared import Sources

_BY_GAME = "select distinct game_date from schedule where game_id in (select key from touched_keys where raw = ?)"
_BY_EVENT = "select distinct game_date from odds_events where source_event_id in (select key from touched_keys where raw = ?)"
_BY_DAY = "select distinct cast(key as date) from touched_keys where raw = ?"

_DATES = {
    "raw_schedule": _BY_GAME, "raw_results": _BY_GAME, "raw_team_box": _BY_GAME, "raw_player_box": _BY_GAME, "raw_shots": _BY_GAME,
    "raw_odds_events": _BY_EVENT, "raw_prop_quotes": _BY_EVENT, "raw_game_line_quotes": _BY_EVENT,
    "raw_line_scores": _BY_DAY, "raw_consensus_lines": _BY_DAY, "raw_il_moves": _BY_DAY,
}  # fmt: skip


class Touched:
    """The dates that one file touches, by raw table."""

    def __init__(self, warehouse: Warehouse, known: Sources) -> None:
        self._warehouse = warehouse
        self._known = known
        self._days: dict[str, set[date]] = {}
        warehouse.query("create or replace temp table touched_keys (raw varchar, key varchar)")

    def note(self, raw: str) -> None:
        """Before the groups in `touched_groups` are written: which dates they have now."""
        self._warehouse.query("insert into touched_keys select distinct ?, split_part(group_key, '|', 1) from touched_groups", [raw])
        self._days.setdefault(raw, set()).update(self._dates(raw))

    def relations(self) -> dict[str, set[date] | None]:
        """After everything is written: the relations and dates (None: any) whose content may differ."""
        for raw, days in self._days.items():
            days.update(self._dates(raw))
        found: dict[str, set[date] | None] = {}
        for name, relation in self._known.relations.items():
            raws = self._known.raws[name] & set(self._days)
            if raws:
                # Nobody but its feed knows what dates the groups of a raw table from outside the package.
                is_known = relation.dated and raws <= self._known.own_raws
                found[name] = set().union(*(self._days[raw] for raw in raws)) if is_known else None
        return found

    def _dates(self, raw: str) -> set[date]:
        if raw not in _DATES:
            return set()
        return {row[0] for row in self._warehouse.query(_DATES[raw], [raw]) if row[0] is not None}


def merge(into: dict[str, set[date] | None], found: dict[str, set[date] | None]) -> None:
    """Add what another file touched."""
    for name, days in found.items():
        known = into.get(name, set())
        into[name] = None if days is None or known is None else known | days
