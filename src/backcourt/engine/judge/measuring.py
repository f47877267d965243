"""How stored rows are looked at: believed to be what their receipts say, measured where that is open, or measured all over.

A situation chooses one of the three once; what judges ask is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from functools import partial
from typing import Any

from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge import expectation, receipts
from backcourt.engine.judge.ahead import Ahead
from backcourt.engine.judge.expectation import KeyCounts
from backcourt.engine.judge.parts import Parts, lacking_parts
from backcourt.engine.judge.receipts import Measure, Receipt
from backcourt.engine.warehouse import Warehouse, dates

# Above so many dates one pass over the table is cheaper than a list of dates.
_FEW_DATES = 400


class FromRows:
    """The content of built tables is measured; keys are counted only where receipts don't settle them; sources are believed."""

    is_exact = False
    """Are keys counted, and sources measured, whatever the receipts say?"""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self._tags: dict[str, str | None] = {}

    def asking(self, _nodes: list[Node]) -> AbstractContextManager[None]:
        """While these nodes are judged, in order."""
        return nullcontext()

    def content(self, node: Node, own: Mapping[date, Receipt]) -> Mapping[date, Measure]:
        """Rows and content hash per date of a built or appended table."""
        return receipts.measure(self.warehouse, node, content_only=True) if self._can_measure(node) else {}

    def raw_content(self, node: Node) -> Mapping[date, Measure] | None:
        """Rows and content hash per date of a source relation; None where its load's record is believed."""
        return None

    def lacking(self, node: Node) -> Parts | None:
        """What the games of a source relation lack; None where its load's record is believed."""
        return None

    def expected(self, node: Node, days: list[date] | None) -> KeyCounts | None:
        """The keys that should be on these dates at least, None: on all; see `expectation.expected`."""
        if days is None or len(days) > _FEW_DATES:
            return self._all_expected(node)
        return expectation.expected(self.warehouse, node, f"game_date in ({dates(days)})")

    def stored(self, node: Node, days: list[date] | None) -> KeyCounts:
        """The keys that are on these dates at least, None: on all."""
        if days is None or len(days) > _FEW_DATES:
            return self._all_stored(node)
        return expectation.stored(self.warehouse, node, f"game_date in ({dates(days)})")

    def details(self, node: Node, days: list[date]) -> dict[date, Measure]:
        """Rows per game and values per column of these dates, for saying what differs from the receipts."""
        return receipts.measure(self.warehouse, node, f"game_date in ({dates(days)})") if days else {}

    def has_its_columns(self, node: Node) -> bool:
        """Is the table there, with the columns and types that its declaration gives it?"""
        return self.warehouse.is_aligned(node.name, [(column.name, column.type) for column in node.columns])

    def is_defined(self, node: Node) -> bool:
        """Is the stored view the declared one?"""
        if node.name not in self._tags:
            self._tags[node.name] = self.warehouse.view_tag(node.name)
        return self._tags[node.name] == node.fingerprint

    def forget(self, node: Node) -> None:
        """The node was written: look at it again."""
        self._tags.pop(node.name, None)

    def _can_measure(self, node: Node) -> bool:
        # A record keeps its rows whatever its declaration has become, and says so if it lacks a column.
        return bool(self.warehouse.columns(node.name)) if node.is_appended else self.has_its_columns(node)

    def _all_expected(self, node: Node) -> KeyCounts | None:
        return expectation.expected(self.warehouse, node)

    def _all_stored(self, node: Node) -> KeyCounts:
        return expectation.stored(self.warehouse, node)


class FromReceipts(FromRows):
    """Nobody but the engine has written since the receipts were: stored rows are what they say, and only views are measured."""

    def content(self, node: Node, own: Mapping[date, Receipt]) -> Mapping[date, Measure]:
        """What the receipts say of a table; a view is measured."""
        return super().content(node, own) if node.is_view else recorded(own)


class Exactly(FromRows):
    """Everything is measured, sources too, and every key counted; tables are read while those before them are judged."""

    is_exact = True

    def __init__(self, warehouse: Warehouse) -> None:
        super().__init__(warehouse)
        self._ahead: Ahead | None = None

    @contextmanager
    def asking(self, nodes: list[Node]) -> Iterator[None]:
        """While these nodes are judged, in order: begin to read them all."""
        with Ahead(self.warehouse) as self._ahead:
            for node in nodes:
                self._ask(node)
            yield
        self._ahead = None

    def content(self, node: Node, own: Mapping[date, Receipt]) -> Mapping[date, Measure]:
        """Rows and content hash per date as they are."""
        found: Mapping[date, Measure] = self._answer("content", node) if self._can_measure(node) else {}
        return found

    def raw_content(self, node: Node) -> Mapping[date, Measure] | None:
        """Rows and content hash per date as they are."""
        found: Mapping[date, Measure] = self._answer("content", node)
        return found

    def lacking(self, node: Node) -> Parts | None:
        """What its games lack as the rows are."""
        found: Parts = self._answer("lacking", node) if node.game_checks else {}
        return found

    def _all_expected(self, node: Node) -> KeyCounts | None:
        found: KeyCounts | None = self._answer("expected", node)
        return found

    def _all_stored(self, node: Node) -> KeyCounts:
        found: KeyCounts = self._answer("stored", node)
        return found

    def _ask(self, node: Node) -> None:
        """Begin to read a table; whether a view is read follows from the tables before it."""
        if self._ahead is None or node.is_view or node.is_appended or (node.is_built and not self.has_its_columns(node)):
            return
        for key, query in _questions(node).items():
            self._ahead.ask(f"{key} {node.name}", query)

    def _answer(self, key: str, node: Node) -> Any:
        query = _questions(node)[key]
        return query(self.warehouse) if self._ahead is None else self._ahead.answer(f"{key} {node.name}", query)


def recorded(own: Mapping[date, Receipt]) -> dict[date, Measure]:
    """What receipts say about the stored rows."""
    return {day: Measure(receipt.rows, receipt.content_hash) for day, receipt in own.items() if receipt.rows}


def _questions(node: Node) -> Mapping[str, Callable[[Warehouse], Any]]:
    content = partial(receipts.measure, node=node, content_only=True)
    if node.game_checks:
        return {"content": content, "lacking": partial(lacking_parts, node=node)}
    if not node.is_built:
        return {"content": content}
    return {
        "content": content,
        "expected": partial(expectation.expected, node=node),
        "stored": partial(expectation.stored, node=node),
    }
