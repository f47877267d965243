"""Every window of a player's own games, once: recent form, season figures and their shrunk versions, as of before the game.

Windows are summed per appearance, as they stand after it, and each slate row takes those of the player's last appearance.
"""

from backcourt.analytics.conventions import (
    SEASONS,
    column,
    day_number,
    days_between,
    is_bootstrap,
    reason,
    tier_name,
    tier_rank,
)  # fmt: skip
from backcourt.analytics.shrinkage import (
    MINUTES,
    PLAYER_PRIORS,
    POINTS,
    PPM_FALLBACK,
    PPM_PRIOR_MINUTES,
    USAGE_PRIOR,
    shrunk_player_mean,
    shrunk_rate,
)  # fmt: skip
from backcourt.analytics.windows import (
    Statistic,
    days_frame,
    mean,
    pooled,
    rows_frame,
    sample_sd,
    skewness,
    slope,
    standard_deviation,
    sums,
)  # fmt: skip
from backcourt.engine.table import AS_OF, Reads, Table, before, keys, same

REBOUNDS, ASSISTS, THREES, PRA = (prior.statistic for prior in PLAYER_PRIORS[1:5])
MARKET_STATISTICS = (POINTS, REBOUNDS, ASSISTS, THREES, PRA)
COUNTED_LAST10 = (
    Statistic("steals", "steals"), Statistic("blocks", "blocks"), Statistic("turnovers", "turnovers"),
    Statistic("fg_attempts", "field-goal attempts"), Statistic("three_attempts", "three-point attempts"),
    Statistic("ft_attempts", "free-throw attempts"),
)  # fmt: skip

_SEASON = "partition by player_id, season order by game_date"
_DAYS = f"partition by player_id order by {day_number('game_date')}"
_TO_DATE = ("points", "seconds", "usage_events", "back_to_backs")

_LEVELS = ("points", "rebounds", "assists", "threes", "pra", "seconds")
_SUMMED = {
    "last2": ("points",),
    "last3": ("points", "seconds"),
    "last5": (*_LEVELS, "fg_makes", "fg_attempts", "three_attempts", "usage_events"),
    "last10": (
        *_LEVELS, *(f"{name}_squared" for name in _LEVELS), "points_numbered", "seconds_numbered",
        "steals", "blocks", "turnovers", "fg_makes", "fg_attempts", "three_attempts", "ft_makes", "ft_attempts", "usage_events",
        "starts", "starts_known",
    ),
    "last20": ("points", "points_squared", "points_cubed"),
    "season": (*_LEVELS, "fg_attempts", "ft_attempts", "usage_events", "home_points", "home_games"),
}  # fmt: skip
_SUMMED_DECIMALS = {
    "last5": ("usage_chances",),
    "last10": ("usage_chances", "rebound_chances", "assist_chances"),
    "season": ("usage_chances",),
}


def _window_sums() -> str:
    lines = [sums(names, _SEASON, rows_frame(window), window) for window, names in _SUMMED.items()]
    lines += [sums(names, _SEASON, rows_frame(window), window, "decimal(38,9)") for window, names in _SUMMED_DECIMALS.items()]
    return "\n".join(lines)


def _to_date_sums() -> str:
    running = "partition by player_id order by game_date rows unbounded preceding"
    lines = [f"        sum({name}) over ({running})::bigint as {name}_to_date," for name in _TO_DATE]
    return "\n".join([*lines, f"        sum(usage_chances) over ({running})::decimal(38,9) as usage_chances_to_date"])


def _between_dates(name: str, since: str, alias: str) -> str:
    """Sum of a window of days: the running sum at his last appearance less that at the last appearance before the window."""
    return f"        latest.{name}_to_date - coalesce({since}.{name}_to_date, 0) as {alias},"


def _previous_columns() -> str:
    lines = [
        f"        {prior.statistic.in_units(f'sum({prior.statistic.summed})')} / nullif(count(*), 0)::double as {prior.statistic.name}_previous,"
        for prior in PLAYER_PRIORS
    ]
    return "\n".join(lines)


