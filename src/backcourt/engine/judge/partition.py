"""A partition's state, the holes in it, and the words for what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge.calendar import Game
from backcourt.engine.judge.expectation import ANY_GAME
from backcourt.engine.judge.receipts import Measure, Receipt

State = Literal[
    "unknown", "surplus", "altered", "failed", "blocked", "not_due", "missing", "partial", "stale", "thin",
    "unavailable", "no_games", "complete",
]  # fmt: skip

WAITS_FOR = "waits for "
"""How a receipt begins to say that a game lacks in inputs; their names follow."""
FROM_OTHER_INPUTS = "made from other inputs"
EXCUSED = ("unavailable", "waived")
"""The causes of holes that a gate accepts."""
# What a waiver of a date accepts once it was tried. Rows that are old, foreign or unknown have to be built first.
_WAIVABLE = ("failed", "blocked", "missing", "partial", "thin")
GOOD: frozenset[State] = frozenset({"complete", "no_games", "unavailable"})
PENDING: frozenset[State] = frozenset({"not_due"})


@dataclass(frozen=True)
class Hole:
    """A game that a partition should hold and doesn't: `cause` is missing, blocked, failed, unavailable, waived or pending.

    An empty game_id stands for the rows of the date that belong to no game.
    """

    game_id: str
    cause: Literal["missing", "blocked", "failed", "unavailable", "waived", "pending"]
    text: str


@dataclass(frozen=True)
class Partition:
    """The computed state of (table, date). Row counts are of expected keys; `needs_build` says whether building could change anything.

    `waived` says which waivers are in force here, `is_waived` that one of them covers the whole date,
    `rests_on_waiver` that something is let through by one. `history_games_lacking` counts the different games that
    lack on the dates which it rests on, directly or through other tables.
    """

    table: str
    game_date: date
    season: str
    state: State
    detail: str
    rows_expected: int = 0
    rows_present: int = 0
    games_expected: int = 0
    games_present: int = 0
    holes: tuple[Hole, ...] = ()
    needs_build: bool = False
    inputs_hash: str = ""
    waived: str | None = None
    is_waived: bool = False
    rests_on_waiver: bool = False
    history_games_lacking: int = 0

    @property
    def is_good(self) -> bool:
        """Does a gate accept it?"""
        return self.state in GOOD or self.state in PENDING or (self.is_waived and self.state in _WAIVABLE and not self.needs_build)


@dataclass(frozen=True)
class Judged:
    """A partition, the games of its date that it holds in full, and those that lack there for whoever reads the date later."""

    partition: Partition
    held: set[str]
    lacking: frozenset[str] = frozenset()


def is_intact(receipt: Receipt | None, measured: Measure | None) -> bool:
    """Are the stored rows those of the receipt?"""
    if receipt is None:
        return False
    if measured is None:
        return receipt.rows == 0
    return measured.content_hash == receipt.content_hash and measured.rows == receipt.rows


def rows_by_game(node: Node, receipt: Receipt) -> dict[str, int]:
    """Rows per game of a receipt, as the expectation counts them."""
    if node.table.games == "none":
        return {ANY_GAME: receipt.rows}
    rest = receipt.rows - sum(receipt.games.values())
    return {**receipt.games, ANY_GAME: rest} if rest else receipt.games


def hole_text(holes: list[Hole]) -> str:
    """The first hole, and how many more games there are."""
    more = f" and {len(holes) - 1} more game(s)" if len(holes) > 1 else ""
    return holes[0].text + more


def overdue_text(game: Game) -> str:
    """What is to be done about a game that should have a result by now."""
    return f"{game.game_id} has no result 8 hours after its tip-off; ingest its result, or a schedule that says what became of it"


def dateless_text(rows: int, remedy: str) -> str:
    """That there are rows which belong to no date."""
    return f"{rows:,} row(s) without a game_date, which no date has; {remedy}"


def alteration(receipt: Receipt, measured: Measure | None) -> str:
    """What differs between the receipt and the stored rows: columns that lost values, games that lost rows."""
    if measured is None:
        return f"all {receipt.rows} rows are gone since they were built"
    parts = []
    for game, rows in receipt.games.items():
        if measured.games.get(game, 0) != rows:
            parts.append(f"game {game} has {measured.games.get(game, 0)} of {rows} rows")
    if measured.rows == receipt.rows:
        changed = [c for c, count in receipt.not_null.items() if measured.not_null.get(c, count) != count]
        parts += [f"column {c} holds {measured.not_null[c]} of {receipt.not_null[c]} values" for c in changed]
    return "; ".join(parts[:5]) if parts else "values differ from the receipt"


def staleness(node: Node, receipt: Receipt | None, policy_hash: str) -> str:
    """Which of code, checks and inputs made the rows stale; `policy_hash` is today's."""
    if receipt is None:
        return "rows without a receipt"
    if receipt.fingerprint != node.fingerprint:
        return f"made by other code (fingerprint {receipt.fingerprint}, now {node.fingerprint})"
    if receipt.policy_hash != policy_hash:
        had, has = receipt.policy_hash != node.policy_hash and bool(receipt.waived), policy_hash != node.policy_hash
        return "a waiver began or ended since it was built" if had or has else "judged by other checks"
    return FROM_OTHER_INPUTS
