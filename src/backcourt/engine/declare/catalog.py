"""Finds declarations, reads their dependencies from the SQL, orders them and gives each its fingerprint."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from backcourt.engine.declare.statement import Column, Statement, StatementCache, columns_of
from backcourt.engine.declare.table import Reads, Relation, Table
from backcourt.engine.errors import BackcourtError, DeclarationError


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
        """Everything that must be done before it: what its query and its expectation read."""
        return frozenset((*self.reads, *self.expects_relations))

    @property
    def dated(self) -> bool:
        """Does it have one partition per game_date?"""
        return not isinstance(self.declaration, Relation) or self.declaration.dated

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The same-date inputs that must hold a game before its rows may be written."""
        return tuple(name for name, reads in self.reads.items() if reads.is_same_day and not reads.optional)

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """The column names in declared order."""
        return tuple(column.name for column in self.columns)


class Catalog:
    """All declarations, in dependency order."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        by_name = {node.name: node for node in nodes}
        self.nodes: dict[str, Node] = {name: by_name[name] for name in _ordered(by_name)}
        self._origins: dict[str, list[str]] = {}
        for node in self.built:
            for name in (*node.reads, *node.expects_relations):
                if self.nodes[name].is_appended:
                    raise DeclarationError(f"{node.name}: it reads {name}, which is appended to and so has no inputs to be built from.")

    @classmethod
    def load(cls, packages: Iterable[str], folders: Iterable[Path], cache: StatementCache) -> Catalog:
        """Import every module of the packages and every file of the folders that declares `table` or `relation`.

        Raises DeclarationError for a declaration that contradicts its query.
        """
        declared: dict[str, Table | Relation] = {}
        for name, declaration in [*_from_packages(packages), *_from_folders(folders)]:
            if name in declared:
                raise DeclarationError(f"{name} is declared twice; a table's name is its file's name, so rename one of the files.")
            declared[name] = declaration
        catalog = cls(_node(name, declaration, cache) for name, declaration in declared.items())
        cache.save()
        return catalog

    def with_table(self, name: str, declaration: Table) -> Catalog:
        """The same catalog with one table added or replaced."""
        others = [node for node in self.nodes.values() if node.name != name]
        return Catalog([*others, _node(name, declaration, StatementCache(None))])

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


def _from_packages(packages: Iterable[str]) -> list[tuple[str, Table | Relation]]:
    found: list[tuple[str, Table | Relation]] = []
    for package_name in packages:
        package = importlib.import_module(package_name)
        for folder in package.__path__:
            for file in sorted(Path(folder).glob("*.py")):
                if file.stem.startswith("_"):
                    continue
                found += _declared(file.stem, vars(importlib.import_module(f"{package_name}.{file.stem}")))
    return found


def _from_folders(folders: Iterable[Path]) -> list[tuple[str, Table | Relation]]:
    found: list[tuple[str, Table | Relation]] = []
    for folder in folders:
        for file in sorted(folder.glob("*.py")) if folder.is_dir() else []:
            spec = importlib.util.spec_from_file_location(f"backcourt_home_tables_{file.stem}", file)
            if spec is None or spec.loader is None:
                raise DeclarationError(f"{file} can't be imported; a table is a Python file that defines `table = Table(...)`.")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            found += _declared(file.stem, vars(module))
    return found


def _declared(name: str, members: Mapping[str, object]) -> list[tuple[str, Table | Relation]]:
    for attribute in ("table", "relation"):
        declaration = members.get(attribute)
        if isinstance(declaration, Table | Relation):
            return [(name, declaration)]
    return []


def _node(name: str, declaration: Table | Relation, cache: StatementCache) -> Node:
    if isinstance(declaration, Relation):
        return Node(name, declaration, (), (), "", "")
    statement = cache.parse(declaration.sql, name)
    columns = columns_of(declaration.sql)
    _check_reads(name, declaration, statement)
    _check_columns(name, declaration, columns)
    expects: tuple[str, ...] = ()
    expects_tokens = ""
    if declaration.expects.sql is not None:
        parsed = cache.parse(declaration.expects.sql, f"{name} (expects)")
        if name in parsed.relations:
            raise DeclarationError(f"{name}: its expectation reads the table itself; expect keys from relations upstream of it.")
        expects, expects_tokens = parsed.relations, parsed.tokens
    fingerprint = _digest(
        statement.tokens,
        [(column.name, column.type) for column in columns],
        {key: asdict(value) for key, value in sorted(declaration.reads.items())},
        declaration.grain,
        *([] if declaration.stored else ["view"]),
        *([asdict(declaration.append)] if declaration.append else []),
    )
    policy = _digest(
        [asdict(check) for check in declaration.checks],
        expects_tokens,
        declaration.expects.zero,
        declaration.games,
        asdict(declaration.known),
    )
    return Node(name, declaration, columns, expects, fingerprint, policy)


def _check_reads(name: str, declaration: Table, statement: Statement) -> None:
    named, declared = set(statement.relations), set(declaration.reads)
    if named - declared:
        raise DeclarationError(f"{name}: the query reads {sorted(named - declared)[0]!r}, which `reads` doesn't bound; add an entry.")
    if declared - named:
        raise DeclarationError(f"{name}: `reads` bounds {sorted(declared - named)[0]!r}, which the query doesn't read; remove the entry.")


def _check_columns(name: str, declaration: Table, columns: tuple[Column, ...]) -> None:
    names = [column.name for column in columns]
    repeated = {column for column in names if names.count(column) > 1}
    if repeated:
        raise DeclarationError(f"{name}: the column {sorted(repeated)[0]!r} is listed twice; a column has one definition.")
    for key in declaration.grain:
        if key not in names:
            raise DeclarationError(f"{name}: the grain column {key!r} isn't listed as `expression::type as {key}, -- meaning`.")
    for column in columns:
        if column.null_group and f"{column.null_group}_null_reason" not in names:
            raise DeclarationError(
                f"{name}: {column.name} belongs to the null group {column.null_group!r}; add {column.null_group}_null_reason."
            )


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
