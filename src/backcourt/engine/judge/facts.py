"""What every state is computed from: declarations, the calendar and the records of builds and loads; read once, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.judge import records, waivers
from backcourt.engine.judge.calendar import EARLIEST, Calendar, Game
from backcourt.engine.judge.inputs import InputHashes
from backcourt.engine.judge.policy import Policy, Unavailable
from backcourt.engine.judge.receipts import Receipt
from backcourt.engine.judge.records import Failure
from backcourt.engine.judge.waivers import Waivers
from backcourt.engine.warehouse import Warehouse


@dataclass(frozen=True)
class Facts:
    """Everything that is on record, and what follows from the records alone.

    `now` (UTC) decides what is due of tables that are appended to; without it everything of dates up to today is.
    Nothing of a date before `since` is judged: those are dates of the seasons before `first_season`, a number in the
    calendar, -1 for all.
    """

    catalog: Catalog
    calendar: Calendar
    policy: Policy
    receipts: Mapping[str, Mapping[date, Receipt]]
    failures: Mapping[tuple[str, date], Failure]
    waivers: Waivers
    hashes: InputHashes
    now: datetime | None = None
    first_season: int = -1
    since: date = EARLIEST

    @classmethod
    def read(
        cls,
        warehouse: Warehouse,
        catalog: Catalog,
        calendar: Calendar,
        policy: Policy,
        now: datetime | None = None,
        first_season: int = -1,
    ) -> Facts:
        """Read the records; of the receipts only those that a date of `first_season` or later may read."""
        reach = _reach(catalog, calendar, first_season)
        kept = records.read(warehouse, reach)
        found = cls(
            catalog, calendar, policy, kept, records.read_failures(warehouse), waivers.read(warehouse, calendar.today),
            InputHashes.of_receipts(calendar, kept), now,
        )  # fmt: skip
        return replace(found, first_season=first_season, since=_start(calendar, first_season)) if reach else found

    def after(self, node: Node, written: list[Receipt], failures: Mapping[tuple[str, date], Failure], *, alone: bool = False) -> Facts:
        """The facts once these receipts were written for some of the node's partitions; `alone`: the others' have ended."""
        own = {**({} if alone else self.receipts.get(node.name, {})), **{receipt.game_date: receipt for receipt in written}}
        return replace(
            self, receipts={**self.receipts, node.name: own}, failures=failures, hashes=self.hashes.after(node.name, own)
        )  # fmt: skip

    def of(self, node: Node) -> Mapping[date, Receipt]:
        """The node's receipts by date."""
        return self.receipts.get(node.name, {})

    def is_current(self, node: Node, day: date) -> bool:
        """Was the partition made by today's code, from today's inputs, and judged by today's checks?"""
        receipt = self.of(node).get(day)
        return (
            receipt is not None
            and receipt.fingerprint == node.fingerprint
            and receipt.inputs_hash == self.hashes.of(node, day)
            and receipt.policy_hash == self.policy_hash(node, day)
        )

    def standing_failure(self, node: Node, day: date) -> Failure | None:
        """The failure that trying again as things are would only repeat."""
        failure = self.failures.get((node.name, day))
        if failure is None or (failure.kind == "transient" and failure.attempts < self.policy.attempts):
            return None
        is_same = failure.fingerprint == node.fingerprint and failure.inputs_hash == self.hashes.of(node, day)
        return failure if is_same else None

    def policy_hash(self, node: Node, day: date) -> str:
        """The hash of the checks that the partition is judged by, and of the waivers in force there."""
        return self.waivers.policy_hash(node.policy_hash, node.name, day)

    def waived_text(self, table: str, day: date) -> str | None:
        """The waivers in force on a date, in words; None without any."""
        return "; ".join(waiver.sentence for waiver in self.waivers.of(table, day)) or None

    def excuse(self, source: str, game: Game) -> Unavailable | None:
        """What excuses a source for a game: a declaration, or a waiver in force."""
        waiver = self.waivers.covering(source, game.game_date, game.game_id)
        return Unavailable(source, waiver.sentence) if waiver else self.policy.excuse(source, game)

    def days_of(self, node: Node) -> list[date]:
        """Every date that the table has, or should have, a partition for; ascending."""
        return sorted({*self.of(node), *(self.calendar.dates if node.table.games != "none" else ())})

    def lacking_text(self, source: str, game: Game) -> str:
        """What a source relation lacks of a game, in words."""
        receipt = self.receipts.get(source, {}).get(game.game_date)
        return (receipt.withheld.get(game.game_id) if receipt else None) or f"{source} has no rows of {game.game_id}"

    def origins_lacking(self, node: Node, game: Game) -> list[str]:
        """The source relations, up the same-date graph, that should have this game's rows and don't, or not all."""
        return [
            source
            for source in self.catalog.origins(node)
            if self.catalog[source].declaration.games != "none"
            and not _holds(self.receipts.get(source, {}).get(game.game_date), game.game_id)
        ]


def _holds(receipt: Receipt | None, game_id: str) -> bool:
    return receipt is not None and game_id in receipt.games and game_id not in receipt.withheld


def _start(calendar: Calendar, first_season: int) -> date:
    return calendar.starts[first_season] if first_season < len(calendar.starts) else date.max


def _reach(catalog: Catalog, calendar: Calendar, first_season: int) -> dict[str, date]:
    """From which date on the receipts of each table are needed to judge from a season on; empty when all of all tables are."""
    reads = [(name, window) for node in catalog.built for name, window in node.reads.items()]
    if first_season < 0 or any(window.undated and catalog[name].dated for name, window in reads):
        return {}
    start = _start(calendar, first_season)
    reach = dict.fromkeys(catalog.nodes, start)
    if start < date.max:
        for name, window in reads:
            reach[name] = min(reach[name], calendar.window(window, start)[0])
    return reach
