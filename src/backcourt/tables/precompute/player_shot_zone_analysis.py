"""Where a player shoots from and how well, as of before the game.

Windows are counted in appearances, so that a feed that was down lowers the number of zone games instead of reaching months back.
"""

from backcourt.engine.declare.checks import offending, season_check, usually
from backcourt.engine.declare.table import AS_OF, Reads, Table, before, everything, keys, same
from backcourt.tables.analytics.conventions import SEASONS, column, reason, tier_name, tier_rank
from backcourt.tables.analytics.limits import share
from backcourt.tables.analytics.windows import rows_frame
from backcourt.tables.precompute.zones import PLAYER_PRIOR_ATTEMPTS, ZONE_POINTS, ZONES, counted, drawn_pct, league_pct

_SEASON = "partition by player_id, season order by game_date nulls first"
_WINDOWS = ("last10", "last20", "season")
_PARTS = ("corner_three", "restricted_area")
_COUNTED = tuple(f"{zone}_{counts}" for zone in ZONES for counts in ("attempts", "makes"))
_SUMMED = {
    "last10": ("zone_games", *_COUNTED, *(f"{part}_attempts" for part in _PARTS)),
    "last20": ("zone_games", *_COUNTED),
    "season": ("zone_games", *_COUNTED, "ft_attempts", "ft_makes"),
}
_LEAGUE_DAYS = "partition by season order by game_date nulls first"
_BEFORE = rows_frame("season", before_current=True)

_NO_GAMES = ("form.zone_games_last10 is null", "no_games_in_window")
_LABEL_MARGIN = 0.08
_LEAST_LABEL_ATTEMPTS = 30


def _attempts(window: str) -> str:
    return "(" + " + ".join(f"form.{zone}_attempts_{window}" for zone in ZONES) + ")"


def _share_columns() -> list[str]:
    lines = []
    for window in _WINDOWS:
        group = f"shares_{window}"
        total, is_enough = _attempts(window), f"form.zone_games_{window} >= 3 and {_attempts(window)} >= 10"
        for part in (*ZONES, *(_PARTS if window == "last10" else ())):
            share = f"case when {is_enough} then form.{part}_attempts_{window}::double / nullif({total}, 0) end"
            lines.append(
                column(
                    share,
                    "double",
                    f"{part}_share_{window}",
                    f"share of his attempts from {part}, {window}; from 3 zone games and 10 attempts",
                    group,
                )
            )
        lines.append(
            reason(
                group,
                _NO_GAMES,
                (f"form.zone_games_{window} = 0", "zones_incomplete"),
                (f"not ({is_enough})", "below_min_n"),
            )
        )
    return lines


def _pct_columns() -> list[str]:
    lines = []
    for zone in ZONES:
        for window in _WINDOWS:
            makes, attempts = f"form.{zone}_makes_{window}", f"form.{zone}_attempts_{window}"
            name = f"{zone}_pct_{window}"
            lines.append(
                column(f"{makes}::double / nullif({attempts}, 0)", "double", name, f"{zone} makes / attempts, {window}, pooled", name)
            )
            lines.append(
                reason(name, _NO_GAMES, (f"form.zone_games_{window} = 0", "zones_incomplete"), (f"{attempts} = 0", "zero_denominator"))
            )
        makes, attempts = (f"(coalesce(form.{zone}_{c}_season, 0) + coalesce(season_before.{zone}_{c}, 0))" for c in ("makes", "attempts"))
        shrunk = drawn_pct(makes, attempts, PLAYER_PRIOR_ATTEMPTS[zone], f"league.{zone}_pct")
        lines.append(
            column(
                shrunk,
                "double",
                f"{zone}_pct_shrunk",
                f"{zone} percentage of this and the previous season, drawn to the league (F9)",
                f"{zone}_shrunk",
            )
        )
        lines.append(reason(f"{zone}_shrunk", (f"league.{zone}_pct is null", "below_min_n")))
    for zone in ZONES:
        per_game = "nullif(form.zone_games_last10, 0)"
        lines.append(
            column(
                f"form.{zone}_attempts_last10::double / {per_game}",
                "double",
                f"{zone}_attempts_mean_last10",
                f"{zone} attempts per zone game of the last 10",
                "zones",
            )
        )
        lines.append(
            column(
                f"{ZONE_POINTS[zone]} * form.{zone}_makes_last10::double / {per_game}",
                "double",
                f"{zone}_points_mean_last10",
                f"{zone} points per zone game of the last 10",
                "zones",
            )
        )
    lines.append(reason("zones", _NO_GAMES, ("form.zone_games_last10 = 0", "zones_incomplete")))
    makes, attempts = (f"(coalesce(form.ft_{c}_season, 0) + coalesce(season_before.ft_{c}, 0))" for c in ("makes", "attempts"))
    lines.append(
        column(
            drawn_pct(makes, attempts, PLAYER_PRIOR_ATTEMPTS["ft"], "free_throws.ft_pct"),
            "double",
            "ft_pct_shrunk",
            "free-throw percentage of this and the previous season, drawn to the league (F9)",
            "ft_shrunk",
        )
    )
    lines.append(reason("ft_shrunk", ("free_throws.ft_pct is null", "below_min_n")))
    return lines


