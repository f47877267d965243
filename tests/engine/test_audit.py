"""All checks of a table are asked in one statement; each is told apart and names its game."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backcourt.engine.declare.checks import between, explained_nulls, not_null, offending, one_of
from backcourt.engine.declare.table import Check, Table
from tests.engine.league import League


@pytest.mark.parametrize(
    "check",
    [between("points", 0, 200), not_null("points", where="games > 0"), one_of("side", ("home", "away")), explained_nulls("zones", "paint")],
)
def test_a_condition_on_a_row_is_recognised(check: Check) -> None:
    assert check.condition
    assert check.sql.endswith(check.condition)


@pytest.mark.parametrize(
    "sql",
    [
        "select r.* from {rows} r where points < 0",
        "select * from {rows} where points > (select avg(points) from other)",
        "select * from {rows} where points > 0 group by all having count(*) > 1",
        "select * from {rows} where points > 0 limit 3",
        "select * from {rows} where points > 0 union all select * from {rows}",
        "select * from {rows} where points > 0 -- and more",
    ],
)
def test_what_may_be_more_than_a_condition_is_not(sql: str) -> None:
    assert offending("more", sql).condition is None


def test_each_offended_check_withholds_its_game(tmp_path: Path) -> None:
    league = League(tmp_path, dates=4, seasons=1)
    summary = league.declared["summary"]
    assert isinstance(summary, Table)
    checks = [
        between("points", 0, 200),
        offending("sum_below_400", "select r.* from {rows} r join (select game_id, sum(points) as points from {rows} group by game_id) s "
                  "on s.game_id = r.game_id where s.points >= 400"),
        not_null("points"),
    ]  # fmt: skip
    league.declared["summary"] = replace(summary, checks=checks)
    league.warehouse.query("update raw_scores set points = 300 where game_id = '20210010' and team_id = 1")
    league.warehouse.query("update raw_scores set points = 200 where game_id = '20210021'")
    league.warehouse.query("update raw_scores set points = null where game_id = '20210030'")
    league.take_in("scores")
    withheld = league.run().withheld["summary"]
    assert withheld == {
        "20210010": "check between(points, 0, 200): 1 row(s), e.g. 1",
        "20210021": "check sum_below_400: 2 row(s), e.g. 2",
        "20210030": "check not_null(points): 2 row(s), e.g. 1",
    }
