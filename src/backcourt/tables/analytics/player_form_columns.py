"""The columns of player_form, as lines of its last select.

They name the query's relations: `slate` (with sums over days), `form` (sums as they stand after the last appearance), `rivals` (against
the opponent), `priors` (previous season and newcomers) and `minutes_ranks`.
"""

from __future__ import annotations

from backcourt.tables.analytics.conventions import column, reason
from backcourt.tables.analytics.shrinkage import (
    FULL_SEASON_GAMES,
    MINUTES,
    PLAYER_PRIORS,
    POINTS,
    PPM_FALLBACK,
    PPM_PRIOR_MINUTES,
    USAGE_PRIOR,
    shrunk_player_mean,
    shrunk_rate,
)
from backcourt.tables.analytics.windows import Statistic, mean, pooled, sample_sd, skewness, slope, standard_deviation

REBOUNDS, ASSISTS, THREES, PRA = (prior.statistic for prior in PLAYER_PRIORS[1:5])
MARKET_STATISTICS = (POINTS, REBOUNDS, ASSISTS, THREES, PRA)
COUNTED_LAST10 = (
    Statistic("steals", "steals"),
    Statistic("blocks", "blocks"),
    Statistic("turnovers", "turnovers"),
    Statistic("fg_attempts", "field-goal attempts"),
    Statistic("three_attempts", "three-point attempts"),
    Statistic("ft_attempts", "free-throw attempts"),
)

_MEAN_SEASON = "form.points_season / nullif(form.games_season, 0)::double"
_POINTS_SD = sample_sd("form.games_last10", "form.points_last10", "form.points_squared_last10", 3)
_MINUTES_LAST10 = "form.seconds_last10 / 60.0 / nullif(form.games_last10, 0)::double"
_IS_HOME_DAY = "case when slate.is_home then form.home_{0}_season else form.{0}_season - form.home_{0}_season end"
_VENUE_GAMES, _VENUE_POINTS = (f"({_IS_HOME_DAY.format(name)})" for name in ("games", "points"))
_NO_GAMES = ("form.games_season is null", "no_games_in_window")
_UNRESOLVED = ("slate.team_id is null", "team_unresolved")


def _z(window: str) -> str:
    recent = f"form.points_{window} / nullif(form.games_{window}, 0)::double"
    return column(
        f"({recent} - {_MEAN_SEASON}) / nullif({_POINTS_SD}, 0)",
        "double",
        f"points_z_{window}",
        f"(points_mean_{window} - points_mean_season) / points_sd_last10, in standard deviations",
        "points_z",
    )


def _shrunk_columns() -> list[str]:
    lines = []
    for prior in PLAYER_PRIORS:
        total = prior.statistic.in_units(f"coalesce(form.{prior.statistic.summed}_season, 0)")
        lines.append(shrunk_player_mean(prior, "form", "priors", name=f"{prior.statistic.name}_mean_shrunk", total=total))
    usage_season = "form.usage_events_season::double / 100 / nullif(form.usage_chances_season::double, 0)"
    usage = f"case when form.games_season is null then 0 else form.games_season * {usage_season} end"
    lines.append(shrunk_player_mean(USAGE_PRIOR, "form", "priors", name="usage_rate_shrunk", total=usage))
    prior_ppm = f"coalesce(priors.points_per_minute_previous, {PPM_FALLBACK}::double)"
    lines.append(
        column(
            shrunk_rate("coalesce(form.points_season, 0)", "coalesce(form.seconds_season, 0) / 60.0", PPM_PRIOR_MINUTES, prior_ppm),
            "double",
            "points_per_minute_shrunk",
            "points per minute, season, drawn to the previous season's with 200 minutes (F9)",
        )
    )
    return lines


def form_columns() -> str:
    """All lines of the last select between the key and the columns that every table carries."""
    lines = [
        *_games_columns(),
        *_mean_columns(),
        *_shrunk_columns(),
        *_spread_columns(),
        *_trend_columns(),
        *_skewness_columns(),
        *_z_columns(),
        *_venue_columns(),
        *_opponent_columns(),
        *_minutes_columns(),
        *_usage_columns(),
        *_shooting_columns(),
        *_rate_columns(),
        *_starter_columns(),
        *_load_columns(),
    ]
    return "\n".join(lines)


