"""What a defence concedes by zone, as of before each date: all teams of the league, on every date with a game."""

from backcourt.engine.declare.checks import between, offending, usually
from backcourt.engine.declare.table import AS_OF, Reads, Table, before, keys
from backcourt.tables.analytics.conventions import SEASONS, TEAM_GAMES, column, days_between, is_bootstrap, reason, tier_name, tier_rank
from backcourt.tables.analytics.shrinkage import league_baseline, team_prior_mean
from backcourt.tables.analytics.windows import rows_frame
from backcourt.tables.precompute.zones import SHARE_PRIOR_GAMES, TEAM_PRIOR_ATTEMPTS, ZONE_POINTS, ZONES, counted, drawn_pct, league_pct

_SEASON = "partition by team_id, season order by game_date nulls first"
_LEAGUE = "partition by season order by game_date nulls first"
_LAST15 = rows_frame("last15")
_TO_DATE = rows_frame("season")
_BEFORE = rows_frame("season", before_current=True)

# Every team plays within two weeks of the opener, so that all of them have a row on the first day.
_DAYS_AHEAD = 14

_COUNTED = tuple(f"{zone}_{counts}" for zone in ZONES for counts in ("attempts", "makes"))
_SHARES = tuple(f"{zone}_share" for zone in ZONES)
_RATED = ("defensive_rating", "pace")

_TEAM_DATES = f"""
    select slates.game_date, own.game_id, teams.team_id
    from (select game_date, min(season) as season from games where status = 'scheduled' group by game_date) as slates
    join (
        select season, team_id, min(game_date) as first_date
        from (
            select season, game_date, home_team_id as team_id from games where status = 'scheduled'
            union all
            select season, game_date, away_team_id from games where status = 'scheduled'
        ) as sides
        group by season, team_id
    ) as teams on teams.season = slates.season and {days_between("slates.game_date", "teams.first_date")} <= {_DAYS_AHEAD}
    left join (
        select game_date, game_id, home_team_id as team_id from games where status = 'scheduled'
        union all
        select game_date, game_id, away_team_id from games where status = 'scheduled'
    ) as own on own.game_date = slates.game_date and own.team_id = teams.team_id
"""


def _zone_columns() -> list[str]:
    lines: list[str] = []
    all_attempts = "(" + " + ".join(f"form.{zone}_attempts_last15" for zone in ZONES) + ")"
    for zone in ZONES:
        makes, attempts = f"form.{zone}_makes_last15", f"form.{zone}_attempts_last15"
        has_games = "form.zone_games_last15 > 0"
        lines += [
            column(f"case when {has_games} then {attempts} end", "bigint", f"{zone}_attempts_allowed_last15", "attempts against it", "zones"),
            column(f"case when {has_games} then {makes} end", "bigint", f"{zone}_makes_allowed_last15", "makes against it", "zones"),
            column(f"{makes}::double / nullif({attempts}, 0)", "double", f"{zone}_pct_allowed_last15", "makes / attempts, pooled", f"{zone}_pct"),
            reason(
                f"{zone}_pct",
                ("coalesce(team.games_before, 0) = 0", "no_games_in_window"),
                ("form.zone_games_last15 = 0", "zones_incomplete"),
                (f"{attempts} = 0", "zero_denominator"),
            ),
            column(
                f"{attempts}::double / nullif(form.zone_games_last15, 0)",
                "double", f"{zone}_attempts_allowed_mean_last15", "attempts against it per game with complete zones", "zones",
            ),
            column(
                f"{ZONE_POINTS[zone]} * {makes}::double / nullif(form.zone_games_last15, 0)",
                "double", f"{zone}_points_allowed_mean_last15", "points from the zone per game with complete zones", "zones",
            ),
            column(f"{attempts}::double / nullif({all_attempts}, 0)", "double", f"{zone}_share_allowed_last15", "share of the attempts, pooled", "zones"),
        ]  # fmt: skip
    lines.append(
        column(
            f"form.restricted_area_attempts_last15::double / nullif({all_attempts}, 0)",
            "double",
            "restricted_area_share_allowed_last15",
            "share of the attempts at the rim, pooled",
            "zones",
        )
    )
    lines.append(
        reason(
            "zones",
            ("coalesce(team.games_before, 0) = 0", "no_games_in_window"),
            ("form.zone_games_last15 = 0", "zones_incomplete"),
        )
    )
    for zone in ZONES:
        lines += [
            column(f"rated.{zone}_pct_shrunk", "double", f"{zone}_pct_allowed_shrunk", f"{zone} percentage allowed, season, drawn to the league's (F9)", f"{zone}_league"),
            column(f"rated.{zone}_pct_shrunk - rated.league_{zone}_pct", "double", f"{zone}_pct_vs_league", f"{zone} percentage allowed less the league's: positive is a weaker defence", f"{zone}_league"),
            column(f"rated.league_{zone}_pct", "double", f"league_{zone}_pct", f"the league's {zone} percentage to date (F11)", f"{zone}_league"),
            reason(f"{zone}_league", (f"rated.league_{zone}_pct is null", "below_min_n")),
        ]  # fmt: skip
    for zone in ZONES:
        lines += [
            column(f"rated.{zone}_share_shrunk", "double", f"{zone}_share_allowed_shrunk", f"mean {zone} share of a game, drawn to half-way between league and own last season (F10)", "league_share"),
            column(f"rated.league_{zone}_share", "double", f"league_{zone}_share", f"the league's mean {zone} share of a game to date (F11)", "league_share"),
        ]  # fmt: skip
    lines.append(reason("league_share", ("rated.league_paint_share is null", "below_min_n")))
    return lines


