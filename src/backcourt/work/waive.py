"""Waivers: to let a partition through, or one game of it, and to take that back."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import date

from backcourt.engine.errors import BackcourtError
from backcourt.engine.judge import waivers
from backcourt.engine.judge.situation import Situation
from backcourt.engine.judge.waivers import Waiver
from backcourt.field import clock
from backcourt.home import Home


@dataclass(frozen=True)
class Waived:
    """What was recorded, and what speaks against the partition as it is now (empty: nothing does)."""

    waiver: Waiver
    against: str


def waive(home: Home, table: str, day: date, *, reason: str, until: date, game: str | None = None, author: str | None = None) -> Waived:
    """Let a partition's rows through up to and including `until`, or those of one game; the next run builds them, marked.

    `author` is whoever runs the program unless it is given. Raises BackcourtError for a table, date or game that
    doesn't exist, a reason that says nothing, an end that is past, and a waiver that is in force already.
    """
    if not reason.strip():
        raise BackcourtError("A waiver needs a reason that the next person understands; give --reason TEXT.")
    if until < clock.today():
        raise BackcourtError(f"--until {until} is past; today is {clock.today()}, give the last day on which the waiver counts.")
    # What is mistyped is no job that went wrong.
    with home.situation() as situation:
        _require_partition(situation, table, day, game)
        _require_unwaived(situation, table, day, game)
    with home.writing("waive") as work:
        situation = work.situation()
        # Somebody else may have been faster.
        _require_unwaived(situation, table, day, game)
        waiver = Waiver(table, day, day, reason.strip(), author or user(), until, game or "")
        against = _against(situation, table, day, game)
        with work.warehouse.transaction():
            waivers.write(work.warehouse, waiver)
        work.job.ends(0, f"{table} {day}: {waiver.sentence}")
    return Waived(waiver, against)


def unwaive(home: Home, table: str, day: date, game: str | None = None) -> Waiver:
    """Take a waiver back; what it let through is stale from now on. Raises BackcourtError when none is in force."""
    with home.situation() as situation:
        _standing(situation, table, day, game)
    with home.writing("waive") as work:
        # Somebody else may have been faster.
        waiver = _standing(work.situation(), table, day, game)
        with work.warehouse.transaction():
            waivers.end(work.warehouse, waiver)
        work.job.ends(0, f"{table} {day}: no longer waived")
    return waiver


def _standing(situation: Situation, table: str, day: date, game: str | None) -> Waiver:
    for waiver in situation.facts.waivers.of(table, day):
        if waiver.game_id == (game or ""):
            return waiver
    told = situation.facts.waived_text(table, day) or "nothing is"
    raise BackcourtError(f"{table} {day}{f' game {game}' if game else ''} isn't waived ({told}); there is nothing to take back.")


def _require_partition(situation: Situation, table: str, day: date, game: str | None) -> None:
    node = situation.catalog[table]
    if not node.dated or node.is_appended:
        raise BackcourtError(
            f"{table} has no partition that could be waived: {'it is a record' if node.is_appended else 'it has no dates'}."
        )
    games = {one.game_id for one in situation.calendar.by_date.get(day, ())}
    if not games and day not in situation.facts.of(node):
        raise BackcourtError(
            f"{table} has no partition of {day}: the calendar expects nothing there; see `backcourt calendar --why {day}`."
        )
    if game is not None and game not in games:
        raise BackcourtError(f"Game {game} isn't one of {day}; its games are {', '.join(sorted(games)) or 'none'}.")


def _require_unwaived(situation: Situation, table: str, day: date, game: str | None) -> None:
    standing = situation.facts.waivers.covering(table, day, game or "")
    if standing is not None:
        raise BackcourtError(f"{table} {day}: {standing.sentence} already; take it back with --end before another one.")


def _against(situation: Situation, table: str, day: date, game: str | None) -> str:
    """What is wrong with the partition, or with the game, before it is waived."""
    partition = situation.states(situation.catalog.upstream([table]))[table].get(day)
    if partition is None or partition.is_good:
        return ""
    failure = situation.facts.standing_failure(situation.catalog[table], day) if situation.catalog[table].is_built else None
    if failure is not None:
        said = " ".join(failure.message.split())
        return f"its query fails ({said}); until that is corrected its rows stay absent, and what reads it does without"
    holes = [hole.text for hole in partition.holes if game in (None, hole.game_id)]
    if game is not None and not holes:
        return ""
    return "; ".join(holes[:3]) or partition.detail


def user() -> str:
    """Whoever runs the program, as the author of what is recorded."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
