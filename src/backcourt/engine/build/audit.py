"""What may not stay of the rows that a chunk wrote: repeated keys, unexpected games, games that lack rows, offending rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from backcourt.engine.declare.catalog import Node
from backcourt.engine.declare.table import Check
from backcourt.engine.judge import expectation
from backcourt.engine.judge.expectation import ANY_GAME, KeyCounts, Keys
from backcourt.engine.judge.partition import WAITS_FOR
from backcourt.engine.judge.situation import Situation
from backcourt.engine.warehouse import Warehouse


class DuplicateKeysError(Exception):
    """Dates of a view whose rows share keys; it has no rows of its own that could be left out."""

    def __init__(self, messages: dict[date, str]) -> None:
        super().__init__(str(messages))
        self.messages = messages


Reasons = dict[date, dict[str, str]]
"""Per date the games that something speaks against, or rows of no game (`expectation.owner`), and what does."""


def repeated_keys(warehouse: Warehouse, node: Node, rows: str) -> Reasons:
    """The games, or rows of no game, in `rows` (a relation as SQL) that share a key, and the key; no waiver lets them in.

    Raises DuplicateKeysError for a view.
    """
    columns = node.table.grain
    grain, keys = ", ".join(columns), ", ".join(f"k.{name}" for name in columns)
    found: Reasons = {}
    repeated = f"select {grain}, count(*) as places from {rows} as counted group by {grain} having count(*) > 1"
    same = " and ".join(f"(r.{name} = k.{name} or (r.{name} is null and k.{name} is null))" for name in columns)
    owned = f"(select {expectation.owner(warehouse, node)} as belongs_to, {grain} from {rows} as owned)"
    for owner, count, *key in warehouse.query(
        f"select r.belongs_to, k.places, {keys} from {owned} as r join ({repeated}) as k on {same} order by {keys}, 1 limit 10000"
    ):
        told = f"{count} rows for one key ({', '.join(map(str, key))}); the grain is {grain}"
        found.setdefault(key[0], {}).setdefault(str(owner), told)
    if found and node.is_view:
        raise DuplicateKeysError({day: next(iter(reasons.values())) for day, reasons in found.items()})
    return found


def parted(situation: Situation, node: Node, found: Reasons, repeated: Reasons) -> tuple[Reasons, Reasons]:
    """What may not stay, and what a waiver lets through; keys that repeat are let through by none."""
    waivers = situation.facts.waivers
    withheld: Reasons = {}
    waived: Reasons = {}
    for day, reasons in found.items():
        own = repeated.get(day, {})
        waived[day] = {name: why for name, why in reasons.items() if name not in own and waivers.covering(node.name, day, name)}
        withheld[day] = {**{name: why for name, why in reasons.items() if name not in waived[day]}, **own}
    return withheld, waived


def offending(
    warehouse: Warehouse,
    situation: Situation,
    node: Node,
    days: list[date],
    scope: str,
    rows: str,
    counted: KeyCounts | None,
) -> Reasons:
    """What speaks against games, or rows of no game; later reasons don't replace earlier ones.

    `rows` is a relation as SQL, `counted` its keys per game; None for a table that expects no games.
    """
    found: Reasons = {day: {} for day in days}
    if counted is not None:
        # What was expected when the chunk was planned still is: an expectation reads only what was built before.
        wanted = situation.expected_keys(node, days) or expectation.expected(warehouse, node, scope)
        for day in days:
            _withhold_unexpected(
                situation,
                node,
                day,
                counted.get(day, {}),
                None if wanted is None else wanted.get(day, {}),
                found[day],
            )
    name_offending(warehouse, node, node.table.checks, rows, found)
    return found


def name_offending(warehouse: Warehouse, node: Node, checks: Iterable[Check], rows: str, found: Reasons) -> None:
    """Add to `found` what of its dates offends these checks, where nothing speaks against it yet."""
    owner, key = expectation.owner(warehouse, node), expectation.key_text(node)
    for check in offended(warehouse, checks, rows):
        for day, name, count, example in warehouse.query(
            f"select game_date, {owner}, count(*), min({key}) from ({check.sql.format(rows=rows)}) as offending group by 1, 2"
        ):
            if day in found:
                found[day].setdefault(str(name), f"check {check.name}: {count} row(s), e.g. {example}")


def offended(warehouse: Warehouse, checks: Iterable[Check], rows: str) -> list[Check]:
    """Those checks that fail for some row of `rows` (a relation as SQL).

    One statement asks for all of them, as nearly always there is none.
    """
    checks = [check for check in checks if check.severity == "fail" and check.scope == "row"]
    if not checks:
        return []
    # Conditions on single rows share one scan.
    plain = [number for number, check in enumerate(checks) if check.condition]
    counts = [
        f"(select count(*) as check_{number} from ({check.sql.format(rows=rows)}) as offending) as of_{number}"
        for number, check in enumerate(checks)
        if not check.condition
    ]
    if plain:
        listed = ", ".join(f"count_if({checks[number].condition}) as check_{number}" for number in plain)
        counts.append(f"(select {listed} from {rows} as audited) as of_rows")
    names = ", ".join(f"check_{number}" for number in range(len(checks)))
    found = warehouse.query(f"select {names} from {' cross join '.join(counts)}")[0]
    return [check for check, count in zip(checks, found, strict=True) if count]


def _withhold_unexpected(
    situation: Situation,
    node: Node,
    day: date,
    have: Mapping[str, Keys],
    wanted: Mapping[str, Keys] | None,
    withheld: dict[str, str],
) -> None:
    due = {game.game_id for game in situation.calendar.due(node.table.games, day)}
    pending = {game.game_id for game in situation.calendar.pending(node.table.games, day)}
    for game in due:
        lacking = situation.upstream.lacking(situation.facts, node, day, game)
        if lacking:
            withheld[game] = f"{WAITS_FOR}{', '.join(lacking)}"
    for game, keys in have.items():
        if game == ANY_GAME and wanted is not None:
            continue
        if game in pending:
            withheld.setdefault(game, "not due yet")
        elif game not in due:
            withheld.setdefault(game, f"{keys.count} rows of a game that the calendar doesn't expect")
    if wanted is None:
        return
    nothing = Keys(0, "0")
    # Rows of a scheduled date that belong to no game, such as a team that doesn't play, are due as soon as one of its
    # games is.
    for game in [*due, *([ANY_GAME] if due else [])]:
        expected_keys, found = wanted.get(game, nothing), have.get(game, nothing)
        if expected_keys.hash != found.hash:
            withheld.setdefault(game, f"keys differ from the expectation: {found.count} rows, expected {expected_keys.count}")
