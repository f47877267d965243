"""The judging of one built partition: which games are missing and why, which rows are surplus, and the state that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backcourt.engine.judge.calendar import Game
from backcourt.engine.judge.evidence import Evidence
from backcourt.engine.judge.expectation import ANY_GAME, ROW, Keys
from backcourt.engine.judge.facts import Facts
from backcourt.engine.judge.partition import (
    EXCUSED,
    Hole,
    Judged,
    Partition,
    State,
    alteration,
    dateless_text,
    hole_text,
    overdue_text,
    staleness,
)
from backcourt.engine.judge.receipts import UNDATED
from backcourt.engine.judge.upstream import Upstream


@dataclass(slots=True)
class _Count:
    """The holes of a partition, its rows expected and present, and the games that it holds in full."""

    holes: list[Hole]
    expected: int
    present: int
    held: set[str]


def judge(facts: Facts, upstream: Upstream, found: Evidence, history_games_lacking: int = 0) -> Judged:
    """The partition that the evidence makes; `history_games_lacking` is how many games the dates lack that it rests on."""
    node, day, table = found.node, found.day, found.node.table
    count = _count(facts, upstream, found)
    is_told = found.is_recomputed and found.day != UNDATED
    surplus = [] if is_told else [game for game in found.present if _is_surplus(facts, found, game)]
    state, detail = _state(facts, found, count, surplus, history_games_lacking)
    has_rows = found.rows_stored > 0 or found.receipt is not None
    worth_building = bool(found.due) or has_rows or (table.games == "none" and bool(found.wanted))
    # A view has nothing to repair: when its inputs are what they were, so is it.
    is_sound = found.is_sound and (node.is_view or not surplus)
    needs_build = worth_building and not (found.is_current and is_sound) and found.failure is None
    needs_build &= not (node.is_view and day == UNDATED)
    partition = Partition(
        node.name, day, facts.calendar.season_of(day) or "", state, detail, count.expected, count.present, len(found.due), len(count.held),
        tuple(count.holes), needs_build, found.inputs_hash, facts.waived_text(node.name, day),
        facts.waivers.covering(node.name, day) is not None, _rests_on_waiver(found, count), history_games_lacking,
    )  # fmt: skip
    held = {game.game_id for game in found.due} if partition.is_waived and partition.is_good else count.held
    return Judged(partition, held, _lacking(facts, found, partition))


def _rests_on_waiver(found: Evidence, count: _Count) -> bool:
    """Is something let through by a waiver: rows that a check refuses, a game that lacks, or a date that isn't good?"""
    let_through = found.is_current and found.receipt is not None and bool(found.receipt.waived)
    return let_through or any(hole.cause == "waived" for hole in count.holes)


def _is_surplus(facts: Facts, found: Evidence, game: str) -> bool:
    """Does the game have rows that nothing expects, and that nobody waived?"""
    have, wanted = found.present[game], found.wanted.get(game)
    is_expected = wanted is not None and (have.hash == wanted.hash or have.count < wanted.count)
    return not is_expected and facts.waivers.covering(found.node.name, found.day, game) is None


def _lacking(facts: Facts, found: Evidence, partition: Partition) -> frozenset[str]:
    """The games that aren't good on this date for whoever reads it on a later one."""
    if partition.is_good or partition.state == "thin":
        return frozenset()
    games_set = found.node.table.games
    holes = {hole.game_id for hole in partition.holes if hole.cause not in EXCUSED}
    # A table without games of its own says by its rows' games what it lacks, where all else of the date is there.
    if games_set == "none" and partition.state == "failed" and found.failure is None and found.is_current:
        return frozenset(holes - {""})
    # Rows that are wrong, old, or of no game can't be told apart by game.
    if games_set == "none" or partition.state in ("surplus", "altered", "stale") or found.failure is not None or "" in holes:
        holes |= {game.game_id for game in facts.calendar.due("scheduled" if games_set == "none" else games_set, found.day)}
    return frozenset(holes - {""})


def _count(facts: Facts, upstream: Upstream, found: Evidence) -> _Count:
    nothing = Keys(0, "0")
    rest, loose = found.wanted.get(ANY_GAME, nothing), found.present.get(ANY_GAME, nothing)
    withheld = found.receipt.withheld if found.receipt and found.is_current else {}
    if found.node.table.games == "none":
        return _Count(_rows_withheld(withheld), rest.count, min(loose.count, rest.count), set())
    holes: list[Hole] = []
    held: set[str] = set()
    expected_rows = present_rows = 0
    is_unbuilt = found.receipt is None or (found.is_recomputed and not found.is_current)
    for game in found.due:
        keys, have = found.wanted.get(game.game_id), found.present.get(game.game_id)
        count = keys.count if keys else 0
        expected_rows += count
        if keys and have and keys.hash == have.hash and game.game_id not in withheld:
            present_rows += count
            held.add(game.game_id)
            continue
        present_rows += min(have.count, count) if have else 0
        hole = _hole(facts, upstream, found, game, count, have.count if have else 0, withheld.get(game.game_id), is_unbuilt)
        if hole is None or hole.cause == "waived":
            held.add(game.game_id)
        if hole is not None:
            holes.append(hole)
    if found.node.table.games == "final":
        holes += (_overdue(facts, found, game) for game in facts.calendar.overdue(found.day))
    expected_rows += rest.count
    present_rows += min(loose.count, rest.count)
    loose_rows = {name: why for name, why in withheld.items() if name == ANY_GAME or name.startswith(ROW)}
    holes += _rows_withheld(loose_rows)
    if not loose_rows and rest.hash != loose.hash and rest.count > loose.count:
        holes.append(Hole("", "missing", f"{loose.count} of {rest.count} rows that belong to no game; run builds them"))
    return _Count(holes, expected_rows, present_rows, held)


