"""Gates and verdicts: is everything there that a phase needs, exactly?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from backcourt.engine.build.plan import Selection
from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.declare.table import Relation
from backcourt.engine.errors import BackcourtError, CouldNotVerifyError, UnmetError
from backcourt.engine.judge.ahead import Ahead
from backcourt.engine.judge.appended import missing_keys
from backcourt.engine.judge.calendar import Game
from backcourt.engine.judge.expectation import differing_keys
from backcourt.engine.judge.partition import PENDING, Partition
from backcourt.engine.judge.situation import Situation
from backcourt.engine.prove.diff import difference
from backcourt.engine.prove.season_checks import RememberedChecks, SeasonFinding, as_received, content_key, run_season_checks

EXPLAINED = ("altered", "surplus", "partial", "failed")
"""The states whose rows can be named."""

MET, UNMET, ONLY_BY_EXCEPTION, UNKNOWN = 0, 1, 4, 5


@dataclass(frozen=True)
class Verdict:
    """The judgement over a gate and a range. Percentages are |expected and present| / |expected|."""

    gate: str
    partitions: list[Partition]
    findings: list[SeasonFinding]
    explanations: dict[tuple[str, str], list[str]]
    policy_hash: str
    tables: tuple[str, ...] = field(default=())
    games: dict[str, Game] = field(default_factory=dict)

    @property
    def unmet(self) -> list[Partition]:
        """Partitions that the gate does not accept."""
        return [p for p in self.partitions if not p.is_good]

    @property
    def pending(self) -> list[Partition]:
        """Partitions whose games are still to come."""
        return [p for p in self.partitions if p.state in PENDING]

    @property
    def excused(self) -> list[Partition]:
        """Partitions accepted only because something is declared unavailable or waived."""
        return [p for p in self.partitions if p.state == "unavailable" or (p.waived and p.state not in ("complete", "no_games"))]

    @property
    def unavailable_games(self) -> set[str]:
        """The games that some source is declared not to have."""
        return {hole.game_id for p in self.partitions for hole in p.holes if hole.cause == "unavailable"}

    @property
    def missing_games(self) -> set[str]:
        """The games that some partition should hold and doesn't."""
        return {hole.game_id for p in self.partitions for hole in p.holes if hole.game_id and hole.cause not in ("unavailable", "pending")}

    @property
    def failed_checks(self) -> list[SeasonFinding]:
        """Season checks of severity `fail` that found something."""
        return [finding for finding in self.findings if finding.severity == "fail"]

    @property
    def is_empty(self) -> bool:
        """Does nothing in the range expect anything? Then there is nothing to call complete."""
        return not self.pending and not any(p.games_expected or p.rows_expected for p in self.partitions)

    def exit_code(self, *, strict: bool = False) -> int:
        """0 met, 1 unmet, 4 met only by exceptions (strict), 5 could not be verified."""
        if self.is_empty or any(p.state == "unknown" for p in self.partitions):
            return UNKNOWN
        if self.unmet or self.failed_checks:
            return UNMET
        return ONLY_BY_EXCEPTION if strict and self.excused else MET

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        rows = sum(p.rows_expected for p in self.partitions)
        dates = len({p.game_date for p in self.partitions if p.games_expected})
        scope = f"{len(self.tables)} tables and sources, {dates:,} game dates, {len(self.partitions):,} partitions, {rows:,} expected rows"
        excuse = ""
        if self.excused:
            excuse = f"; {len(self.excused):,} partitions stand on exceptions ({len(self.unavailable_games):,} games declared unavailable)"
        code = self.exit_code()
        if self.is_empty:
            return f"{self.gate}: NOT VERIFIED, nothing is expected in this range; ingest a schedule, or choose another range."
        if code == UNKNOWN:
            unknown = sum(p.state == "unknown" for p in self.partitions)
            return f"{self.gate}: NOT VERIFIED, {unknown:,} of {len(self.partitions):,} partitions could not be determined."
        if code == UNMET:
            states = ", ".join(f"{count:,} {state}" for state, count in Counter(p.state for p in self.unmet).most_common())
            checks = f"; {len(self.failed_checks)} season check(s) failed" if self.failed_checks else ""
            games = f" in {len(self.missing_games):,} games" if self.missing_games else ""
            counts = f"{len(self.unmet):,} of {len(self.partitions):,} partitions unmet{games} ({states or 'none'})"
            return f"{self.gate}: NOT MET, {counts}{checks}{excuse}."
        return f"{self.gate}: MET, {scope}{excuse}."

    def require(self) -> Verdict:
        """Raise with the verdict in one sentence unless it is met; return it otherwise."""
        code = self.exit_code()
        if code == UNKNOWN:
            raise CouldNotVerifyError(self.sentence)
        if code == UNMET:
            raise UnmetError(self.sentence)
        return self

    def coverage(self) -> dict[str, float]:
        """For the old rule: per table, the percent of its dates with games whose every expected row is there."""
        found = {}
        for table in self.tables:
            own = [p for p in self.partitions if p.table == table and p.state not in ("no_games", "not_due")]
            full = sum(p.rows_present == p.rows_expected and p.games_present == p.games_expected for p in own)
            if own:
                found[table] = 100.0 * full / len(own)
        return found


