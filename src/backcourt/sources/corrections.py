"""Corrections of games: versions that count in place of an earlier one, and sets of them to try a game without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from backcourt.engine.warehouse import Warehouse
from backcourt.sources import decisions
from backcourt.sources.decisions import DROP, TAKE, TRIED, Decision
from backcourt.sources.touched import GAME_OF_GROUP


@dataclass(frozen=True)
class Correction:
    """A version of a group of a game that has an earlier one, or one of another source, to fall back on."""

    raw: str
    source: str
    group_key: str
    group_hash: str
    load_id: int
    file: str

    def decided(self, decision: str, reason: str, author: str, now: datetime) -> Decision:
        """A decision about it."""
        return Decision(self.raw, self.source, self.group_key, self.group_hash, decision, reason, author, now)


# The oldest version of a group has nothing before it; what a person took or dropped is settled.
_VERSIONS = f"""
with versions as (
    select g.raw, g.source, g.group_key, g.group_hash, g.load_id, {GAME_OF_GROUP} as game_id,
        row_number() over (partition by g.raw, g.group_key order by g.load_id) as place
    from raw_groups g
    left join schedule s on g.raw = 'raw_line_scores'
        and g.group_key = concat_ws('|', s.game_date, s.home_team_id, s.away_team_id)
    where g.raw in ('raw_results', 'raw_team_box', 'raw_player_box', 'raw_shots', 'raw_line_scores')
)
select v.game_id, v.raw, v.source, v.group_key, v.group_hash, v.load_id, l.file, coalesce(d.decision, '')
from versions v
join raw_loads l on l.load_id = v.load_id
left join {decisions.STANDING} as d on d.raw = v.raw and d.source = v.source and d.group_key = v.group_key
    and d.group_hash = v.group_hash
left join raw_superseded x on x.raw = v.raw and x.group_key = v.group_key and x.load_id = v.load_id
    and x.why is not null
    and d.decision is null
where v.place > 1 and v.game_id in (select unnest(?)) and x.load_id is null
order by v.game_id, v.load_id desc, v.raw, v.group_key
"""


def sets_of(warehouse: Warehouse, games: Sequence[str], tries: int) -> dict[str, list[tuple[Correction, ...]]]:
    """By game the sets of corrections to try it without, at most `tries`; games without any, or already tried, are left out.

    First each group's corrections from the last one back, groups with a later load first; then the last ones of all
    groups together, one group more at a time.
    """
    if not games:
        return {}
    found: dict[str, dict[tuple[str, str], list[Correction]]] = {}
    tried: set[str] = set()
    for game, raw, source, key, digest, load_id, file, decision in warehouse.query(_VERSIONS, [list(games)]):
        correction = Correction(raw, source, key, digest, load_id, Path(file).name)
        if decision in (TAKE, DROP):
            continue
        if decision == TRIED:
            tried.add(game)
        found.setdefault(game, {}).setdefault((correction.raw, correction.group_key), []).append(correction)
    return {game: _sets(list(groups.values()))[:tries] for game, groups in found.items() if game not in tried}


def _sets(groups: list[list[Correction]]) -> list[tuple[Correction, ...]]:
    prefixes = [tuple(group[:depth]) for group in groups for depth in range(1, len(group) + 1)]
    singles = sorted(prefixes, key=len)
    together = [tuple(found) for found in accumulate(([group[0]] for group in groups), lambda one, more: [*one, *more])]
    return [*singles, *together[1:]]
