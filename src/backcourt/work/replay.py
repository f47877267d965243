"""Replay a past evening: build it again from the raw versions that had been captured by then, and compare with what is stored."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from backcourt.engine.build import intake
from backcourt.engine.build.selection import Selection
from backcourt.engine.errors import BackcourtError
from backcourt.engine.judge import records
from backcourt.engine.prove.asof import as_of_tables
from backcourt.engine.prove.diff import Difference, compare
from backcourt.engine.warehouse import Warehouse
from backcourt.field import clock
from backcourt.home import Home
from backcourt.parquet import quoted
from backcourt.sources.rewind import rewind
from backcourt.tables import declared as declarations

_STAGED = "replayed_rows"


@dataclass(frozen=True)
class ReplayedEvening:
    """What a replay found.

    `rows` counts the stored rows of the date per as-of table, `differences` what the replayed rows have otherwise.
    `later` lists what was corrected or arrived after the evening: (source relation, game date); a player whom no
    source knew by then stands there as (players, None).
    """

    game_date: date
    moment: datetime
    rows: dict[str, int]
    differences: dict[str, list[Difference]]
    later: list[tuple[str, date | None]]

    @property
    def is_equal(self) -> bool:
        """Is every row the stored one?"""
        return not any(self.differences.values())

    @property
    def is_explained(self) -> bool:
        """Equal, or there are later facts that the stored rows know and the replayed ones can't."""
        return self.is_equal or bool(self.later)


def replay(home: Home, day: date) -> ReplayedEvening:
    """Build the as-of tables of `day` from what had been captured before its last lock, in a scratch copy, and compare.

    Raises BackcourtError when the date has no game, was not built, or nothing says that it was captured by then.
    """
    with home.situation() as situation:
        locks = declarations.lock_times(situation.warehouse, day)
        if not locks:
            raise BackcourtError(f"The schedule has no game on {day}; choose a date with games.")
        moment = max(locks.values())
        tables = [node for node in as_of_tables(situation) if day in situation.facts.of(node)]
        if not tables:
            raise BackcourtError(f"No as-of table of {day} is built; run `backcourt run --date {day}` first.")
        with tempfile.TemporaryDirectory(prefix="backcourt-replay-") as scratch:
            then = _rebuilt(home, Path(scratch), day, moment, tuple(node.name for node in tables))
            return _compared(home, then, situation.warehouse, day, moment, tables)


def _rebuilt(home: Home, folder: Path, day: date, moment: datetime, tables: tuple[str, ...]) -> Home:
    shutil.copyfile(home.snapshot_file, folder / "warehouse.duckdb")
    if (home.path / "backcourt.toml").exists():
        shutil.copyfile(home.path / "backcourt.toml", folder / "backcourt.toml")
    for kind in ("tables", "feeds", "relations"):
        if (home.path / kind).is_dir():
            shutil.copytree(home.path / kind, folder / kind)
    then = Home(folder)
    then.custody.checks_clock = False
    with then.writing("replay") as work:
        warehouse = work.warehouse
        for node in home.catalog.built:
            if warehouse.columns(node.name):
                warehouse.query(f"drop {'view' if node.is_view else 'table'} {node.name}")
        warehouse.query("delete from receipts where true")
        warehouse.query("delete from failures where true")
        rewind(warehouse, moment, declarations.sources(folder))
        if not warehouse.query("select 1 from schedule where game_date = ? and is_real_game limit 1", [day]):
            raise BackcourtError(
                f"No archive says that it held {day}'s games before {moment:%Y-%m-%d %H:%M} UTC, so the evening can't be replayed; "
                "ingest archives with their capture time (--captured-at, or FILE.meta.json)."
            )
        with warehouse.transaction():
            intake.record(warehouse, home.catalog, {node.name: None for node in home.catalog.sources}, work.run_id, clock.now())
    # The schedule is read ahead of the evening.
    ahead = max(reads.ahead_days for node in home.catalog.built for reads in node.reads.values())
    read_ahead = tuple({name for node in home.catalog.built for name, reads in node.reads.items() if reads.ahead_days})
    then.run(Selection(tables=read_ahead, to_date=day + timedelta(days=ahead)))
    then.run(Selection(tables=tables, to_date=day))
    return then


def _compared(home: Home, then: Home, warehouse: Warehouse, day: date, moment: datetime, tables: list) -> ReplayedEvening:  # type: ignore[type-arg]
    rows: dict[str, int] = {}
    differences: dict[str, list[Difference]] = {}
    warehouse.query(f"attach {quoted(then.warehouse_file)} as replayed (read_only)")
    try:
        where = f"game_date = date '{day}'"
        for node in tables:
            names = ", ".join(node.column_names)
            exists = warehouse.query(
                "select 1 from duckdb_columns() where database_name = 'replayed' and table_name = ? limit 1", [node.name]
            )
            source = f"replayed.main.{node.name}" if exists else f"(select * from {warehouse.physical(node.name)} where false)"
            warehouse.stage(_STAGED, f"select {names} from {source} where {where}")
            rows[node.name] = int(warehouse.query(f"select count(*) from {warehouse.physical(node.name)} where {where}")[0][0])
            differences[node.name] = compare(warehouse, node, _STAGED, where, limit=20)
            warehouse.drop_stage(_STAGED)
        later = warehouse.query(
            f"select now.table_name, now.game_date from {records.current()} now "
            f"left join {records.current(source='replayed.main.receipts')} past "
            "on past.table_name = now.table_name and past.game_date = now.game_date "
            f"where now.table_name in ({', '.join(repr(node.name) for node in home.catalog.sources if node.dated)}) "
            "and (now.game_date < ? or now.game_date = ? and now.table_name = 'schedule') "
            "and past.content_hash is distinct from now.content_hash order by 2, 1",
            [day, day],
        )
        unknown = _unknown_players(warehouse, differences)
    finally:
        warehouse.query("detach replayed")
    found: list[tuple[str, date | None]] = [(str(name), on) for name, on in later]
    return ReplayedEvening(day, moment, rows, differences, found + ([("players", None)] if unknown else []))


def _unknown_players(warehouse: Warehouse, differences: dict[str, list[Difference]]) -> bool:
    """Are rows missing from the replay, and only those of players whom no source knew by then?"""
    absent = {d.key.get("player_id") for listed in differences.values() for d in listed if d.kind == "surplus"} - {None}
    known = {player for (player,) in warehouse.query("select player_id from replayed.main.players")}
    return bool(absent) and not absent & known
