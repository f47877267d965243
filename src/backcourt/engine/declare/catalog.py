"""Finds declarations, reads their dependencies from the SQL, orders them and gives each its fingerprint."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from backcourt.engine.declare.contract import contract, contradictions
from backcourt.engine.declare.loader import Declared
from backcourt.engine.declare.problem import Problem
from backcourt.engine.declare.statement import Column, Statement, StatementCache, columns_of
from backcourt.engine.declare.table import Check, GameCheck, Reads, Relation, Table
from backcourt.engine.errors import BackcourtError, DeclarationError

Found = Declared[Table] | Declared[Relation]


@dataclass(frozen=True)
class Node:
    """A table or source relation in the graph."""

    name: str
    declaration: Table | Relation
    columns: tuple[Column, ...]
    expects_relations: tuple[str, ...]
    fingerprint: str
    """Hash of the query's tokens, column names and types, reads and grain: whatever changes rows."""
    policy_hash: str
    """Hash of checks, expectation and game set: whatever changes the judgement but not the rows."""
    judged_by: tuple[str, ...] = ()
    """The sources that its checks read and its query doesn't, on the same date: what they hold decides what may stay."""
    meaning: str = ""
    """What one of its rows is, in a sentence: the first line of its file."""

    @property
    def is_built(self) -> bool:
        """Is it a table that the engine builds (and not a source relation, nor one that is appended to)?"""
        return isinstance(self.declaration, Table) and self.declaration.append is None

    @property
    def is_appended(self) -> bool:
        """Is it a table whose rows a verb appends, and nothing ever replaces?"""
        return isinstance(self.declaration, Table) and self.declaration.append is not None

    @property
    def table(self) -> Table:
        """The table declaration; not for source relations."""
        if not isinstance(self.declaration, Table):
            raise DeclarationError(f"{self.name} is a source relation, not a table; ingest fills it.")
        return self.declaration

    @property
    def is_view(self) -> bool:
        """Is it built without rows of its own?"""
        return isinstance(self.declaration, Table) and not self.declaration.stored

    @property
    def phase(self) -> int:
        """The pipeline phase."""
        return self.declaration.phase

    @property
    def reads(self) -> Mapping[str, Reads]:
        """Input -> the dates read of it."""
        return self.declaration.reads if isinstance(self.declaration, Table) else {}

    @cached_property
    def inputs(self) -> frozenset[str]:
        """Everything that must be done before it: what its query and its expectation read, and a source's checks."""
        beside = (name for check in self.game_checks for name in check.beside)
        return frozenset((*self.reads, *self.expects_relations, *self.judged_by, *beside))

    @cached_property
    def beside(self) -> tuple[str, ...]:
        """What its expectation reads and its query doesn't: of the same date."""
        return tuple(name for name in self.expects_relations if name not in self.reads)

    @property
    def dated(self) -> bool:
        """Does it have one partition per game_date?"""
        return not isinstance(self.declaration, Relation) or self.declaration.dated

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The same-date inputs that must hold a game before its rows may be written."""
        return tuple(name for name, reads in self.reads.items() if reads.is_same_day and not reads.optional)

    @property
    def game_checks(self) -> tuple[GameCheck, ...]:
        """What a source relation's games must have; none of a table."""
        return self.declaration.checks if isinstance(self.declaration, Relation) else ()

    @cached_property
    def contract(self) -> tuple[Check, ...]:
        """The checks that follow from what its columns say of NULL, beside those that are declared."""
        return tuple(contract(self.columns))

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """The column names in declared order."""
        return tuple(column.name for column in self.columns)


