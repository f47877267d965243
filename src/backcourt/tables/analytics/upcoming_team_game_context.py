"""What is known about a team before a game: schedule, form, shrunk ratings and the market's view."""

from backcourt.engine.declare.checks import Severity, between, offending, one_of, season_check, usually
from backcourt.engine.declare.table import AS_OF, Reads, Table, before, keys, same
from backcourt.tables.analytics.conventions import (
    SEASONS,
    day_number,
    days_between,
    is_bootstrap,
    readable,
    reason_from,
    tier_name,
    tier_rank,
)
from backcourt.tables.analytics.limits import games_in_days, pace, rating, rest
from backcourt.tables.analytics.market_lines import median, rank_in
from backcourt.tables.analytics.moments import correlation_of, power_sums, sample_sd_of
from backcourt.tables.analytics.shrinkage import league_baseline, shrunk_team_mean, team_prior_mean
from backcourt.tables.analytics.team_context_columns import (
    MEANED,
    RATED,
    SCHEDULE_DAYS_AHEAD,
    SPREAD_OUT,
    form_columns,
    line_columns,
    schedule_columns,
    unavailable_columns,
)
from backcourt.tables.analytics.windows import days_frame, rows_frame

_SEASON = "partition by team_id, season order by game_date nulls first"
_BEFORE10 = rows_frame("last10", before_current=True)
_BEFORE = rows_frame("season", before_current=True)
_LEAGUE = "partition by season order by game_date nulls first"
_DAYS = f"{_SEASON.replace('game_date nulls', day_number('game_date') + ' nulls')}"

_MARKET = "game_date, game_id, market"
_COUNTED_LAST10 = (
    "found", "points", "blowouts", "opponent_fg_attempts", "opponent_ft_attempts", "defensive_rebounds", "opponent_offensive_rebounds",
    "turnovers", "turnovers_forced",
)  # fmt: skip


def _windows() -> str:
    lines = [f"        sum({name}) over ({_SEASON} {_BEFORE10})::bigint as {name}_last10," for name in _COUNTED_LAST10]
    lines += [f"        sum({name}) over ({_SEASON} {_BEFORE10})::decimal(38,9) as {name}_last10," for name in (*MEANED, "possessions")]
    lines += [f"        sum({name}_scaled) over ({_SEASON} {_BEFORE10})::bigint as {name}_scaled_last10," for name in SPREAD_OUT]
    lines += [
        f"        sum({name}_scaled * {name}_scaled) over ({_SEASON} {_BEFORE10})::bigint as {name}_scaled_squared_last10,"
        for name in SPREAD_OUT
    ]
    lines += [f"        sum({name}) over ({_SEASON} {_BEFORE})::bigint as {name}_season," for name in ("found", "wins")]
    lines += [f"        sum({name}) over ({_SEASON} {_BEFORE})::decimal(38,9) as {name}_season," for name in RATED]
    return "\n".join(lines)


def _priors() -> str:
    lines = []
    for name in RATED:
        baseline = league_baseline(f"league.{name}_total", "league.team_games", f"league_before.{name}_mean")
        prior = team_prior_mean(f"league_before.{name}_mean", f"team_before.{name}_mean", baseline)
        total, n = f"windowed.{name}_season", "coalesce(windowed.found_season, 0)"
        lines.append(f"        {shrunk_team_mean(name, total, n, prior)} as {name}_shrunk,")
    for name in ("pace", "defensive_rating"):
        baseline = league_baseline(f"league.{name}_total", "league.team_games", f"league_before.{name}_mean")
        lines.append(f"        {baseline} as league_{name},")
    return "\n".join(lines)


# Between the teams of a slate; the smallest seen are 0.83, 1.06 and 0.97.
_LEAST_SPREAD = {"pace_shrunk": 0.5, "offensive_rating_shrunk": 0.6, "defensive_rating_shrunk": 0.6}
_SPREAD_AND_MARGIN = correlation_of("spread", "margin", "products")
_SPREADS: tuple[tuple[str, float, Severity, str], ...] = (
    ("spread_has_the_right_sign", 0, "fail", "who is favoured wins by more: over 400 games only a wrong sign turns that round"),
    ("spread_points_the_right_way", -0.3, "warn", "what good seasons have held"),
)

