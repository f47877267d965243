"""A table that is given other columns on one date is not what its receipts say on the others, whatever it is declared to be later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.checks import not_null
from backcourt.engine.declare.table import Table
from tests.engine.league import League

DAY = date(2021, 10, 5)
ONE = Selection(tables=("summary",), dates=(DAY,))
CHANGES = {
    "another type": ("(s.points * 2)::bigint as double_points", "(s.points * 2)::double as double_points"),
    "a column less": ("    (s.points * 2)::bigint as double_points,  -- twice the points\n", ""),
    "a column more": ("(s.points * 2)", "s.points::bigint as again,  -- once more\n    (s.points * 2)"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_column_that_comes_and_goes_loses_no_value(change: str, tmp_path: Path) -> None:
    league = League(tmp_path, dates=4)
    league.run()
    before = league.hashes()
    declared = league.declared["summary"]
    assert isinstance(declared, Table)
    changed = declared.sql.replace(*CHANGES[change])
    assert changed != declared.sql
    league.declared["summary"] = replace(declared, sql=changed)
    league.run(ONE)
    league.declared["summary"] = declared
    league.run()
    assert league.hashes() == before and league.unmet() == {}
    assert league.warehouse.query("select count(*) from summary where double_points is null") == [(0,)]


def test_a_change_whose_check_fails_leaves_the_rows_as_they_were(tmp_path: Path) -> None:
    league = League(tmp_path, dates=4)
    league.run()
    before = league.hashes()
    declared = league.declared["summary"]
    assert isinstance(declared, Table)
    without = declared.sql.replace(*CHANGES["a column less"])
    league.declared["summary"] = replace(declared, sql=without, checks=[not_null("double_points")])
    assert league.run(ONE).failures
    league.declared["summary"] = declared
    assert league.hashes() == before
    league.run()
    assert league.hashes() == before and league.unmet() == {}


def test_a_table_that_nobody_can_judge_stops_no_other(tmp_path: Path) -> None:
    league = League(tmp_path, dates=4)
    declared = league.declared["form"]
    assert isinstance(declared, Table)
    wrong = "select f.game_date, f.game_id, p.nothing as team_id from fixtures f join prices p on p.game_id = f.game_id"
    league.declared["form"] = replace(declared, expects=replace(declared.expects, sql=wrong))
    summary = league.run()
    assert set(summary.unjudged) == {"form"} and summary.exit_code == 1
    states = league.states()
    assert states["summary", DAY].state == "complete" and states["form", DAY].state == "unknown"