def _label() -> str:
    """The zone that he prefers most over the league, if by 0.08 of his attempts."""
    total = _attempts("last20")
    gap = {zone: f"(form.{zone}_attempts_last20::double / nullif({total}, 0) - league.{zone}_share)" for zone in ZONES}
    paint, mid_range, three = (gap[zone] for zone in ZONES)
    return (
        f"case when {total} >= {_LEAST_LABEL_ATTEMPTS} and league.paint_share is not null then case"
        f" when {paint} < {_LABEL_MARGIN} and {mid_range} < {_LABEL_MARGIN} and {three} < {_LABEL_MARGIN} then 'balanced'"
        f" when {paint} >= {mid_range} and {paint} >= {three} then 'paint'"
        f" when {mid_range} >= {three} then 'mid_range' else 'three' end end"
    )


table = Table(
    phase=4,
    grain=("game_date", "player_id"),
    known=AS_OF,
    games="scheduled",
    expects=keys("select game_date, game_id, player_id from slate_players", zero="no_history"),
    reads={
        "slate_players": same(),
        "team_defense_zone_analysis": same(),
        "games": Reads(back_seasons=2),
        "player_game_summary": before(seasons=2),
        "team_offense_game_summary": before(seasons=2),
        "players": everything(),
    },
    sql=f"""
with {SEASONS},
appearances as (
    select
        player_id, season, game_date, ft_attempts, ft_makes, {tier_rank("source_tier")} as tier,
        case when shot_zones_complete then 1 else 0 end as zone_games,
        {", ".join(f"coalesce({counted(zone)}_{counts}, 0) as {zone}_{counts}" for zone in ZONES for counts in ("attempts", "makes"))},
        {", ".join(f"coalesce({part}_attempts, 0) as {part}_attempts" for part in _PARTS)}
    from player_game_summary
    where did_play and player_id in (select player_id from slate_players)
),
after_appearance as (
    select
        player_id, season, game_date,
        {f",{chr(10)}        ".join(f"sum({name}) over ({_SEASON} {rows_frame(window)})::bigint as {name}_{window}" for window, names in _SUMMED.items() for name in names)},
        max(tier) over ({_SEASON} {rows_frame("season")}) as tier
    from appearances
),
player_seasons as (
    select player_id, season, {", ".join(f"sum({name}) as {name}" for name in (*_COUNTED, "ft_attempts", "ft_makes"))}
    from appearances group by player_id, season
),
league as (
    select
        game_date,
        {", ".join(f"max(league_{zone}_pct) as {zone}_pct, max(league_{zone}_share) as {zone}_share" for zone in ZONES)}
    from team_defense_zone_analysis group by game_date
),
dates as (
    select game_date, min(season) as season from slate_players group by game_date
),
league_days as (
    select season, game_date, sum(cast(makes as bigint)) as ft_makes, sum(cast(attempts as bigint)) as ft_attempts
    from (
        select season, game_date, ft_makes as makes, ft_attempts as attempts from team_offense_game_summary
        union all
        select season, game_date, 0, 0 from dates
    ) as days
    group by season, game_date
),
league_to_date as (
    select
        season, game_date,
        sum(ft_makes) over ({_LEAGUE_DAYS} {_BEFORE})::bigint as ft_makes, sum(ft_attempts) over ({_LEAGUE_DAYS} {_BEFORE})::bigint as ft_attempts
    from league_days
),
league_seasons as (
    select season, sum(ft_makes) as ft_makes, sum(ft_attempts) as ft_attempts
    from team_offense_game_summary where season_type = 'regular' group by season
),
free_throws as (
    select
        to_date.game_date, seasons.previous_season, seasons.opened_on,
        {league_pct("to_date.ft_makes", "to_date.ft_attempts", "season_before.ft_makes", "season_before.ft_attempts")} as ft_pct
    from league_to_date as to_date
    join seasons on seasons.season = to_date.season
    left join league_seasons as season_before on season_before.season = seasons.previous_season
)
select
    (slate.game_date)::date as game_date,  -- US Eastern date of the game
    (slate.player_id)::bigint as player_id,  -- the NBA's player number
    (slate.game_id)::varchar as game_id,  -- the game
    (slate.team_id)::bigint as team_id,  -- his team, as in slate_players [null: team]
    (case when slate.team_id is null then 'team_unresolved' end)::varchar as team_null_reason,  -- why a column of the group team is NULL
    (coalesce(form.zone_games_last10, 0))::bigint as zone_games_last10,  -- of the last 10 appearances, those with complete shot zones
    (coalesce(form.zone_games_last20, 0))::bigint as zone_games_last20,  -- of the last 20 appearances, those with complete shot zones
    (coalesce(form.zone_games_season, 0))::bigint as zone_games_season,  -- appearances of the season with complete shot zones
    (coalesce({_attempts("last10")}, 0))::bigint as zone_attempts_last10,  -- field-goal attempts in these of the last 10
    (coalesce({_attempts("last20")}, 0))::bigint as zone_attempts_last20,  -- field-goal attempts in these of the last 20
{chr(10).join([*_share_columns(), *_pct_columns()])}
    ({_label()})::varchar as primary_scoring_zone,  -- the zone that he prefers over the league by 0.08 of his last 20, else balanced [null: zone_label]
{reason("zone_label", (f"coalesce({_attempts('last20')}, 0) < {_LEAST_LABEL_ATTEMPTS} or league.paint_share is null", "below_min_n"))}
    (players.position_group)::varchar as position_group,  -- guard, forward or center [null: position]
{reason("position", ("players.position_group is null", "no_source"))}
    (null)::double as assisted_rate_last10,  -- share of his field goals that were assisted [null: play_by_play]
    (null)::double as self_creation_rate_last10,  -- share of his field goals that he made for himself [null: play_by_play]
    ('no_source')::varchar as play_by_play_null_reason,  -- needs play-by-play
    (slate.season)::varchar as season,  -- season of the game
    (slate.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    (slate.is_bootstrap)::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({tier_name("form.tier")})::varchar as source_tier,  -- worst tier of his games of the season
    (slate.as_of_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from slate_players as slate
join league on league.game_date = slate.game_date
join free_throws on free_throws.game_date = slate.game_date
left join player_seasons as season_before
    on season_before.player_id = slate.player_id and season_before.season = free_throws.previous_season
left join after_appearance as form
    on form.player_id = slate.player_id and form.season = slate.season and form.game_date = slate.last_appearance_date
left join players on players.player_id = slate.player_id
""",
    checks=[
        offending(
            "games_nest",
            "select * from {rows} where zone_games_last10 > zone_games_last20 or zone_games_last20 > zone_games_season",
            reason="a longer window holds the shorter one",
        ),
        *(
            offending(
                f"shares_{window}_sum_to_one",
                f"select * from {{rows}} where abs(paint_share_{window} + mid_range_share_{window} + three_share_{window} - 1) > 0.000001",
                reason="each shot is from one zone",
            )
            for window in _WINDOWS
        ),
        *(share(f"{zone}_pct_shrunk") for zone in (*ZONES, "ft")),
        *(usually(f"{zone}_pct_shrunk", 0.2, 0.9) for zone in ZONES),
        usually("ft_pct_shrunk", 0.2, 1),
        season_check(
            "labels_vary",
            "select season, count(distinct primary_scoring_zone) as labels from {rows} where primary_scoring_zone is not null "
            "group by season having count(*) >= 1000 and count(distinct primary_scoring_zone) < 4",
            severity="warn",
            reason="what good seasons have held",
        ),
    ],
)
