"""Every file of a home's folders and of libraries that is left out, and why."""

from __future__ import annotations

from backcourt.engine.declare.outside import has_files_outside
from backcourt.engine.declare.problem import Problem
from backcourt.home import Home
from backcourt.sources.relations import objection
from backcourt.tables.declared import sources


def unusable_files(home: Home) -> tuple[Problem, ...]:
    """A problem for each feed, relation, table, system and endpoint that isn't used, and for what reads one of these; none for no home."""
    if home.layout.place() == "nothing":
        return ()
    found = [*home.catalog.problems, *_relations(home), *_systems(home), *_endpoints(home)]
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