def _rows_withheld(withheld: Mapping[str, str]) -> list[Hole]:
    """What was left out of a table, or of the part of it, that has no games of its own; a name may be a game's."""
    return [
        Hole("" if name == ANY_GAME or name.startswith(ROW) else name, "failed", f"{name}: {why}" if name else why)
        for name, why in withheld.items()
    ]


def _overdue(facts: Facts, found: Evidence, game: Game) -> Hole:
    waiver = facts.waivers.covering(found.node.name, found.day, game.game_id)
    if waiver is not None:
        return Hole(game.game_id, "waived", f"{game.game_id} has no result yet; {waiver.sentence}")
    excuse = next((e for e in (facts.excuse(source, game) for source in facts.origins_lacking(found.node, game)) if e), None)
    if excuse is not None:
        return Hole(game.game_id, "unavailable", f"{facts.lacking_text(excuse.source, game)}: {excuse.reason}")
    return Hole(game.game_id, "missing", overdue_text(game))


def _hole(
    facts: Facts,
    upstream: Upstream,
    found: Evidence,
    game: Game,
    count: int,
    have: int,
    withheld: str | None,
    is_unbuilt: bool,
) -> Hole | None:
    """Why a game isn't there in full; None when it has no rows and needs none."""
    waiver = facts.waivers.covering(found.node.name, found.day, game.game_id)
    if waiver is not None:
        return Hole(game.game_id, "waived", f"{game.game_id}: {have} of {count} rows; {waiver.sentence}")
    lacking = upstream.lacking(facts, found.node, found.day, game.game_id)
    origins = facts.origins_lacking(found.node, game)
    excuse = next((e for e in (facts.excuse(source, game) for source in origins) if e), None)
    if have == 0 and excuse is not None:
        return Hole(game.game_id, "unavailable", f"{facts.lacking_text(excuse.source, game)}: {excuse.reason}")
    if lacking:
        return Hole(game.game_id, "blocked", f"{game.game_id} waits for {', '.join(lacking)}")
    if withheld:
        return Hole(game.game_id, "failed", f"{game.game_id}: {withheld}")
    if count == 0 and origins:
        return Hole(
            game.game_id,
            "missing",
            f"{game.game_id}: {', '.join(origins)} has no rows of it; ingest them or declare them unavailable",
        )
    if count == 0 and found.node.table.expects.zero and not is_unbuilt:
        return None
    return Hole(game.game_id, "missing", f"{game.game_id}: {have} of {count} rows" if count else f"{game.game_id}: not built")


def _state(facts: Facts, found: Evidence, count: _Count, surplus: list[str], history_games_lacking: int) -> tuple[State, str]:
    """The worst that the evidence says, in the order of the states."""
    return _damage(found, surplus) or _unmet(found, count) or _met(facts, found, count, history_games_lacking)


def _damage(found: Evidence, surplus: list[str]) -> tuple[State, str] | None:
    if surplus and found.day == UNDATED:
        remedy = "their inputs have them" if found.node.is_view else "run takes them away"
        return "surplus", dateless_text(found.rows_stored, remedy)
    if surplus:
        listed = ", ".join(game or "no game" for game in surplus[:5])
        return "surplus", f"rows that nothing expects ({listed}); run rebuilds the date"
    if found.receipt is not None and not found.is_intact:
        return "altered", alteration(found.receipt, found.measured)
    if found.failure is not None:
        return "failed", f"{found.failure.kind} after {found.failure.attempts} attempt(s): {found.failure.message}"
    return None


def _unmet(found: Evidence, count: _Count) -> tuple[State, str] | None:
    holes = [hole for hole in count.holes if hole.cause not in EXCUSED]
    for cause in ("failed", "blocked"):
        of_cause = [hole for hole in holes if hole.cause == cause]
        if of_cause:
            return cause, hole_text(of_cause)
    if holes:
        is_empty = count.present == 0 and found.rows_stored == 0
        return ("missing" if is_empty else "partial"), hole_text(holes)
    if found.node.table.games == "none" and count.present < count.expected:
        return ("missing" if count.present == 0 else "partial"), f"{count.present} of {count.expected} rows"
    return None


def _met(facts: Facts, found: Evidence, count: _Count, history_games_lacking: int) -> tuple[State, str]:
    """What is to be said of a date that lacks nothing which could be there."""
    table = found.node.table
    if not found.due and found.pending:
        return "not_due", f"{len(found.pending)} game(s) not final or still to come"
    if not found.due and not count.expected and not found.rows_stored:
        return "no_games", "the calendar expects nothing on this date"
    if not found.is_current:
        return "stale", staleness(found.node, found.receipt, facts.policy_hash(found.node, found.day))
    if history_games_lacking:
        return (
            "thin",
            f"{history_games_lacking:,} game(s) lack on the dates that it rests on",
        )
    if found.pending:
        return "not_due", f"{len(found.pending)} game(s) not final yet; the others are complete"
    declared = [hole for hole in count.holes if hole.cause == "unavailable"]
    if declared:
        return "unavailable", hole_text(declared)
    if count.expected == 0 and table.games != "none":
        return "complete", f"0 of 0: {table.expects.zero}"
    return "complete", ""
