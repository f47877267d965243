"""What was found of the tables that were judged already, for those that read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from backcourt.engine.declare.catalog import Node
from backcourt.engine.declare.table import Table
from backcourt.engine.judge.facts import Facts
from backcourt.engine.judge.receipts import Receipt


class Upstream:
    """Which games the judged partitions hold in full, and where rows were changed from outside.

    A partition that nobody judged holds what its receipt says.
    """

    def __init__(self) -> None:
        self._held: dict[str, dict[date, set[str]]] = {}
        self._damaged: dict[str, set[date]] = {}
        self._unfilled: dict[str, dict[date, frozenset[str] | None]] = {}

    def judged(self, name: str, held: Mapping[date, set[str]]) -> None:
        """Remember the games that these partitions of a table hold in full."""
        self._held.setdefault(name, {}).update(held)

    def found_unfilled(self, name: str, days: Mapping[date, frozenset[str] | None]) -> None:
        """Remember the dates of a table without games of its own whose rows are not all there, with the games that lack; None: any."""
        self._unfilled.setdefault(name, {}).update(days)

    def found_damage(self, name: str, days: Iterable[date]) -> None:
        """Remember the dates of a table whose rows its receipts don't describe; a table without any is sound."""
        self._damaged[name] = set(days)

    def written(self, facts: Facts, node: Node, written: Iterable[Receipt]) -> None:
        """Remember partitions by the receipts that were just written for them."""
        for receipt in written:
            if node.table.games == "none":
                self.found_unfilled(node.name, {receipt.game_date: frozenset(receipt.withheld)})
            present = set(receipt.games)
            if node.table.expects.zero:
                present |= {game.game_id for game in facts.calendar.due(node.table.games, receipt.game_date)} - set(receipt.withheld)
            self._held.setdefault(node.name, {})[receipt.game_date] = present

    def damage(self, name: str) -> set[date]:
        """The dates of a table whose rows its receipts don't describe."""
        return self._damaged.get(name, set())

    def lacking(self, facts: Facts, node: Node, day: date, game_id: str) -> list[str]:
        """The required same-date inputs, and those that the expectation reads, that lack this game or the rows of its date."""
        needed = [name for name in node.required if facts.catalog[name].declaration.games != "none"]
        lacking = [name for name in needed if not self._holds(facts, name, day, game_id)]
        return lacking + [name for name in node.expects_relations if self._is_unfilled(name, day, game_id)]

    def _is_unfilled(self, name: str, day: date, game_id: str) -> bool:
        games = self._unfilled.get(name, {}).get(day, frozenset())
        return games is None or game_id in games

    def _holds(self, facts: Facts, name: str, day: date, game_id: str) -> bool:
        held = self._held.get(name, {}).get(day)
        if held is not None:
            return game_id in held
        receipt = facts.receipts.get(name, {}).get(day)
        if receipt is None:
            return False
        declaration = facts.catalog[name].declaration
        expects_none = isinstance(declaration, Table) and declaration.expects.zero is not None
        return game_id not in receipt.withheld and (expects_none or game_id in receipt.games)
