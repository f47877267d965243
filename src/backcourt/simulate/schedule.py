"""Who plays whom and when: 82 games each in real divisions, laid out over about 165 dates, with preseason, cup final and breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from backcourt.field.seasons import EASTERN
from backcourt.field.teams import TEAMS
from backcourt.simulate.arenas import ARENAS, MEXICO_CITY, Arena

if TYPE_CHECKING:
    import numpy as np

TEAM_IDS = tuple(TEAMS)
FULL_SCHEDULE = 82
LAST_REGULAR_DAY = 173
CUP_FINAL_DAY = 56
BREAK_DAYS = range(115, 121)
ALL_STAR_DAY = 117
# No games on election day, Thanksgiving, Christmas Eve; the cup final has its day to itself and a free day on either side, so that no
# finalist plays three days running.
DARK_DAYS = {14, 37, 63, CUP_FINAL_DAY - 1, CUP_FINAL_DAY, CUP_FINAL_DAY + 1, *BREAK_DAYS}
# Monday to Sunday, relative number of games.
WEEKDAY_WEIGHTS = (8.0, 6.0, 10.5, 3.5, 10.5, 8.0, 7.0)
NEUTRAL_DAY = 18
LAYOUT_ATTEMPTS = 200
# In games behind schedule: how much later a team would have to be before it plays on consecutive days.
BACK_TO_BACK_PENALTY = -0.6


@dataclass
class Fixture:
    """One game of the schedule. `day` counts from opening night; `tip_at` is UTC without zone; teams are indices into `TEAM_IDS`."""

    game_id: str
    day: int
    home: int
    away: int
    tip_at: datetime
    arena: Arena
    is_neutral: bool = False
    label: str = ""
    sub_label: str = ""
    subtype: str = ""
    series_text: str = ""
    postponed_from_day: int | None = None
    postponed_from_tip_at: datetime | None = None


def opening_date(start_year: int) -> date:
    """The first Tuesday on or after October 18."""
    first = date(start_year, 10, 18)
    return first + timedelta(days=(1 - first.weekday()) % 7)


def tip_off(rng: np.random.Generator, day: date, arena: Arena) -> datetime:
    """A usual local start in the arena's own clock, as UTC without zone: 19:00 to 20:00, sometimes an afternoon at weekends."""
    if day.weekday() >= 5 and rng.random() < 0.3:
        eastern = (13, 0) if rng.random() < 0.3 else (15, 30)
    else:
        minutes = int(rng.choice((0, 30, 60), p=(0.5, 0.35, 0.15)))
        eastern = (19 + minutes // 60 + arena.hours_behind, minutes % 60)
        eastern = min(eastern, (22, 30))
    local = datetime.combine(day, time(*eastern), tzinfo=EASTERN)
    return local.astimezone(UTC).replace(tzinfo=None)


def arena_of(team: int) -> Arena:
    """The home court of a team index."""
    return ARENAS[TEAMS[TEAM_IDS[team]][0]]


def is_east(team: int) -> bool:
    """True for the 15 teams of the eastern conference."""
    return arena_of(team).division < 3


def pairings(rng: np.random.Generator, games_per_team: int) -> list[tuple[int, int]]:
    """(home, away) of every regular game. 82: the league's own formula (4, 4 or 3, 2 meetings, 41 at home); fewer: a round robin."""
    order = [int(team) for team in rng.permutation(len(TEAM_IDS))]
    if games_per_team != FULL_SCHEDULE:
        return _round_robin(order, games_per_team)
    divisions: list[list[int]] = [[] for _ in range(6)]
    for team in order:
        divisions[arena_of(team).division].append(team)
    games: list[tuple[int, int]] = []
    for one in range(6):
        for other in range(one, 6):
            for i, team in enumerate(divisions[one]):
                for j, rival in enumerate(divisions[other]):
                    if one == other and j <= i:
                        continue
                    at_home = at_rival = 1
                    if one == other or one // 3 == other // 3:
                        step = 0 if one == other else (i - j) % 5
                        at_home, at_rival = (2, 2) if step < 3 else (2, 1) if step == 3 else (1, 2)
                    games += [(team, rival)] * at_home + [(rival, team)] * at_rival
    return games


def _round_robin(order: list[int], rounds: int) -> list[tuple[int, int]]:
    games = []
    circle = order[1:]
    for turn in range(rounds):
        line = [order[0], *circle]
        for i in range(len(line) // 2):
            one, other = line[i], line[-1 - i]
            games.append((one, other) if (turn + i) % 2 else (other, one))
        circle = circle[1:] + circle[:1]
    return games


def lay_out(rng: np.random.Generator, games: list[tuple[int, int]], opening: date) -> list[tuple[int, int, int]]:
    """Give every game a day: (day, home, away) in order. No team plays twice a day or on three days running.

    The layout is greedy with random ties, and now and then its last games find no day; then it starts again.
    """
    for _ in range(LAYOUT_ATTEMPTS):
        laid = _try_layout(rng, games, opening)
        if laid is not None:
            return laid
    raise ValueError(f"{len(games)} games found no layout in {LAYOUT_ATTEMPTS} attempts; simulate with another seed.")


def _try_layout(rng: np.random.Generator, games: list[tuple[int, int]], opening: date) -> list[tuple[int, int, int]] | None:
    import numpy as np

    share = len(games) / (len(TEAM_IDS) * FULL_SCHEDULE / 2)
    last_day = max(int(LAST_REGULAR_DAY * share), 6)
    days = [day for day in range(last_day + 1) if day not in DARK_DAYS]
    weights = np.array([WEEKDAY_WEIGHTS[(opening + timedelta(days=day)).weekday()] for day in days])
    weights[0], weights[1] = 2.0, 12.0
    weights[-1] = 15.0
    home, away = np.array(games).T
    left = np.ones(len(games), dtype=bool)
    played = np.full((len(TEAM_IDS), last_day + 40), False)
    remaining = np.bincount(home, minlength=len(TEAM_IDS)) + np.bincount(away, minlength=len(TEAM_IDS))
    laid: list[tuple[int, int, int]] = []
    for position, day in enumerate(days):
        quota = min(round(left.sum() * weights[position] / weights[position:].sum()), len(TEAM_IDS) // 2)
        rest = np.where(played[:, day - 1], BACK_TO_BACK_PENALTY, 0.0) + np.where(played[:, day - 1] & played[:, day - 2], -1e6, 0.0)
        need = 60.0 * remaining / (len(days) - position) + rest
        score = np.where(left, need[home] + need[away] + rng.random(len(games)) * 4.0, -np.inf)
        busy: set[int] = set()
        for index in np.argsort(-score, kind="stable"):
            if len(busy) >= 2 * quota or score[index] < -1e5:
                break
            one, other = int(home[index]), int(away[index])
            if one in busy or other in busy:
                continue
            busy.update((one, other))
            left[index] = False
            played[[one, other], day] = True
            remaining[[one, other]] -= 1
            laid.append((day, one, other))
    for index in np.flatnonzero(left):
        day = next((day for day in reversed(days) if _is_free(played, day, int(home[index]), int(away[index]))), -1)
        if day < 0:
            return None
        played[[home[index], away[index]], day] = True
        laid.append((day, int(home[index]), int(away[index])))
    return sorted(laid)


def _is_free(played: np.ndarray, day: int, *teams: int) -> bool:
    around = (day - 2, day - 1), (day - 1, day + 1), (day + 1, day + 2)
    return all(not played[team, day] and not any(played[team, a] and played[team, b] for a, b in around) for team in teams)


def regular_season(rng: np.random.Generator, start_year: int, games_per_team: int) -> list[Fixture]:
    """The regular games of a season, ids `002YY00001` upwards by first date; one neutral-site game and one postponed game among them."""
    opening = opening_date(start_year)
    laid = lay_out(rng, pairings(rng, games_per_team), opening)
    games = []
    for number, (day, home, away) in enumerate(laid, start=1):
        arena = arena_of(home)
        game = Fixture(f"002{start_year % 100:02d}{number:05d}", day, home, away, tip_off(rng, opening + timedelta(days=day), arena), arena)
        if 14 < day < 43 and (opening + timedelta(days=day)).weekday() in (1, 4):
            side = "East" if is_east(home) else "West"
            if is_east(home) == is_east(away):
                game.label, game.sub_label, game.subtype = "Emirates NBA Cup", f"{side} Group {'ABC'[arena.division % 3]}", "in-season"
        games.append(game)
    neutral = next((game for game in games if game.day >= NEUTRAL_DAY and not game.label), games[-1])
    neutral.arena, neutral.is_neutral, neutral.subtype = MEXICO_CITY, True, "Global Games"
    neutral.label, neutral.series_text = "NBA Mexico City Game", "Neutral Site"
    _postpone(rng, games, neutral, opening)
    return games


def _postpone(rng: np.random.Generator, games: list[Fixture], neutral: Fixture, opening: date) -> None:
    """Move one game of the middle of the season to the first later day on which both teams can play, at least five days on."""
    import numpy as np

    last_day = games[-1].day
    played = np.zeros((len(TEAM_IDS), last_day + 8), dtype=bool)
    for game in games:
        played[[game.home, game.away], game.day] = True
    start = int(last_day * 0.35)
    for game in games:
        if game.day < start or game is neutral or game.label:
            continue
        later = [d for d in range(game.day + 5, last_day + 1) if d not in DARK_DAYS and _is_free(played, d, game.home, game.away)]
        if later:
            game.postponed_from_day, game.postponed_from_tip_at = game.day, game.tip_at
            game.day = later[0]
            game.tip_at = tip_off(rng, opening + timedelta(days=game.day), game.arena)
            return


def preseason(rng: np.random.Generator, start_year: int, rounds: int) -> list[Fixture]:
    """Rounds of 15 exhibition games, each over three days, from 18 days before opening night."""
    opening = opening_date(start_year)
    order = [int(team) for team in rng.permutation(len(TEAM_IDS))]
    games = []
    for number, (home, away) in enumerate(_round_robin(order, rounds), start=1):
        day = -18 + 3 * ((number - 1) // 15) + (number - 1) % 3
        arena = arena_of(home)
        tip_at = tip_off(rng, opening + timedelta(days=day), arena)
        games.append(Fixture(f"001{start_year % 100:02d}{number:05d}", day, home, away, tip_at, arena, label="Preseason"))
    return games
