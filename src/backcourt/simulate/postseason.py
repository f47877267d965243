"""Play-in and playoffs: the league's own ids, bracket and 2-2-1-1-1 home order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from backcourt.field.teams import TEAMS
from backcourt.simulate.schedule import TEAM_IDS, Fixture, arena_of, opening_date, tip_off
from backcourt.simulate.season import Season, play_games, play_to_april, ranking

if TYPE_CHECKING:
    import numpy as np

    from backcourt.simulate.players import People

HOME_ORDER = (True, True, False, False, True, False, True)
ROUND_NAMES = ("First Round", "Conf. Semifinals", "Conf. Finals")
# Days from the end of the regular season to the first game of each round.
ROUND_STARTS = (6, 22, 38, 54)
FINALS_GAP = 3


@dataclass
class _Series:
    number: int
    better: int
    other: int
    label: str
    wins: list[int]


def play_season(people: People, rng: np.random.Generator, start_year: int, games_per_team: int) -> Season:
    """A whole season: up to April, then six play-in games, then fifteen series of up to seven games."""
    season, played = play_to_april(people, rng, start_year, games_per_team)
    last_day = max(game.day for game in season.games)
    seeds = [_play_in(season, rng, last_day, conference, played) for conference in range(2)]
    winners = []
    for conference, name in enumerate(("East", "West")):
        order = seeds[conference]
        winners += [_Series(4 * conference + i, order[i], order[7 - i], f"{name} {ROUND_NAMES[0]}", [0, 0]) for i in range(4)]
    for number in range(1, 5):
        _play_round(season, rng, number, last_day + ROUND_STARTS[number - 1], winners, played)
        if number < 4:
            winners = _next_round(number, winners, seeds)
    return season


def _next_round(number: int, series: list[_Series], seeds: list[list[int]]) -> list[_Series]:
    half = len(series) // 2
    advanced = [one.better if one.wins[0] == 4 else one.other for one in series]
    if half == 1:
        best = max(advanced, key=lambda team: -min(order.index(team) for order in seeds if team in order))
        return [_Series(0, best, next(team for team in advanced if team != best), "NBA Finals", [0, 0])]
    following = []
    for conference, name in enumerate(("East", "West")):
        teams = advanced[conference * half : (conference + 1) * half]
        # Best seed's side meets the side of seeds 4 and 5, the second seed's that of 3 and 6.
        for i in range(half // 2):
            pair = sorted((teams[i], teams[half - 1 - i]), key=seeds[conference].index)
            following.append(_Series(conference * (half // 2) + i, pair[0], pair[1], f"{name} {ROUND_NAMES[number]}", [0, 0]))
    return following


def _play_round(
    season: Season, rng: np.random.Generator, number: int, first_day: int, series: list[_Series], played: set[tuple[int, int]]
) -> None:
    for game_number in range(1, 8):
        open_series = [one for one in series if max(one.wins) < 4]
        games = []
        for one in open_series:
            gap = FINALS_GAP if number == 4 else 2
            day = first_day + one.number % 2 + gap * (game_number - 1)
            home, away = (one.better, one.other) if HOME_ORDER[game_number - 1] else (one.other, one.better)
            games.append(_game(season, rng, f"004{season.start_year % 100:02d}00{number}{one.number}{game_number}", day, home, away))
            games[-1].label, games[-1].sub_label = one.label, f"Game {game_number}"
        if not games:
            return
        totals = play_games(season, rng, games, played).quarters.sum(axis=1)
        for i, (one, game) in enumerate(zip(open_series, games, strict=True)):
            winner = game.home if totals[2 * i] > totals[2 * i + 1] else game.away
            one.wins[0 if winner == one.better else 1] += 1
            game.series_text = _series_text(one)


def _series_text(series: _Series) -> str:
    high, low = max(series.wins), min(series.wins)
    if high == low:
        return f"Series tied {high}-{low}"
    leader = TEAMS[TEAM_IDS[series.better if series.wins[0] > series.wins[1] else series.other]][0]
    return f"{leader} {'wins' if high == 4 else 'leads'} series {high}-{low}"


def _play_in(season: Season, rng: np.random.Generator, last_day: int, conference: int, played: set[tuple[int, int]]) -> list[int]:
    """The eight seeds of a conference: 7 meets 8, 9 meets 10, the loser of the first meets the winner of the second."""
    order = ranking(season)[conference]
    year = f"{season.start_year % 100:02d}"
    first = _game(season, rng, f"005{year}001{2 * conference}1", last_day + 2, order[6], order[7])
    second = _game(season, rng, f"005{year}001{2 * conference + 1}1", last_day + 3, order[8], order[9])
    totals = play_games(season, rng, [first, second], played).quarters.sum(axis=1)
    seventh, loser = (first.home, first.away) if totals[0] > totals[1] else (first.away, first.home)
    survivor = second.home if totals[2] > totals[3] else second.away
    last = _game(season, rng, f"005{year}002{conference}1", last_day + 5, loser, survivor)
    totals = play_games(season, rng, [last], played).quarters.sum(axis=1)
    eighth = last.home if totals[0] > totals[1] else last.away
    return [*order[:6], seventh, eighth]


def _game(season: Season, rng: np.random.Generator, game_id: str, day: int, home: int, away: int) -> Fixture:
    arena = arena_of(home)
    game = Fixture(game_id, day, home, away, tip_off(rng, opening_date(season.start_year) + timedelta(days=day), arena), arena)
    if game_id[2] == "5":
        game.label, game.sub_label = "SoFi Play-In Tournament", "East" if arena.division < 3 else "West"
    return game
