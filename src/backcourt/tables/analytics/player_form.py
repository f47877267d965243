"""Every window of a player's own games, once: recent form, season figures and their shrunk versions, as of before the game.

Windows are summed per appearance, as they stand after it, and each slate row takes those of the player's last appearance.
"""

from backcourt.engine.declare.checks import between, offending, one_of, season_check, usually
from backcourt.engine.declare.table import AS_OF, Reads, Table, before, keys, same
from backcourt.tables.analytics.conventions import SEASONS, day_number, days_between, is_bootstrap, tier_name, tier_rank
from backcourt.tables.analytics.limits import MOST_POINTS, games_in_days, minutes_within_a_game, points_within_a_game
from backcourt.tables.analytics.moments import power_sums, sample_sd_of
from backcourt.tables.analytics.player_form_columns import form_columns
from backcourt.tables.analytics.shrinkage import PLAYER_PRIORS, USAGE_PRIOR
from backcourt.tables.analytics.windows import days_frame, rows_frame, sums

_SEASON = "partition by player_id, season order by game_date nulls first"
_DAYS = f"partition by player_id order by {day_number('game_date')} nulls first"
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
    running = "partition by player_id order by game_date nulls first rows unbounded preceding"
    lines = [f"        sum({name}) over ({running})::bigint as {name}_to_date," for name in _TO_DATE]
    return "\n".join([*lines, f"        sum(usage_chances) over ({running})::decimal(38,9) as usage_chances_to_date"])


def _between_dates(name: str, since: str, alias: str) -> str:
    """Sum of a window of days: the running sum at his last appearance less that at the last appearance before the window."""
    return f"        latest.{name}_to_date - coalesce({since}.{name}_to_date, 0) as {alias},"


