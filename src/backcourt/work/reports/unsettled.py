"""What came in and isn't settled: held versions, rejected rows, unknown games, names and events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backcourt.engine.judge.situation import Situation
from backcourt.engine.warehouse import Warehouse
from backcourt.field.teams import code
from backcourt.home import Home
from backcourt.sources.declared import Sources
from backcourt.sources.held import Held, held
from backcourt.tables.declared import sources

_SHOWN = 10

# A row is brought right by a later version of its group, or by a later load of its file, without a rejected row.
_STANDING_REJECTS = """
with good_groups as (
    select raw, group_key, max(load_id) as load_id, max(last_seen_at) as seen_at
    from raw_groups where coalesce(rejected, 0) = 0
    group by raw, group_key
),
good_files as (
    select file, max(load_id) as load_id from raw_loads where rows_rejected = 0 group by file
),
standing as (
    select
        r.load_id, r.file, r.file_row, r.sentence,
        row_number() over (partition by r.load_id order by r.file_row nulls first, r.raw nulls first) as place
    from raw_rejects r
    join raw_loads l on l.load_id = r.load_id
    left join good_groups g on g.raw = r.raw and g.group_key = r.group_key
    left join good_files f on f.file = l.file
    where r.rule not in ({apart})
        and coalesce(g.load_id, 0) < r.load_id and coalesce(g.seen_at, l.loaded_at) <= l.loaded_at
        and coalesce(f.load_id, 0) < r.load_id
)
select file, count(distinct file_row), max(case when place = 1 then sentence end)
from standing group by load_id, file order by load_id
"""

_EVENTS_WITHOUT_GAME = """
with events as (
    select
        source_event_id, min(game_date) as game_date,
        min(home_team_id) as home_team_id, min(away_team_id) as away_team_id
    from odds_events group by source_event_id
),
lost as (
    select e.source_event_id, e.game_date, e.home_team_id, e.away_team_id
    from events e
    left join schedule s on s.game_date = e.game_date
        and s.home_team_id = e.home_team_id and s.away_team_id = e.away_team_id
    where s.game_id is null
),
props as (
    select source_event_id, count(*) as quotes from prop_quote_captures group by source_event_id
),
lines as (
    select source_event_id, count(*) as quotes from game_line_captures group by source_event_id
)
select
    l.source_event_id, l.game_date, l.home_team_id, l.away_team_id,
    coalesce(p.quotes, 0) + coalesce(g.quotes, 0) as quotes
from lost l
left join props p on p.source_event_id = l.source_event_id
left join lines g on g.source_event_id = l.source_event_id
order by 2, 1
"""


@dataclass(frozen=True)
class Rejected:
    """Rows of a file that broke a rule and that no later load brought right: how many, and the first one's sentence."""

    file: str
    rows: int
    example: str

    @property
    def line(self) -> str:
        """What was rejected, and the way out."""
        return f"{self.file}: {self.rows:,} row(s) rejected, e.g. {self.example}; correct the file and ingest it"


@dataclass(frozen=True)
class Event:
    """A betting event whose teams don't play on its date; `quotes` counts props and game lines."""

    id: str
    date: str
    teams: str
    quotes: int

    @property
    def line(self) -> str:
        """Which event it is, and the way out."""
        return f"event {self.id} ({self.teams}, {self.date}) is no game, {self.quotes:,} quotes: `backcourt map`"


@dataclass(frozen=True)
class Unsettled:
    """All that a person may have to settle; `unknown_games`: rows per relation of games that no schedule lists."""

    held: Sequence[Held] = ()
    rejected: Sequence[Rejected] = ()
    events: Sequence[Event] = ()
    names: Sequence[tuple[str, int]] = ()
    unknown_games: Sequence[tuple[str, int]] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {
            "held_versions": len(self.held),
            "rejected_rows": sum(one.rows for one in self.rejected),
            "events_without_game": len(self.events),
            "names_without_player": len(self.names),
            "rows_of_unknown_games": sum(rows for _, rows in self.unknown_games),
        }

    @property
    def sentence(self) -> str:
        """The counts in words; empty when there is nothing."""
        told = [f"{count:,} {name.replace('_', ' ')}" for name, count in self.counts.items() if count]
        return f"{', '.join(told)}; `backcourt gaps` lists them" if told else ""

    def lines(self, shown: int | None = _SHOWN) -> list[str]:
        """One line each, with the command that settles it; of each kind the first `shown` (None: all)."""
        kinds = [
            [f"held {one.id}: {one.sentence}" for one in self.held],
            [one.line for one in self.rejected],
            [one.line for one in self.events],
            [f"{name!r} is no player, {count:,} quotes: `backcourt alias`" for name, count in self.names],
            [f"{name}: {rows:,} rows of games that no schedule lists; ingest it" for name, rows in self.unknown_games],
        ]
        found: list[str] = []
        for lines in kinds:
            found += lines[:shown]
            if shown is not None and len(lines) > shown:
                found.append(f"and {len(lines) - shown:,} more of these; `backcourt gaps --json` lists all")
        return found

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "held": [one.as_dict() for one in self.held],
            "rejected": [vars(one) for one in self.rejected],
            "events_without_game": [vars(one) for one in self.events],
            "names_without_player": [{"name": name, "quotes": count} for name, count in self.names],
            "rows_of_unknown_games": dict(self.unknown_games),
        }


def unsettled(home: Home, situation: Situation) -> Unsettled:
    """As of what the situation was read from."""
    warehouse = situation.warehouse
    known = sources(home.path)
    return Unsettled(
        held(warehouse),
        _rejected(warehouse, known),
        _events(warehouse),
        _names(warehouse),
        _unknown_games(warehouse, known),
    )


def _rejected(warehouse: Warehouse, known: Sources) -> list[Rejected]:
    # A home of an earlier version didn't say what a rejected row belonged to.
    if "group_key" not in {name for name, _ in warehouse.columns("raw_rejects")}:
        return []
    fills = [fill for feed in known.feeds.values() for fill in feed.fills]
    apart = {rule.name for fill in fills for rule in fill.rules if rule.sets_aside}
    listed = ", ".join(f"'{name}'" for name in sorted(apart)) or "''"
    rows = warehouse.query(_STANDING_REJECTS.format(apart=listed))
    return [Rejected(Path(str(file)).name, int(count), str(sentence)) for file, count, sentence in rows]


def _events(warehouse: Warehouse) -> list[Event]:
    rows = warehouse.query(_EVENTS_WITHOUT_GAME)
    return [Event(str(event), str(day), f"{code(away)} at {code(ours)}", int(quotes)) for event, day, ours, away, quotes in rows]


def _names(warehouse: Warehouse) -> list[tuple[str, int]]:
    """Spellings in prop quotes that no player was found for, with the number of quotes, which are kept all the same."""
    if not warehouse.columns("prop_quotes"):
        return []
    rows = warehouse.query("select player_name_raw, count(*) from prop_quotes where player_id is null group by 1 order by 2 desc, 1")
    return [(str(name), int(count)) for name, count in rows]


def _unknown_games(warehouse: Warehouse, known: Sources) -> list[tuple[str, int]]:
    found = []
    for name, relation in known.relations.items():
        if relation.dated and relation.games == "final":
            ((rows,),) = warehouse.query(f"select count(*) from {name} where game_date is null")
            found += [(name, int(rows))] if rows else []
    return found
