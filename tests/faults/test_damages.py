"""Single damages by another program to anything that a warehouse holds: each is named by `verify`, or nothing that is read is another."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from random import Random

import pytest

import backcourt
from backcourt.engine.errors import DamagedError
from backcourt.engine.judge import checksums
from backcourt.field import clock
from backcourt.record.writer import append
from tests.conftest import _once, foreign
from tests.faults import full_home
from tests.faults.damages import Outcome, World, draws, dump, misses, told, trials
from tests.record.evening import forecast_row

DAMAGES, AT_ONCE = 2_000, 2
SEEDS = (3, 8)


def _built(shared_folder: Path, seed: int) -> Path:
    pytest.importorskip("numpy", reason="the simulated league needs NumPy: pip install 'backcourt[simulate]'")
    return _once(shared_folder / f"full_home_{seed}", lambda folder: full_home.build(folder, seed)) / "home"


@pytest.mark.slow
def test_each_of_many_single_damages_is_named_or_changes_nothing_that_is_read(shared_folder: Path, tmp_path: Path) -> None:
    each = DAMAGES // len(SEEDS) // AT_ONCE
    asked = [
        (_built(shared_folder, seed), tmp_path / f"{seed}-{part}", 100 * seed + part, each) for seed in SEEDS for part in range(AT_ONCE)
    ]
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        found: list[Outcome] = [one for part in pool.map(trials, *zip(*asked, strict=True)) for one in part]
    ends, groups = Counter(one.end for one in found), Counter(one.kind for one in found)
    assert misses(found) == []
    assert len(found) == DAMAGES and len(groups) >= 20 and len({one.table for one in found}) >= 60
    # What is put right, or made again from what it is derived from, is harmless: most of what is stored is neither.
    assert ends["named"] >= 0.75 * DAMAGES and ends["harmless"] >= 0.02 * DAMAGES


HEALED = 24


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_run_or_else_repair_and_run_heals_what_is_named(seed: int, shared_folder: Path, tmp_path: Path) -> None:
    world, chance = World(_built(shared_folder, seed), tmp_path / "home"), Random(seed)
    damages, ends, tried = draws(world, chance), Counter[str](), 0
    while tried < HEALED:
        world.restore()
        damage = next(damages)
        if damage.file or not world.apply(damage) or told(world.home).code == 0:
            continue
        tried += 1
        ends[end := _healed_by(world.home.path)] += 1
        assert end != "nothing", str(damage)
    assert ends["run"] and ends["repair"], ends


def _healed_by(path: Path) -> str:
    """Which command puts the home right, `run` or else `repair`, after which it is built again; `nothing` does where neither."""
    for command in ("run", "repair"):
        with suppress(backcourt.BackcourtError):
            getattr(backcourt.open(path), command)()
            backcourt.open(path).run()
        if told(backcourt.open(path)).code == 0:
            return command
    return "nothing"


@pytest.fixture(scope="module")
def some_world(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A home that holds something of every kind, made once for all tests of this process."""
    return World(_built(shared_folder, SEEDS[0]), tmp_path_factory.mktemp("world") / "home")


@pytest.fixture
def world(some_world: World) -> World:
    """The same, as it was."""
    some_world.restore()
    return some_world


ALTERED = {
    "a version that counts": "delete from raw_superseded where rowid = (select min(rowid) from raw_superseded)",
    "a group's rows": "update raw_groups set rows = rows + 1 where load_id = (select max(load_id) from raw_groups)",
    "a rejected row": "update raw_rejects set sentence = 'nothing'",
    "a load": "update raw_loads set rows_in = rows_in + 1 where load_id = 1",
    "a name": "update raw_player_names set normalised = normalised || 'x' where name = (select min(name) from raw_player_names)",
    "a version that doesn't count": "update raw_player_box set points = points + 1 where rowid in (select min(r.rowid) "
    "from raw_player_box r join raw_superseded x on x.raw = 'raw_player_box' "
    "and x.load_id = r.load_id and x.group_key = r.group_key)",
    "a verdict": "delete from verdicts where exit_code = (select min(exit_code) from verdicts)",
    "a waiver": "delete from waivers where table_name = 'team_box'",
    "a failure": "update failures set message = 'nothing' where message is not null",
    "when a receipt was written": "update receipts set built_at = built_at - interval 1 day where table_name = 'games'",
    "a receipt's text": "update receipts set games = 'x' where table_name = 'player_box'",
    "a doubled receipt": "insert into receipts select * from receipts where table_name = 'games' and seq = 1",
    "a batch": "update batches set anchored = 'elsewhere' where batch_id = 1",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ALTERED)
def test_what_no_receipt_covers_is_named_with_its_table_and_row(kind: str, world: World) -> None:
    table = ALTERED[kind].split()[2 if not ALTERED[kind].startswith("update") else 1]
    with foreign(world.home) as warehouse:
        warehouse.query(ALTERED[kind])
    for _ in range(2):
        found = told(backcourt.open(world.home.path))
        (line,) = [line for line in found.lines if line.startswith(f"{table}: checksum: ")]
        assert found.code == 1 and "(" in line and "`backcourt repair`" in line, "said until it is gone"
    # The columns of its key, and of what is another, stand in the sentence.
    assert sum(name in line for name in world.tables.columns[table]) >= 2, line