def gate_nodes(catalog: Catalog, below_phase: int, from_phase: int = 0) -> list[Node]:
    """Every table and source of the phases below, with what they need; the caller can't leave one out.

    A table that is appended to stands by itself: what was said doesn't change with what it rests on.
    """
    chosen = {node.name: node for node in catalog.nodes.values() if from_phase <= node.phase < below_phase}
    if not chosen:
        raise BackcourtError(f"No table is registered below phase {below_phase}; choose another gate.")
    needed = {node.name for node in catalog.upstream(name for name, node in chosen.items() if not node.is_appended)}
    return [node for name, node in catalog.nodes.items() if name in chosen or name in needed]


def verify(
    situation: Situation,
    gate: str,
    below_phase: int,
    selection: Selection,
    *,
    from_phase: int = 0,
    explain: int = 40,
    remembered: RememberedChecks | None = None,
) -> Verdict:
    """Judge everything below `below_phase` over the selected dates, and name what is wrong for up to `explain` partitions.

    `remembered` spares the season checks of content that they were run on before.
    """
    nodes = gate_nodes(situation.catalog, below_phase, from_phase)
    remembered = remembered or RememberedChecks(None)
    key = content_key(situation, nodes) if situation.exact else None
    with Ahead(situation.warehouse) as ahead:
        known = remembered.of(key)
        if known is None:
            ahead.ask("season checks", lambda warehouse: run_season_checks(warehouse, nodes))
        states = situation.states(nodes)
        is_as_received = as_received(p for found in states.values() for p in found.values())
        if known is not None and is_as_received:
            findings = known
        else:
            findings = ahead.answer("season checks", lambda warehouse: run_season_checks(warehouse, nodes))
            if is_as_received:
                remembered.keep(key, findings)
    partitions = [p for node in nodes for p in states[node.name].values() if selection.holds(p.game_date, p.season)]
    explanations: dict[tuple[str, str], list[str]] = {}
    for partition in partitions:
        if len(explanations) >= explain:
            break
        if partition.state in EXPLAINED and not isinstance(situation.catalog[partition.table].declaration, Relation):
            explanations[partition.table, str(partition.game_date)] = explain_partition(situation, partition)
    return Verdict(
        gate,
        partitions,
        findings,
        explanations,
        situation.policy.hash,
        tuple(n.name for n in nodes),
        situation.calendar.by_id,
    )


def explain_partition(situation: Situation, partition: Partition) -> list[str]:
    """Name the rows and columns of one partition that are not what they should be."""
    node = situation.catalog[partition.table]
    if node.is_appended:
        return missing_keys(situation.warehouse, situation.facts, node, partition.game_date)
    if not situation.warehouse.columns(node.name):
        return []
    if partition.state in ("altered", "surplus"):
        withheld = situation.facts.of(node).get(partition.game_date)
        absent = set(withheld.withheld) if withheld else set()
        found = difference(situation.warehouse, situation.calendar, node, partition.game_date, partition.game_date)
        return [str(d) for d in found if not (d.kind == "missing" and d.key.get("game_id") in absent)]
    keys = differing_keys(situation.warehouse, node, [partition.game_date])
    return [f"{side} row: " + ", ".join(f"{n} {v}" for n, v in zip(node.table.grain, key, strict=True)) for side, key in keys]
