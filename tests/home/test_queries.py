"""A query that somebody typed reads the tables of its home; it writes nothing, reads no file and changes no setting, whatever it says."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas
import pyarrow.feather
import pyarrow.parquet
import pytest

import backcourt
from backcourt.engine.errors import BackcourtError, QueryError
from backcourt.home import Home
from tests.home.conftest import Verb

COPY_IN_WITH = "with gone as (copy (select 1 as n) to '{file}' (format csv, use_tmp_file false)) select * from gone"

NO_QUERY = {
    "create table": "create table here as select 1 as n",
    "create a temporary table": "create temp table here as select 1 as n",
    "create a table in memory": "create table memory.main.here as select 1 as n",
    "create a view": "create view here as select 1 as n",
    "create a macro": "create macro here(n) as n",
    "create a secret": "create secret (type s3, key_id 'a', secret 'b')",
    "insert": "insert into games select * from games",
    "update": "update games set season = 'x'",
    "delete": "delete from games",
    "truncate": "truncate games",
    "merge": "merge into games using games as other on true when matched then delete",
    "drop": "drop table games",
    "alter": "alter table games add column here bigint",
    "comment": "comment on table games is 'here'",
    "attach in memory": "attach ':memory:' as here",
    "attach a file": "attach '{outside}/here.duckdb' as here",
    "attach the warehouse": "attach '{home}/warehouse.duckdb' as here",
    "detach": "detach warehouse",
    "use": "use memory",
    "copy to a file": "copy games to '{outside}/here.csv'",
    "copy from a file": "copy games from '{outside}/secret.csv'",
    "export": "export database '{outside}/here'",
    "import": "import database '{outside}'",
    "install": "install httpfs",
    "load": "load httpfs",
    "set": "set memory_limit = '99GB'",
    "set external access": "set enable_external_access = true",
    "unlock": "set lock_configuration = false",
    "reset": "reset lock_configuration",
    "set a variable": "set variable here = 1",
    "pragma": "pragma threads = 1",
    "pragma of profiles": "pragma enable_profiling = 'json'",
    "call": "call checkpoint()",
    "checkpoint": "checkpoint",
    "vacuum": "vacuum",
    "begin": "begin",
    "prepare": "prepare here as select 1",
    "explain": "explain analyze select 1",
    "two queries": "select 1; select 2",
    "a query and more": "select 1; drop table games",
    "nothing": "",
    "a comment": "-- select 1",
    "out of a subquery": "select 1) to '{outside}/here.csv'; --",
}
"""What is no query at all."""

NO_WAY = {
    "read a csv": "from read_csv('{outside}/secret.csv')",
    "a file as a table": "from '{outside}/secret.csv'",
    "a file as a quoted table": 'from "{outside}/secret.csv"',
    "a file by the name of a query's table": "from query_table('{outside}/secret.csv')",
    "a query in a query": "from query('from ''{outside}/secret.csv''')",
    "a query of pieces": "from query('from read_' || 'text(''{outside}/secret.csv'')')",
    "read a text": "from read_text('{outside}/secret.csv')",
    "read bytes": "select count(*) from read_blob('{outside}/secret.csv')",
    "read json": "from read_json('{outside}/secret.csv')",
    "read parquet": "from read_parquet('{outside}/secret.parquet')",
    "read what parquet says of itself": "from parquet_metadata('{outside}/secret.parquet')",
    "guess a csv": "from sniff_csv('{outside}/secret.csv')",
    "list files": "from glob('{outside}/*')",
    "read a device": "from read_csv('/dev/stdin')",
    "read the system's files": "from read_text('/etc/passwd')",
    "read another database": "from read_duckdb('{home}/warehouse.duckdb', table_name = 'games')",
    "read the snapshot as a file": "select count(*) from read_blob('{home}/snapshot.duckdb')",
    "read beside the snapshot": "from read_text('{home}/snapshot.duckdb.tmp/*')",
    "read the network": "from read_csv('http://127.0.0.1:9/here.csv')",
    "read a bucket": "from 's3://here/there.parquet'",
    "ask for extensions": "from duckdb_extensions()",
    "fetch an extension": "from load_aws_credentials()",
    "fetch another extension": "from sqlite_scan('{outside}/here', 'there')",
    "write a log": "from enable_logging(storage = 'file', storage_path = '{outside}')",
    "write a profile": "from enable_profiling(format = 'json', save_location = '{outside}/here.json')",
    "insert in with": "with gone as (insert into games select * from games returning *) select * from gone",
    "delete in with": "with gone as (delete from games returning *) select * from gone",
    "copy in with": COPY_IN_WITH.replace("{file}", "{outside}/here.csv"),
    "copy in with, over the snapshot": COPY_IN_WITH.replace("{file}", "{home}/snapshot.duckdb"),
    "copy in with, as the snapshot's log": COPY_IN_WITH.replace("{file}", "{home}/snapshot.duckdb.wal"),
    "copy in with, where others spill": COPY_IN_WITH.replace("{file}", "{home}/snapshot.duckdb.tmp/here.csv"),
    "copy in with, in a query": "from query('" + COPY_IN_WITH.replace("{file}", "{home}/snapshot.duckdb.wal").replace("'", "''") + "')",
    "copy in with, out of json": "from json_execute_serialized_sql(json_serialize_sql('"
    + COPY_IN_WITH.replace("{file}", "{home}/snapshot.duckdb.wal").replace("'", "''")
    + "'))",
    "a variable of the caller": "from a_frame_of_mine",
    "a function of the driver": "from python_map_function((from games), func = 1)",
}
"""Queries to the parser, whose way out is closed by what the file was opened with."""


def digests(*folders: Path) -> dict[str, str]:
    """Every file below the folders, by content."""
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def home(built_league: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A copy of the league's home that has been read once, so that nothing is left to be put in order."""
    folder = tmp_path_factory.mktemp("queried") / "home"
    shutil.copytree(built_league, folder)
    home = backcourt.open(folder)
    assert home.sql("select count(*) > 0 from games").fetch() == [(True,)]
    return home


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of somebody's files."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret.csv").write_text("word\nhush\n")
    pyarrow.parquet.write_table(pyarrow.table({"word": ["hush"]}), folder / "secret.parquet")
    return folder


