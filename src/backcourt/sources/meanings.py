"""What a person settled about identity: which player a name means, which game an event is. The last word counts.

Identity says nothing of what happens in a game: like a player's number it is known always, so rows of earlier dates are
resolved by it again.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date, datetime

from backcourt.engine.warehouse import Warehouse

NAMES, EVENTS = "raw_name_decisions", "raw_event_decisions"
ANY_SOURCE, ANY_DATE = "", date(1900, 1, 1)


@dataclass(frozen=True)
class NameDecision:
    """A name, in the words of `source` (or of any) and from `from_date` on, is the player; None: no longer settled."""

    name: str
    name_normalised: str
    source: str
    from_date: date
    player_id: int | None
    author: str
    decided_at: datetime


@dataclass(frozen=True)
class EventDecision:
    """The event of a betting feed is the game; None: no longer settled."""

    source_event_id: str
    game_id: str | None
    author: str
    decided_at: datetime


def create(warehouse: Warehouse) -> None:
    """Create both tables where they are missing. Not to be called inside a transaction."""
    warehouse.extend(
        NAMES,
        [
            ("name", "VARCHAR"), ("name_normalised", "VARCHAR"), ("source", "VARCHAR"), ("from_date", "DATE"),
            ("player_id", "BIGINT"), ("author", "VARCHAR"), ("decided_at", "TIMESTAMP"), ("seq", "BIGINT"),
        ],
    )  # fmt: skip
    warehouse.extend(
        EVENTS,
        [
            ("source_event_id", "VARCHAR"), ("game_id", "VARCHAR"), ("author", "VARCHAR"), ("decided_at", "TIMESTAMP"),
            ("seq", "BIGINT"),
        ],
    )  # fmt: skip


def write(warehouse: Warehouse, decision: NameDecision | EventDecision) -> None:
    """Add a decision."""
    table = NAMES if isinstance(decision, NameDecision) else EVENTS
    ((last,),) = warehouse.query(f"select coalesce(max(seq), 0) from {table}")
    columns = (*decision.__dataclass_fields__, "seq")
    warehouse.insert(table, columns, [(*astuple(decision), last + 1)])


def of_name(warehouse: Warehouse, normalised: str, source: str, from_date: date) -> int | None:
    """The player that a name was settled to be, for exactly this source and date."""
    rows = warehouse.query(
        f"select player_id from {NAMES} where name_normalised = ? and source = ? and from_date = ? order by seq desc limit 1",
        [normalised, source, from_date],
    )
    return rows[0][0] if rows else None


def standing_of(warehouse: Warehouse, normalised: str) -> list[tuple[str, date]]:
    """For which sources and dates a name is settled to be somebody."""
    rows = warehouse.query(
        "select source, from_date from (select *, row_number() over (partition by source, from_date order by seq desc) as place "
        f"from {NAMES} where name_normalised = ?) as numbered where place = 1 and player_id is not null order by 1, 2",
        [normalised],
    )
    return [(str(source), start) for source, start in rows]


def of_event(warehouse: Warehouse, event: str) -> str | None:
    """The game that an event was settled to be."""
    rows = warehouse.query(f"select game_id from {EVENTS} where source_event_id = ? order by seq desc limit 1", [event])
    return rows[0][0] if rows else None
