"""One season from opening night to the last game of the finals: results in chronological batches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from backcourt.field.seasons import season_name
from backcourt.simulate.ability import Abilities, abilities_of
from backcourt.simulate.absences import Availability, season_availability
from backcourt.simulate.arenas import LAS_VEGAS
from backcourt.simulate.game import PlayedGames, play
from backcourt.simulate.players import AREAS, People, Player
from backcourt.simulate.rotation import Lineups, line_up
from backcourt.simulate.schedule import (
    CUP_FINAL_DAY,
    FULL_SCHEDULE,
    TEAM_IDS,
    Fixture,
    is_east,
    opening_date,
    preseason,
    regular_season,
    tip_off,
)  # fmt: skip

if TYPE_CHECKING:
    import numpy as np

SEASON_DAYS = 260
HOME_SHIFT = 0.006
TIRED_SHIFT = -0.006
PLAYOFF_SHIFT = -0.014
PLAYOFF_PACE = -3.0
AREA_DEFENCE_SD = 0.010


@dataclass
class Season:
    """All that happened in one season. `batches` holds (games, lineups, result) in order of time, preseason first.

    By team: `offence` [teams] is added to own make probabilities, `defence` [teams, areas] to the opponents'; `pace` [teams] counts
    possessions.
    """

    start_year: int
    players: list[Player]
    abilities: Abilities
    availability: Availability
    offence: np.ndarray
    defence: np.ndarray
    pace: np.ndarray
    batches: list[tuple[list[Fixture], Lineups, PlayedGames]] = field(default_factory=list)
    schedule: list[Fixture] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The season as text, e.g. `2021-22`."""
        return season_name(self.start_year)

    @property
    def games(self) -> list[Fixture]:
        """Every game played, in batch order."""
        return self.schedule or [game for games, _, _ in self.batches for game in games]

    def without_results(self) -> Season:
        """The season without its box scores, which are large and no longer needed once written; games, people and absences stay."""
        return replace(self, batches=[], schedule=self.games)


def shifts(season: Season, games: list[Fixture], played: set[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """(make_shift [rows, areas], pace_shift [games]): home court, tired legs, the other side's defence; the teams' tempo."""
    import numpy as np

    make = np.zeros((2 * len(games), len(AREAS)))
    for number, game in enumerate(games):
        for side, (team, opponent) in enumerate(((game.home, game.away), (game.away, game.home))):
            court = 0.0 if game.is_neutral else HOME_SHIFT if side == 0 else -HOME_SHIFT
            tired = TIRED_SHIFT if (team, game.day - 1) in played else 0.0
            level = PLAYOFF_SHIFT if game.game_id[2] == "4" else 0.0
            make[2 * number + side] = level + court + tired + season.offence[team] + season.defence[opponent]
    make[:, -1] = 0.0
    pace = np.array([season.pace[game.home] + season.pace[game.away] + PLAYOFF_PACE * (game.game_id[2] == "4") for game in games])
    return make, pace


def play_to_april(people: People, rng: np.random.Generator, start_year: int, games_per_team: int) -> tuple[Season, set[tuple[int, int]]]:
    """Preseason and regular season with the cup final inside it; also every (team, day) of a game so far."""
    players = list(people.active)
    for player in players:
        player.seasons.add(season_name(start_year))
    team_index = {team_id: index for index, team_id in enumerate(TEAM_IDS)}
    availability = season_availability(rng, players, team_index, SEASON_DAYS, trades=True)
    defence = rng.normal(0, AREA_DEFENCE_SD, (len(TEAM_IDS), len(AREAS))) - people.strength[:, 1:]
    season = Season(
        start_year, players, abilities_of(players), availability, people.strength[:, 0], defence, rng.normal(0, 1.0, len(TEAM_IDS))
    )
    exhibition = preseason(rng, start_year, rounds=5 if games_per_team == FULL_SCHEDULE else 1)
    played: set[tuple[int, int]] = set()
    play_games(season, rng, exhibition, played, is_exhibition=True)
    regular = sorted(regular_season(rng, start_year, games_per_team), key=lambda game: (game.day, game.game_id))
    played.update((team, game.day) for game in regular for team in (game.home, game.away))
    before = [game for game in regular if game.day < CUP_FINAL_DAY]
    after = [game for game in regular if game.day > CUP_FINAL_DAY]
    play_games(season, rng, before, played)
    if after:
        play_games(season, rng, [_cup_final(season, rng)], played)
        play_games(season, rng, after, played)
    return season, played


def play_games(
    season: Season, rng: np.random.Generator, games: list[Fixture], played: set[tuple[int, int]], is_exhibition: bool = False
) -> PlayedGames:
    """Play a batch of games that do not depend on one another, and keep the result in the season."""
    lineups = line_up(rng, games, season.availability, season.abilities.talent, is_exhibition)
    make, pace = shifts(season, games, played)
    batch = play(rng, lineups, season.abilities, make, pace)
    played.update((team, game.day) for game in games for team in (game.home, game.away))
    season.batches.append((games, lineups, batch))
    return batch


def wins_so_far(season: Season) -> np.ndarray:
    """Regular-season wins by team index, with the point margin as a fraction to break ties."""
    import numpy as np

    wins = np.zeros(len(TEAM_IDS))
    for games, _, batch in season.batches:
        totals = batch.quarters.sum(axis=1)
        for number, game in enumerate(games):
            if game.game_id[2] != "2":
                continue
            margin = int(totals[2 * number] - totals[2 * number + 1])
            wins[game.home if margin > 0 else game.away] += 1
            wins[game.home] += margin * 1e-6
            wins[game.away] -= margin * 1e-6
    return wins


def ranking(season: Season) -> tuple[list[int], list[int]]:
    """Team indices of the east and of the west, best record first."""
    wins = wins_so_far(season)
    order = sorted(range(len(TEAM_IDS)), key=lambda team: -wins[team])
    return [team for team in order if is_east(team)], [team for team in order if not is_east(team)]


def _cup_final(season: Season, rng: np.random.Generator) -> Fixture:
    east, west = ranking(season)
    home, away = (east[0], west[0]) if rng.random() < 0.5 else (west[0], east[0])
    tip_at = tip_off(rng, opening_date(season.start_year) + timedelta(days=CUP_FINAL_DAY), LAS_VEGAS)
    return Fixture(
        f"006{season.start_year % 100:02d}00001", CUP_FINAL_DAY, home, away, tip_at, LAS_VEGAS, is_neutral=True,
        label="Emirates NBA Cup", sub_label="Championship", subtype="in-season-knockout", series_text="Neutral Site",
    )  # fmt: skip