@pytest.mark.slow
def test_whatever_verbs_write_gives_its_checksum_afterwards(world: World) -> None:
    with world.home.reading() as warehouse:
        assert checksums.damages(warehouse) == []
        known = {one.table for one in checksums.read(warehouse)}
    built = {node.name for node in world.home.catalog.built}
    assert known == set(world.tables.rows) - built - {checksums.TABLE}


@pytest.mark.slow
def test_a_table_of_the_engine_that_is_not_one_any_more_stops_everything_by_name(world: World) -> None:
    for statement in (
        "alter table receipts drop column games",
        "alter table waivers alter column expires set data type varchar",
        "drop table raw_groups",
    ):
        world.restore()
        with foreign(world.home) as warehouse:
            warehouse.query(statement)
        found = told(world.home)
        table = statement.split()[2]
        assert found.code == 5 and table in found.lines[0] and "`backcourt repair`" in found.lines[0], found
        with pytest.raises(backcourt.BackcourtError, match=table):
            backcourt.open(world.home.path).run()


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "update home set kind = 'real'",
        "delete from home",
        "drop table home",
        "insert into home select * from home",
        "update home set format = 0",
    ],
)
def test_what_a_home_is_stays_what_it_was(statement: str, world: World) -> None:
    with foreign(world.home) as warehouse:
        warehouse.query(statement)
    assert told(world.home).code == 0 and dump(world.home) == world.dump
    assert backcourt.open(world.home.path).is_simulated


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        "alter column season_progress set data type varchar",
        pytest.param("drop column league_defensive_rating", marks=pytest.mark.slow),
        pytest.param("add column more bigint", marks=pytest.mark.slow),
    ],
)
def test_a_table_with_a_column_of_another_type_is_named_and_built_again(change: str, world: World) -> None:
    with foreign(world.home) as warehouse:
        warehouse.query(f"alter table upcoming_team_game_context {change}")
    found, column = told(world.home), change.split()[2]
    named = [line for line in found.lines if line.startswith("upcoming_team_game_context") and f"column {column}" in line]
    assert found.code in (1, 5) and named
    backcourt.open(world.home.path).run()
    assert told(backcourt.open(world.home.path)).code == 0


@pytest.mark.slow
def test_nothing_that_another_program_changed_is_blessed_by_what_the_engine_writes_later(world: World) -> None:
    with foreign(world.home) as warehouse:
        warehouse.query(ALTERED["when a receipt was written"])
    again = backcourt.open(world.home.path)
    assert again.run(options=backcourt.RunOptions(rebuild=True), reason="to write receipts").exit_code == 1
    assert [line for line in told(again).lines if line.startswith("receipts: checksum")]
    again.repair()
    again.run()
    assert told(backcourt.open(world.home.path)).code == 0


@pytest.mark.slow
def test_repair_takes_what_only_verbs_write_from_a_copy_that_gives_its_checksum(world: World) -> None:
    for kind in ("a waiver", "a verdict", "a batch"):
        with foreign(world.home) as warehouse:
            warehouse.query(ALTERED[kind])
    assert told(world.home).code == 1
    assert backcourt.open(world.home.path).repair().lost == []
    backcourt.open(world.home.path).run()
    after = dump(world.home)
    assert {name: after[name] for name in ("waivers", "verdicts", "batches")} == {
        name: world.dump[name] for name in ("waivers", "verdicts", "batches")
    }


@pytest.mark.slow
def test_a_writer_that_was_killed_is_no_other_program(world: World) -> None:
    with foreign(world.home) as warehouse:
        # As a writer leaves it that is killed: its mark, and rows.
        warehouse.query("insert into checksums (table_name) values ('')")
        warehouse.query("insert into verdicts (gate) values ('killed')")
    assert told(world.home).code == 0
    with world.home.reading() as warehouse:
        assert not checksums.is_marked(warehouse) and checksums.damages(warehouse) == []


@pytest.mark.slow
def test_nothing_is_said_in_a_ledger_that_another_program_changed(world: World) -> None:
    with foreign(world.home) as warehouse:
        warehouse.query("update picks set ev = ev + 1 where rowid = 3")
    day = world.home.sql("select max(game_date) from forecasts").fetch()[0][0]
    rows = {name: [value] for name, value in forecast_row(1, game_date=day).items()}
    words = {"run_id": "x", "now": clock.now(), "fingerprint": "m1", "inputs_hash": "s1"}
    with (
        pytest.raises(DamagedError, match=r"picks holds other values .*`backcourt repair`"),
        backcourt.open(world.home.path).writing("x") as work,
    ):
        append(work.warehouse, work.situation(), "forecasts", rows, **words)
    backcourt.open(world.home.path).repair()
    backcourt.open(world.home.path).run()
    assert told(backcourt.open(world.home.path)).code == 0