def _role_columns() -> str:
    lines = [
        f"        {prior.statistic.in_units(f'sum(previous.{prior.statistic.summed}_total)')} / nullif(sum(previous.games), 0)::double"
        f" as {prior.statistic.name}_role,"
        for prior in PLAYER_PRIORS
    ]
    return "\n".join(lines)


def _prior_columns() -> str:
    lines = []
    for prior in (*PLAYER_PRIORS, USAGE_PRIOR):
        name = prior.statistic.name
        lines.append(f"        previous_seasons.{name}_previous,")
        lines.append(f"        coalesce(roles.{name}_role, {prior.role_fallback}::double) as {name}_role,")
    return "\n".join(lines)


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
        "double", f"points_z_{window}", f"(points_mean_{window} - points_mean_season) / points_sd_last10, in standard deviations", "points_z",
    )  # fmt: skip


def _shrunk_columns() -> list[str]:
    lines = []
    for prior in PLAYER_PRIORS:
        total = prior.statistic.in_units(f"coalesce(form.{prior.statistic.summed}_season, 0)")
        lines.append(shrunk_player_mean(prior, "form", "priors", name=f"{prior.statistic.name}_mean_shrunk", total=total))
    usage = "coalesce(form.games_season, 0) * case when form.games_season is null then 0 else form.usage_events_season::double / 100 / nullif(form.usage_chances_season::double, 0) end"
    lines.append(shrunk_player_mean(USAGE_PRIOR, "form", "priors", name="usage_rate_shrunk", total=usage))
    prior_ppm = f"coalesce(priors.points_per_minute_previous, {PPM_FALLBACK}::double)"
    lines.append(
        column(
            shrunk_rate("coalesce(form.points_season, 0)", "coalesce(form.seconds_season, 0) / 60.0", PPM_PRIOR_MINUTES, prior_ppm),
            "double", "points_per_minute_shrunk", "points per minute, season, drawn to the previous season's with 200 minutes (F9)",
        )
    )  # fmt: skip
    return lines


