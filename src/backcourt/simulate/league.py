"""`simulate`: leagues of several seasons, written season by season."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from backcourt.simulate.schedule import FULL_SCHEDULE

FIRST_YEAR, LAST_YEAR = 2000, 2098


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
    that it can be replayed as it was known at the time. Raises ValueError when the arguments leave the years 2000 to 2098 (ids hold two
    digits of the year) or make no league.
    """
    _check_arguments(seasons, leagues, first_season, games_per_team, share_of_games_with_props)
    # NumPy is needed here and nowhere else in the package's import graph.
    import numpy as np

    from backcourt.simulate import frames, market, players, props, write_daily, write_odds, write_people, write_results, write_schedule
    from backcourt.simulate.parquet import Press
    from backcourt.simulate.postseason import play_season
    from backcourt.simulate.season import Season

    press = Press(Path(out))
    names: set[str] = set()
    next_id = players.FIRST_PLAYER_ID
    everyone: list[players.Player] = []
    past: list[Season] = []
    games: dict[str, int] = {}
    for number in range(seasons * leagues):
        year = first_season + number
        league, turn = divmod(number, seasons)
        if turn == 0:
            people = players.found_league(np.random.default_rng([seed, league, 0]), next_id, names)
        else:
            players.between_seasons(people, np.random.default_rng([seed, number, 1]))
        season = play_season(people, np.random.default_rng([seed, number, 2]), year, games_per_team)
        if turn == 0:
            opinion = market.practise(season, np.random.default_rng([seed, league, 3]))
        frames.load(press, season, np.random.default_rng([seed, number, 4]))
        is_last = number == seasons * leagues - 1
        stars = write_schedule.prepare(press, season, np.random.default_rng([seed, number, 5]), games_per_team == FULL_SCHEDULE)
        (write_schedule.write_new_shape if is_last else write_schedule.write_old_shape)(press, season)
        if not (is_last and mornings):
            write_schedule.write_earlier_version(press, season)
        write_results.write_player_box(press, season)
        write_results.write_playoff_box(press, season, "BIGINT" if is_last else "DOUBLE", with_dnp=number == 0)
        write_results.write_team_box(press, season, stars)
        write_results.write_shots(press, season, native=number == 0, with_positions=not is_last)
        if is_last and mornings:
            write_daily.write_mornings(press, season, write_results.shots_file(season, native=number == 0))
        rng = np.random.default_rng([seed, number, 6])
        errors = props.MarketErrors(market_bias, market_mistake, market_noise)
        commence = props.commence_times(season, rng)
        write_odds.write_game_odds(press, season, rng, opinion, commence, market_bias, seed)
        write_odds.stack_consensus(press)
        write_odds.write_props(
            press,
            season,
            props.quotes(season, rng, opinion, commence, errors, share_of_games_with_props),
            with_dfs=is_last,
        )
        for game in season.games:
            games[game.game_id[2]] = games.get(game.game_id[2], 0) + 1
        past.append(season.without_results())
        next_id = people.next_id
        if turn == seasons - 1:
            everyone += people.everyone
    press.print("odds/odds_games", "SELECT * FROM consensus ORDER BY date, home")
    write_people.write_bios(press, everyone, past)
    write_people.write_list_moves(press, past)
    press.close()
    return SimulationSummary(Path(out), tuple(season.name for season in past), games, press.files)


def _check_arguments(seasons: int, leagues: int, first_season: int, games_per_team: int, share_of_games_with_props: float) -> None:
    last = first_season + seasons * leagues - 1
    if seasons < 1 or leagues < 1:
        raise ValueError(f"{seasons} seasons of {leagues} leagues cannot be simulated; ask for at least 1 of each.")
    if first_season < FIRST_YEAR or last > LAST_YEAR:
        raise ValueError(
            f"Seasons {first_season} to {last} do not fit game ids with a two-digit year; "
            f"keep first_season and seasons x leagues within {FIRST_YEAR} to {LAST_YEAR}."
        )
    if not 2 <= games_per_team <= FULL_SCHEDULE or games_per_team % 2:
        raise ValueError(f"{games_per_team} games per team cannot be scheduled; use an even number from 2 to {FULL_SCHEDULE}.")
    if not 0.0 < share_of_games_with_props <= 1.0:
        raise ValueError(f"A share of {share_of_games_with_props} games with props makes no market; use a number above 0 and up to 1.")
