"""The as-of proof passes on honest tables and finds every planted leak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from backcourt.engine.declare.table import Reads, Table, before, keys, same, through
from backcourt.engine.prove.asof import Leak, as_of_tables, prove
from tests.engine.league import CONTEXT_SQL, FORM_SQL, League, tables

DAYS = [date(2021, 10, 1), date(2021, 10, 11), date(2022, 10, 19)]
SEASON_TO_DATE = through(seasons=1)


def leaks_of(league: League) -> list[Leak]:
    """Run the proof over the sampled dates."""
    situation = league.situation()

    def locks(day: date) -> Mapping[str, datetime]:
        return dict(league.warehouse.query("select game_id, lock_at from fixtures where game_date = ?", [day]))

    proof = prove(situation, as_of_tables(situation), DAYS, locks, lambda day: None)
    assert proof.slates == len(DAYS) and min(proof.rows.values()) > 0
    return proof.leaks


def test_honest_tables_pass(tmp_path: Path) -> None:
    league = League(tmp_path)
    league.run()
    assert leaks_of(league) == []


def _form(sql: str, reads: Reads, **extra: Reads) -> Table:
    return replace(tables()["form"], sql=sql, reads={"summary": reads, "fixtures": same(), **extra})


PLAYED_SQL = (
    FORM_SQL.replace("from sides d", "from sides d join scores played using (game_id, team_id)")
    .replace("d.game_id", "game_id")
    .replace("d.team_id", "team_id")
    .replace("p.team_id = team_id", "p.team_id = played.team_id")
)
LEAGUE_SQL = FORM_SQL.replace("sum(p.points)::double", "(select sum(l.points) from summary l where l.game_date <= d.game_date)::double")
PRESENT_SQL = CONTEXT_SQL.replace(
    "join fixtures x on x.game_id = f.game_id",
    "join fixtures x on x.game_id = f.game_id join scores y on y.game_id = f.game_id and y.team_id = f.team_id",
)

PLANTED = {
    "the day itself in the average": ("form", _form(FORM_SQL.replace("p.game_date < d.", "p.game_date <= d."), SEASON_TO_DATE)),
    "no bound at all": (
        "form",
        _form(FORM_SQL.replace("and p.game_date < d.game_date", ""), Reads(back_seasons=1, ahead_days=9)),
    ),
    "rows from who played": (
        "form",
        replace(
            _form(PLAYED_SQL, before(seasons=1), scores=same(optional=True)),
            expects=keys("select game_date, game_id, team_id from scores"),
        ),
    ),
    "a league average including the day": ("form", _form(LEAGUE_SQL, SEASON_TO_DATE)),
    "an in-play price": ("context", replace(tables()["context"], sql=CONTEXT_SQL.replace(" and q.captured_at < g.lock_at", ""))),
    "a game that has to be played to have a row": (
        "context",
        replace(tables()["context"], sql=PRESENT_SQL, reads={**tables()["context"].reads, "scores": same(optional=True)}),
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_leak_is_found(name: str, tmp_path: Path) -> None:
    league = League(tmp_path)
    table, league.declared[table] = PLANTED[name]
    league.run()
    found = leaks_of(league)
    own = [leak for leak in found if leak.inherited_from is None]
    assert {leak.table for leak in own} == {table}
    assert {leak.game_date for leak in own} >= set(DAYS[1:])