def _games_columns() -> list[str]:
    """How many appearances stand behind the figures."""
    return [
        *(
            column(f"coalesce(form.games_{window}, 0)", "bigint", f"games_{window}", f"appearances in the window: at most {window[4:]}")
            for window in ("last3", "last5", "last10", "last20")
        ),
        column("coalesce(form.games_season, 0)", "bigint", "games_season", "appearances of the season before the game"),
        column("priors.games_prev_season", "bigint", "games_prev_season", "regular-season appearances behind the prior, 0 without one"),
        column(
            f"case when priors.games_prev_season >= {FULL_SEASON_GAMES} then 'previous_season'"
            " when priors.games_prev_season >= 1 then 'previous_season_thin' else 'role' end",
            "varchar",
            "prior_kind",
            "what the shrunk figures are drawn to: a full, a thin or no previous season",
        ),
    ]


def _mean_columns() -> list[str]:
    return [
        *(mean("form", POINTS, window, "form") for window in ("last3", "last5", "last10", "season")),
        *(mean("form", statistic, window, "form") for statistic in MARKET_STATISTICS[1:] for window in ("last5", "last10", "season")),
        *(mean("form", MINUTES, window, "form") for window in ("last3", "last5", "last10", "season")),
        *(mean("form", statistic, "last10", "form") for statistic in COUNTED_LAST10),
        column(
            "form.game_number - form.last_not_below",
            "bigint",
            "points_below_mean_streak",
            "latest consecutive appearances with fewer points than points_mean_season",
            "form",
        ),
        reason("form", _NO_GAMES),
    ]


def _spread_columns() -> list[str]:
    return [
        *(standard_deviation("form", statistic, "last10", "form_sd") for statistic in (*MARKET_STATISTICS, MINUTES)),
        reason("form_sd", _NO_GAMES, ("form.games_last10 < 3", "below_min_n")),
    ]


def _trend_columns() -> list[str]:
    return [
        slope("form", POINTS, "last10", "form_trend"),
        slope("form", MINUTES, "last10", "form_trend"),
        column(
            "case when form.games_last5 = 5 then form.points_last2 / 2.0 - (form.points_last5 - form.points_last2) / 3.0 end",
            "double",
            "points_delta_last2_vs_prior3",
            "mean points of the last 2 appearances less that of the 3 before, n = 5",
            "form_trend",
        ),
        reason("form_trend", _NO_GAMES, ("form.games_last5 < 5", "below_min_n")),
    ]


def _skewness_columns() -> list[str]:
    return [
        skewness("form", POINTS, "last20", "points_skew"),
        reason(
            "points_skew",
            _NO_GAMES,
            ("form.games_last20 < 10", "below_min_n"),
            ("form.games_last20 * form.points_squared_last20 = form.points_last20 * form.points_last20", "zero_denominator"),
        ),
    ]


def _z_columns() -> list[str]:
    return [
        _z("last3"),
        _z("last5"),
        reason(
            "points_z",
            _NO_GAMES,
            ("form.games_last10 < 3", "below_min_n"),
            ("form.games_last10 * form.points_squared_last10 = form.points_last10 * form.points_last10", "zero_denominator"),
        ),
    ]


def _venue_columns() -> list[str]:
    return [
        column(
            f"case when slate.team_id is not null then coalesce({_VENUE_GAMES}, 0) end",
            "bigint",
            "games_same_venue_season",
            "home appearances of the season if the game is at home, else road appearances",
            "venue",
        ),
        column(
            f"case when slate.team_id is not null then {_VENUE_POINTS} / nullif({_VENUE_GAMES}, 0)::double end",
            "double",
            "points_mean_same_venue_season",
            "points per home appearance of the season if the game is at home, else per road appearance",
            "venue",
        ),
        reason("venue", _UNRESOLVED, (f"coalesce({_VENUE_GAMES}, 0) = 0", "no_games_in_window")),
    ]


