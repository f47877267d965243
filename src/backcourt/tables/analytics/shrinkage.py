"""Shrinkage of season figures towards a prior (formulas F8 to F11 of the table specification, parameters v1)."""

from __future__ import annotations

from dataclasses import dataclass

from backcourt.tables.analytics.conventions import column
from backcourt.tables.analytics.windows import Statistic


@dataclass(frozen=True)
class PlayerPrior:
    """How strongly a player's season mean is drawn to its prior (F8), in games.

    `k` holds for a player with a previous season, `k_role` for one without; `role_fallback` is the prior mean of the latter where the
    previous season's newcomers can't be told (in the statistic's unit).
    """

    statistic: Statistic
    k: float
    k_role: float
    role_fallback: float


MINUTES = Statistic("minutes", "minutes", "seconds", 60)
POINTS = Statistic("points", "points")
PLAYER_PRIORS = (
    PlayerPrior(POINTS, 4, 1, 7.2),
    PlayerPrior(Statistic("rebounds", "rebounds"), 5, 1, 3.2),
    PlayerPrior(Statistic("assists", "assists"), 5, 1, 1.6),
    PlayerPrior(Statistic("threes", "made threes"), 8, 2, 0.8),
    PlayerPrior(Statistic("pra", "points + rebounds + assists"), 3, 1, 12.0),
    PlayerPrior(MINUTES, 2, 1, 17.7),
)
USAGE_PRIOR = PlayerPrior(Statistic("usage_rate", "usage rate"), 5, 3, 0.175)

FULL_SEASON_GAMES = 20
TEAM_CHANGE_FACTOR = 0.75
PPM_PRIOR_MINUTES = 200
PPM_FALLBACK = 0.41


def prior_mean(prior: PlayerPrior, source: str) -> str:
    """F8's prior mean from `<source>.games_prev_season`, `.<name>_previous` and `.<name>_role`, in the statistic's unit."""
    n, role = f"{source}.games_prev_season", f"{source}.{prior.statistic.name}_role"
    previous = f"coalesce({source}.{prior.statistic.name}_previous, {role})"
    return (
        f"case when {n} >= {FULL_SEASON_GAMES} then {previous}"
        f" when {n} >= 1 then ({n} * {previous} + 2 * {role}) / nullif({n} + 2, 0)::double else {role} end"
    )


def prior_games(prior: PlayerPrior, source: str) -> str:
    """F8's k: halved after a thin previous season, times 0.75 when the player has changed team since
    (`<source>.last_team_id` against `slate.team_id`; an unknown team counts as the same).
    """
    n = f"{source}.games_prev_season"
    return (
        f"(case when {n} >= {FULL_SEASON_GAMES} then {float(prior.k)}::double when {n} >= 1 then {float(prior.k / 2)}::double"
        f" else {float(prior.k_role)}::double end"
        f" * case when {source}.last_team_id <> slate.team_id then {TEAM_CHANGE_FACTOR}::double else 1.0::double end)"
    )


def shrunk_player_mean(prior: PlayerPrior, sums: str, source: str, *, name: str, total: str) -> str:
    """The line of a player's shrunk figure (F8): (n * season figure + k * prior mean) / (n + k), n = appearances of the season.

    `total` is n times the season figure as SQL; NULL there (no figure yet) leaves the prior.
    """
    k, n = prior_games(prior, source), f"coalesce({sums}.games_season, 0)"
    figure = f"({total} + {k} * ({prior_mean(prior, source)})) / nullif({n} + {k}, 0)"
    return column(
        f"coalesce({figure}, {prior_mean(prior, source)})",
        "double", name, f"{prior.statistic.unit}: season figure drawn to the previous season or to a newcomer's (F8)",
    )  # fmt: skip


def shrunk_rate(makes: str, attempts: str, weight: float, prior: str) -> str:
    """F9: (sum of numerators + weight * prior) / (sum of denominators + weight)."""
    return f"({makes} + {float(weight)}::double * {prior}) / nullif({attempts} + {float(weight)}::double, 0)"


TEAM_PRIOR_GAMES = {
    "pace": 5,
    "offensive_rating": 15,
    "defensive_rating": 20,
    "ft_attempt_rate_allowed": 20,
    "offensive_rebound_rate": 40,
}
"""F10's k in games."""

LEAGUE_PRIOR_TEAM_GAMES = 60


def league_baseline(total: str, n: str, previous_mean: str) -> str:
    """F11: the league's mean to date, drawn to the previous season's with 60 team-games; in the first season NULL below 60 of them."""
    return (
        f"case when {previous_mean} is not null"
        f" then (coalesce({total}, 0)::double + {LEAGUE_PRIOR_TEAM_GAMES} * {previous_mean}) / nullif({n} + {LEAGUE_PRIOR_TEAM_GAMES}, 0)"
        f" when {n} >= {LEAGUE_PRIOR_TEAM_GAMES} then {total}::double / nullif({n}, 0) end"
    )


def team_prior_mean(league_previous: str, team_previous: str, baseline: str) -> str:
    """F10's y0: half-way between the league's and the team's previous season; in the first season the league baseline (F11)."""
    return f"coalesce({league_previous} + 0.5::double * ({team_previous} - {league_previous}), {league_previous}, {baseline})"


def shrunk_team_mean(statistic: str, total: str, n: str, prior: str) -> str:
    """F10: (n * season mean + k * y0) / (n + k); NULL while there is no prior."""
    k = float(TEAM_PRIOR_GAMES[statistic])
    return f"(coalesce({total}, 0)::double + {k}::double * {prior}) / nullif({n} + {k}::double, 0)"
