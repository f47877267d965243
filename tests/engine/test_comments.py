"""What tables and columns mean stands in the warehouse: written once, kept with the tag of a view, and following the declaration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse, open_duckdb
from tests.engine.league import SUMMARY_SQL, League, tables
from tests.engine.test_views import VIEW


@pytest.fixture
def league(tmp_path: Path) -> Iterator[League]:
    league = League(tmp_path, dates=4, seasons=1)
    league.declared["mixed"] = VIEW
    league.run()
    yield league
    league.warehouse.close()


def test_every_column_of_a_built_table_and_of_a_view_says_what_it_means(league: League) -> None:
    for node in league.catalog.built:
        _, columns = league.warehouse.comments(node.name)
        assert set(columns) == set(node.column_names)
    assert league.warehouse.comments("form")[1]["points_mean_season"] == "their mean points; a NULL is explained by mean_null_reason"
    assert league.warehouse.view_tag("mixed") == league.catalog["mixed"].fingerprint


def test_another_meaning_is_written_and_the_same_costs_nothing(league: League, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    run = DuckDBWarehouse._run

    def noted(warehouse: DuckDBWarehouse, sql: str, parameters: object = ()) -> object:
        sent.append(sql)
        return run(warehouse, sql, parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(DuckDBWarehouse, "_run", noted)
    league.run(rebuild=True)
    assert any(sql.startswith("delete from summary") for sql in sent)
    assert [sql for sql in sent if sql.startswith("comment")] == []
    league.declared["summary"] = replace(tables()["summary"], sql=SUMMARY_SQL.replace("points scored", "points, it's said"))
    league.run(rebuild=True)
    assert [sql for sql in sent if sql.startswith("comment")] == ["comment on column summary.points is 'points, it''s said'"]
    assert league.warehouse.comments("summary")[1]["points"] == "points, it's said"


def test_comments_outlive_the_process_and_an_earlier_tag_is_known(tmp_path: Path) -> None:
    warehouse = open_duckdb(tmp_path / "w.duckdb")
    warehouse.query("create table games (points bigint)")
    warehouse.query("create view lines as select points from games")
    warehouse.query("comment on view lines is 'abc123'")
    assert warehouse.view_tag("lines") == "abc123"
    warehouse.comment("lines", "Lines [of games]", {"points": "how many"})
    warehouse.comment("games", "", {"points": "how many"})
    warehouse.close()
    again = open_duckdb(tmp_path / "w.duckdb")
    assert again.view_tag("lines") == "abc123"
    assert again.comments("lines") == ("Lines [of games]", {"points": "how many"})
    assert again.comments("games") == ("", {"points": "how many"}) and again.comments("nothing") == ("", {})
    again.define_view("lines", "select points + 1 as points from games", "def456")
    assert again.view_tag("lines") == "def456" and again.comments("lines") == ("", {})
    again.close()
