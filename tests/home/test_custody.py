"""Custody: no caller can forget the seat, the marks, the stamp, the snapshot or the record."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

import backcourt
from backcourt.engine.build.run import RunOptions
from backcourt.engine.errors import BackcourtError, LockedError
from backcourt.field import clock
from backcourt.home import Home, marks
from backcourt.home.custody import Custody
from backcourt.home.reads import Readers
from backcourt.work.reports.check import check_home
from tests.conftest import foreign
from tests.home.conftest import Verb
from tests.home.test_damage import content


def is_trusted(home: Home) -> bool:
    with home.writing("run") as work:
        return work.trusted


def unmet(home: Home) -> list[object]:
    """What is not there, or not as it was built. Season checks judge whole leagues; this one is too small for them."""
    return [*home.verify("phase4").unmet]


def same_bytes(home: Home) -> bool:
    return home.warehouse_file.read_bytes() == home.snapshot_file.read_bytes()


def test_after_every_verb_the_snapshot_is_the_warehouse_and_trust_stays(league_home: Home, raw_league: Path) -> None:
    home = league_home
    home.run()
    assert is_trusted(home)
    verbs = [
        lambda: home.verify("phase4", save=True),
        lambda: home.ingest(raw_league),
        lambda: home.ingest(raw_league, again=True),
        lambda: home.plan(),
        lambda: home.run(options=RunOptions(rebuild=True), reason="to write"),
        lambda: home.init(simulated=True),
        lambda: check_home(home),
    ]
    for place, verb in enumerate(verbs):
        verb()
        assert same_bytes(home), place
        assert home.custody.stamp.holds(), place
    assert home.sql("select count(*) from verdicts").fetch() == [(1,)]


def test_a_verb_that_fails_leaves_trust_and_the_snapshot(league_home: Home) -> None:
    home = league_home
    home.run()
    with pytest.raises(ZeroDivisionError), home.writing("grade") as work:
        work.warehouse.query("insert into waivers values ('x', null, null, 'r', 'a', null, null)")
        raise ZeroDivisionError
    assert home.custody.stamp.holds() and same_bytes(home)
    assert home.sql("select table_name from waivers").fetch() == [("x",)], "what was committed is kept"


def test_a_verb_with_nothing_to_do_changes_no_byte_of_the_warehouse(league_home: Home, raw_league: Path) -> None:
    home = league_home
    home.run()
    before = home.warehouse_file.stat().st_mtime_ns
    home.run()
    home.ingest(raw_league)
    home.verify("phase4")
    assert home.warehouse_file.stat().st_mtime_ns == before


def test_what_another_program_writes_is_not_trusted_and_is_named(league_home: Home) -> None:
    home = league_home
    home.run()
    with foreign(home) as warehouse:
        warehouse.query("update raw_player_box set points = points + 1 where player_id = (select min(player_id) from raw_player_box)")
    summary = home.run()
    assert summary.exit_code == 1 and "player_box" in summary.altered_sources[0] and "backcourt repair" in summary.altered_sources[0]
    assert not is_trusted(home)
    assert home.run().exit_code == 1, "said until it is gone"
    assert unmet(home)
    home.repair()
    home.run()
    assert unmet(home) == [] and is_trusted(home)


def test_marks_of_any_job_are_settled_by_whoever_writes_next(league_home: Home, raw_league: Path) -> None:
    home = league_home
    with foreign(home) as warehouse:
        for job in ("ingest-one", "ingest-two"):
            marks.make(warehouse, job, clock.now())
        warehouse.query("delete from receipts where table_name in ('player_box', 'schedule')")
    home.ingest(raw_league / "nba")
    with home.reading() as snapshot:
        assert marks.open_marks(snapshot) == []
        assert snapshot.query("select count(*) > 0 from receipts where table_name = 'player_box'") == [(True,)]
    home.run()
    assert unmet(home) == []


def test_a_reader_heals_what_a_killed_writer_left_behind(league_home: Home, verb: Verb) -> None:
    home = league_home
    home.run()
    with foreign(home) as warehouse:
        warehouse.query("insert into waivers values ('left', null, null, 'r', 'a', null, null)")
    assert not same_bytes(home)
    assert "left" in verb("sql", home.path, "select table_name from waivers").stdout
    assert same_bytes(home)


def test_a_reader_does_not_wait_for_a_writer_and_says_so(league_home: Home) -> None:
    home = league_home
    home.run()
    with home.writing("ingest") as work:
        work.warehouse.query("insert into waivers values ('not yet', null, null, 'r', 'a', null, null)")
        other = backcourt.open(home.path)
        assert other.sql("select count(*) from waivers").fetch() == [(0,)]
        assert work.job.id in other.read_from() and "writes" in other.read_from()
    assert home.sql("select count(*) from waivers").fetch() == [(1,)]


def test_a_writer_waits_for_an_exact_reader_and_then_gives_up_by_name(league_home: Home, verb: Verb) -> None:
    home = league_home
    with home.exact_situation("verify"):
        (reader,) = [record for record in home.jobs.records("verify") if record.is_running]
        refused = verb("run", home.path, env={"BACKCOURT_WAIT_SECONDS": "1.5", "PATH": ""})
        assert refused.returncode == 3 and reader.job in refused.stderr and "waiting for" in refused.stderr
        waiting = subprocess.Popen(
            [sys.executable, "-m", "backcourt", "run", "--wait", "--home", str(home.path)],
            env={"BACKCOURT_WAIT_SECONDS": "0", "PATH": ""}, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert waiting.stderr is not None and "waiting for" in waiting.stderr.readline()
    waiting.communicate(timeout=60)
    assert waiting.returncode == 0


READER = """
import sys, threading
import backcourt
home = backcourt.open(sys.argv[1])
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
rounds = 0
while not stop.is_set():
    assert home.sql("select count(*) from schedule").fetch()[0][0] > 0
    assert home.table("games").count() > 0
    home.plan()
    rounds += 1
    if rounds == 1:
        print("reading", flush=True)
