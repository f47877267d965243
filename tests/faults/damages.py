"""One random damage after the other, by another program, to anything that a home's warehouse holds; and what a verdict says of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import duckdb

from backcourt.engine.errors import BackcourtError
from backcourt.home import Home
from backcourt.sources import declared as raw
from backcourt.tables.declared import KEPT_BY_THE_ENGINE
from tests.conftest import foreign
from tests.faults.trials import copy_of

Dump = dict[str, object]
Row = tuple[object, ...]
_FAR = "date '2999-12-31'"


@dataclass(frozen=True)
class Damage:
    """What is done to one stored table, view or kept file: the statements, none for a file."""

    table: str
    kind: str
    statements: tuple[str, ...]
    file: str = ""

    def __str__(self) -> str:
        return f"{self.kind} of {self.table}: {'; '.join(self.statements) or self.file}"


@dataclass(frozen=True)
class Told:
    """How a verification ended: its exit code, and every sentence that it gave."""

    code: int
    lines: tuple[str, ...]
    states: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a damage: `end` is named, harmless, or what `verify` did instead."""

    table: str
    kind: str
    end: str


class World:
    """A home to damage, put back from an untouched one after each damage."""

    def __init__(self, base: Path, folder: Path) -> None:
        self.base = base
        self.home = copy_of(base, folder)
        self.sound = told(self.home)
        self.dump = dump(self.home)
        with duckdb.connect(str(base / "warehouse.duckdb"), read_only=True) as connection:
            self.tables = Tables(connection)
        self.files = sorted(str(file.relative_to(base)) for file in (base / "ledger").rglob("*.parquet"))

    def restore(self) -> None:
        """The home as it was, closed in order by its engine."""
        for name in ("warehouse.duckdb.wal", "snapshot.duckdb", "snapshot.spare"):
            (self.home.path / name).unlink(missing_ok=True)
        for name in ("warehouse.duckdb", "home.json", *self.files):
            shutil.copyfile(self.base / name, self.home.path / name)
        for folder in (*self.home.runs_folder.glob("verify-*"), *self.home.path.glob("backups")):
            shutil.rmtree(folder)
        self.home.custody.stamp.put()
        self.home.custody.snapshot.publish()
        self.home.custody.snapshot.publish()

    def apply(self, damage: Damage) -> bool:
        """Do it; False, and nothing is done, when a constraint forbids it or no stored value becomes another."""
        if damage.file:
            file = self.home.path / damage.file
            file.write_bytes(file.read_bytes()[:-3]) if damage.kind == "cut" else file.unlink()
            return True
        with foreign(self.home) as warehouse:
            connection = warehouse.connection
            before = _content(connection, damage.table)
            connection.execute("begin")
            try:
                for statement in damage.statements:
                    connection.execute(statement)
                connection.execute("commit")
            except duckdb.Error:
                connection.rollback()
                return False
            return damage.kind.startswith("view") or _content(connection, damage.table) != before