def _form_columns() -> str:
    form = "form"
    lines = [
        *(
            column(f"coalesce(form.games_{window}, 0)", "bigint", f"games_{window}", f"appearances in the window: at most {window[4:]}")
            for window in ("last3", "last5", "last10", "last20")
        ),
        column("coalesce(form.games_season, 0)", "bigint", "games_season", "appearances of the season before the game"),
        column("priors.games_prev_season", "bigint", "games_prev_season", "regular-season appearances behind the prior, 0 without one"),
        column(
            "case when priors.games_prev_season >= 20 then 'previous_season' when priors.games_prev_season >= 1 then 'previous_season_thin' else 'role' end",
            "varchar", "prior_kind", "what the shrunk figures are drawn to: a full, a thin or no previous season",
        ),
        *(mean(form, POINTS, window, "form") for window in ("last3", "last5", "last10", "season")),
        *(mean(form, statistic, window, "form") for statistic in MARKET_STATISTICS[1:] for window in ("last5", "last10", "season")),
        *(mean(form, MINUTES, window, "form") for window in ("last3", "last5", "last10", "season")),
        *(mean(form, statistic, "last10", "form") for statistic in COUNTED_LAST10),
        column(
            "form.game_number - form.last_not_below", "bigint", "points_below_mean_streak",
            "latest consecutive appearances with fewer points than points_mean_season", "form",
        ),
        reason("form", _NO_GAMES),
        *_shrunk_columns(),
        *(standard_deviation(form, statistic, "last10", "form_sd") for statistic in (*MARKET_STATISTICS, MINUTES)),
        reason("form_sd", _NO_GAMES, ("form.games_last10 < 3", "below_min_n")),
        slope(form, POINTS, "last10", "form_trend"),
        slope(form, MINUTES, "last10", "form_trend"),
        column(
            "case when form.games_last5 = 5 then form.points_last2 / 2.0 - (form.points_last5 - form.points_last2) / 3.0 end",
            "double", "points_delta_last2_vs_prior3", "mean points of the last 2 appearances less that of the 3 before, n = 5", "form_trend",
        ),
        reason("form_trend", _NO_GAMES, ("form.games_last5 < 5", "below_min_n")),
        skewness(form, POINTS, "last20", "points_skew"),
        reason(
            "points_skew", _NO_GAMES, ("form.games_last20 < 10", "below_min_n"),
            ("form.games_last20 * form.points_squared_last20 = form.points_last20 * form.points_last20", "zero_denominator"),
        ),
        _z("last3"),
        _z("last5"),
        reason(
            "points_z", _NO_GAMES, ("form.games_last10 < 3", "below_min_n"),
            ("form.games_last10 * form.points_squared_last10 = form.points_last10 * form.points_last10", "zero_denominator"),
        ),
        column(
            f"case when slate.team_id is not null then coalesce({_VENUE_GAMES}, 0) end", "bigint", "games_same_venue_season",
            "home appearances of the season if the game is at home, else road appearances", "venue",
        ),
        column(
            f"case when slate.team_id is not null then {_VENUE_POINTS} / nullif({_VENUE_GAMES}, 0)::double end",
            "double", "points_mean_same_venue_season", "points per appearance in these games", "venue",
        ),
        reason("venue", _UNRESOLVED, (f"coalesce({_VENUE_GAMES}, 0) = 0", "no_games_in_window")),
        column(
            "case when slate.team_id is not null then coalesce(rivals.games_rival_365d, 0) end", "bigint", "games_vs_opponent_365d",
            "appearances against the opponent in the last 365 days", "versus_opponent",
        ),
        column(
            "case when slate.team_id is not null then rivals.points_rival_365d / nullif(rivals.games_rival_365d, 0)::double end",
            "double", "points_mean_vs_opponent_365d", "points per appearance in these games", "versus_opponent",
        ),
        column(
            "case when slate.team_id is not null then rivals.games_rival_365d / nullif(rivals.games_rival_365d + 128, 0)::double"
            " * (rivals.points_rival_365d / nullif(rivals.games_rival_365d, 0)::double"
            " - days.points_365d / nullif(days.games_365d, 0)::double) end",
            "double", "points_delta_vs_opponent_shrunk",
            "that mean less his mean of the 365 days, times n / (n + 128): one opponent tells next to nothing", "versus_opponent",
        ),
        reason("versus_opponent", _UNRESOLVED, ("coalesce(rivals.games_rival_365d, 0) = 0", "no_games_in_window")),
        column(
            f"{_MINUTES_LAST10.replace('last10', 'last5')} / nullif(form.seconds_season / 60.0 / nullif(form.games_season, 0)::double, 0) - 1",
            "double", "minutes_ratio_last5_season", "minutes_mean_last5 / minutes_mean_season - 1", "minutes_ratio",
        ),
        reason("minutes_ratio", _NO_GAMES, ("form.seconds_season = 0", "minutes_below_resolution")),
        column(
            "minutes_ranks.minutes_rank", "bigint", "minutes_rank_team", "rank of minutes_mean_last10 among the team's players of the date, 1 = most", "minutes_rank",
        ),
        reason("minutes_rank", _UNRESOLVED, _NO_GAMES),
        *(
            pooled(
                f"form.usage_events_{window} / 100.0", f"form.usage_chances_{window}", f"usage_rate_{window}",
                "share of the team's plays that he ended while on court (F5)", "usage",
            )
            for window in ("last5", "last10", "season")
        ),
        reason("usage", _NO_GAMES, ("form.usage_chances_last5 = 0", "minutes_below_resolution")),
        *_efficiency_columns(),
        *_load_columns(),
    ]  # fmt: skip
    return "\n".join(lines)