print(rounds, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("rounds", [1, pytest.param(50, marks=pytest.mark.slow)])
def test_writers_succeed_beside_readers_in_a_loop(league_home: Home, raw_league: Path, rounds: int, verb: Verb) -> None:
    home = league_home
    home.run()
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(home.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None and reader.stdout.readline() == "reading\n"
        statuses: list[int] = []
        done = threading.Event()

        def look() -> None:
            while not done.is_set():
                statuses.append(verb("status", home.path).returncode)

        looking = threading.Thread(target=look)
        looking.start()
        try:
            for _ in range(rounds):
                home.ingest(raw_league / "nba", again=True)
                assert home.run(options=RunOptions(rebuild=True), reason="to write").exit_code == 0
        finally:
            done.set()
            looking.join()
        said, errors = reader.communicate("stop\n")
    assert reader.returncode == 0, errors
    assert int(said) > 1 and statuses and set(statuses) == {0}
    assert same_bytes(home) and unmet(home) == []


def test_a_snapshot_that_is_read_is_never_written_to(league_home: Home) -> None:
    home = league_home
    home.run()
    reader = backcourt.open(home.path)
    kept = reader.snapshot()
    before = kept.query("select sum(hash(p)) from player_game_summary p")
    for number in range(4):
        with reader.reading() as passing:
            passing.query("select 1")
        with home.writing("grade") as work:
            work.warehouse.query(f"create table grown_{number} as select range as x, random() as y from range(100000)")
            work.warehouse.query("delete from player_game_summary where player_id % 7 = 0")
    assert kept.query("select sum(hash(p)) from player_game_summary p") == before


def test_what_is_begun_inside_a_writers_block_is_refused_at_once(league_home: Home) -> None:
    league_home.custody.patience = 3600.0
    with league_home.writing("run"), pytest.raises(LockedError, match=r"This process writes to .* already"):
        league_home.run()


def test_a_writer_does_not_take_the_seat_twice(league_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_WAIT_SECONDS", "0")
    with league_home.writing("run"), pytest.raises(LockedError, match="holds"), backcourt.open(league_home.path).custody.exact("verify"):
        pass


@pytest.mark.slow
def test_the_clock_of_a_real_home_cannot_be_set_back(tmp_path: Path, raw_league: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = backcourt.open(tmp_path / "real")
    home.init()
    home.ingest(raw_league)
    home.run()
    stored = home.warehouse_file.read_bytes()
    earlier = clock.now() - timedelta(hours=2)
    monkeypatch.setenv("BACKCOURT_NOW", earlier.isoformat())
    for write in (home.run, lambda: home.ingest(raw_league, again=True), lambda: home.verify("phase4", save=True)):
        with pytest.raises(BackcourtError, match=r"but .* was written at .*; nothing was changed, .* unset BACKCOURT_NOW"):
            write()
    assert home.warehouse_file.read_bytes() == stored
    assert unmet(home) == [] and home.plan().partitions == 0, "reading is never refused"
    monkeypatch.setenv("BACKCOURT_NOW", (clock.wall() - timedelta(minutes=50)).isoformat())
    assert home.run().planned == 0, "an hour is not worth a refusal"


@pytest.mark.slow
def test_a_machine_whose_clock_is_wrong_is_told_so(tmp_path: Path, raw_league: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = backcourt.open(tmp_path / "real")
    home.init()
    home.ingest(raw_league)
    with monkeypatch.context() as patched:
        patched.setattr(clock, "wall", lambda: clock.datetime(2019, 1, 1))
        with pytest.raises(BackcourtError, match="correct the machine's clock"):
            home.run()
    assert home.run().exit_code == 0


def test_a_simulated_home_takes_its_time_from_a_file(
    small_home: Home, raw_league: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clock"
    monkeypatch.setenv("BACKCOURT_CLOCK", str(file))
    for moment in ("2023-11-02T12:00:00", "2022-01-01T12:00:00"):
        file.write_text(f"{moment}\n")
        small_home.ingest(raw_league, again=True)
        record = small_home.jobs.last("ingest")
        assert record is not None and record.started_at == moment and record.clock == f"BACKCOURT_CLOCK={file}"
    for text, sentence in ((b"soon", "not an ISO date and time"), (b"\xff", "can't be read")):
        file.write_bytes(text)
        with pytest.raises(BackcourtError, match=sentence):
            small_home.run()


@pytest.mark.slow
def test_a_simulated_home_follows_its_clock_back_and_forth(league_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = league_home.sql("select min(game_date), max(game_date) from player_form").fetch()[0]
    assert league_home.run().planned == 0
    before = content(league_home)
    monkeypatch.setenv("BACKCOURT_NOW", f"{first + (last - first) / 2} 18:00:00")
    for ahead in (False, True):
        if ahead:
            monkeypatch.delenv("BACKCOURT_NOW")
        home = backcourt.open(league_home.path)
        planned = home.plan().partitions
        assert planned > 50 and unmet(home) != []
        assert home.run().planned >= planned
        assert home.plan().partitions == 0 and unmet(home) == []
    assert content(league_home) == before


def test_the_kind_of_a_home_is_fixed(tmp_path: Path) -> None:
    real, made_up = backcourt.open(tmp_path / "real"), backcourt.open(tmp_path / "made_up")
    real.init()
    made_up.init(simulated=True)
    with pytest.raises(BackcourtError, match="is a real home, which is fixed"):
        real.init(simulated=True)
    made_up.init()
    assert (real.is_simulated, made_up.is_simulated) == (False, True)
    (made_up.path / "home.json").write_text("{}")
    assert backcourt.open(made_up.path).is_simulated
    made_up.run()
    assert "simulated" in (made_up.path / "home.json").read_text(), "the copy is written again"


def test_a_home_of_a_later_format_is_left_alone(small_home: Home) -> None:
    with small_home.writing("test") as work:
        work.warehouse.query("update home set format = 99")
    stored = small_home.warehouse_file.read_bytes()
    with pytest.raises(BackcourtError, match="has format 99, this version of backcourt knows up to"):
        small_home.run()
    assert small_home.warehouse_file.read_bytes() == stored


def test_only_custody_opens_a_homes_warehouse() -> None:
    """Whoever opens the file elsewhere has forgotten a step of those that custody takes."""
    package = Path(backcourt.__file__).parent
    allowed = {"home/reads.py", "warehouses/duckdb/warehouse.py", "warehouses/duckdb/reader.py"}
    users = {str(file.relative_to(package)) for file in package.rglob("*.py") if "open_duckdb" in file.read_text()}
    assert users <= allowed, users - allowed
    assert Custody.writing and Custody.exact and Readers.reading


@pytest.mark.parametrize("before", [True, False])
def test_home_before_or_after_the_verb_is_the_same(small_home: Home, tmp_path: Path, before: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    home = ["--home", str(small_home.path)]
    command = [sys.executable, "-m", "backcourt", *(home if before else []), "status", *([] if before else home)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert found.returncode == 0 and "one grade" in found.stdout, found.stderr


@pytest.mark.slow
def test_a_torn_log_of_a_killed_writer_is_no_full_disk(league_home: Home, verb: Verb) -> None:
    league_home.run()
    log = league_home.warehouse_file.with_name("warehouse.duckdb.wal")
    for rest in (b"torn" * 1000, b"\0" * 100, b""):
        log.write_bytes(rest)
        assert verb("status", league_home.path).returncode == 0
        assert not log.exists() and same_bytes(league_home)
        log.write_bytes(rest)
        assert league_home.verify("phase4").unmet == [] and not log.exists()
