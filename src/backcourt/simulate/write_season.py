"""All files of one season: schedule and results, then what the betting market said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backcourt.simulate import frames, props, write_daily, write_odds, write_results, write_schedule
from backcourt.simulate.market import Opinion
from backcourt.simulate.parquet import Press
from backcourt.simulate.season import Season

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Place:
    """Where a season stands among those that are simulated: the first and the last have files in shapes of their own.

    `has_mornings` is the season that is archived day by day, `has_all_star` one with time for an All-Star game.
    """

    seed: int
    number: int
    is_last: bool
    has_mornings: bool
    has_all_star: bool

    def rng(self, subject: int) -> np.random.Generator:
        """Random numbers of the season for one subject, so that no subject's draws move another's."""
        import numpy as np

        return np.random.default_rng([self.seed, self.number, subject])


def write_season(
    press: Press, season: Season, place: Place, opinion: Opinion, errors: props.MarketErrors, share_of_games_with_props: float
) -> None:
    """Write the season's files but those that span seasons; adds its games to the table `consensus`, which becomes such a file."""
    _write_results(press, season, place)
    _write_market(press, season, place, opinion, errors, share_of_games_with_props)


def _write_results(press: Press, season: Season, place: Place) -> None:
    is_first = place.number == 0
    frames.load(press, season, place.rng(4))
    stars = write_schedule.prepare(press, season, place.rng(5), place.has_all_star)
    (write_schedule.write_new_shape if place.is_last else write_schedule.write_old_shape)(press, season)
    if not place.has_mornings:
        write_schedule.write_earlier_version(press, season)
    write_results.write_player_box(press, season)
    write_results.write_playoff_box(press, season, "BIGINT" if place.is_last else "DOUBLE", with_dnp=is_first)
    write_results.write_team_box(press, season, stars)
    write_results.write_shots(press, season, native=is_first, with_positions=not place.is_last)
    if place.has_mornings:
        write_daily.write_mornings(press, season, write_results.shots_file(season, native=is_first))


def _write_market(
    press: Press, season: Season, place: Place, opinion: Opinion, errors: props.MarketErrors, share_of_games_with_props: float
) -> None:
    rng = place.rng(6)
    commence = props.commence_times(season, rng)
    write_odds.write_game_odds(press, season, rng, opinion, commence, errors.bias, place.seed)
    write_odds.stack_consensus(press)
    quotes = props.quotes(season, rng, opinion, commence, errors, share_of_games_with_props)
    write_odds.write_props(press, season, quotes, with_dfs=place.is_last)