def _opponent_columns() -> list[str]:
    return [
        column(
            "case when slate.team_id is not null then coalesce(rivals.games_rival_365d, 0) end",
            "bigint",
            "games_vs_opponent_365d",
            "appearances against the opponent in the last 365 days",
            "versus_opponent",
        ),
        column(
            "case when slate.team_id is not null then rivals.points_rival_365d / nullif(rivals.games_rival_365d, 0)::double end",
            "double",
            "points_mean_vs_opponent_365d",
            "points per appearance against the opponent in the last 365 days",
            "versus_opponent",
        ),
        column(
            "case when slate.team_id is not null then rivals.games_rival_365d / nullif(rivals.games_rival_365d + 128, 0)::double"
            " * (rivals.points_rival_365d / nullif(rivals.games_rival_365d, 0)::double"
            " - slate.points_365d / nullif(slate.games_365d, 0)::double) end",
            "double",
            "points_delta_vs_opponent_shrunk",
            "points per appearance against the opponent less his mean, both of the last 365 days, times n / (n + 128)",
            "versus_opponent",
        ),
        reason("versus_opponent", _UNRESOLVED, ("coalesce(rivals.games_rival_365d, 0) = 0", "no_games_in_window")),
    ]


def _minutes_columns() -> list[str]:
    return [
        column(
            f"{_MINUTES_LAST10.replace('last10', 'last5')} / nullif({_MINUTES_LAST10.replace('last10', 'season')}, 0) - 1",
            "double",
            "minutes_ratio_last5_season",
            "minutes_mean_last5 / minutes_mean_season - 1",
            "minutes_ratio",
        ),
        reason("minutes_ratio", _NO_GAMES, ("form.seconds_season = 0", "minutes_below_resolution")),
        column(
            "minutes_ranks.minutes_rank",
            "bigint",
            "minutes_rank_team",
            "rank of minutes_mean_last10 among the team's players of the date, 1 = most",
            "minutes_rank",
        ),
        reason("minutes_rank", _UNRESOLVED, _NO_GAMES),
    ]


def _usage_columns() -> list[str]:
    return [
        *(
            pooled(
                f"form.usage_events_{window} / 100.0",
                f"form.usage_chances_{window}",
                f"usage_rate_{window}",
                "share of the team's plays that he ended while on court (F5)",
                "usage",
            )
            for window in ("last5", "last10", "season")
        ),
        reason("usage", _NO_GAMES, ("form.usage_chances_last5 = 0", "minutes_below_resolution")),
    ]


def _shooting_columns() -> list[str]:
    ts = "2 * (100 * form.fg_attempts_{0} + 44 * form.ft_attempts_{0}) / 100.0"
    return [
        pooled("form.points_last10", ts.format("last10"), "ts_pct_last10", "true shooting, last 10 appearances", "shooting"),
        pooled("form.points_season", ts.format("season"), "ts_pct_season", "true shooting, season", "shooting"),
        pooled(
            "(2 * form.fg_makes_last10 + form.threes_last10) / 2.0",
            "form.fg_attempts_last10",
            "efg_pct_last10",
            "effective field-goal percentage, last 10",
            "shooting",
        ),
        pooled("form.fg_makes_last5", "form.fg_attempts_last5", "fg_pct_last5", "field-goal percentage, last 5", "shooting"),
        pooled("form.threes_last5", "form.three_attempts_last5", "three_pct_last5", "three-point percentage, last 5", "shooting"),
        pooled(
            "form.ft_makes_last10",
            "form.points_last10",
            "ft_points_share_last10",
            "share of his points from free throws, last 10",
            "shooting",
        ),
        pooled(
            "form.ft_attempts_season",
            "form.fg_attempts_season",
            "ft_attempt_rate_season",
            "free-throw attempts per field-goal attempt, season",
            "shooting",
        ),
        pooled(
            "form.three_attempts_last10",
            "form.fg_attempts_last10",
            "three_attempt_rate_last10",
            "threes per field-goal attempt, last 10",
            "shooting",
        ),
        reason(
            "shooting",
            _NO_GAMES,
            (
                "form.points_last10 = 0 or form.fg_attempts_last5 = 0 or form.three_attempts_last5 = 0",
                "zero_denominator",
            ),
        ),
    ]