def _rated_lines() -> str:
    lines = []
    for zone in ZONES:
        pct = league_pct(
            f"league.{zone}_makes_before", f"league.{zone}_attempts_before", f"season_before.{zone}_makes", f"season_before.{zone}_attempts"
        )
        lines.append(f"        {pct} as league_{zone}_pct,")
        share = league_baseline(f"league.{zone}_share_before", "coalesce(league.zone_games_before, 0)", f"season_before.{zone}_share_mean")
        lines.append(f"        {share} as league_{zone}_share,")
    return "\n".join(lines)


def _shrunk_lines() -> str:
    lines = []
    for zone in ZONES:
        pct = drawn_pct(
            f"form.{zone}_makes_season", f"form.{zone}_attempts_season", TEAM_PRIOR_ATTEMPTS[zone], f"baselines.league_{zone}_pct"
        )
        lines.append(f"        {pct} as {zone}_pct_shrunk,")
        prior = team_prior_mean(
            f"baselines.{zone}_share_league_previous", f"own_season_before.{zone}_share_mean", f"baselines.league_{zone}_share"
        )
        n = "coalesce(form.zone_games_season, 0)"
        share = f"(coalesce(form.{zone}_share_season, 0)::double + {float(SHARE_PRIOR_GAMES)}::double * {prior}) / nullif({n} + {float(SHARE_PRIOR_GAMES)}::double, 0)"
        lines.append(f"        {share} as {zone}_share_shrunk,")
    return "\n".join(lines)


def _means(of: str) -> str:
    return (
        "\n".join(
            f"        sum({zone}_attempts) as {zone}_attempts, sum({zone}_makes) as {zone}_makes,"
            f" sum({zone}_share)::double / nullif(sum(zone_games), 0) as {zone}_share_mean,"
            for zone in ZONES
        )
        + f"\n        count(*) as {of}"
    )


def _deviation(zone: str) -> str:
    """pct_vs_league in standard deviations of the teams of the date, from exact sums of billionths."""
    scaled, window = f"{zone}_scaled", "partition by game_date"
    n, total, squares = f"count({scaled}) over ({window})", f"sum({scaled}) over ({window})", f"sum({scaled} * {scaled}) over ({window})"
    return f"        {scaled} / nullif(sqrt(({n} * {squares} - {total} * {total})::double / nullif({n} * ({n} - 1), 0)), 0) as {zone}_deviation"


def _extreme(sign: str) -> str:
    """The zone with the lowest (`<=`) or highest (`>=`) deviation."""
    paint, mid_range, three = (f"ranked.{zone}_deviation" for zone in ZONES)
    return (
        f"case when form.zone_games_season >= 5 and {paint} is not null and {mid_range} is not null and {three} is not null then case"
        f" when {paint} {sign} {mid_range} and {paint} {sign} {three} then 'paint'"
        f" when {mid_range} {sign} {three} then 'mid_range' else 'three' end end"
    )