class Tables:
    """The stored tables and views, their columns and how many rows they hold."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        named = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() where not internal order by column_index"
        )
        self.columns: dict[str, dict[str, str]] = {}
        for table, column, kind in named.fetchall():
            self.columns.setdefault(table, {})[column] = kind
        self.views = {
            str(name): str(sql)
            for name, sql in connection.execute("select view_name, sql from duckdb_views() where not internal").fetchall()
        }
        self.rows = {
            table: connection.execute(f"select list(rowid order by rowid) from {table}").fetchone()[0] or []  # type: ignore[index]
            for table in self.columns
            if table not in self.views
        }

    def groups(self) -> dict[str, list[str]]:
        """The stored relations by what they are to the home."""
        stored = sorted(self.rows)
        own = {"receipts", "failures", "waivers", "verdicts"}
        ledger = {"batches", "forecasts", "picks", "outcomes", "grades"}
        found = {
            "views": sorted(self.views),
            "records": sorted(own),
            "other records": sorted({*KEPT_BY_THE_ENGINE} - own),
            "ledger": sorted(ledger & set(stored)),
            "provenance": sorted(set(raw.LEDGERS)),
            "raw": [name for name in stored if name.startswith("raw_") and name not in raw.LEDGERS],
            "built": [name for name in stored if not name.startswith("raw_") and name not in {*KEPT_BY_THE_ENGINE, *ledger}],
        }
        return {group: there for group, names in found.items() if (there := [name for name in names if name in self.columns])}


def draws(world: World, chance: Random) -> Iterator[Damage]:
    """Damages without end; some can't be done."""
    groups = world.tables.groups()
    while True:
        group = chance.choice([*groups, *({"built", "provenance", "raw", "records", "ledger"} & groups.keys())])
        if world.files and chance.random() < 0.01:
            yield Damage("forecasts", chance.choice(["cut", "lost"]), (), chance.choice(world.files))
            continue
        table = chance.choice(groups[group])
        kind = chance.choice(list(_OF_VIEWS if group == "views" else _OF_TABLES))
        statements = (_OF_VIEWS if group == "views" else _OF_TABLES)[kind](world.tables, table, chance)
        if statements:
            yield Damage(table, kind, tuple(statements))


def _nudged(name: str, kind: str, chance: Random) -> str:
    """SQL of another value than the column's: a little or far off."""
    if kind.startswith(("BIGINT", "HUGEINT", "INTEGER")):
        return chance.choice([f"{name} + 1", f"{name} - 1", f"-{name}", "0", "9000000000000"])
    if kind.startswith(("DOUBLE", "DECIMAL", "FLOAT")):
        return chance.choice([f"{name} * 1.000000001", f"{name} + 1", f"-{name}", "1e300", "0", "'nan'::double"])
    if kind.startswith("DATE"):
        return chance.choice([f"{name} + 1", f"{name} - 400", _FAR, "date '1900-01-01'"])
    if kind.startswith("TIMESTAMP"):
        return chance.choice([f"{name} + interval 1 second", f"{name} - interval 400 day", "timestamp '2999-12-31 00:00:00'"])
    if kind == "BOOLEAN":
        return f"not {name}"
    return chance.choice([f"{name} || 'x'", f"left({name}, length({name}) - 1)", "''", f"upper({name})", "'{}'", f"reverse({name})"])


def _row(tables: Tables, table: str, chance: Random) -> int | None:
    return chance.choice(tables.rows[table]) if tables.rows[table] else None


def _cell(tables: Tables, table: str, chance: Random) -> list[str]:
    row, column = _row(tables, table, chance), chance.choice(list(tables.columns[table]))
    if row is None:
        return []
    value = _nudged(column, tables.columns[table][column], chance)
    # Where there is no value yet, one that some other row has.
    other = f"(select min({column}) from {table})"
    return [f"update {table} set {column} = case when {column} is null then {other} else {value} end where rowid = {row}"]


def _nulled(tables: Tables, table: str, chance: Random) -> list[str]:
    row = _row(tables, table, chance)
    return [] if row is None else [f"update {table} set {chance.choice(list(tables.columns[table]))} = null where rowid = {row}"]


def _swapped(tables: Tables, table: str, chance: Random) -> list[str]:
    if len(tables.rows[table]) < 2:
        return []
    one, other = chance.sample(tables.rows[table], 2)
    column = chance.choice(list(tables.columns[table]))
    value = f"(select o.{column} from {table} o where o.rowid = case {table}.rowid when {one} then {other} else {one} end)"
    return [f"update {table} set {column} = {value} where rowid in ({one}, {other})"]


def _deleted(tables: Tables, table: str, chance: Random) -> list[str]:
    row = _row(tables, table, chance)
    return [] if row is None else [f"delete from {table} where rowid = {row}"]


def _doubled(tables: Tables, table: str, chance: Random) -> list[str]:
    row = _row(tables, table, chance)
    return [] if row is None else [f"insert into {table} select * from {table} where rowid = {row}"]