def _rate_columns() -> list[str]:
    """What he does per minute, and his shares of rebounds and assists while on court."""
    return [
        pooled("form.points_last10", "form.seconds_last10 / 60.0", "points_per_minute_last10", "points per minute, last 10", "per_minute"),
        pooled("form.points_season", "form.seconds_season / 60.0", "points_per_minute_season", "points per minute, season", "per_minute"),
        reason("per_minute", _NO_GAMES, ("form.seconds_last10 = 0", "minutes_below_resolution")),
        *(
            column(
                f"case when form.seconds_last10 >= 300 and form.{name}_chances_last10 > 0"
                f" then form.{name}s_last10::double / nullif(form.{name}_chances_last10::double, 0) end",
                "double",
                f"{name}_rate_last10",
                meaning,
                f"{name}_rate",
            )
            for name, meaning in (
                ("rebound", "share of the rebounds while on court, pooled, from 5 minutes (F7)"),
                ("assist", "share of team-mates' field goals while on court that he assisted, pooled, from 5 minutes (F7)"),
            )
        ),
        reason("rebound_rate", _NO_GAMES, ("form.seconds_last10 < 300 or form.rebound_chances_last10 <= 0", "below_min_n")),
        reason("assist_rate", _NO_GAMES, ("form.seconds_last10 < 300 or form.assist_chances_last10 <= 0", "below_min_n")),
    ]


def _starter_columns() -> list[str]:
    return [
        column(
            "case when form.starts_known_last10 = form.games_last10 then form.starts_last10 / nullif(form.games_last10, 0)::double end",
            "double",
            "starter_rate_last10",
            "share started, where starters are known for all games of the window",
            "starter",
        ),
        reason("starter", _NO_GAMES, ("form.starts_known_last10 < form.games_last10", "no_source")),
    ]


def _load_columns() -> list[str]:
    return [
        column("coalesce(slate.games_last7d, 0)", "bigint", "games_last7d", "appearances in the last 7 days"),
        column("coalesce(slate.games_last14d, 0)", "bigint", "games_last14d", "appearances in the last 14 days"),
        column(
            "coalesce(slate.back_to_backs_last14d, 0)",
            "bigint",
            "back_to_backs_last14d",
            "pairs of appearances on consecutive days in the last 14 days",
        ),
        column(
            "case when form.games_season is not null then coalesce(slate.seconds_last7d, 0) / 60.0 end",
            "double",
            "minutes_sum_last7d",
            "minutes in the last 7 days",
            "load",
        ),
        column(
            "case when form.games_season is not null then coalesce(slate.seconds_last14d, 0) / 60.0 end",
            "double",
            "minutes_sum_last14d",
            "minutes in the last 14 days",
            "load",
        ),
        reason("load", _NO_GAMES),
        pooled(
            "slate.seconds_last7d / 60.0",
            "slate.games_last7d",
            "minutes_mean_last7d",
            "minutes per appearance in the last 7 days",
            "recent_minutes",
        ),
        reason("recent_minutes", ("coalesce(slate.games_last7d, 0) = 0", "no_games_in_window")),
        pooled(
            "slate.usage_events_last7d / 100.0",
            "slate.usage_chances_last7d",
            "usage_rate_last7d",
            "usage rate (F5) in the last 7 days",
            "recent_usage",
        ),
        reason(
            "recent_usage",
            ("coalesce(slate.games_last7d, 0) = 0", "no_games_in_window"),
            ("slate.usage_chances_last7d = 0", "minutes_below_resolution"),
        ),
        column(
            "null",
            "double",
            "fourth_quarter_minutes_last7d",
            "minutes in fourth quarters in the last 7 days: needs play-by-play",
            "fourth_quarter",
        ),
        reason("fourth_quarter", ("true", "no_source")),
    ]
