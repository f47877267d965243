"""`simulate`: leagues of several seasons, written season by season."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from backcourt.field.seasons import LAST_YEAR
from backcourt.simulate.schedule import FULL_SCHEDULE

if TYPE_CHECKING:
    from backcourt.simulate.market import Opinion
    from backcourt.simulate.players import People, Player
    from backcourt.simulate.season import Season

_FIRST_YEAR = 2000


@dataclass(frozen=True)
class SimulationSummary:
    """What was written: seasons as text, games by season type digit, rows by file (path relative to `out`)."""

    out: Path
    seasons: tuple[str, ...]
    games: dict[str, int]
    files: dict[str, int] = field(default_factory=dict)


def simulate(
    out: Path,
    *,
    seasons: int = 2,
    seed: int = 7,
    leagues: int = 1,
    first_season: int = 2021,
    market_bias: float = 0.0,
    market_mistake: float = 0.0,
    market_noise: float = 1.0,
    games_per_team: int = FULL_SCHEDULE,
    share_of_games_with_props: float = 1.0,
    mornings: bool = False,
) -> SimulationSummary:
    """Write a fictional league under `out`/nba and `out`/odds in the public raw formats; the same arguments give the same bytes.

    `seasons` are played by one league; a second, third, ... league (`leagues`) takes up the years after it with new players, so that all
    ids stay unique. `first_season` is the starting year of the first one. `market_bias` is added to every prop line, total and home
    spread, in points or counts. `market_mistake` is the standard deviation of what the market keeps believing wrongly of each player in a
    season, as a share of his mean; `market_noise` scales its doubts of the day, at 0 it knows the means. `games_per_team` below 82 gives a
    short round robin, for tests. `share_of_games_with_props` limits the sportsbook props, by far the largest files. `mornings` archives
    the last season day by day with capture times (`nba/daily/<date>`, two corrections included) instead of in whole-season files, so
    that it can be replayed as it was known at the time. Raises ValueError when the arguments leave the years 2000 to 2045 (ids hold two
    digits of the year) or make no league.
    """
    _check_arguments(seasons, seed, leagues, first_season, games_per_team, share_of_games_with_props)
    # NumPy is needed here and nowhere else in the package's import graph.
    from backcourt.simulate import write_people
    from backcourt.simulate.parquet import Press
    from backcourt.simulate.props import MarketErrors
    from backcourt.simulate.write_season import Place, write_season

    press = Press(Path(out))
    errors = MarketErrors(market_bias, market_mistake, market_noise)
    everyone: list[Player] = []
    past: list[Season] = []
    games: Counter[str] = Counter()
    for number, (season, people, opinion) in enumerate(_played(seasons, seed, leagues, first_season, games_per_team)):
        is_last = number == seasons * leagues - 1
        place = Place(seed, number, is_last, is_last and mornings, games_per_team == FULL_SCHEDULE)
        write_season(press, season, place, opinion, errors, share_of_games_with_props)
        games.update(game.game_id[2] for game in season.games)
        past.append(season.without_results())
        if (number + 1) % seasons == 0:
            everyone += people.everyone
    press.print("odds/odds_games", "SELECT * FROM consensus ORDER BY date, home")
    write_people.write_bios(press, everyone, past)
    write_people.write_list_moves(press, past)
    press.close()
    return SimulationSummary(Path(out), tuple(season.name for season in past), dict(games), press.files)


def _played(seasons: int, seed: int, leagues: int, first_season: int, games_per_team: int) -> Iterator[tuple[Season, People, Opinion]]:
    """Each season once it is played, with its league's people as they are then and the market's opinion of the league."""
    import numpy as np

    from backcourt.simulate import market, players
    from backcourt.simulate.postseason import play_season

    names: set[str] = set()
    next_id = players.FIRST_PLAYER_ID
    for league in range(leagues):
        people = players.found_league(np.random.default_rng([seed, league, 0]), next_id, names)
        for number in range(league * seasons, (league + 1) * seasons):
            if number > league * seasons:
                players.between_seasons(people, np.random.default_rng([seed, number, 1]))
            season = play_season(people, np.random.default_rng([seed, number, 2]), first_season + number, games_per_team)
            if number == league * seasons:
                opinion = market.practise(season, np.random.default_rng([seed, league, 3]))
            yield season, people, opinion
        next_id = people.next_id


def _check_arguments(
    seasons: int, seed: int, leagues: int, first_season: int, games_per_team: int, share_of_games_with_props: float
) -> None:
    last = first_season + seasons * leagues - 1
    if seasons < 1 or leagues < 1:
        raise ValueError(f"{seasons} seasons of {leagues} leagues cannot be simulated; ask for at least 1 of each.")
    if seed < 0:
        raise ValueError(f"The seed {seed} is below 0; use 0 or any larger whole number.")
    if first_season < _FIRST_YEAR or last > LAST_YEAR:
        raise ValueError(
            f"Seasons {first_season} to {last} do not fit game ids with a two-digit year; "
            f"keep first_season and seasons x leagues within {_FIRST_YEAR} to {LAST_YEAR}."
        )
    if not 2 <= games_per_team <= FULL_SCHEDULE or games_per_team % 2:
        raise ValueError(f"{games_per_team} games per team cannot be scheduled; use an even number from 2 to {FULL_SCHEDULE}.")
    if not 0.0 < share_of_games_with_props <= 1.0:
        raise ValueError(f"A share of {share_of_games_with_props} games with props makes no market; use a number above 0 and up to 1.")