class Catalog:
    """All declarations, in dependency order; `outside` are those that aren't the package's own, `problems` say what is left out."""

    def __init__(self, nodes: Iterable[Node], outside: Mapping[str, Found] | None = None, problems: Iterable[Problem] = ()) -> None:
        listed = list(nodes)
        sources = {node.name for node in listed if isinstance(node.declaration, Relation) and node.dated}
        by_name = {node.name: replace(node, judged_by=_judged_by(node, sources)) for node in listed}
        self.outside = outside or {}
        self.problems = tuple(problems)
        self.nodes: dict[str, Node] = {name: by_name[name] for name in _ordered(by_name)}
        self._origins: dict[str, list[str]] = {}
        for node in self.built:
            for name in (*node.reads, *node.expects_relations):
                if self.nodes[name].is_appended:
                    raise DeclarationError(f"{node.name}: it reads {name}, which is appended to and so has no inputs to be built from.")

    @classmethod
    def load(cls, declared: Iterable[Found], cache: StatementCache, problems: Iterable[Problem] = ()) -> Catalog:
        """The catalog of these declarations; one from outside the package that can't be used is left out, and so is what reads it.

        Raises DeclarationError for a declaration of the package's own that contradicts its query.
        """
        nodes: dict[str, Node] = {}
        outside: dict[str, Found] = {}
        found = list(problems)
        for one in declared:
            try:
                nodes[one.name] = replace(_node(one.name, one.declaration, cache), meaning=one.meaning)
            except DeclarationError as error:
                if one.is_own:
                    raise
                found.append(one.problem(str(error).removeprefix(f"{one.name}: ")))
                continue
            if not one.is_own:
                outside[one.name] = one
        known = {*nodes, *(Path(problem.file).stem for problem in found)}
        for name, reason in _left_out(nodes, outside, known).items():
            del nodes[name]
            found.append(outside[name].problem(reason))
        catalog = cls(nodes.values(), outside, found)
        cache.save()
        return catalog

    def without(self, names: Collection[str]) -> Catalog:
        """The same catalog without these nodes, which are from outside the package, and what needs them, for which a problem says so."""
        if not names:
            return self
        nodes = {name: node for name, node in self.nodes.items() if name not in names}
        reading = _left_out(nodes, self.outside, self.nodes)
        problems = [self.outside[name].problem(reason) for name, reason in reading.items()]
        return Catalog((node for name, node in nodes.items() if name not in reading), self.outside, (*self.problems, *problems))

    def with_table(self, name: str, declaration: Table) -> Catalog:
        """The same catalog with one table added or replaced."""
        others = [node for node in self.nodes.values() if node.name != name]
        return Catalog([*others, _node(name, declaration, StatementCache(None))], self.outside, self.problems)

    def __getitem__(self, name: str) -> Node:
        if name not in self.nodes:
            known = ", ".join(self.nodes)
            raise BackcourtError(f"There is no table {name!r}; known are {known}.")
        return self.nodes[name]

    @cached_property
    def built(self) -> list[Node]:
        """The tables that the engine builds, in dependency order."""
        return [node for node in self.nodes.values() if node.is_built]

    @cached_property
    def sources(self) -> list[Node]:
        """The source relations."""
        return [node for node in self.nodes.values() if isinstance(node.declaration, Relation)]

    @cached_property
    def appended(self) -> list[Node]:
        """The tables that verbs append to, in dependency order."""
        return [node for node in self.nodes.values() if node.is_appended]

    def upstream(self, names: Iterable[str]) -> list[Node]:
        """These nodes and everything they need, in dependency order."""
        wanted: set[str] = set()
        stack = [self[name].name for name in names]
        while stack:
            name = stack.pop()
            if name in wanted:
                continue
            wanted.add(name)
            stack += self.nodes[name].inputs
        return [node for name, node in self.nodes.items() if name in wanted]

    def origins(self, node: Node) -> list[str]:
        """The source relations that a node's rows of a date come from, up the graph of what must be there for the same date; sorted."""
        if node.name not in self._origins:
            found: set[str] = set()
            stack = [*node.required, *node.expects_relations]
            while stack:
                name = stack.pop()
                upstream = self[name]
                if upstream.is_built and name not in found:
                    stack += [*upstream.required, *upstream.expects_relations]
                found.add(name)
            self._origins[node.name] = sorted(name for name in found if not self[name].is_built)
        return self._origins[node.name]

    def downstream(self, names: Iterable[str]) -> list[Node]:
        """Everything that reads these nodes, directly or not, in dependency order."""
        reached = set(names)
        result = []
        for name, node in self.nodes.items():
            if name not in reached and any(input_name in reached for input_name in node.reads):
                reached.add(name)
                result.append(node)
        return result


def _judged_by(node: Node, sources: Collection[str]) -> tuple[str, ...]:
    if not node.is_built:
        return ()
    checks = " ".join(check.sql for check in node.table.checks if check.severity == "fail" and check.scope == "row")
    named = {name for name in set(sources) - set(node.reads) if name in checks}
    return tuple(sorted(name for name in named if re.search(rf"\b{name}\b", checks)))


def _left_out(nodes: Mapping[str, Node], outside: Collection[str], known: Collection[str]) -> dict[str, str]:
    """Which declarations from outside the package have inputs that aren't there, and why; `known` are names that were left out, too."""
    gone: dict[str, str] = {}
    while True:
        there = {name: node for name, node in nodes.items() if name not in gone}
        found = {name: reason for name in outside if name in there and (reason := _lacking(there, known, name))}
        if not found:
            cycle = _cycle(there)
            found = {
                name: f"the tables form a cycle ({' -> '.join([*cycle, cycle[0]])}); move what they need to one of its own"
                for name in cycle
            }
        if not found:
            return gone
        gone |= found


def _lacking(there: Mapping[str, Node], known: Collection[str], name: str) -> str:
    """Why a node can't be built from what is there; empty when it can."""
    for needed in sorted(there[name].inputs):
        if needed not in there:
            what = "is left out" if needed in known else "is neither a table nor a relation"
            return f"it reads {needed!r}, which {what}; correct that first"
        if there[needed].is_appended and there[name].is_built:
            return f"it reads {needed!r}, which is appended to and so has no inputs to be built from; read what it says in a verb"
    return ""


def _cycle(nodes: Mapping[str, Node]) -> list[str]:
    """Names of which each needs the next, and the last the first; empty when there is no such."""
    needs = {name: node.inputs & nodes.keys() for name, node in nodes.items()}
    while free := {name for name, needed in needs.items() if not needed}:
        needs = {name: needed - free for name, needed in needs.items() if name not in free}
    path = [min(needs)] if needs else []
    while path:
        following = min(needs[path[-1]])
        if following in path:
            return path[path.index(following) :]
        path.append(following)
    return path


