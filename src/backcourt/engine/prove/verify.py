"""Gates and verdicts: is everything there that a phase needs, exactly?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from backcourt.engine.build.reach import of_history
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.catalog import Catalog, Node
from backcourt.engine.declare.table import Relation
from backcourt.engine.errors import BackcourtError, CouldNotVerifyError, UnmetError
from backcourt.engine.judge import checksums
from backcourt.engine.judge.ahead import Ahead
from backcourt.engine.judge.appended import missing_keys
from backcourt.engine.judge.calendar import Game
from backcourt.engine.judge.cause import Cause, leading
from backcourt.engine.judge.expectation import differing_keys
from backcourt.engine.judge.partition import EXCUSED, GOOD, PENDING, Partition
from backcourt.engine.judge.situation import Situation
from backcourt.engine.prove.diff import difference, misshapen_columns
from backcourt.engine.prove.season_checks import (
    RememberedChecks,
    SeasonFinding,
    as_received,
    content_key,
    run_season_checks,
)
from backcourt.engine.warehouse import Warehouse

EXPLAINED = ("altered", "surplus", "partial", "failed")
"""The states whose rows can be named."""

CHECKSUM = "checksum"
"""The name under which a table that isn't what was written stands among the checks."""

MET, UNMET, ONLY_BY_EXCEPTION, UNKNOWN = 0, 1, 4, 5


@dataclass(frozen=True)
class Verdict:
    """The judgement over a gate, a range (`partitions`) and what the range rests on (`resting`).

    Percentages are |expected and present| / |expected|. `never_built` names what has no receipt, `cause` the first
    that is to be mended.
    """

    gate: str
    partitions: list[Partition]
    findings: list[SeasonFinding]
    explanations: dict[tuple[str, str], list[str]]
    policy_hash: str
    tables: tuple[str, ...] = field(default=())
    games: dict[str, Game] = field(default_factory=dict)
    resting: list[Partition] = field(default_factory=list)
    never_built: frozenset[tuple[str, date]] = frozenset()
    cause: Cause | None = None
    left_out: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def unmet(self) -> list[Partition]:
        """Partitions of the range that the gate does not accept."""
        return [p for p in self.partitions if not p.is_good]

    @property
    def resting_unmet(self) -> list[Partition]:
        """Partitions outside the range, which it rests on and the gate does not accept; thin ones are told by what makes them thin."""
        return [p for p in self.resting if not p.is_good and p.state != "thin"]

    @property
    def pending(self) -> list[Partition]:
        """Partitions whose games are still to come."""
        return [p for p in self.partitions if p.state in PENDING]

    @property
    def excused(self) -> list[Partition]:
        """Partitions accepted only because something is declared unavailable or waived."""
        return [
            p
            for p in self.partitions
            if p.state == "unavailable" or p.rests_on_waiver or (p.is_waived and p.is_good and p.state not in GOOD)
        ]

    @property
    def unavailable_games(self) -> set[str]:
        """The games that some source is declared not to have."""
        return {hole.game_id for p in self.partitions for hole in p.holes if hole.cause == "unavailable"}

    @property
    def missing_games(self) -> set[str]:
        """The games that some partition should hold and doesn't."""
        return {hole.game_id for p in self.partitions for hole in p.holes if hole.game_id and hole.cause not in (*EXCUSED, "pending")}

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
        if self.is_empty or self.lost or any(p.state == "unknown" for p in (*self.partitions, *self.resting)):
            return UNKNOWN
        if self.unmet or self.failed_checks or any(not p.is_good for p in self.resting):
            return UNMET
        return ONLY_BY_EXCEPTION if strict and self.excused else MET

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        code, about = self.exit_code(), self._about
        if self.is_empty:
            return f"{self.gate}: NOT VERIFIED, nothing is expected in this range; ingest a schedule, or choose another range."
        if self.lost:
            lost = ", ".join(self.lost)
            return f"{about}: NOT VERIFIED, the declaration of {lost} can't be used; `backcourt doctor` says why."
        if code == UNKNOWN:
            judged = [*self.partitions, *self.resting]
            unknown = sum(p.state == "unknown" for p in judged)
            return f"{about}: NOT VERIFIED, {unknown:,} of {len(judged):,} partitions could not be determined."
        if code == UNMET:
            return f"{about}: NOT MET, {'; '.join([*self._causes, *self._excuses])}."
        rows = sum(p.rows_expected for p in self.partitions)
        dates = len({p.game_date for p in self.partitions if p.games_expected})
        scope = f"{len(self.tables)} tables and sources, {dates:,} game dates, {len(self.partitions):,} partitions, {rows:,} expected rows"
        return f"{about}: MET, {'; '.join([scope, *self._excuses])}."

    @property
    def _about(self) -> str:
        """The gate, and how far it looked where that isn't everywhere."""
        if not self.resting:
            return self.gate
        chosen = {p.game_date for p in self.partitions if p.games_expected}
        earlier = {p.game_date for p in self.resting if p.games_expected} - chosen
        return f"{self.gate} over {len(chosen):,} dates, resting on {len(earlier):,} earlier dates"

    @property
    def _causes(self) -> list[str]:
        causes = []
        never = [p for p in self.resting_unmet if (p.table, p.game_date) in self.never_built]
        other = [p for p in self.resting_unmet if (p.table, p.game_date) not in self.never_built]
        if never:
            dates, tables = len({p.game_date for p in never}), len({p.table for p in never})
            causes.append(f"{dates:,} dates of {tables:,} table{'s' if tables > 1 else ''} were never built")
        if other:
            causes.append(f"{len(other):,} partitions that it rests on are unmet ({_counted(other)})")
        if self.unmet or not (causes or self.failed_checks):
            games = f" in {len(self.missing_games):,} games" if self.missing_games else ""
            causes.append(f"{len(self.unmet):,} of {len(self.partitions):,} partitions unmet{games} ({_counted(self.unmet) or 'none'})")
        damaged = [finding.table for finding in self.failed_checks if finding.check == CHECKSUM]
        if damaged:
            named = ", ".join(damaged[:3])
            causes.append(f"{len(damaged)} table(s) not as written ({named}), `backcourt repair` puts them right")
        if len(self.failed_checks) > len(damaged):
            causes.append(f"{len(self.failed_checks) - len(damaged)} season check(s) failed")
        return causes

    @property
    def _excuses(self) -> list[str]:
        excuses = []
        if self.left_out:
            excuses.append(f"{len(self.left_out)} file(s) of declarations are left out, `backcourt doctor` says why")
        if self.excused:
            excuses.append(
                f"{len(self.excused):,} partitions stand on exceptions ({len(self.unavailable_games):,} games declared unavailable)"
            )
        declared = {hole.game_id for p in self.resting for hole in p.holes if hole.cause == "unavailable"}
        if declared:
            excuses.append(f"what it rests on lacks {len(declared):,} game(s) that are declared unavailable")
        return excuses

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