@pytest.mark.parametrize("way", [*NO_QUERY, *NO_WAY])
def test_there_is_no_way_out_of_a_query(way: str, home: Home, outside: Path) -> None:
    a_frame_of_mine = pandas.DataFrame({"n": [1]})
    assert len(a_frame_of_mine) == 1
    (home.path / "snapshot.duckdb.tmp").mkdir(exist_ok=True)
    before = digests(home.path, outside)
    text = {**NO_QUERY, **NO_WAY}[way].format(home=home.path, outside=outside)
    frame = home.sql(text)
    for ask in (frame.fetch, frame.arrow, lambda: frame.copy(outside / "here.parquet")):
        with pytest.raises(QueryError) as refused:
            ask()
        assert "\n" not in str(refused.value) and "hush" not in str(refused.value)
    assert digests(home.path, outside) == before
    assert home.sql("select count(*) > 0 from games").fetch() == [(True,)], "others are answered as before"


def test_the_ways_out_lead_somewhere_else(home: Home, outside: Path, tmp_path: Path) -> None:
    """The same queries do harm where a file is opened as the engine opens it; else this page would prove nothing."""
    snapshot = tmp_path / "home" / "snapshot.duckdb"
    snapshot.parent.mkdir()
    shutil.copyfile(home.snapshot_file, snapshot)
    with home.custody.reads.opened(snapshot) as warehouse:
        assert ("hush",) in warehouse.query(NO_WAY["read a csv"].format(outside=outside))
        warehouse.query("set enable_external_access = false")
        warehouse.query(NO_WAY["copy in with, as the snapshot's log"].format(home=snapshot.parent))
    assert snapshot.with_name("snapshot.duckdb.wal").exists(), "without external access COPY in WITH still writes here"