def _node(name: str, declaration: Table | Relation, cache: StatementCache) -> Node:
    if isinstance(declaration, Relation):
        judged = [(check.name, check.sql, check.told) for check in declaration.checks]
        return Node(name, declaration, (), (), "", _digest(judged) if judged else "")
    statement = cache.parse(declaration.sql, name)
    columns = columns_of(declaration.sql)
    _check_reads(name, declaration, statement)
    _check_columns(name, declaration, columns, statement)
    expects: tuple[str, ...] = ()
    expects_tokens = ""
    if declaration.expects.sql is not None:
        parsed = cache.parse(declaration.expects.sql, f"{name} (expects)")
        if name in parsed.relations:
            raise DeclarationError(f"{name}: its expectation reads the table itself; expect keys from relations upstream of it.")
        _check_keys(name, declaration, parsed)
        expects, expects_tokens = parsed.relations, parsed.tokens
    fingerprint = _digest(
        statement.tokens,
        [(column.name, column.type) for column in columns],
        {key: _rows_of(value) for key, value in sorted(declaration.reads.items())},
        declaration.grain,
        *([] if declaration.stored else ["view"]),
        *([asdict(declaration.append)] if declaration.append else []),
    )
    policy = _digest(
        [_judgement_of(check) for check in declaration.checks],
        [(column.name, column.null_group, column.may_be_null) for column in columns],
        expects_tokens,
        declaration.expects.zero,
        declaration.games,
        asdict(declaration.known),
    )
    return Node(name, declaration, columns, expects, fingerprint, policy)


def _judgement_of(check: Check) -> dict[str, object]:
    """What of a check decides whether a row offends: its reason is for readers."""
    return {name: value for name, value in asdict(check).items() if name != "reason"}


def _rows_of(reads: Reads) -> dict[str, object]:
    """What of a read decides about rows: an optional window reads the same rows as another, only a same-date input can block."""
    return {**asdict(reads), "optional": reads.optional or not reads.is_same_day}


def _check_reads(name: str, declaration: Table, statement: Statement) -> None:
    named, declared = set(statement.relations), set(declaration.reads)
    if named - declared:
        raise DeclarationError(f"{name}: the query reads {sorted(named - declared)[0]!r}, which `reads` doesn't bound; add an entry.")
    if declared - named:
        raise DeclarationError(f"{name}: `reads` bounds {sorted(declared - named)[0]!r}, which the query doesn't read; remove the entry.")


def _check_keys(name: str, declaration: Table, expectation: Statement) -> None:
    """An expectation gives the key of each row, and the game that it belongs to."""
    needed = ["game_date", "game_id", "key", "due_at"] if declaration.append else list(declaration.grain)
    if not declaration.append and declaration.games != "none":
        needed.insert(1, "game_id")
    lacking = [] if "*" in expectation.outputs else [key for key in needed if key not in expectation.outputs]
    if lacking:
        raise DeclarationError(
            f"{name}: its expectation gives no column {lacking[0]!r}; let it give {', '.join(dict.fromkeys(needed))}, each by that name."
        )


def _check_columns(name: str, declaration: Table, columns: tuple[Column, ...], statement: Statement) -> None:
    names = [column.name for column in columns]
    unlisted = [output or "a column without a name" for output in statement.outputs if output not in names]
    if unlisted:
        raise DeclarationError(
            f"{name}: {unlisted[0]!r} of the last select isn't listed as `expression::type as name,  -- meaning`, one column a line."
        )
    repeated = {column for column in names if names.count(column) > 1}
    if repeated:
        raise DeclarationError(f"{name}: the column {sorted(repeated)[0]!r} is listed twice; a column has one definition.")
    needed = declaration.grain if declaration.games == "none" else (*declaration.grain, "game_id")
    for key in needed:
        if key not in names:
            raise DeclarationError(f"{name}: the grain column {key!r} isn't listed as `expression::type as {key},  -- meaning`.")
    for contradiction in contradictions(columns, is_appended=declaration.append is not None):
        raise DeclarationError(f"{name}: {contradiction}.")


def _ordered(nodes: Mapping[str, Node]) -> list[str]:
    order: list[str] = []
    visiting: list[str] = []

    def visit(name: str, needed_by: str) -> None:
        if name in order:
            return
        if name not in nodes:
            raise DeclarationError(f"{needed_by}: it reads {name!r}, which is neither a table nor a source relation; check the name.")
        if name in visiting:
            cycle = " -> ".join([*visiting[visiting.index(name) :], name])
            raise DeclarationError(f"The tables form a cycle ({cycle}); move what both need to a table of its own.")
        visiting.append(name)
        for needed in sorted(nodes[name].inputs):
            visit(needed, name)
        visiting.pop()
        order.append(name)

    for name in sorted(nodes, key=lambda n: (nodes[n].phase, n)):
        visit(name, name)
    return order


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]
