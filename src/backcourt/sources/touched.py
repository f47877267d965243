"""Which relations a load may have changed, and on which dates: those that its groups had before, and have after."""

from __future__ import annotations

from datetime import date

from backcourt.engine.warehouse import Warehouse
from backcourt.sources.declared import Sources

_BY_GAME = "select distinct game_date from schedule where game_id in (select key from touched_keys where raw = ?)"
_BY_EVENT = "select distinct game_date from odds_events where source_event_id in (select key from touched_keys where raw = ?)"
_BY_DAY = "select distinct cast(key as date) from touched_keys where raw = ?"

OF_GAMES = ("raw_schedule", "raw_results", "raw_team_box", "raw_player_box", "raw_shots")
"""The raw tables whose groups begin with a game's id."""

_DATES = {
    **dict.fromkeys(OF_GAMES, _BY_GAME),
    "raw_odds_events": _BY_EVENT, "raw_prop_quotes": _BY_EVENT, "raw_game_line_quotes": _BY_EVENT,
    "raw_line_scores": _BY_DAY, "raw_consensus_lines": _BY_DAY, "raw_il_moves": _BY_DAY,
}  # fmt: skip

GAMES = (
    f"select key as game_id from touched_keys where raw in ({', '.join(repr(raw) for raw in OF_GAMES)}) union "
    "select s.game_id from touched_keys k join schedule s on k.raw = 'raw_line_scores' "
    "and k.group_key = concat_ws('|', s.game_date, s.home_team_id, s.away_team_id)"
)
"""The games that are touched, as a query of `game_id`."""

GAME_OF_GROUP = "coalesce(s.game_id, split_part(g.group_key, '|', 1))"
"""SQL of the game of a group `g`, where the schedule `s` is joined for what names its game by date and teams."""


class Touched:
    """The groups that a load or decision touches, in the temporary table `touched_keys`, and their dates by raw table."""

    def __init__(self, warehouse: Warehouse, known: Sources) -> None:
        self._warehouse = warehouse
        self._known = known
        self._days: dict[str, set[date]] = {}
        warehouse.query("create or replace temp table touched_keys (raw varchar, group_key varchar, key varchar)")

    @property
    def raws(self) -> list[str]:
        """The raw tables that are touched."""
        return list(self._days)

    def note(self, raw: str, groups: str = "select group_key from touched_groups") -> None:
        """Before a change of the groups that a query names: which dates they have now."""
        self._warehouse.query(
            f"insert into touched_keys select distinct ?, group_key, split_part(group_key, '|', 1) from ({groups}) as named",
            [raw],
        )
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