table = Table(
    phase=4,
    grain=("game_date", "team_id"),
    known=AS_OF,
    games="scheduled",
    expects=keys(_TEAM_DATES),
    reads={
        "games": Reads(back_seasons=2, ahead_days=_DAYS_AHEAD),
        "team_defense_game_summary": before(seasons=2),
    },
    sql=f"""
with {SEASONS},
{TEAM_GAMES},
slates as (
    select game_date, min(season) as season, min(season_type) as season_type, min(lock_at) as first_lock_at
    from games where status = 'scheduled' group by game_date
),
teams as (
    select season, team_id, min(game_date) as first_date from team_games group by season, team_id
),
facts as (
    select
        season, season_type, game_date, team_id, {tier_rank("source_tier")} as tier,
        case when shot_zones_complete then 1 else 0 end as zone_games,
        {", ".join(f"case when shot_zones_complete then opponent_{counted(zone)}_{counts} else 0 end as {zone}_{counts}" for zone in ZONES for counts in ("attempts", "makes"))},
        case when shot_zones_complete then opponent_restricted_area_attempts else 0 end as restricted_area_attempts,
        {", ".join(f"cast(case when shot_zones_complete then opponent_{zone}_share else 0 end as decimal(18,9)) as {zone}_share" for zone in ZONES)},
        cast(defensive_rating as decimal(18,9)) as defensive_rating, cast(pace as decimal(18,9)) as pace, points_allowed
    from team_defense_game_summary
),
after_game as (
    select
        team_id, season, row_number() over ({_SEASON}) as game_number,
        sum(zone_games) over ({_SEASON} {_LAST15})::bigint as zone_games_last15,
        sum(zone_games) over ({_SEASON} {_TO_DATE})::bigint as zone_games_season,
        count(*) over ({_SEASON} {_LAST15}) as team_games_last15,
        {", ".join(f"sum({name}) over ({_SEASON} {_LAST15})::bigint as {name}_last15" for name in (*_COUNTED, "restricted_area_attempts", "points_allowed"))},
        {", ".join(f"sum({name}) over ({_SEASON} {_TO_DATE})::bigint as {name}_season" for name in _COUNTED)},
        {", ".join(f"sum({name}) over ({_SEASON} {_TO_DATE})::decimal(38,9) as {name}_season" for name in _SHARES)},
        {", ".join(f"sum({name}) over ({_SEASON} {_LAST15})::decimal(38,9) as {name}_last15" for name in _RATED)},
        max(tier) over ({_SEASON} {_TO_DATE}) as tier
    from facts
),
-- How many games a team had played before each date, counted along one line of games and dates.
team_days as (
    select slates.game_date, slates.season, teams.team_id, 0 as games
    from slates
    join teams on teams.season = slates.season and {days_between("slates.game_date", "teams.first_date")} <= {_DAYS_AHEAD}
    union all
    select game_date, season, team_id, 1 from facts
),
counted_days as (
    select
        game_date, season, team_id, games,
        coalesce(sum(games) over (
            partition by team_id, season order by {days_between("date '2000-01-01'", "game_date")} nulls first
            range between unbounded preceding and 1 preceding
        ), 0)::bigint as games_before
    from team_days
),
league_days as (
    select
        slates.season, slates.game_date, sum(facts.zone_games) as zone_games,
        {", ".join(f"sum(facts.{name}) as {name}" for name in (*_COUNTED, *_SHARES))}
    from slates
    left join facts on facts.game_date = slates.game_date
    group by slates.season, slates.game_date
),
league as (
    select
        season, game_date,
        sum(zone_games) over ({_LEAGUE} {_BEFORE})::bigint as zone_games_before,
        {", ".join(f"sum({name}) over ({_LEAGUE} {_BEFORE})::bigint as {name}_before" for name in _COUNTED)},
        {", ".join(f"sum({name}) over ({_LEAGUE} {_BEFORE})::decimal(38,9) as {name}_before" for name in _SHARES)}
    from league_days
),
league_seasons as (
    select season,
{_means("team_games")}
    from facts where season_type = 'regular' group by season
),
team_seasons as (
    select season, team_id,
{_means("team_games")}
    from facts where season_type = 'regular' group by season, team_id
),
baselines as (
    select
        slates.game_date, slates.season, slates.season_type, slates.first_lock_at, seasons.opened_on, seasons.previous_season,
{_rated_lines()}
        {", ".join(f"season_before.{zone}_share_mean as {zone}_share_league_previous" for zone in ZONES)}
    from slates
    join seasons on seasons.season = slates.season
    join league on league.season = slates.season and league.game_date = slates.game_date
    left join league_seasons as season_before on season_before.season = seasons.previous_season
),
rated as (
    select
        team.game_date, team.team_id, team.season, team.games_before, baselines.season_type, baselines.first_lock_at, baselines.opened_on,
{_shrunk_lines()}
        {", ".join(f"baselines.league_{zone}_pct, baselines.league_{zone}_share" for zone in ZONES)}
    from counted_days as team
    join baselines on baselines.game_date = team.game_date
    left join after_game as form
        on form.team_id = team.team_id and form.season = team.season and form.game_number = team.games_before
    left join team_seasons as own_season_before
        on own_season_before.season = baselines.previous_season and own_season_before.team_id = team.team_id
    where team.games = 0
),
scaled as (
    select
        game_date, team_id,
        {", ".join(f"cast(round(({zone}_pct_shrunk - league_{zone}_pct) * 1000000000) as bigint) as {zone}_scaled" for zone in ZONES)}
    from rated
),
ranked as (
    select
        game_date, team_id,
{("," + chr(10)).join(_deviation(zone) for zone in ZONES)}
    from scaled
)
select
    (rated.game_date)::date as game_date,  -- US Eastern date
    (rated.team_id)::bigint as team_id,  -- the defence: the NBA's team number
    (own.game_id)::varchar as game_id,  -- its game on the date [null: game]
    (own.opponent_team_id)::bigint as opponent_team_id,  -- the team it meets [null: game]
    (case when own.game_id is null then 'not_applicable' end)::varchar as game_null_reason,  -- why a column of the group game is NULL
    (coalesce(form.team_games_last15, 0))::bigint as team_games_last15,  -- games of the season before the date, at most 15
    (coalesce(form.zone_games_last15, 0))::bigint as zone_games_last15,  -- of these, games with complete shot zones
    (coalesce(form.zone_games_season, 0))::bigint as zone_games_season,  -- games of the season with complete shot zones
{chr(10).join(_zone_columns())}
    ({_extreme("<=")})::varchar as strongest_zone,  -- lowest pct_vs_league in standard deviations of the teams [null: zone_rank]
    ({_extreme(">=")})::varchar as weakest_zone,  -- highest pct_vs_league in standard deviations of the teams [null: zone_rank]
{reason("zone_rank", (f"{_extreme('<=')} is null", "below_min_n"))}
    (form.defensive_rating_last15::double / nullif(form.team_games_last15, 0))::double as defensive_rating_mean_last15,  -- points allowed per 100 possessions, last 15 [null: form]
    (form.pace_last15::double / nullif(form.team_games_last15, 0))::double as pace_mean_last15,  -- possessions per 48 minutes, last 15 [null: form]
    (form.points_allowed_last15::double / nullif(form.team_games_last15, 0))::double as points_allowed_mean_last15,  -- points allowed per game, last 15 [null: form]
{reason("form", ("form.team_games_last15 is null", "no_games_in_window"))}
    (null)::double as paint_blocks_mean_last15,  -- blocks of shots from the paint per game [null: play_by_play]
    (null)::double as mid_range_blocks_mean_last15,  -- blocks of mid-range shots per game [null: play_by_play]
    (null)::double as three_blocks_mean_last15,  -- blocks of threes per game [null: play_by_play]
    ('no_source')::varchar as play_by_play_null_reason,  -- needs play-by-play
    (rated.season)::varchar as season,  -- season of the date
    (coalesce(own.season_type, rated.season_type))::varchar as season_type,  -- of its game, else of the date's games
    ({is_bootstrap("rated.game_date", "rated.opened_on")})::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({tier_name("form.tier")})::varchar as source_tier,  -- worst tier of the team's games of the season
    (coalesce(today.lock_at, rated.first_lock_at))::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from rated
join counted_days as team on team.game_date = rated.game_date and team.team_id = rated.team_id and team.games = 0
join ranked on ranked.game_date = rated.game_date and ranked.team_id = rated.team_id
left join after_game as form
    on form.team_id = rated.team_id and form.season = rated.season and form.game_number = rated.games_before
left join team_games as own on own.game_date = rated.game_date and own.team_id = rated.team_id
left join games as today on today.game_date = own.game_date and today.game_id = own.game_id
""",
    checks=[
        offending(
            "games_nest",
            "select * from {rows} where zone_games_last15 > team_games_last15 or team_games_last15 > 15",
            reason="games with shots are games",
        ),
        offending(
            "shares_sum_to_one",
            "select * from {rows} where abs(paint_share_allowed_shrunk + mid_range_share_allowed_shrunk + three_share_allowed_shrunk - 1) "
            "> 0.000001 or abs(paint_share_allowed_last15 + mid_range_share_allowed_last15 + three_share_allowed_last15 - 1) > 0.000001",
            reason="each shot is from one zone",
        ),
        *(between(f"{zone}_pct_vs_league", -1, 1, reason="a difference of two shares") for zone in ZONES),
        usually("paint_pct_vs_league", -0.05, 0.05),
        usually("mid_range_pct_vs_league", -0.03, 0.03),
        usually("three_pct_vs_league", -0.02, 0.02),
    ],
)