def _previous_columns() -> str:
    lines = [
        f"        {statistic.in_units(f'sum({statistic.summed})')} / nullif(count(*), 0)::double as {statistic.name}_previous,"
        for statistic in (prior.statistic for prior in PLAYER_PRIORS)
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


# Two thirds of the smallest spread seen on a slate.
_LEAST_SPREAD = {"points_mean_last10": 4.0, "minutes_mean_last10": 4.7, "usage_rate_last10": 0.034, "points_sd_last10": 1.2}

table = Table(
    phase=3,
    grain=("game_date", "player_id"),
    known=AS_OF,
    games="scheduled",
    expects=keys("select game_date, game_id, player_id from slate_players", zero="no_history"),
    # A prior may be three seasons old, and a newcomer of last season has no appearance in the two before it: four with the current one.
    reads={
        "slate_players": same(),
        "games": Reads(back_seasons=4),
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
        and (season in (select season from slate_players) or game_date >= (select min(game_date) - 365 from slate_players))
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
        player_id, game_date, row_number() over (partition by player_id order by game_date nulls first) as career_number,
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
dated as (
    select
        slate_players.*, counts.games_last7d, counts.games_last14d, counts.games_365d,
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
            partition by slate_players.game_date, slate_players.team_id
            order by windowed.seconds_last10::double / nullif(windowed.games_last10, 0) desc
        ) as minutes_rank
    from slate_players
    join windowed
        on windowed.player_id = slate_players.player_id and windowed.season = slate_players.season
        and windowed.game_date = slate_players.last_appearance_date
    where slate_players.team_id is not null
),
regular_seasons as (
    select
        player_id, season, count(*) as games, max(game_date) as last_date,
{_previous_columns()}
        sum(usage_events) / 100.0 / nullif(sum(usage_chances)::double, 0) as usage_rate_previous,
        sum(points) * 60.0 / nullif(sum(seconds), 0) as points_per_minute_previous,
        {", ".join(f"sum({name}) as {name}_total" for name in _LEVELS)},
        sum(usage_events) as usage_events_total, sum(usage_chances) as usage_chances_total
    from measured
    where season_type = 'regular'
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
            order by regular_seasons.last_date desc
        ) as choice
    from slate_seasons
    join seasons on seasons.season = slate_seasons.season
    join regular_seasons on regular_seasons.player_id = slate_seasons.player_id
        and regular_seasons.season in (seasons.previous_season, seasons.second_previous_season, seasons.third_previous_season)
),
previous_seasons as (
    select candidates.*, last_game.team_id as last_team_id
    from candidates
    join measured as last_game on last_game.player_id = candidates.player_id and last_game.game_date = candidates.last_date
    where candidates.choice = 1
),
priors as (
    select
        slate_seasons.player_id, slate_seasons.season, seasons.opened_on,
        coalesce(previous_seasons.games, 0) as games_prev_season,
        previous_seasons.last_team_id,
{_prior_columns()}
        previous_seasons.points_per_minute_previous
    from slate_seasons
    join seasons on seasons.season = slate_seasons.season
    left join roles on roles.season = slate_seasons.season
    left join previous_seasons
        on previous_seasons.player_id = slate_seasons.player_id and previous_seasons.slate_season = slate_seasons.season
)
select
    (slate.game_date)::date as game_date,  -- US Eastern date of the game
    (slate.player_id)::bigint as player_id,  -- the NBA's player number
    (slate.game_id)::varchar as game_id,  -- the game
    (slate.team_id)::bigint as team_id,  -- his team, as in slate_players [null: team]
    (case when slate.team_id is null then 'team_unresolved' end)::varchar as team_null_reason,  -- why a column of the group team is NULL
{form_columns()}
    (slate.season)::varchar as season,  -- season of the game
    (slate.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    ({is_bootstrap("slate.game_date", "priors.opened_on")})::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({tier_name("form.tier")})::varchar as source_tier,  -- worst tier of his games of the season
    (slate.as_of_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from dated as slate
join priors on priors.player_id = slate.player_id and priors.season = slate.season
left join rivals on rivals.game_date = slate.game_date and rivals.player_id = slate.player_id
left join minutes_ranks on minutes_ranks.game_date = slate.game_date and minutes_ranks.player_id = slate.player_id
left join after_appearance as form
    on form.player_id = slate.player_id and form.season = slate.season and form.game_date = slate.last_appearance_date
""",
    checks=[
        one_of("prior_kind", ("previous_season", "previous_season_thin", "role")),
        offending(
            "windows_nest",
            "select * from {rows} where games_last3 > games_last5 or games_last5 > games_last10 or games_last10 > games_last20 "
            "or games_last20 > games_season or games_last7d > games_last14d or minutes_sum_last7d > minutes_sum_last14d",
            reason="a longer window holds the shorter one",
        ),
        *points_within_a_game("points_mean_last3", "points_mean_shrunk"),
        *minutes_within_a_game("minutes_mean_last3"),
        between("points_sd_last10", 0, MOST_POINTS, reason="values between 0 and the most that anybody scores spread by less"),
        usually("points_sd_last10", 0, 30),
        between("points_skew_last20", -5, 5, reason="the skewness of 20 values lies within the root of 20"),
        usually("usage_rate_last10", 0, 1.7),
        games_in_days("games_last7d", 7),
        games_in_days("games_last14d", 14),
        *(
            season_check(
                f"players_with_{n}_games",
                f"select season, count(*) as players, count_if(games_season >= {n}) as with_games from {{rows}} group by season "
                f"having count_if(games_season >= {n}) not between {low} * count(*) and {high} * count(*)",
                severity="warn",
                reason="what good seasons have held",
            )
            for n, low, high in ((1, 0.945, 1), (3, 0.885, 0.935), (5, 0.835, 0.885), (10, 0.725, 0.775))
        ),
        *(
            season_check(
                f"{name}_varies_on_a_slate",
                f"select season, game_date, {sample_sd_of('value')} as sd, different from (select season, game_date, count(*) as players, "
                f"count(distinct {name}) as different, {power_sums(name, 'value')} from {{rows}} "
                "where games_season >= 5 group by season, game_date) as summed "
                f"where players >= 50 and ({sample_sd_of('value')} < {least} or different < 29)",
                severity="warn",
                reason="what good seasons have held",
            )
            for name, least in _LEAST_SPREAD.items()
        ),
        *(
            season_check(
                f"{name}_is_not_one_value",
                f"select season, count(*) as players from {{rows}} where games_season >= 5 and {name} is not null group by season "
                f"having count(*) >= 50 and count(distinct {name}) = 1",
                reason="fifty players never share a mean; one value for all is a default",
            )
            for name in _LEAST_SPREAD
        ),
    ],
)