def _added(tables: Tables, table: str, chance: Random) -> list[str]:
    row, column = _row(tables, table, chance), chance.choice(list(tables.columns[table]))
    if row is None:
        return [f"insert into {table} ({column}) values (null)"]
    value = chance.choice([_nudged(column, tables.columns[table][column], chance), "null"])
    return [f"insert into {table} select * replace ({value} as {column}) from {table} where rowid = {row}"]


_PLACES = ("game_date", "game_id", "table_name", "group_key", "load_id", "batch_id", "raw", "source", "seq")


def _moved(tables: Tables, table: str, chance: Random) -> list[str]:
    """To another date, game, group, load or batch that there is."""
    places = [name for name in _PLACES if name in tables.columns[table]]
    if not places or len(tables.rows[table]) < 2:
        return []
    row, other = chance.sample(tables.rows[table], 2)
    place = chance.choice(places)
    return [f"update {table} set {place} = (select o.{place} from {table} o where o.rowid = {other}) where rowid = {row}"]


def _column_dropped(tables: Tables, table: str, chance: Random) -> list[str]:
    return [f"alter table {table} drop column {chance.choice(list(tables.columns[table]))}"]


def _column_added(tables: Tables, table: str, chance: Random) -> list[str]:
    return [f"alter table {table} add column smuggled {chance.choice(['bigint default 1', 'varchar', 'double'])}"]


def _column_retyped(tables: Tables, table: str, chance: Random) -> list[str]:
    column = chance.choice(list(tables.columns[table]))
    other = "varchar" if tables.columns[table][column] != "VARCHAR" else "blob"
    return [f"alter table {table} alter column {column} set data type {other}"]


def _gone(tables: Tables, table: str, chance: Random) -> list[str]:
    return [f"drop table {table}"]


def _emptied(tables: Tables, table: str, chance: Random) -> list[str]:
    return [f"delete from {table}"] if tables.rows[table] else []


def _replaced(tables: Tables, table: str, chance: Random) -> list[str]:
    body = chance.choice([f"select * from {table} where false", f"select * from {table} using sample 50%", "select 1 as x"])
    return [f"create table another as {body}", f"drop table {table}", f"alter table another rename to {table}"]


def _viewed(tables: Tables, table: str, chance: Random) -> list[str]:
    return [f"alter table {table} rename to hidden", f"create view {table} as select * from hidden {chance.choice(['', 'where false'])}"]


_OF_TABLES: dict[str, Callable[[Tables, str, Random], list[str]]] = {
    "cell": _cell, "another cell": _cell, "one more cell": _cell, "null": _nulled, "swap": _swapped, "delete": _deleted, "double": _doubled,
    "add": _added, "move": _moved, "column dropped": _column_dropped, "column added": _column_added, "column retyped": _column_retyped,
    "table dropped": _gone, "table emptied": _emptied, "table replaced": _replaced, "table become a view": _viewed,
}  # fmt: skip


def _redefined(tables: Tables, view: str, chance: Random) -> list[str]:
    body = tables.views[view].strip().rstrip(";").partition(" AS ")[2]
    columns = tables.columns[view]
    column = chance.choice(list(columns))
    value = _nudged(column, columns[column], chance)
    selected = chance.choice(["*", "*", f"* replace ({value} as {column})", f"* exclude ({column})", "*, 1 as smuggled"])
    rest = chance.choice(["", "where false", f"order by all limit {chance.randrange(1, 50)}", f"where {column} is null"])
    return [f"create or replace view {view} as select {selected} from ({body}) as body {rest}"]


def _view_to_table(tables: Tables, view: str, chance: Random) -> list[str]:
    rest = chance.choice(["", "where false", "using sample 50%"])
    return [f"create table another as select * from {view} {rest}", f"drop view {view}", f"alter table another rename to {view}"]


