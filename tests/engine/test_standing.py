"""The short look after a run over everything is never kinder than judging every partition."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from backcourt.engine.build import standing
from backcourt.engine.build.selection import Selection
from backcourt.engine.judge.policy import Policy, Unavailable
from tests.engine.league import League

GAME = "20210020"
DAY = date(2021, 10, 5)
DECLARED = {"nothing": (), "another source": ("prices",), "the source": ("scores",), "both": ("prices", "scores")}
DAMAGES = {
    "none": [],
    "a source lacks it": ["delete from raw_scores where game_id = ?"],
    "a check refuses it": ["update raw_scores set points = 999 where game_id = ?"],
    "its keys repeat": ["insert into raw_scores select * from raw_scores where game_id = ?"],
    "it has no result": ["update raw_fixtures set status = 'open' where game_id = ?", "delete from raw_scores where game_id = ?"],
}


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_game_that_is_withheld_is_left_whatever_else_is_declared_of_it(damage: str, declared: str, tmp_path: Path) -> None:
    league = League(tmp_path, dates=4, seasons=1)
    league.policy = Policy(unavailable=tuple(Unavailable(source, "so", from_game=GAME, to_game=GAME) for source in DECLARED[declared]))
    for statement in DAMAGES[damage]:
        league.warehouse.query(statement, [GAME])
    league.take_in()
    league.run()
    situation = league.situation()
    left = standing.counted(situation, standing.unmet(situation, Selection()))
    assert not (standing.nothing_is_left(situation) and left), left
    if damage == "none" or (damage == "a source lacks it" and "scores" in DECLARED[declared]):
        assert standing.nothing_is_left(situation) and not left
