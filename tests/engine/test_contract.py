"""What the columns say of NULL is enforced on every build, by name; a changed contract is judged on the rows that stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from backcourt.engine.declare.catalog import Catalog, _node
from backcourt.engine.declare.checks import between
from backcourt.engine.declare.contract import never_null, null_groups
from backcourt.engine.declare.statement import StatementCache
from backcourt.engine.declare.table import Append, Table, nothing
from backcourt.engine.errors import DeclarationError
from backcourt.engine.prove.verify import explain_partition
from tests.engine.league import FORM_SQL, League, tables
from tests.engine.test_appended import CALLS

DAY = date(2021, 10, 5)
GAME = "20210020"


@pytest.fixture
def league(tmp_path: Path) -> Iterator[League]:
    league = League(tmp_path, dates=4, seasons=1)
    yield league
    league.warehouse.close()


def _form(*change: str) -> Table:
    return replace(tables()["form"], sql=FORM_SQL.replace(*change))


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (("d.season::varchar", "nullif(d.season, '2021-22')::varchar"), "not_null(season)"),
        (("then 'no_games_in_window' end", "then null::varchar end"), "explained_nulls(mean)"),
        (("case when count(p.points) = 0 then", "case when true then"), "explained_nulls(mean)"),
    ],
    ids=["a value less", "a reason less", "a reason without a NULL"],
)
def test_a_broken_contract_withholds_its_games_by_name(league: League, change: tuple[str, str], check: str) -> None:
    league.declared["form"] = _form(*change)
    withheld = league.run().withheld["form"]
    assert withheld and all(reason.startswith(f"check {check}: ") for reason in withheld.values())
    stored = {game for (game,) in league.warehouse.query("select distinct game_id from form")}
    assert stored.isdisjoint(withheld)


def test_only_the_game_that_breaks_it_is_withheld(league: League) -> None:
    league.warehouse.query("update raw_fixtures set season = null where game_id = ?", [GAME])
    league.take_in("fixtures")
    league.run()
    partition = league.states()["summary", DAY]
    assert [(hole.game_id, hole.cause) for hole in partition.holes] == [(GAME, "failed")]
    assert "check not_null(season): 2 row(s)" in partition.detail
    assert league.warehouse.query("select count(*) from summary where game_date = ?", [DAY]) == [(2,)]


def test_a_waiver_lets_a_broken_contract_through(league: League) -> None:
    league.warehouse.query("update raw_fixtures set season = null where game_id = ?", [GAME])
    league.take_in("fixtures")
    league.warehouse.query("insert into waivers values ('summary', ?, ?, 'known', 'me', null, ?)", [DAY, DAY, GAME])
    league.run()
    assert league.warehouse.query("select count(*) from summary where game_date = ?", [DAY]) == [(4,)]
    receipt = league.situation().facts.receipts["summary"][DAY]
    assert receipt.withheld == {} and receipt.waived[GAME].startswith("check not_null(season)")


def test_other_checks_are_tried_on_the_rows_that_stand(league: League, monkeypatch: pytest.MonkeyPatch) -> None:
    league.run()
    stored = league.hashes()
    written = _recorded_inserts(league, monkeypatch)
    league.declared["summary"] = replace(tables()["summary"], checks=[between("points", 0, 115)])
    run = league.run()
    assert run.by_table["summary"]["built"] + run.by_table["summary"]["unchanged"] == 4
    assert not any("insert into summary" in sql for sql in written)
    named = {game for games in [run.withheld["summary"]] for game in games}
    offending = {game for (game,) in league.warehouse.query("select game_id from raw_scores where points > 115")}
    assert named == offending and named
    league.declared["summary"] = tables()["summary"]
    league.run()
    assert league.hashes() == stored and league.unmet() == {}
    # What was withheld isn't stored: those dates were written again.
    assert any("insert into summary" in sql for sql in written)


def test_rows_that_somebody_changed_are_written_again_when_the_checks_change(league: League) -> None:
    league.run()
    stored = league.hashes()
    league.warehouse.query("update summary set points = points + 1 where game_date = ?", [DAY])
    league.declared["summary"] = replace(tables()["summary"], checks=[between("points", 0, 400)])
    league.run()
    assert league.hashes() == stored and league.unmet() == {}


def test_a_rebuild_writes_every_row_whatever_stands(league: League, monkeypatch: pytest.MonkeyPatch) -> None:
    league.run()
    written = _recorded_inserts(league, monkeypatch)
    league.declared["summary"] = replace(tables()["summary"], checks=[between("points", 0, 400)])
    league.run(rebuild=True)
    assert any("insert into summary" in sql for sql in written)


def _recorded_inserts(league: League, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that builders send from now on."""
    sent: list[str] = []
    sibling = league.warehouse.sibling

    def recording() -> object:
        found = sibling()
        query = found.query

        def noted(sql: str, parameters: object = ()) -> object:
            sent.append(sql)
            return query(sql, parameters)  # type: ignore[arg-type]

        found.query = noted  # type: ignore[method-assign,assignment]
        return found

    monkeypatch.setattr(league.warehouse, "sibling", recording)
    return sent


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ("x  -- x [null: gone]", "x belongs to the null group 'gone'; add gone_null_reason"),
        ("x_null_reason  -- why", "x_null_reason explains no column"),
        ("x  -- x [null]", "x may be NULL without a reason"),
    ],
)  # fmt: skip
def test_a_declaration_says_of_each_null_why(column: str, sentence: str) -> None:
    sql = f"select null::date as game_date,  -- date\nnull::varchar as {column}"
    table = Table(phase=3, grain=("game_date",), reads={}, sql=sql, expects=nothing(), games="none")
    with pytest.raises(DeclarationError, match=sentence):
        _node("made_up", table, StatementCache(None))