def _efficiency_columns() -> list[str]:
    ts = "2 * (100 * form.fg_attempts_{0} + 44 * form.ft_attempts_{0}) / 100.0"
    return [
        pooled("form.points_last10", ts.format("last10"), "ts_pct_last10", "true shooting, last 10 appearances", "shooting"),
        pooled("form.points_season", ts.format("season"), "ts_pct_season", "true shooting, season", "shooting"),
        pooled("(2 * form.fg_makes_last10 + form.threes_last10) / 2.0", "form.fg_attempts_last10", "efg_pct_last10", "effective field-goal percentage, last 10", "shooting"),
        pooled("form.fg_makes_last5", "form.fg_attempts_last5", "fg_pct_last5", "field-goal percentage, last 5", "shooting"),
        pooled("form.threes_last5", "form.three_attempts_last5", "three_pct_last5", "three-point percentage, last 5", "shooting"),
        pooled("form.ft_makes_last10", "form.points_last10", "ft_points_share_last10", "share of his points from free throws, last 10", "shooting"),
        pooled("form.ft_attempts_season", "form.fg_attempts_season", "ft_attempt_rate_season", "free-throw attempts per field-goal attempt, season", "shooting"),
        pooled("form.three_attempts_last10", "form.fg_attempts_last10", "three_attempt_rate_last10", "threes per field-goal attempt, last 10", "shooting"),
        reason(
            "shooting", _NO_GAMES,
            (
                "form.points_last10 = 0 or form.fg_attempts_last5 = 0 or form.three_attempts_last5 = 0",
                "zero_denominator",
            ),
        ),
        pooled("form.points_last10", "form.seconds_last10 / 60.0", "points_per_minute_last10", "points per minute, last 10", "per_minute"),
        pooled("form.points_season", "form.seconds_season / 60.0", "points_per_minute_season", "points per minute, season", "per_minute"),
        reason("per_minute", _NO_GAMES, ("form.seconds_last10 = 0", "minutes_below_resolution")),
        *(
            column(
                f"case when form.seconds_last10 >= 300 and form.{name}_chances_last10 > 0"
                f" then form.{name}s_last10::double / nullif(form.{name}_chances_last10::double, 0) end",
                "double", f"{name}_rate_last10", meaning, f"{name}_rate",
            ) if name == "assist" else column(
                f"case when form.seconds_last10 >= 300 and form.{name}_chances_last10 > 0"
                f" then form.{name}s_last10::double / nullif(form.{name}_chances_last10::double, 0) end",
                "double", f"{name}_rate_last10", meaning, f"{name}_rate",
            )
            for name, meaning in (
                ("rebound", "share of the rebounds while on court, from 5 minutes (F7)"),
                ("assist", "share of team-mates' field goals while on court that he assisted, from 5 minutes (F7)"),
            )
        ),
        reason("rebound_rate", _NO_GAMES, ("form.seconds_last10 < 300 or form.rebound_chances_last10 <= 0", "below_min_n")),
        reason("assist_rate", _NO_GAMES, ("form.seconds_last10 < 300 or form.assist_chances_last10 <= 0", "below_min_n")),
        column(
            "case when form.starts_known_last10 = form.games_last10 then form.starts_last10 / nullif(form.games_last10, 0)::double end",
            "double", "starter_rate_last10", "share started, where starters are known for all games of the window", "starter",
        ),
        reason("starter", _NO_GAMES, ("form.starts_known_last10 < form.games_last10", "no_source")),
    ]  # fmt: skip


def _load_columns() -> list[str]:
    return [
        column("coalesce(days.games_last7d, 0)", "bigint", "games_last7d", "appearances in the last 7 days"),
        column("coalesce(days.games_last14d, 0)", "bigint", "games_last14d", "appearances in the last 14 days"),
        column("coalesce(days.back_to_backs_last14d, 0)", "bigint", "back_to_backs_last14d", "pairs of appearances on consecutive days in the last 14 days"),
        column("case when form.games_season is not null then coalesce(days.seconds_last7d, 0) / 60.0 end", "double", "minutes_sum_last7d", "minutes in the last 7 days", "load"),
        column("case when form.games_season is not null then coalesce(days.seconds_last14d, 0) / 60.0 end", "double", "minutes_sum_last14d", "minutes in the last 14 days", "load"),
        reason("load", _NO_GAMES),
        pooled("days.seconds_last7d / 60.0", "days.games_last7d", "minutes_mean_last7d", "minutes per appearance in the last 7 days", "recent_minutes"),
        reason("recent_minutes", ("coalesce(days.games_last7d, 0) = 0", "no_games_in_window")),
        pooled("days.usage_events_last7d / 100.0", "days.usage_chances_last7d", "usage_rate_last7d", "usage rate (F5) in the last 7 days", "recent_usage"),
        reason("recent_usage", ("coalesce(days.games_last7d, 0) = 0", "no_games_in_window"), ("days.usage_chances_last7d = 0", "minutes_below_resolution")),
        column("null", "double", "fourth_quarter_minutes_last7d", "minutes in fourth quarters in the last 7 days: needs play-by-play", "fourth_quarter"),
        reason("fourth_quarter", ("true", "no_source")),
    ]  # fmt: skip