def test_what_is_a_query_is_answered(home: Home) -> None:
    ((games,),) = home.sql("select count(*) from games").fetch()
    for text in (
        "from games", "table games", "select * from games;", "select * from games -- all of them", "(select * from games)",
        "with g as (from games) from g", "from query_table('games')", "from query('from games')",
    ):  # fmt: skip
        frame = home.sql(text)
        assert len(frame.fetch()) == games == len(frame.df()) == frame.arrow().num_rows, text
        assert len(frame.columns) == len(frame.fetch()[0])
    assert home.sql("values (1, 'a')").fetch() == [(1, "a")]
    assert "games" in {name for (name,) in home.sql("show tables").fetch()}
    assert "season" in {row[0] for row in home.sql("describe games").fetch()}
    assert len(home.sql("summarize games").fetch()) == len(home.sql("from games").columns)
    assert home.sql("from games").count() == games
    assert home.sql("select season, game_id from games -- two").select(["season"]).columns == ["season"]


def test_the_rows_of_a_query_are_written_in_their_order_with_their_types(home: Home, tmp_path: Path) -> None:
    frame = home.sql(
        "select game_id, game_date, cast(1.5 as decimal(9, 2)) as share, null::bigint as none from games order by game_id desc"
    )
    expected = frame.arrow()
    assert expected.num_rows > 10
    for ending in ("parquet", "csv", "arrow"):
        assert frame.write(tmp_path / f"rows.{ending}") == expected.num_rows
    assert pyarrow.parquet.read_table(tmp_path / "rows.parquet").to_pylist() == expected.to_pylist()
    assert pyarrow.feather.read_table(tmp_path / "rows.arrow").to_pylist() == expected.to_pylist()
    assert (tmp_path / "rows.csv").read_text().splitlines()[1].split(",")[0] == expected["game_id"][0].as_py()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["rows.arrow", "rows.csv", "rows.parquet"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("selec 1", 'syntax error at or near "selec"'),
        ("select * from game", 'Table with name game does not exist; Did you mean "games"'),
        ("select seson from games", 'Referenced column "seson" not found in FROM clause; Candidate bindings: '),
        ("select cast('x' as int)", "Could not convert string 'x' to INT32"),
        ("select 1; select 2", "it holds 2 statements, and one query is answered at a time"),
        ("", "it holds no statements"),
        ("set threads = 1", "it is a SET statement, and here is only read; begin with SELECT, FROM"),
        ("from '/etc/hosts.csv'", "a query reads the tables of this home and no file"),
        ("select ?", "Values were not provided"),
        ("select 'a\udcff'", "it holds bytes that are no text"),
        ("select now()", "cast it, e.g. cast(now() as timestamp)"),
    ],
)
def test_what_is_wrong_with_a_query_is_one_sentence(text: str, told: str, home: Home) -> None:
    with pytest.raises(QueryError) as refused:
        home.sql(text).fetch()
    assert told in str(refused.value) and "\n" not in str(refused.value)


def test_a_query_that_needs_more_memory_than_it_gets_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_MEMORY_LIMIT", "50MB")
    with pytest.raises(QueryError, match=r"ask for less at a time, or raise `memory_limit` in backcourt\.toml"):
        backcourt.open(home.path).sql("select count(distinct hash(range)) from range(30000000)").fetch()


def test_a_file_that_cannot_be_written_is_named(home: Home, tmp_path: Path) -> None:
    with pytest.raises(BackcourtError, match=r"rows\.parquet can't be written"):
        home.sql("from games").write(tmp_path / "nowhere" / "rows.parquet")


def test_ctrl_c_ends_an_endless_query(home: Home) -> None:
    script = (
        "import sys; from backcourt.cli import main; from backcourt.frames import Frame\n"
        "fetch = Frame.fetch\n"
        "def told(self):\n"
        "    print('ready', flush=True)\n"
        "    return fetch(self)\n"
        "Frame.fetch = told\n"
        "main.main()\n"
    )
    endless = "with recursive n as (select 1 as i union all select i + 1 - 1 from n) select count(*) from n"
    with subprocess.Popen(
        [sys.executable, "-c", script, "sql", endless, "--home", str(home.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert len(errors.strip().splitlines()) == 1 and errors.startswith("Interrupted")


def test_the_verb_says_what_is_wrong_and_writes_nothing(home: Home, outside: Path, verb: Verb) -> None:
    before = digests(home.path, outside)
    found = verb("sql", home.path, COPY_IN_WITH.format(file=home.path / "snapshot.duckdb"))
    assert (found.returncode, found.stdout) == (2, "") and len(found.stderr.splitlines()) == 1
    assert digests(home.path, outside) == before