def test_a_column_of_a_record_may_be_null_when_its_meaning_says_so(league: League) -> None:
    sql = CALLS.sql.replace("-- what was said of it", "-- what was said of it; NULL if nothing [null]")
    node = _node("calls", replace(CALLS, sql=sql), StatementCache(None))
    assert isinstance(node.table.append, Append)
    assert "said" not in never_null(node.columns) and "team_id" in never_null(node.columns)
    assert [column.meaning for column in node.columns if column.name == "said"] == ["what was said of it; NULL if nothing"]


def test_the_columns_of_a_group_are_explained_together(league: League) -> None:
    catalog: Catalog = league.catalog
    assert null_groups(catalog["context"].columns) == {"mean": ["points_mean_season"], "price": ["price"]}
    assert never_null(catalog["context"].columns) == ["game_date", "game_id", "team_id"]


@pytest.mark.parametrize("table", ["summary", "form"])
def test_rows_without_a_date_are_surplus_and_go(league: League, table: str) -> None:
    league.run()
    league.warehouse.query(f"insert into {table} (game_id, team_id) values ('20210020', 1), (null, null)")
    ((key, partition),) = [(key, p) for key, p in league.states().items() if not p.is_good]
    assert key[0] == table and partition.state == "surplus"
    assert partition.detail == "2 row(s) without a game_date, which no date has; run takes them away"
    assert explain_partition(league.situation(), partition) == []
    assert league.run().exit_code == 0
    assert league.warehouse.query(f"select count(*) from {table} where game_date is null") == [(0,)]
    assert league.unmet() == {}


def test_raw_rows_without_a_date_are_surplus_unless_they_may_be(league: League) -> None:
    league.run()
    league.warehouse.query("insert into raw_scores values (null, 'all-star', 1, 200)")
    ((key, partition),) = [(key, p) for key, p in league.states().items() if not p.is_good]
    assert key[0] == "scores" and partition.state == "surplus" and "1 row(s) without a game_date" in partition.detail
    league.declared["scores"] = replace(league.declared["scores"], may_lack_date="game_id = 'all-star'")  # type: ignore[call-arg]
    assert league.unmet() == {}
