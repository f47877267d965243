"""What unmet partitions come down to: the first cause that no other explains, and the one command that helps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backcourt.engine.declare.catalog import Node
from backcourt.engine.judge.facts import Facts
from backcourt.engine.judge.partition import EXCUSED, Hole, Partition
from backcourt.engine.judge.records import Failure

# What is wrong by itself comes before what could be built, and that before what only waits or rests on something.
_ORDER = ("unknown", "altered", "failed", "surplus", "missing", "partial", "stale", "blocked", "thin")
_REPAIR = "backcourt repair"
_RUN = "backcourt run"


@dataclass(frozen=True)
class Cause:
    """A cause in one clause, and the command that helps."""

    text: str
    command: str

    @property
    def sentence(self) -> str:
        """Both, without a full stop."""
        return f"{self.text}; {self.command}"


def leading(facts: Facts, partitions: Iterable[Partition]) -> Cause | None:
    """The first cause among these partitions, sources before what is built from them; None when all are good."""
    unmet = [partition for partition in partitions if not partition.is_good]
    if not unmet:
        return None
    places = {name: place for place, name in enumerate(facts.catalog.nodes)}
    first = min(unmet, key=lambda one: (_rank(facts, one), places[one.table], one.game_date))
    return Cause(f"{first.table} {first.game_date}: {_told(facts, first)}", _command(facts, first))


def _rank(facts: Facts, partition: Partition) -> int:
    return _ORDER.index(partition.state) + (0 if partition.needs_build or not _can_wait(facts, partition) else len(_ORDER))


def _can_wait(facts: Facts, partition: Partition) -> bool:
    """Is it only unmet because of something else?"""
    return facts.catalog[partition.table].is_built and partition.state in ("blocked", "thin", "missing", "partial")


def _told(facts: Facts, partition: Partition) -> str:
    failure = _failure(facts, partition)
    holes = _holes(partition)
    said = f"failed, {failure.message}" if failure else f"{partition.state}, {holes[0].text if holes else partition.detail}"
    return " ".join(said.split())


def _failure(facts: Facts, partition: Partition) -> Failure | None:
    """What stopped the build that would have made the partition good."""
    node = facts.catalog[partition.table]
    return facts.standing_failure(node, partition.game_date) if node.is_built else None


def _holes(partition: Partition) -> list[Hole]:
    """The holes that aren't excused, the failed ones first."""
    return sorted((hole for hole in partition.holes if hole.cause not in EXCUSED), key=lambda hole: hole.cause != "failed")


def _command(facts: Facts, partition: Partition) -> str:
    node = facts.catalog[partition.table]
    if partition.state == "unknown" and node.is_built:
        return f"`backcourt doctor` looks at its declaration; correct {node.name}"
    if partition.state == "unknown":
        return f"`{_REPAIR}` rebuilds the warehouse"
    if node.is_appended:
        return f"`backcourt verify --for ledger --date {partition.game_date}` says more"
    if not node.is_built:
        return _command_of_source(partition)
    failed = [hole for hole in _holes(partition) if hole.cause == "failed"]
    is_stopped = _failure(facts, partition) is not None
    if partition.state == "failed" and failed and not is_stopped:
        return _waive(node, partition, failed[0])
    if is_stopped:
        return f"`backcourt retry --table {node.name} --date {partition.game_date}` tries again"
    if partition.needs_build:
        return f"`{_RUN}` builds it"
    return f"`backcourt why {node.name} {partition.game_date}` tells what it waits for"


def _command_of_source(partition: Partition) -> str:
    if partition.state == "altered":
        return f"`{_REPAIR}` rebuilds the raw rows"
    if partition.state == "surplus":
        return f"`backcourt ingest PATH` of a schedule that has their games, or `{_REPAIR}` if somebody else wrote them"
    return "`backcourt ingest PATH` of what is missing, or declare it unavailable in backcourt.toml"


def _waive(node: Node, partition: Partition, hole: Hole) -> str:
    game = f" --game {hole.game_id}" if hole.game_id else ""
    waive = f"backcourt waive {node.name} {partition.game_date}{game} --reason TEXT --until DATE"
    return f"`backcourt ingest PATH` of a correction (`--again` of a file that was loaded before), or `{waive}` lets it through"