table = Table(
    phase=3,
    grain=("game_date", "team_id"),
    known=AS_OF,
    games="scheduled",
    expects=keys(
        "select game_date, game_id, home_team_id as team_id from games where status = 'scheduled'"
        " union all select game_date, game_id, away_team_id from games where status = 'scheduled'"
    ),
    reads={
        # Dates after the game are read for the two columns about the next games only.
        "games": Reads(back_seasons=2, ahead_days=SCHEDULE_DAYS_AHEAD),
        "team_offense_game_summary": before(seasons=2),
        "team_defense_game_summary": before(seasons=2),
        "game_line_quotes": same(optional=True),
    },
    sql=f"""
with {SEASONS},
team_games as (
    select game_date, game_id, season, season_type, home_team_id as team_id, away_team_id as opponent_team_id, true as is_home,
        season_type = 'regular' and lower(coalesce(game_sub_label, '')) not like '%quarterfinal%'
            and lower(coalesce(game_sub_label, '')) not like '%semifinal%' as is_planned
    from games where status = 'scheduled'
    union all
    select game_date, game_id, season, season_type, away_team_id, home_team_id, false,
        season_type = 'regular' and lower(coalesce(game_sub_label, '')) not like '%quarterfinal%'
            and lower(coalesce(game_sub_label, '')) not like '%semifinal%'
    from games where status = 'scheduled'
),
results as (
    select
        team_games.game_date, team_games.game_id, team_games.season, team_games.season_type, team_games.team_id,
        team_games.opponent_team_id, team_games.is_home, team_games.is_planned,
        case when offense.team_id is not null then 1 else 0 end as found,
        offense.is_win, offense.margin, offense.points, offense.turnovers,
        case when offense.is_win then 1 else 0 end as wins,
        case when abs(offense.margin) >= 15 then 1 else 0 end as blowouts,
        cast(offense.possessions as decimal(18,9)) as possessions,
        cast(offense.pace as decimal(18,9)) as pace,
        cast(offense.offensive_rating as decimal(18,9)) as offensive_rating,
        cast(defense.defensive_rating as decimal(18,9)) as defensive_rating,
        cast(offense.offensive_rating - defense.defensive_rating as decimal(18,9)) as net_rating,
        cast(defense.opponent_ft_attempt_rate as decimal(18,9)) as ft_attempt_rate_allowed,
        cast(offense.offensive_rebound_rate as decimal(18,9)) as offensive_rebound_rate,
        -- Squares of the ratings are summed as whole millionths from 100, which fit into 64 bits.
        cast(round((offense.pace - 100) * 1000000) as bigint) as pace_scaled,
        cast(round((offense.offensive_rating - 100) * 1000000) as bigint) as offensive_rating_scaled,
        cast(round((defense.defensive_rating - 100) * 1000000) as bigint) as defensive_rating_scaled,
        defense.opponent_fg_attempts, defense.opponent_ft_attempts, defense.defensive_rebounds, defense.opponent_offensive_rebounds,
        defense.turnovers_forced,
        case when {tier_rank("defense.source_tier")} > {tier_rank("offense.source_tier")}
            then {tier_rank("defense.source_tier")} else {tier_rank("offense.source_tier")} end as tier
    from team_games
    left join team_offense_game_summary as offense
        on offense.game_date = team_games.game_date and offense.game_id = team_games.game_id and offense.team_id = team_games.team_id
    left join team_defense_game_summary as defense
        on defense.game_date = team_games.game_date and defense.game_id = team_games.game_id and defense.team_id = team_games.team_id
),
numbered as (
    select
        results.*,
        row_number() over ({_SEASON}) as game_number,
        lag(game_date) over ({_SEASON}) as previous_date,
        sum(found) over ({_SEASON} {rows_frame("season")})::bigint as found_number
    from results
),
gaps as (
    select
        numbered.*,
        {days_between("previous_date", "game_date")} - 1 as rest_days,
        case when previous_date is null or {days_between("previous_date", "game_date")} > 2 then game_date end as rested_date,
        case when {days_between("previous_date", "game_date")} = 1 then 1 else 0 end as back_to_backs
    from numbered
),
windowed as (
    select
        game_date, game_id, season, season_type, team_id, opponent_team_id, is_home, game_number, previous_date, rest_days,
{_windows()}
        max(rested_date) over ({_SEASON} {rows_frame("season")}) as rested_on,
        max(case when is_home then game_number end) over ({_SEASON} {rows_frame("season")}) as last_home_number,
        max(case when not is_home then game_number end) over ({_SEASON} {rows_frame("season")}) as last_road_number,
        max(case when is_win then found_number end) over ({_SEASON} {_BEFORE}) as last_win,
        max(case when not is_win then found_number end) over ({_SEASON} {_BEFORE}) as last_loss,
        lag(margin) over ({_SEASON}) as last_margin,
        lag(is_win) over ({_SEASON}) as last_is_win,
        max(tier) over ({_SEASON} {_BEFORE}) as tier,
        count(*) over ({_DAYS} {days_frame(7)}) as games_last7d,
        count(*) over ({_DAYS} {days_frame(14)}) as games_last14d,
        count(*) over ({_DAYS} {days_frame(3)}) as games_last3d,
        -- Both days of a pair lie in the 14 days, so the second one lies in the last 13.
        sum(back_to_backs) over ({_DAYS} {days_frame(13)})::bigint as back_to_backs_last14d,
        count(case when is_planned then 1 end) over ({_DAYS} range between 1 following and 7 following) as games_next7d,
        min(case when is_planned then game_date end)
            over ({_DAYS} range between 1 following and {SCHEDULE_DAYS_AHEAD} following) as next_date
    from gaps
),
league_days as (
    select
        season, game_date, sum(found) as found,
        {", ".join(f"sum({name}) as {name}" for name in RATED)}
    from results
    group by season, game_date
),
league as (
    select
        season, game_date,
        {", ".join(f"sum({name}) over ({_LEAGUE} {_BEFORE})::decimal(38,9) as {name}_total" for name in RATED)},
        coalesce(sum(found) over ({_LEAGUE} {_BEFORE}), 0)::bigint as team_games
    from league_days
),
league_means as (
    select season, {", ".join(f"sum({name})::double / nullif(sum(found), 0) as {name}_mean" for name in RATED)}
    from results where season_type = 'regular' group by season
),
team_means as (
    select season, team_id, {", ".join(f"sum({name})::double / nullif(sum(found), 0) as {name}_mean" for name in RATED)}
    from results where season_type = 'regular' group by season, team_id
),
rated as (
    select
        windowed.*,
{_priors()}
        seasons.opened_on
    from windowed
    join seasons on seasons.season = windowed.season
    join league on league.season = windowed.season and league.game_date = windowed.game_date
    left join league_means as league_before on league_before.season = seasons.previous_season
    left join team_means as team_before on team_before.season = seasons.previous_season and team_before.team_id = windowed.team_id
),
readable_quotes as (
    select
        quotes.game_date, quotes.game_id, quotes.book, quotes.market, quotes.line, quotes.captured_at,
        row_number() over (
            partition by quotes.game_date, quotes.game_id, quotes.market, quotes.book
            order by quotes.captured_at nulls first, quotes.source_event_id nulls first, quotes.line nulls first
        ) as from_first,
        row_number() over (
            partition by quotes.game_date, quotes.game_id, quotes.market, quotes.book
            order by quotes.captured_at desc, quotes.source_event_id desc, quotes.line desc
        ) as from_last
    from game_line_quotes as quotes
    join games on games.game_date = quotes.game_date and games.game_id = quotes.game_id
    where {readable("quotes")} and quotes.period = 'full' and quotes.line is not null
        and (quotes.market = 'total' and quotes.outcome = 'over' or quotes.market = 'spread' and quotes.team_id = games.home_team_id)
),
book_lines as (
    select
        game_date, game_id, market, book,
        max(case when from_first = 1 then line end) as first_line,
        max(case when from_last = 1 then line end) as last_line,
        max(captured_at) as captured_at, min(captured_at) <> max(captured_at) as is_repeated
    from readable_quotes
    group by game_date, game_id, market, book
),
ranked_lines as (
    select
        book_lines.*,
        {rank_in(_MARKET, "first_line")} as first_rank,
        {rank_in(_MARKET, "last_line")} as last_rank,
        count(*) over (partition by {_MARKET}) as books
    from book_lines
),
moved_lines as (
    select {_MARKET}, last_line - first_line as moved from book_lines where is_repeated
),
ranked_moves as (
    select
        moved_lines.*, {rank_in(_MARKET, "moved")} as moved_rank, count(*) over (partition by {_MARKET}) as moved_books
    from moved_lines
),
market_moves as (
    select {_MARKET}, {median("moved", "moved_rank", "moved_books")} as movement from ranked_moves group by {_MARKET}
),
market_medians as (
    select
        {_MARKET},
        {median("last_line", "last_rank", "books")} as current_line,
        {median("first_line", "first_rank", "books")} as opening_line,
        max(books) as books, max(captured_at) as captured_at
    from ranked_lines
    group by {_MARKET}
),
market_lines as (
    select medians.*, moves.movement
    from market_medians as medians
    left join market_moves as moves
        on moves.game_date = medians.game_date and moves.game_id = medians.game_id and moves.market = medians.market
),
lines as (
    select
        game_date, game_id, max(books) as books_n, max(captured_at) as captured_at,
        max(case when market = 'spread' then current_line end)as spread_current,
        max(case when market = 'spread' then opening_line end)as spread_opening,
        max(case when market = 'spread' then movement end)as spread_movement,
        max(case when market = 'total' then current_line end) as total_current,
        max(case when market = 'total' then opening_line end) as total_opening,
        max(case when market = 'total' then movement end) as total_movement
    from market_lines
    group by game_date, game_id
)
select
    (own.game_date)::date as game_date,  -- US Eastern date of the game
    (own.team_id)::bigint as team_id,  -- the NBA's team number
    (own.game_id)::varchar as game_id,  -- the game
    (own.opponent_team_id)::bigint as opponent_team_id,  -- the other team
    (own.is_home)::boolean as is_home,  -- the schedule's home team, on neutral ground too
    (games.is_neutral_site)::boolean as is_neutral_site,  -- played on neutral ground
    (games.tip_at)::timestamp as tip_at,  -- UTC, scheduled start [null: tip]
{reason_from("tip", "games.tip_null_reason")}
    (games.lock_at)::timestamp as lock_at,  -- UTC, the moment from which nothing is readable
{chr(10).join([*schedule_columns(), *form_columns(), *line_columns(), *unavailable_columns()])}
    (own.season)::varchar as season,  -- season of the game
    (own.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    ({is_bootstrap("own.game_date", "own.opened_on")})::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({tier_name("own.tier")})::varchar as source_tier,  -- worst tier of the team's games of the season
    (games.lock_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from rated as own
join rated as opponent
    on opponent.game_date = own.game_date and opponent.game_id = own.game_id and opponent.team_id = own.opponent_team_id
join games on games.game_date = own.game_date and games.game_id = own.game_id
left join lines on lines.game_date = own.game_date and lines.game_id = own.game_id
""",
    checks=[
        one_of("season_stage", ("regular_early", "regular_mid", "regular_late", "play_in", "playoffs", "cup_final")),
        offending(
            "both_sides_mirror",
            "select a.* from {rows} a join {rows} b on b.game_id = a.game_id and b.team_id = a.opponent_team_id "
            "where a.spread_current + b.spread_current <> 0 or a.rest_advantage + b.rest_advantage <> 0 "
            "or a.total_current <> b.total_current or a.is_home = b.is_home or a.net_rating_gap + b.net_rating_gap not between -0.000001 and 0.000001",
            reason="both sides play one game",
        ),
        rest("rest_days"),
        games_in_days("games_last7d", 7),
        between("game_number_season", 1, 120, reason="82 games, a cup final, two of the play-in and four series of seven are 113"),
        pace("pace_mean_last10"),
        usually("pace_mean_last10", 80, 125),
        rating("offensive_rating_mean_last10"),
        usually("offensive_rating_mean_last10", 60, 170),
        rating("defensive_rating_mean_last10"),
        usually("defensive_rating_mean_last10", 60, 170),
        pace("pace_shrunk"),
        usually("pace_shrunk", 85, 120),
        usually("spread_current", -30, 30),
        usually("total_current", 170, 280),
        season_check(
            "back_to_backs_of_the_regular_season",
            "select season, count(is_back_to_back) as games, count_if(is_back_to_back) as back_to_backs from {rows} "
            "where season_type = 'regular' group by season "
            "having count_if(is_back_to_back) not between 0.165 * count(is_back_to_back) and 0.1855 * count(is_back_to_back)",
            severity="warn",
            reason="what good seasons have held",
        ),
        *(
            season_check(
                name,
                f"select season, {_SPREAD_AND_MARGIN} as correlation from (select r.season, {power_sums('r.spread_current', 'spread')}, "
                f"{power_sums('t.margin', 'margin')}, sum((r.spread_current * t.margin)::decimal(18, 9))::double as products "
                "from {rows} r join team_offense_game_summary t on t.game_date = r.game_date and t.team_id = r.team_id "
                "where r.spread_current is not null group by r.season) as summed "
                f"where spread_n >= 400 and {_SPREAD_AND_MARGIN} > {most}",
                severity=severity,
                reason=why,
            )
            for name, most, severity, why in _SPREADS
        ),
        *(
            season_check(
                f"{name}_varies_between_teams",
                f"select season, game_date, {sample_sd_of('value')} as sd from (select season, game_date, count(*) as teams, "
                f"{power_sums(name, 'value')} from {{rows}} where games_season >= 5 group by season, game_date) as summed "
                f"where teams >= 8 and {sample_sd_of('value')} < {least}",
                severity="warn",
                reason="what good seasons have held",
            )
            for name, least in _LEAST_SPREAD.items()
        ),
        *(
            season_check(
                f"{name}_is_not_one_value",
                f"select season, count(*) as teams from {{rows}} where games_season >= 5 and {name} is not null group by season "
                f"having count(*) >= 8 and count(distinct {name}) = 1",
                reason="no two teams share a mean of possessions or points; one value for all is a default",
            )
            for name in _LEAST_SPREAD
        ),
    ],
)
