"""A row is complete only if what it rests on is: thinness equals what walking every window finds, and a range brings its history along."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.table import before, keys, same, through
from backcourt.engine.judge.policy import Policy, Unavailable
from backcourt.engine.prove.verify import Verdict, verify
from tests.engine.league import FORM_SQL, League, tables

DATES = 5
DAYS = [date(2021 + season, 10, 1) + timedelta(days=2 * number) for season in range(2) for number in range(DATES)]
GAMES = [f"{2021 + season}{number:03d}{place}" for season in range(2) for number in range(DATES) for place in (0, 1)]

FOUR_DAYS_SQL = FORM_SQL.replace("and p.game_date < d.game_date", "and p.game_date < d.game_date and p.game_date >= d.game_date - 4")

BEST_SQL = """
with earlier as (
    select team_id, game_date, season, points_mean_season, 200 as days from form
    union all
    select team_id, game_date, season, points_mean_season, 3 as days from short_form
)
select
    f.game_date::date as game_date,      -- date of the game to come
    f.game_id::varchar as game_id,       -- game
    f.home_id::bigint as team_id,        -- team
    max(p.points_mean_season)::double as best_mean,  -- the best mean that the home team had by then [null: best]
    (case when max(p.points_mean_season) is null then 'no_games_in_window' end)::varchar as best_null_reason,  -- why none
from fixtures f
left join earlier p on p.team_id = f.home_id and p.season = f.season and p.game_date < f.game_date and p.game_date >= f.game_date - p.days
group by f.game_date, f.game_id, f.home_id
"""


def long_league(path: Path) -> League:
    """The toy league with windows of two seasons and of some days, and a table that reads windows over what windows made."""
    league = League(path, dates=DATES)
    form = tables()["form"]
    league.declared["form"] = replace(form, reads={"summary": before(seasons=2), "fixtures": through(seasons=1)})
    league.declared["short_form"] = replace(form, reads={"summary": before(days=4), "fixtures": same()}, sql=FOUR_DAYS_SQL)
    league.declared["best"] = replace(
        form,
        reads={"form": before(seasons=1), "short_form": before(days=3), "fixtures": same()},
        sql=BEST_SQL,
        expects=keys("select game_date, game_id, home_id as team_id from fixtures"),
    )
    return league


def brute_force(league: League) -> dict[tuple[str, date], frozenset[str]]:
    """The games that each partition's history lacks, by walking every window: what has no rows, or is old or not what was built."""
    situation, states = league.situation(), league.states()
    catalog, calendar = situation.catalog, situation.calendar
    held = {
        (name, day): {str(game) for (game,) in league.warehouse.query(f"select distinct game_id from {name} where game_date = ?", [day])}
        for name in ("scores", *(node.name for node in catalog.built))
        if league.warehouse.columns(name)
        for day in calendar.dates
    }

    def lacking(name: str, day: date) -> set[str]:
        node = catalog[name]
        if node.declaration.games == "none" or day not in calendar.by_date:
            return set()
        due = {
            game.game_id
            for game in (*calendar.due(node.declaration.games, day), *(calendar.overdue(day) if node.declaration.games == "final" else ()))
            if league.policy.excuse("scores", game) is None or node.declaration.games == "scheduled"
        }
        if states[name, day].state in ("stale", "altered", "surplus"):
            return due
        return due - held.get((name, day), set())

    @cache
    def history(name: str, day: date) -> frozenset[str]:
        found: set[str] = set()
        node = catalog[name]
        for other, reads in node.reads.items():
            if reads.optional or not catalog[other].dated:
                continue
            lower, upper = calendar.window(reads, day)
            for earlier in (each for each in calendar.dates if lower <= each < upper and each <= day):
                found |= lacking(other, earlier) | history(other, earlier)
        return frozenset(found)

    return {(node.name, day): history(node.name, day) for node in catalog.built for day in calendar.dates}


@st.composite
def damages(draw: st.DrawFn) -> list[tuple[str, str]]:
    return draw(st.lists(st.tuples(st.sampled_from(["gone", "impossible", "open", "declared"]), st.sampled_from(GAMES)), max_size=3))


