"""A game that lacks a part in a source doesn't count as loaded: it is named, waited for, excused, and followed by what reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backcourt.engine.build import intake
from backcourt.engine.build.plan import make_plan
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.table import GameCheck, Relation
from backcourt.engine.judge import receipts
from backcourt.engine.judge.calendar import Calendar
from backcourt.engine.judge.policy import Policy, Unavailable
from backcourt.engine.judge.situation import Situation
from backcourt.engine.prove.verify import verify
from tests.engine.league import _SIDES, CALENDAR, NOW, League, scores

DAY, NEXT = date(2021, 10, 5), date(2021, 10, 7)
GAME, OTHER = "20210020", "20210021"
HALF = f"scores has one of the two teams of {GAME}; 3 is missing"

BOTH_TEAMS = GameCheck(
    "both_teams",
    f"select sides.game_date, sides.game_id, sides.team_id, 1 as have, 2 as wanted from ({_SIDES}) as sides "
    "join (select game_id from scores group by game_id) as held on held.game_id = sides.game_id "
    "left join scores on scores.game_id = sides.game_id and scores.team_id = sides.team_id where scores.team_id is null",
    "{relation} has one of the two teams of {game}; {team} is missing",
    ("fixtures",),
    reason="two teams play a game",
)


@pytest.fixture
def league(tmp_path: Path) -> Iterator[League]:
    """A built league whose scores must have both teams."""
    league = League(tmp_path, dates=4, seasons=1)
    league.declared["scores"] = replace(scores, checks=(BOTH_TEAMS,))
    league.take_in()
    league.run()
    assert league.unmet() == {}
    yield league
    league.warehouse.close()


def lose(league: League) -> None:
    """Team 3 of the game is gone from the raw scores."""
    league.warehouse.query("delete from raw_scores where game_id = ? and team_id = 3", [GAME])
    league.take_in("scores")


def test_the_hole_names_game_and_team_and_what_needs_it_waits(league: League) -> None:
    lose(league)
    league.run()
    states = league.states()
    assert states["scores", DAY].state == "partial" and states["scores", DAY].detail == HALF
    assert [(hole.game_id, hole.cause) for hole in states["scores", DAY].holes] == [(GAME, "missing")]
    assert states["summary", DAY].state == "blocked" and states["summary", DAY].detail == f"{GAME} waits for scores"
    assert league.warehouse.query("select count(*) from summary where game_date = ? and game_id = ?", [DAY, GAME]) == [(0,)]
    assert states["form", NEXT].state == "thin"
    verdict = verify(league.situation(exact=True), "all", 99, Selection())
    assert verdict.exit_code() == 1 and verdict.cause is not None and HALF in verdict.cause.text


def test_it_comes_back_with_its_rows(league: League) -> None:
    before = league.hashes()
    lose(league)
    league.run()
    league.warehouse.query("insert into raw_scores select game_date, game_id, 3, 80 + (3 * 7 + 2 * 13 + 2021 * 5) % 40 from raw_scores "
                           "where game_id = ?", [GAME])  # fmt: skip
    league.take_in("scores")
    league.run()
    assert league.unmet() == {} and league.hashes() == before


@pytest.mark.parametrize("exact", [True, False])
def test_what_is_declared_is_a_declared_hole(league: League, exact: bool) -> None:
    lose(league)
    league.policy = Policy(unavailable=(Unavailable("scores", "the archive ends there", from_game=GAME, to_game=GAME),))
    league.run()
    situation = league.situation(exact=exact)
    states = situation.states(situation.catalog.nodes.values())
    assert states["scores"][DAY].state == "unavailable" and states["scores"][DAY].detail == f"{HALF}: the archive ends there"
    assert states["summary"][DAY].state == "unavailable" and HALF in states["summary"][DAY].detail
    assert verify(situation, "all", 99, Selection()).exit_code() == 0
    assert states["form"][NEXT].state == "complete"


def test_a_waiver_excuses_it_too(league: League) -> None:
    lose(league)
    league.warehouse.query("insert into waivers values ('scores', ?, ?, 'lost', 'me', null, ?)", [DAY, DAY, GAME])
    league.run()
    assert league.unmet() == {}


def test_an_optional_reader_goes_on(league: League) -> None:
    reads = {**league.declared["summary"].reads, "scores": replace(league.declared["summary"].reads["scores"], optional=True)}  # type: ignore[union-attr]
    league.declared["summary"] = replace(league.declared["summary"], reads=reads)  # type: ignore[type-var]
    league.declared["prices"] = replace(league.declared["prices"], games="final", checks=(_NO_PRICES,))  # type: ignore[call-arg]
    league.take_in("prices")
    league.run()
    assert league.causes() == {("prices", DAY): "partial"}


_NO_PRICES = GameCheck(
    "enough_prices",
    "select game_date, game_id, 0 as team_id, count(*) as have, 9 as wanted "
    f"from prices where game_id = '{GAME}' group by game_date, game_id",
    "{relation} has {have} of {wanted} prices of {game}",
)


def test_what_the_check_reads_beside_is_looked_at_as_well(league: League) -> None:
    league.warehouse.query("update raw_fixtures set home_id = 4 where game_id = ? and home_id = 3", [GAME])
    league.warehouse.query("update raw_fixtures set away_id = 4 where game_id = ? and away_id = 3", [GAME])
    touched = {"fixtures": {DAY}}
    with league.warehouse.transaction():
        intake.record(league.warehouse, league.catalog, touched, "later", NOW)
    assert league.situation().facts.receipts["scores"][DAY].withheld == {GAME: HALF.replace("3 is", "4 is")}
    assert make_plan(league.situation(), Selection()).partitions


def test_readers_of_the_receipts_and_exact_ones_say_the_same(league: League) -> None:
    lose(league)
    league.run()
    nodes = list(league.catalog.nodes.values())
    believed, measured = (league.situation(exact=exact).states(nodes) for exact in (False, True))
    told = [
        [(name, day, p.state, p.detail, p.holes) for name, found in states.items() for day, p in found.items()]
        for states in (believed, measured)
    ]
    assert told[0] == told[1]


def test_an_exact_reader_looks_again_whatever_the_receipts_say(league: League) -> None:
    lose(league)
    league.warehouse.query("update receipts set withheld = '{}' where table_name = 'scores'")
    assert league.states()["scores", DAY].state == "partial"
    assert "missing" not in league.situation().states([league.catalog["fixtures"], league.catalog["scores"]])["scores"][DAY].detail


def test_a_home_that_was_judged_by_other_checks_is_judged_again_once(league: League) -> None:
    league.declared["scores"] = scores
    league.warehouse.query("delete from raw_scores where game_id = ? and team_id = 3", [GAME])
    league.take_in("scores")
    league.run()
    assert league.states()["scores", DAY].state == "complete"
    league.declared["scores"] = replace(scores, checks=(BOTH_TEAMS,))
    assert intake.record_other_checks(league.warehouse, league.catalog, "upgrade", NOW)
    assert not intake.record_other_checks(league.warehouse, league.catalog, "upgrade", NOW)
    situation = league.situation()
    assert situation.states(situation.catalog.nodes.values())["scores"][DAY].detail == HALF
    # Its content is the same, and yet it is another: what was made of half a game is made again.
    assert {chunk.table for chunk in make_plan(league.situation(), Selection()).certain} >= {"summary"}
    league.run()
    assert league.states()["summary", DAY].state == "blocked"


def test_a_check_of_what_is_not_there_waits(league: League) -> None:
    league.warehouse.query("drop view fixtures")
    node = league.catalog["scores"]
    assert receipts.measure(league.warehouse, node)
    with league.warehouse.transaction():
        intake.record(league.warehouse, league.catalog, {"scores": None}, "again", NOW)
    assert all(not receipt.withheld for receipt in _receipts(league).values())


def _receipts(league: League) -> dict[date, receipts.Receipt]:
    from backcourt.engine.judge import records

    return records.read(league.warehouse)["scores"]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lost=st.sets(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=6))
def test_what_lacks_is_what_brute_force_finds(tmp_path_factory: pytest.TempPathFactory, lost: set[tuple[int, int]]) -> None:
    league = League(tmp_path_factory.mktemp("lost"), dates=4, seasons=1)
    assert isinstance(league.declared["scores"], Relation)
    league.declared["scores"] = replace(scores, checks=(BOTH_TEAMS,))
    for number, team in lost:
        league.warehouse.query("delete from raw_scores where substr(game_id, 5, 3) = ? and team_id = ?", [f"{number:03d}", team])
    league.take_in()
    sides: dict[str, set[int]] = {}
    for game, team in league.warehouse.query(f"select game_id, team_id from ({_SIDES}) as sides"):
        sides.setdefault(game, set()).add(team)
    gone = {game for game, teams in sides.items() if {team for number, team in lost if int(game[4:7]) == number} & teams}
    calendar = Calendar.read(league.warehouse, CALENDAR, NOW.date(), NOW)
    situation = Situation(league.warehouse, league.catalog, calendar, Policy())
    states = situation.states([league.catalog["fixtures"], league.catalog["scores"]])["scores"]
    assert {hole.game_id for partition in states.values() for hole in partition.holes} == gone
    league.warehouse.close()