def _counted(partitions: list[Partition]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in Counter(p.state for p in partitions).most_common())


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
    """Judge everything below `below_phase` over the selected dates and what they rest on.

    What is wrong is named for up to `explain` partitions of the selection.

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
    judged = [p for node in nodes for p in states[node.name].values()]
    partitions = [p for p in judged if selection.holds(p.game_date, p.season)]
    resting = _resting(situation, nodes, selection, judged)
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
        resting,
        frozenset((p.table, p.game_date) for p in resting if p.game_date not in situation.facts.of(situation.catalog[p.table])),
        leading(situation.facts, [*partitions, *resting]),
        tuple(problem.file for problem in situation.catalog.problems),
        _lost(situation),
    )


def with_checksums(verdict: Verdict, warehouse: Warehouse) -> Verdict:
    """The verdict with a failed check for every table that no receipt covers and that isn't what was written."""
    damages = checksums.damages(warehouse)
    found = [SeasonFinding(damage.table, CHECKSUM, (damage.sentence,), "fail") for damage in damages]
    return replace(verdict, findings=[*found, *verdict.findings])


def _lost(situation: Situation) -> tuple[str, ...]:
    """The tables and relations that have receipts, and whose files can't be used now."""
    built = situation.facts.receipts.keys() - situation.catalog.nodes.keys()
    return tuple(sorted({Path(problem.file).stem for problem in situation.catalog.problems} & built))


def _resting(situation: Situation, nodes: list[Node], selection: Selection, judged: list[Partition]) -> list[Partition]:
    """The partitions outside the selection that it rests on."""
    reached = of_history(situation.catalog, situation.calendar, nodes, selection)
    return [p for p in judged if reached.is_rested_on(p.table, p.game_date, p.season)] if reached.spans else []


def explain_partition(situation: Situation, partition: Partition) -> list[str]:
    """Name the rows and columns of one partition that are not what they should be."""
    node = situation.catalog[partition.table]
    if node.is_appended:
        return missing_keys(situation.warehouse, situation.facts, node, partition.game_date)
    misshapen = misshapen_columns(situation.warehouse, node)
    if misshapen:
        return misshapen
    if partition.state in ("altered", "surplus"):
        withheld = situation.facts.of(node).get(partition.game_date)
        absent = set(withheld.withheld) if withheld else set()
        found = difference(situation.warehouse, situation.calendar, node, partition.game_date, partition.game_date)
        return [str(d) for d in found if not (d.kind == "missing" and d.key.get("game_id") in absent)]
    keys = differing_keys(situation.warehouse, node, [partition.game_date])
    return [f"{side} row: " + ", ".join(f"{n} {v}" for n, v in zip(node.table.grain, key, strict=True)) for side, key in keys]
