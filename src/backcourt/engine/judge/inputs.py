"""The inputs hash of a partition: what it may read, as the difference of two prefix sums per input."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Mapping
from datetime import date

from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.judge.receipts import Receipt

_MODULUS = 1 << 128

Prefix = tuple[list[date], list[int]]
"""The dates of a relation that hold rows, and the sums of their hashes up to each."""


class InputHashes:
    """Inputs hashes from the receipts of all relations.

    A partition's own hash contains its date, so the sum over a window tells which dates hold which content. Prefix
    sums make the cost of a window independent of its length. Empty partitions count as absent. Which games of a load
    lack a part belongs to its content: they are read as if they weren't there.
    """

    def __init__(self, calendar: Calendar, prefixes: Mapping[str, Prefix]) -> None:
        self._calendar = calendar
        self._prefixes = prefixes
        self._known: dict[tuple[str, date], str] = {}

    @classmethod
    def of_receipts(cls, calendar: Calendar, receipts: Mapping[str, Mapping[date, Receipt]]) -> InputHashes:
        """From the receipts by relation and date."""
        return cls(calendar, {name: _prefix(found) for name, found in receipts.items()})

    def after(self, name: str, receipts: Mapping[date, Receipt]) -> InputHashes:
        """The hashes once a relation has these receipts."""
        return InputHashes(self._calendar, {**self._prefixes, name: _prefix(receipts)})

    def of(self, node: Node, day: date) -> str:
        """The inputs hash of the partition of `day`, over every input inside its declared window."""
        key = (node.name, day)
        if key not in self._known:
            self._known[key] = self._hash(node, day)
        return self._known[key]

    def _hash(self, node: Node, day: date) -> str:
        parts = []
        for name, reads in node.reads.items():
            days, sums = self._prefixes.get(name, ([], [0]))
            if reads.undated:
                window = sums[-1]
            else:
                lower, upper = self._calendar.window(reads, day)
                window = (sums[bisect_left(days, upper)] - sums[bisect_left(days, lower)]) % _MODULUS
            parts.append(f"{name}={window:x}")
        parts += [f"{name}:{held:x}" for name in node.judged_by if (held := self._on(name, day))]
        return hashlib.blake2b(";".join(sorted(parts)).encode(), digest_size=16).hexdigest()

    def _on(self, name: str, day: date) -> int:
        """The hash of what a relation holds on one date; 0 where that is nothing."""
        days, sums = self._prefixes.get(name, ([], [0]))
        place = bisect_left(days, day)
        return (sums[place + 1] - sums[place]) % _MODULUS if place < len(days) and days[place] == day else 0


def _prefix(receipts: Mapping[date, Receipt]) -> Prefix:
    days = sorted(day for day, receipt in receipts.items() if receipt.rows)
    sums = [0]
    for day in days:
        receipt = receipts[day]
        text = f"{day}|{receipt.rows}|{receipt.hash_kind}|{receipt.content_hash}"
        if not receipt.fingerprint and receipt.withheld:
            text += f"|{','.join(sorted(receipt.withheld))}"
        own = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")
        sums.append((sums[-1] + own) % _MODULUS)
    return days, sums