_OF_VIEWS: dict[str, Callable[[Tables, str, Random], list[str]]] = {
    "view redefined": _redefined,
    "view redefined again": _redefined,
    "view dropped": lambda tables, view, chance: [f"drop view {view}"],
    "view become a table": _view_to_table,
    "view with another comment": lambda tables, view, chance: [f"comment on view {view} is '{chance.choice(['', 'another'])}'"],
}


def told(home: Home) -> Told:
    """What `verify` says, as its verb prints it."""
    try:
        verdict = home.verify("all")
    except BackcourtError as error:
        return Told(error.exit_code, (str(error),))
    judged = [*verdict.partitions, *verdict.resting]
    lines = [f"{one.table} {one.game_date}: {one.state}: {one.detail}" for one in judged if not one.is_good]
    lines += [f"{table} {day}: {text}" for (table, day), texts in verdict.explanations.items() for text in texts]
    lines += [f"{one.table}: {one.check}: {', '.join(map(str, one.row))}" for one in verdict.findings if one.severity == "fail"]
    states: tuple[Row, ...] = tuple(
        sorted((one.table, str(one.game_date), one.state, one.detail, one.rows_present, one.waived or "") for one in judged)
    )
    return Told(verdict.exit_code(), (verdict.sentence, *lines), states)


def dump(home: Home) -> Dump:
    """All that can be read: of every stored table and view its columns, how many rows it holds, and a hash over them."""
    with duckdb.connect(str(home.warehouse_file), read_only=True) as connection:
        names = [
            str(row[0])
            for row in connection.execute(
                "select table_name from duckdb_tables() union all select view_name from duckdb_views() where not internal"
            ).fetchall()
        ]
        return {name: _content(connection, name) for name in names if name not in ("checksums", "hidden")}


def _content(connection: duckdb.DuckDBPyConnection, table: str) -> object:
    try:
        columns = sorted(tuple(row[:2]) for row in connection.execute(f"describe {table}").fetchall())
        listed = ", ".join(f'"{name}"' for name, _ in columns)
        counted = connection.execute(f"select count(*), sum(hash({listed})::hugeint) from {table}").fetchone()
    except duckdb.Error as error:
        return str(error)
    return columns, counted


@cache
def _readers() -> Mapping[str, frozenset[str]]:
    """Raw table -> the relations that read it."""
    known = raw.sources()
    return {table: frozenset(name for name, raws in known.raws.items() if table in raws) for table in known.raw_columns}


def outcome(world: World, damage: Damage) -> str:
    """`named`, `harmless`, or what `verify` did instead; the home is damaged already."""
    try:
        found = told(world.home)
    except Exception as error:  # noqa: BLE001 - whatever else comes out is a traceback for the user
        return f"{damage}: traceback: {type(error).__name__}: {error}"
    if found.code in (1, 5):
        names = {damage.table} | _readers().get(damage.table, frozenset())
        is_named = any(name in line and line != name for line in found.lines for name in names)
        return "named" if is_named else f"{damage}: not named: {found.lines[:3]}"
    if found.code != 0:
        return f"{damage}: exit {found.code}: {found.lines[:2]}"
    if found.states == world.sound.states and dump(world.home) == world.dump:
        return "harmless"
    differing = [name for name in {*world.dump, *dump(world.home)} if world.dump.get(name) != dump(world.home).get(name)]
    return f"{damage}: missed: {differing} differ, states are {'equal' if found.states == world.sound.states else 'others'}"


def trials(base: Path, folder: Path, seed: int, count: int) -> list[Outcome]:
    """So many damages, each by itself to a copy of the home."""
    world, chance = World(base, folder), Random(seed)
    assert world.sound.code == 0, world.sound.lines
    found: list[Outcome] = []
    damages = draws(world, chance)
    while len(found) < count:
        world.restore()
        damage = next(damages)
        if world.apply(damage):
            found.append(Outcome(damage.table, damage.kind, outcome(world, damage)))
    return found


def misses(found: Sequence[Outcome]) -> list[str]:
    """What `verify` did with those that were neither named nor harmless."""
    return [one.end for one in found if one.end not in ("named", "harmless")]