def damage(league: League, found: list[tuple[str, str]]) -> None:
    declared = []
    for kind, game in found:
        if kind in ("gone", "declared", "open"):
            league.warehouse.query("delete from raw_scores where game_id = ?", [game])
        if kind == "open":
            league.warehouse.query("update raw_fixtures set status = 'open' where game_id = ?", [game])
        if kind == "impossible":
            league.warehouse.query("update raw_scores set points = 999 where game_id = ?", [game])
        if kind == "declared":
            declared.append(Unavailable("scores", "lost", from_game=game, to_game=game))
    league.policy = Policy(unavailable=tuple(declared))
    league.take_in()


def compare(found: list[tuple[str, str]], pieces: list[tuple[str, int]], asked: tuple[int, int]) -> None:
    """What a range's verdict says before and after, what is thin, and whether the range's rows are those of a full run."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        league, whole = long_league(Path(one)), long_league(Path(two))
        for each in (league, whole):
            damage(each, found)
        whole.run()
        for name, place in pieces:
            league.run(Selection(tables=(name,), dates=(DAYS[place],), with_history=False))
        expected = brute_force(league)
        states = league.states()
        told = {key: states[key].history_games_lacking for key in expected}
        assert told == {key: len(games) for key, games in expected.items()}
        thin = {key for key, partition in states.items() if partition.state == "thin"}
        assert all(expected[key] for key in thin)
        assert not any(expected[key] for key, partition in states.items() if partition.state == "complete" and key in expected)
        first, last = sorted(asked)
        chosen = Selection(from_date=DAYS[first], to_date=DAYS[last])
        league.run(chosen)
        inside = [key for key in whole.hashes() if DAYS[first] <= key[1] <= DAYS[last]]
        built, wanted = league.hashes(), whole.hashes()
        assert {key: built.get(key) for key in inside} == {key: wanted[key] for key in inside}
        assert {key: state for key, state in league.unmet().items() if DAYS[first] <= key[1] <= DAYS[last]} == {
            key: state for key, state in whole.unmet().items() if DAYS[first] <= key[1] <= DAYS[last]
        }
        league.warehouse.close()
        whole.warehouse.close()


PIECES = st.lists(
    st.tuples(st.sampled_from(["summary", "form", "short_form", "best", "context"]), st.integers(0, 2 * DATES - 1)), max_size=30
)
ASKED = st.tuples(st.integers(0, 2 * DATES - 1), st.integers(0, 2 * DATES - 1))
QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large)
# An example builds two leagues: to make it small takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=4, deadline=None, suppress_health_check=QUIET, phases=PHASES)
@given(found=damages(), pieces=PIECES, asked=ASKED)
def test_thin_is_what_walking_every_window_finds(
    found: list[tuple[str, str]], pieces: list[tuple[str, int]], asked: tuple[int, int]
) -> None:
    compare(found, pieces, asked)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=QUIET, phases=PHASES)
@given(found=damages(), pieces=PIECES, asked=ASKED)
def test_thin_is_what_walking_every_window_finds_on_two_hundred_homes(
    found: list[tuple[str, str]], pieces: list[tuple[str, int]], asked: tuple[int, int]
) -> None:
    compare(found, pieces, asked)


def gate(league: League, chosen: Selection) -> Verdict:
    return verify(league.situation(exact=True), "phase4", 4, chosen)


def test_a_range_over_an_unbuilt_past_is_not_met_and_names_it(tmp_path: Path) -> None:
    league = long_league(tmp_path)
    chosen = Selection(from_date=DAYS[-2], to_date=DAYS[-1])
    league.run(replace(chosen, with_history=False))
    verdict = gate(league, chosen)
    assert verdict.exit_code() == 1
    assert verdict.sentence.startswith("phase4 over 2 dates, resting on 8 earlier dates: NOT MET, 8 dates of 3 tables were never built; ")
    league.run(chosen)
    assert gate(league, chosen).exit_code(strict=True) == 0


def test_a_declared_hole_outside_the_range_is_a_second_number_and_no_exception(tmp_path: Path) -> None:
    league = long_league(tmp_path)
    damage(league, [("declared", GAMES[0])])
    league.run()
    verdict = gate(league, Selection(from_date=DAYS[-2], to_date=DAYS[-1]))
    assert verdict.exit_code(strict=True) == 0
    assert verdict.sentence.endswith("what it rests on lacks 1 game(s) that are declared unavailable.")
    assert gate(league, Selection()).exit_code(strict=True) == 4
