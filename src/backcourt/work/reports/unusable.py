"""Every file of a home's folders and of libraries that is left out, and why."""

from __future__ import annotations

from backcourt.engine.declare.catalog import Node
from backcourt.engine.declare.outside import has_files_outside
from backcourt.engine.declare.problem import Problem
from backcourt.engine.errors import QueryError
from backcourt.engine.warehouse import Warehouse
from backcourt.home import Home
from backcourt.sources.relations import objection
from backcourt.tables.declared import sources


def unusable_files(home: Home) -> tuple[Problem, ...]:
    """A problem for each feed, relation, table, system and endpoint that isn't used, and for what reads one of these; none for no home."""
    if home.layout.place() == "nothing":
        return ()
    found = [*home.catalog.problems, *_relations(home), *_tables(home), *_systems(home), *_endpoints(home)]
    return tuple(dict.fromkeys(found))


def told(problems: tuple[Problem, ...]) -> str:
    """One line for who asked for something else; empty when all files are used."""
    if not problems:
        return ""
    count = len(problems)
    return f"{count} file{'s' if count > 1 else ''} could not be used; `backcourt doctor` says why"


def _relations(home: Home) -> list[Problem]:
    """Relations whose query the warehouse refuses, and the tables that read them."""
    known = sources(home.path)
    outside = {name: one for name, one in known.outside.items() if name in home.catalog.nodes}
    if not outside or not home.layout.snapshot_file.exists():
        return []
    with home.reading() as warehouse:
        absent = [name for name in outside if not warehouse.columns(name)]
        # Raw tables of a new feed are made by the next command that writes, and views over them.
        asked = [name for name in absent if all(warehouse.columns(raw) for raw in known.raws[name] & known.raw_columns.keys())]
        refused = {
            name: outside[name].problem(reason) for name in asked if (reason := objection(warehouse, name, outside[name].declaration))
        }
    reading = home.catalog.without(refused).problems[len(home.catalog.problems) :]
    return [*refused.values(), *reading]


def _tables(home: Home) -> list[Problem]:
    """Tables whose query, expectation or a check of which the warehouse refuses, as long as what they read is there."""
    outside = {name: one for name, one in home.catalog.outside.items() if name in home.catalog.nodes and home.catalog[name].is_built}
    if not outside or not home.layout.snapshot_file.exists():
        return []
    with home.reading() as warehouse:
        refused = [
            one.problem(reason)
            for name, one in outside.items()
            if all(warehouse.columns(other) for other in home.catalog[name].inputs) and (reason := _refusal(warehouse, home.catalog[name]))
        ]
    return refused


def _refusal(warehouse: Warehouse, node: Node) -> str:
    """What the warehouse says against a table's statements, with the next step; empty when it takes them all."""
    query = f"select {', '.join(node.column_names)} from ({node.table.sql}) as result"
    asked = {"its query": query, "its expectation": node.table.expects.sql or "select 1"}
    asked |= {f"its check {check.name}": check.sql.format(rows=f"({query})") for check in node.table.checks}
    for what, sql in asked.items():
        try:
            warehouse.query(f"select * from ({sql}) as asked limit 0")
        except QueryError as error:
            said = " ".join(str(error).partition(" LINE ")[0].split())
            return f"{what} fails ({said}); correct it"
    return ""


def _systems(home: Home) -> tuple[Problem, ...]:
    if not has_files_outside("systems", home.path):
        return ()
    try:
        from backcourt.forecasting.system import loaded_systems
    except ImportError as error:
        return (_unlooked(home, "systems", "ml", error),)
    return loaded_systems(home.path).problems


def _endpoints(home: Home) -> tuple[Problem, ...]:
    if not has_files_outside("endpoints", home.path):
        return ()
    try:
        from backcourt.publishing.endpoints import loaded_endpoints
    except ImportError as error:
        return (_unlooked(home, "endpoints", "all", error),)
    return loaded_endpoints(home.path).problems


def _unlooked(home: Home, folder: str, extra: str, error: ImportError) -> Problem:
    return Problem(str(home.path / folder), None, f"what lies there can't be looked at ({error}); install `backcourt[{extra}]`")
