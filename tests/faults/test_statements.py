"""What a home's verbs send to its warehouse: what crosses the protocol is portable, and no table is changed inside a transaction."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing

import pytest

import backcourt
from backcourt.cli.main import exit_code
from backcourt.warehouses.duckdb.warehouse import open_duckdb
from tests.engine.googlesql import Analyser, Schema
from tests.faults.conftest import SLATE, STEPS, short_league
from tests.faults.recording import Recording, Relation, Sent, recorded
from tests.faults.trials import NOW
from tests.tables.declared.everything import CATALOG
from tests.tables.declared.everything import schema as schema_of_everything

LOCAL = {
    "backcourt.sources.": "raw files are parsed by the embedded warehouse, wherever their rows go",
    "backcourt.home.soundness": "it reads the blocks of a file",
    "backcourt.home.repair": "it builds a file from another",
    "backcourt.home.migrate": "only files have earlier formats",
    "backcourt.work.replay": "it compares with a scratch file",
    "backcourt.forecasting.": "forecasts are made from the local snapshot",
    "backcourt.judgement.leaks.": "its guards read the local snapshot",
    "backcourt.work.reports.doctor": "it asks the embedded warehouse for its version",
}
"""Whose statements never leave the embedded warehouse, and why."""

VERBS: tuple[tuple[str, ...], ...] = (
    ("status",), ("plan",), ("gaps",), ("handoff",), ("why", "player_form", SLATE), ("verify",), ("verify", "--for", "ledger"),
    ("leaktest", "--date", SLATE), ("calendar",), ("run", "--rebuild", "--reason", "tried", "--date", SLATE), ("publish", "--check"),
    ("sql", "select count(*) from games"),
)  # fmt: skip


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Everything that a home's verbs of a week send to its warehouse, one after the other in one process."""
    pytest.importorskip("lightgbm", reason="forecasting needs the extra `ml`: pip install 'backcourt[ml]'")
    folder = tmp_path_factory.mktemp("week")
    home, raw = folder / "home", short_league(folder)
    first = (("init", "--simulated"), ("ingest", str(raw)), ("run", "--to", "2021-12-16"))
    with pytest.MonkeyPatch.context() as monkeypatch, recorded(monkeypatch) as recording:
        steps = [*((words, NOW) for words in first), *((step.arguments, step.now) for step in STEPS.values())]
        for words, now in (*steps, *((words, NOW) for words in VERBS)):
            monkeypatch.setattr("sys.argv", ["backcourt", "--home", str(home), *words])
            monkeypatch.setenv("BACKCOURT_NOW", now)
            assert exit_code() in (0, 1), words
    with backcourt.open(home).reading() as warehouse:
        for name, column, type_ in warehouse.query(
            "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'main' and not internal"
        ):
            recording.stored.setdefault(str(name), {})[str(column)] = str(type_)
    return recording


def is_local(sent: Sent) -> bool:
    """Does the statement stay with the embedded warehouse?"""
    return any(f"{sent.module}.".startswith(place if place.endswith(".") else f"{place}.") for place in LOCAL)


def holds_a_declared_query(sent: Sent) -> bool:
    """Such a query, bound as the engine binds it, is judged for every table in `test_googlesql_tables.py`."""
    return any(node.table.sql.strip()[-200:] in sent.sql for node in CATALOG.built)


def shape(sql: str) -> str:
    """The statement for any dates and games: one of many such is as portable as all."""
    dated = re.sub(r"\d{4}-\d\d-\d\d", "2022-01-01", sql)
    named = re.sub(r"'00\d{8}'", "'0022100001'", dated)
    return re.sub(r"(date '2022-01-01'|'0022100001')(, \1)+", r"\1", named)


def problems(analyser: Analyser, sent: list[Sent]) -> list[str]:
    """What is not portable, one sentence each, with its sender."""
    by_stages: dict[tuple[Relation, ...], list[Sent]] = defaultdict(list)
    for one in {(shape(one.sql), one.module, one.stages): one for one in sent}.values():
        by_stages[one.stages].append(one)
    found = []
    for stages, statements in by_stages.items():
        for name, columns in stages:
            analyser.learn(name, dict(columns))
        found += [f"{one.module}: {problem}" for one in statements for problem in analyser.problems(shape(one.sql))]
    return found


def some_of_each(sent: list[Sent], most: int) -> list[Sent]:
    """So many different statements of each module, from the first to the last: they repeat themselves for every table."""
    by_module: dict[str, dict[str, Sent]] = defaultdict(dict)
    for one in sent:
        by_module[one.module].setdefault(shape(one.sql), one)
    return [list(found.values())[place] for found in by_module.values() for place in spread(len(found), most)]


def spread(count: int, most: int) -> list[int]:
    return list(range(count)) if count <= most else [round(place * (count - 1) / (most - 1)) for place in range(most)]


@pytest.mark.parametrize("most", [8, pytest.param(10_000, marks=pytest.mark.slow)])
def test_what_crosses_the_protocol_is_portable(most: int, week: Recording, analyser_of: Callable[[Schema], Analyser]) -> None:
    everything = [sent for sent in week.sent if not is_local(sent) and not holds_a_declared_query(sent)]
    assert len(everything) > 200 and len({sent.module for sent in everything}) > 15
    crossing = some_of_each(everything, most)
    assert problems(analyser_of({**schema_of_everything(), **week.stored}), crossing) == []


def test_no_table_is_changed_inside_a_transaction(week: Recording) -> None:
    assert any(sent.in_transaction for sent in week.sent)
    assert [sent for sent in week.sent if sent.is_ddl_in_a_transaction] == []


def test_every_exception_is_used(week: Recording) -> None:
    senders = {f"{sent.module}." for sent in week.sent}
    unused = {place for place in LOCAL if not any(sender.startswith(place) for sender in senders)}
    rare = ("work.reports.doctor", "home.repair", "home.migrate", "work.replay", "judgement.leaks.")
    assert unused == {f"backcourt.{place}" for place in rare}


PLANTED = {
    "hash": "select hash(game_id) from games",
    "qualify": "select game_id from games qualify row_number() over (partition by season order by game_id) = 1",
    "group by all": "select season, count(*) from games group by all",
    "a list": "select list(game_id) from games",
    "a tuple": "select count(distinct (game_id, season)) from games",
    "by name": "insert into games by name select * from games",
    "a limit without an order": "select game_id from games limit 1",
    "a column that isn't there": "select nothing from games",
    "a real": "select cast(line as real) from prop_quotes",
    "a delete of everything": "delete from games",
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_statement_that_is_not_portable_is_found(kind: str, analyser_of: Callable[[Schema], Analyser]) -> None:
    planted = Sent(PLANTED[kind], "backcourt.engine.planted", (), in_transaction=False)
    assert not is_local(planted)
    assert len(problems(analyser_of(schema_of_everything()), [planted])) == 1


def test_a_table_changed_in_a_transaction_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with recorded(monkeypatch) as recording, closing(open_duckdb(":memory:")) as warehouse:
        with warehouse.transaction():
            warehouse.extend("planted", [("x", "BIGINT")])
            warehouse.query("create temp table own (x bigint)")
        warehouse.extend("outside", [("x", "BIGINT")])
    assert [sent.sql for sent in recording.sent if sent.is_ddl_in_a_transaction] == ["alter table planted"]
