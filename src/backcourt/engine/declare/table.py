"""What a table and a source relation declare: grain, query, reads, expectation and checks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

GameSet = Literal["final", "scheduled", "none"]

_PLAIN_CHECK = re.compile(r"select \* from \{rows\} where (?P<condition>.+)", re.DOTALL)
_MORE_THAN_A_CONDITION = re.compile(
    r"[{};]|--|/\*|\b(select|group|having|window|qualify|order|limit|offset|union|intersect|except|using)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Known:
    """When a row becomes knowable: `always`, `after_game`, `as_of` (its game's lock) or at a time in a column."""

    kind: Literal["always", "after_game", "as_of", "captured"]
    column: str = ""


ALWAYS = Known("always")
AFTER_GAME = Known("after_game")
AS_OF = Known("as_of")


def captured(column: str) -> Known:
    """A row is knowable from the UTC time in `column` on; a NULL there is never knowable."""
    return Known("captured", column)


@dataclass(frozen=True)
class Reads:
    """The dates of an input that the partition of date D may read.

    `back_seasons` / `back_days` give the lower bound (neither: D itself), `ahead_days` the upper bound after D;
    `includes_day` says whether D itself belongs to it. `undated` inputs have no dates and are read whole. A game that
    an `optional` input lacks neither blocks the game nor, on an earlier date, makes a partition thin: the rows say
    what they found.
    """

    back_seasons: int = 0
    back_days: int = 0
    ahead_days: int = 0
    includes_day: bool = True
    undated: bool = False
    optional: bool = False

    @property
    def is_same_day(self) -> bool:
        """Is the input read on D only?"""
        return not (self.back_seasons or self.back_days or self.ahead_days or self.undated)

    @property
    def behind(self) -> Reads | None:
        """What is read of D and earlier and belongs to the partition's history; None for what is optional, undated or only ahead."""
        if self.optional or self.undated or not (self.is_same_day or self.back_seasons or self.back_days):
            return None
        return replace(self, ahead_days=0)


def same(*, optional: bool = False) -> Reads:
    """The input's partition of the same date; a game that it lacks is blocked unless `optional`."""
    return Reads(optional=optional)


def before(*, seasons: int = 0, days: int = 0, optional: bool = False) -> Reads:
    """Earlier dates only: from the first day of D's season (1), or of the season before that (2), ...; or the last `days` days.

    A game that is not there in full makes the partition thin unless `optional`.
    """
    _exactly_one(seasons, days)
    return Reads(back_seasons=seasons, back_days=days, includes_day=False, optional=optional)


def through(*, seasons: int = 0, days: int = 0, optional: bool = False) -> Reads:
    """As `before`, and D itself."""
    _exactly_one(seasons, days)
    return Reads(back_seasons=seasons, back_days=days, optional=optional)


def ahead(*, days: int) -> Reads:
    """D and the `days` days after it (a schedule)."""
    return Reads(ahead_days=days, optional=True)


def everything() -> Reads:
    """The whole of an undated relation."""
    return Reads(undated=True, optional=True)


def _exactly_one(seasons: int, days: int) -> None:
    if bool(seasons) == bool(days):
        raise ValueError(f"reads: give seasons or days, one of them; got seasons={seasons}, days={days}.")


@dataclass(frozen=True)
class Expectation:
    """The keys that must exist.

    `sql` returns game_date, game_id and the grain's other columns, from relations upstream of the table. Without
    `sql` the keys are those that the table's own query gives today (`recomputed`). `zero` names the reason why a game
    may have no keys at all; without it such a game is a hole.
    """

    sql: str | None
    zero: str | None = None


def keys(sql: str, *, zero: str | None = None) -> Expectation:
    """Expect exactly the keys that `sql` returns (columns game_date, game_id, then the rest of the grain)."""
    return Expectation(sql, zero)


def recomputed(*, zero: str | None = None) -> Expectation:
    """Expect exactly the keys that the table's own query gives from today's inputs."""
    return Expectation(None, zero)


def nothing() -> Expectation:
    """Expect no key at all: what is there is complete, and nothing is missing before it is there (tables that are appended to)."""
    return Expectation(None, zero="nothing_expected")


@dataclass(frozen=True)
class Append:
    """How rows come into a table that is only ever added to: its partitions are judged and gated, but never planned, built or stale.

    `verb` is the command that appends. The writer sets the column `stamped` to its own time; the columns of `derived`
    to SQL over the staged rows `incoming`, where `{now}` is that time; the last column of the grain to the first 32
    hex digits of SHA-256 over the columns of `identity`, if there are any. The table's `expects` then returns
    game_date, game_id, `key` (text) and `due_at` (UTC; NULL: due already), and `covers` is a query over `{rows}` that
    returns the game_date, game_id and key which the stored rows account for.
    """

    verb: str
    stamped: str
    identity: tuple[str, ...] = ()
    derived: Mapping[str, str] = field(default_factory=dict)
    covers: str = ""


@dataclass(frozen=True)
class Check:
    """A query over `{rows}` that returns offending rows. `fail` withholds the game, `warn` lists it; verify judges `season` checks.

    What fails is impossible: `reason` names the identity, the rule of the game or the physical limit that it breaks,
    and what rounding it leaves room for. What is only unusual warns.
    """

    name: str
    sql: str
    severity: Literal["fail", "warn"] = "fail"
    scope: Literal["row", "season"] = "row"
    reason: str = ""

    @property
    def condition(self) -> str | None:
        """The condition on a single row, when the query is `select * from {rows} where` and nothing but one."""
        found = _PLAIN_CHECK.fullmatch(self.sql)
        return None if found is None or _MORE_THAN_A_CONDITION.search(found["condition"]) else found["condition"]


@dataclass(frozen=True)
class Table:
    """A table that the engine builds, one partition per game_date.

    `grain` starts with game_date. `reads` has one entry per relation in `sql`. `games` says which games a partition
    must hold. `stored=False` makes it a view: it has no rows of its own, its partition is a function of the same
    date's partitions of its inputs, so all its reads are `same()`; receipts, states and proofs are those of a table.
    With `append` nothing builds it: `sql` only lists the columns and reads nothing.
    """

    phase: int
    grain: tuple[str, ...]
    reads: dict[str, Reads]
    sql: str
    expects: Expectation
    games: GameSet = "final"
    known: Known = AFTER_GAME
    checks: list[Check] = field(default_factory=list)
    stored: bool = True
    append: Append | None = None

    def __post_init__(self) -> None:
        if not self.grain or self.grain[0] != "game_date":
            raise ValueError(f"grain {self.grain} must start with game_date.")
        if not self.stored and not all(reads.is_same_day for reads in self.reads.values()):
            raise ValueError("a view (stored=False) reads the same date only; store the table, or read same().")
        if self.append is not None and (self.reads or not self.stored or bool(self.expects.sql) != bool(self.append.covers)):
            raise ValueError("a table that is appended to is stored, reads nothing, and says what its rows cover if it expects keys.")


@dataclass(frozen=True)
class GameCheck:
    """A query that returns what games of a source relation lack: game_date, game_id, team_id, and how many of how many.

    The numbers are the columns `have` and `wanted`. It reads the relation and those in `beside`, each bound to the
    dates that are looked at, so it joins on the game and needs no condition on dates. A game that it names doesn't
    count as loaded; `told` says why, with the places `{relation}`, `{game}`, `{team}`, `{have}` and `{wanted}`.
    """

    name: str
    sql: str
    told: str
    beside: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Relation:
    """A source relation: a query over the current raw groups, one partition per game_date (or none, when `dated` is False).

    `games` says which games must have rows here, `checks` what rows each of them must have. `may_lack_date` is the
    condition on a row that may have no game_date; any other such row is surplus.
    """

    sql: str
    grain: tuple[str, ...]
    known: Known
    games: GameSet = "none"
    dated: bool = True
    phase: int = 1
    checks: tuple[GameCheck, ...] = ()
    may_lack_date: str = "false"
