"""Which inputs made a partition stale, and who changed them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge.facts import Facts
from backcourt.engine.judge.receipts import UNDATED, Receipt

_NAMED = 2


@dataclass(frozen=True)
class Change:
    """Dates of one input that one job wrote after the partition was built, or that are gone since (no job)."""

    table: str
    first: date
    dates: int
    job: str

    @property
    def sentence(self) -> str:
        """In words."""
        when = "" if self.first == UNDATED else f" of {self.first}"
        more = f" and {self.dates - 1:,} more dates" if self.dates > 1 else ""
        return f"{self.table}{when}{more}, changed by {self.job}"


def changes(facts: Facts, node: Node, day: date) -> list[Change]:
    """What was written of a partition's inputs after the partition was built, sources first."""
    receipt = facts.of(node).get(day)
    if receipt is None:
        return []
    found: dict[tuple[str, str], list[date]] = {}
    later = [
        (name, other) for name, other in _read(facts, node, day) if other.built_at >= receipt.built_at and other.run_id != receipt.run_id
    ]
    # Under a clock that stands still everything is of one moment.
    later = [one for one in later if one[1].built_at > receipt.built_at] or later
    for name, other in later:
        found.setdefault((name, other.run_id), []).append(other.game_date)
    ordered = sorted(found.items(), key=lambda item: (facts.catalog[item[0][0]].is_built, item[0]))
    return [Change(name, min(days), len(days), job) for (name, job), days in ordered]


def told(facts: Facts, node: Node, day: date) -> str:
    """The first of these changes in a clause; empty when nothing of them is known."""
    found = changes(facts, node, day)
    more = f" and {len(found) - _NAMED} more inputs" if len(found) > _NAMED else ""
    return "; ".join(change.sentence for change in found[:_NAMED]) + more


def _read(facts: Facts, node: Node, day: date) -> Iterator[tuple[str, Receipt]]:
    for name, reads in node.reads.items():
        own = facts.receipts.get(name, {})
        if reads.undated:
            yield from ((name, receipt) for receipt in own.values())
            continue
        lower, upper = facts.calendar.window(reads, day)
        yield from ((name, receipt) for at, receipt in own.items() if lower <= at < upper)