table = Table(
    phase=3,
    grain=("game_date", "player_id"),
    known=AS_OF,
    games="scheduled",
    expects=keys("select game_date, game_id, player_id from slate_players", zero="no_history"),
    # A newcomer of the previous season has no appearance in the two seasons before it: four seasons with the current one.
    reads={
        "slate_players": same(),
        "games": Reads(back_seasons=4, optional=True),
        "player_game_summary": before(seasons=4),
        "team_offense_game_summary": before(seasons=4),
    },
    sql=f"""
with {SEASONS},
facts as (
    select
        played.player_id, played.season, played.season_type, played.game_date, played.team_id, played.opponent_team_id, played.is_home,
        played.points, played.rebounds, played.assists, played.three_makes as threes, played.pra, played.steals, played.blocks,
        played.turnovers, played.fg_makes, played.fg_attempts, played.three_attempts, played.ft_makes, played.ft_attempts,
        played.is_starter, {tier_rank("played.source_tier")} as tier,
        cast(round(played.minutes * 60) as bigint) as seconds,
        case
            when round(played.minutes * 60) > 0 and own.team_id is not null
            then 100 * played.fg_attempts + 44 * played.ft_attempts + 100 * played.turnovers else 0
        end as usage_events,
        own.team_minutes / 5.0 as court_minutes,
        100 * own.fg_attempts + 44 * own.ft_attempts + 100 * own.turnovers as team_usage_events,
        own.fg_makes as team_fg_makes,
        own.rebounds + opponent.rebounds as all_rebounds
    from player_game_summary as played
    left join team_offense_game_summary as own on own.game_date = played.game_date and own.team_id = played.team_id
    left join team_offense_game_summary as opponent
        on opponent.game_date = played.game_date and opponent.team_id = played.opponent_team_id
    where played.did_play
),
measured as (
    select
        *,
        -- One quantised number per game keeps the sums exact, whatever their order.
        cast(coalesce(seconds / 60.0 * team_usage_events / 100.0 / nullif(court_minutes, 0), 0) as decimal(18,9)) as usage_chances,
        cast(coalesce(seconds / 60.0 * all_rebounds / nullif(court_minutes, 0), 0) as decimal(18,9)) as rebound_chances,
        cast(coalesce(seconds / 60.0 / nullif(court_minutes, 0) * team_fg_makes - fg_makes, 0) as decimal(18,9)) as assist_chances
    from facts
),
appearances as (
    select
        measured.*,
        row_number() over ({_SEASON}) as game_number,
        case when is_home then 1 else 0 end as home_games,
        case when is_home then points else 0 end as home_points,
        case when is_starter then 1 else 0 end as starts,
        case when is_starter is not null then 1 else 0 end as starts_known,
        points * points as points_squared, points * points * points as points_cubed, rebounds * rebounds as rebounds_squared,
        assists * assists as assists_squared, threes * threes as threes_squared, pra * pra as pra_squared,
        seconds * seconds as seconds_squared,
        case when {days_between(f"lag(game_date) over ({_SEASON})", "game_date")} = 1 then 1 else 0 end as back_to_backs
    from measured
    where player_id in (select player_id from slate_players)
),
numbered as (
    select *, game_number * points as points_numbered, game_number * seconds as seconds_numbered from appearances
),
windowed as (
    select
        player_id, season, game_date, game_number,
        least(game_number, 3) as games_last3, least(game_number, 5) as games_last5, least(game_number, 10) as games_last10,
        least(game_number, 20) as games_last20, game_number as games_season,
{_window_sums()}
        max(tier) over ({_SEASON} {rows_frame("season")}) as tier
    from numbered
),
not_below as (
    select
        windowed.player_id, windowed.season, windowed.game_number,
        max(case when earlier.points * windowed.games_season >= windowed.points_season then earlier.game_number end) as last_not_below
    from windowed
    join appearances as earlier
        on earlier.player_id = windowed.player_id and earlier.season = windowed.season and earlier.game_number <= windowed.game_number
    group by windowed.player_id, windowed.season, windowed.game_number
),
after_appearance as (
    select windowed.*, coalesce(not_below.last_not_below, 0) as last_not_below
    from windowed
    join not_below
        on not_below.player_id = windowed.player_id and not_below.season = windowed.season
        and not_below.game_number = windowed.game_number
),
running as (
    select
        player_id, game_date, row_number() over (partition by player_id order by game_date) as career_number,
{_to_date_sums()}
    from appearances
),
player_days as (
    select player_id, game_date, 1 as games, false as is_slate from appearances
    union all
    select player_id, game_date, 0, true from slate_players
),
day_counts as (
    select
        player_id, game_date, is_slate,
        coalesce(sum(games) over ({_DAYS} {days_frame(7)}), 0)::bigint as games_last7d,
        coalesce(sum(games) over ({_DAYS} {days_frame(14)}), 0)::bigint as games_last14d,
        coalesce(sum(games) over ({_DAYS} {days_frame(365)}), 0)::bigint as games_365d
    from player_days
),
-- The number of games in a window of days says where it starts, so that running sums give every other sum of it.
days as (
    select
        slate_players.game_date, slate_players.player_id, counts.games_last7d, counts.games_last14d, counts.games_365d,
{_between_dates("seconds", "before_7d", "seconds_last7d")}
{_between_dates("usage_events", "before_7d", "usage_events_last7d")}
{_between_dates("usage_chances", "before_7d", "usage_chances_last7d")}
{_between_dates("seconds", "before_14d", "seconds_last14d")}
{_between_dates("points", "before_365d", "points_365d")}
        -- A pair lies inside the 14 days when its second game is not the first of them.
        case when counts.games_last14d > 1 then latest.back_to_backs_to_date - first_14d.back_to_backs_to_date else 0 end
            as back_to_backs_last14d
    from slate_players
    join day_counts as counts
        on counts.game_date = slate_players.game_date and counts.player_id = slate_players.player_id and counts.is_slate
    left join running as latest
        on latest.player_id = slate_players.player_id and latest.game_date = slate_players.last_appearance_date
    left join running as before_7d
        on before_7d.player_id = latest.player_id and before_7d.career_number = latest.career_number - counts.games_last7d
    left join running as before_14d
        on before_14d.player_id = latest.player_id and before_14d.career_number = latest.career_number - counts.games_last14d
    left join running as first_14d
        on first_14d.player_id = latest.player_id and first_14d.career_number = latest.career_number - counts.games_last14d + 1
    left join running as before_365d
        on before_365d.player_id = latest.player_id and before_365d.career_number = latest.career_number - counts.games_365d
),
rivals as (
    select slate_players.game_date, slate_players.player_id, count(*) as games_rival_365d, sum(appearances.points) as points_rival_365d
    from slate_players
    join appearances
        on appearances.player_id = slate_players.player_id and appearances.opponent_team_id = slate_players.opponent_team_id
    where appearances.game_date < slate_players.game_date
        and {days_between("appearances.game_date", "slate_players.game_date")} <= 365
    group by slate_players.game_date, slate_players.player_id
),
minutes_ranks as (
    select
        slate_players.game_date, slate_players.player_id,
        rank() over (
            partition by slate_players.game_date, slate_players.team_id order by windowed.seconds_last10::double / nullif(windowed.games_last10, 0) desc
        ) as minutes_rank
    from slate_players
    join windowed
        on windowed.player_id = slate_players.player_id and windowed.season = slate_players.season
        and windowed.game_date = slate_players.last_appearance_date
    where slate_players.team_id is not null
),
regular as (
    select measured.*, row_number() over (partition by player_id, season order by game_date desc) as number_from_end
    from measured
    where season_type = 'regular'
),
regular_seasons as (
    select
        player_id, season, count(*) as games,
{_previous_columns()}
        sum(usage_events) / 100.0 / nullif(sum(usage_chances)::double, 0) as usage_rate_previous,
        sum(points) * 60.0 / nullif(sum(seconds), 0) as points_per_minute_previous,
        {", ".join(f"sum({name}) as {name}_total" for name in _LEVELS)},
        sum(usage_events) as usage_events_total, sum(usage_chances) as usage_chances_total,
        max(case when number_from_end = 1 then team_id end) as last_team_id
    from regular
    group by player_id, season
),
seen as (
    select player_id, season from measured group by player_id, season
),
roles as (
    select
        seasons.season,
{_role_columns()}
        sum(previous.usage_events_total) / 100.0 / nullif(sum(previous.usage_chances_total)::double, 0) as usage_rate_role
    from seasons
    join regular_seasons as previous on previous.season = seasons.previous_season
    left join seen as one_earlier on one_earlier.player_id = previous.player_id and one_earlier.season = seasons.second_previous_season
    left join seen as two_earlier on two_earlier.player_id = previous.player_id and two_earlier.season = seasons.third_previous_season
    where seasons.second_previous_season is not null and one_earlier.player_id is null and two_earlier.player_id is null
    group by seasons.season
),
slate_seasons as (
    select player_id, season from slate_players group by player_id, season
),
candidates as (
    select
        slate_seasons.season as slate_season, regular_seasons.*,
        row_number() over (
            partition by slate_seasons.player_id, slate_seasons.season
            order by case when regular_seasons.season = seasons.previous_season then 0 else 1 end
        ) as choice
    from slate_seasons
    join seasons on seasons.season = slate_seasons.season
    join regular_seasons on regular_seasons.player_id = slate_seasons.player_id
        and (regular_seasons.season = seasons.previous_season or regular_seasons.season = seasons.second_previous_season)
),
previous_seasons as (
    select * from candidates where choice = 1
),
priors as (
    select
        slate_players.game_date, slate_players.player_id, seasons.opened_on,
        coalesce(previous_seasons.games, 0) as games_prev_season,
        coalesce(previous_seasons.last_team_id <> slate_players.team_id, false) as has_changed_team,
        previous_seasons.points_per_minute_previous,
{_prior_columns()}
        slate_players.season
    from slate_players
    join seasons on seasons.season = slate_players.season
    left join roles on roles.season = slate_players.season
    left join previous_seasons
        on previous_seasons.player_id = slate_players.player_id and previous_seasons.slate_season = slate_players.season
)
select
    (slate.game_date)::date as game_date,  -- US Eastern date of the game
    (slate.player_id)::bigint as player_id,  -- the NBA's player number
    (slate.game_id)::varchar as game_id,  -- the game
    (slate.team_id)::bigint as team_id,  -- his team, as in slate_players [null: team]
    (case when slate.team_id is null then 'team_unresolved' end)::varchar as team_null_reason,  -- why a column of the group team is NULL
{_form_columns()}
    (slate.season)::varchar as season,  -- season of the game
    (slate.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    ({is_bootstrap("slate.game_date", "priors.opened_on")})::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({tier_name("form.tier")})::varchar as source_tier,  -- worst tier of his games of the season
    (slate.as_of_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from slate_players as slate
join priors on priors.game_date = slate.game_date and priors.player_id = slate.player_id
join days on days.game_date = slate.game_date and days.player_id = slate.player_id
left join rivals on rivals.game_date = slate.game_date and rivals.player_id = slate.player_id
left join minutes_ranks on minutes_ranks.game_date = slate.game_date and minutes_ranks.player_id = slate.player_id
left join after_appearance as form
    on form.player_id = slate.player_id and form.season = slate.season and form.game_date = slate.last_appearance_date
""",
    checks=[],
)
