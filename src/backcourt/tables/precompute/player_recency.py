"""Exponentially weighted form of this and the previous season, and the extremes of the last games, as of before the game.

Weights double every half-life of appearances. They are counted as integers from the first appearance of each season, so that the sums are
exact; the mean of two seasons puts the earlier one's sums behind by its number of appearances.
"""

from backcourt.engine.declare.checks import offending
from backcourt.engine.declare.table import AS_OF, Reads, Table, before, keys, same
from backcourt.tables.analytics.conventions import SEASONS, column, reason, tier_name, tier_rank
from backcourt.tables.analytics.limits import minutes_within_a_game, points_within_a_game
from backcourt.tables.analytics.windows import rows_frame
from backcourt.tables.precompute.positions import MARKETS

HALF_LIVES = (5, 8, 20, 30)
_WEIGHED = ("points", "rebounds", "assists", "threes", "pra", "seconds", "fg_attempts")
_UNITS = {"threes": "made threes", "pra": "points + rebounds + assists", "fg_attempts": "field-goal attempts"}

_SEASON = "partition by player_id, season order by game_date nulls first"
_TO_DATE = rows_frame("season")
_LAST10 = rows_frame("last10")
_NO_GAMES = ("form.player_id is null and season_before.player_id is null", "no_games_in_window")


def _ewma(name: str, half_life: int) -> str:
    """The mean over both seasons; the earlier season's weights are halved once per half-life of its appearances."""
    behind = f"coalesce(power(0.5::double, season_before.games / {float(half_life)}::double), 0)"
    total, weights = (
        f"(coalesce(form.{x}_weighted{half_life}, 0) + {behind} * coalesce(season_before.{x}_weighted{half_life}, 0))"
        for x in (name, "games")
    )
    value = f"{total} / nullif({weights}, 0)"
    return f"{value} / 60.0::double" if name == "seconds" else value


def _ewma_columns() -> list[str]:
    lines = []
    for name in _WEIGHED:
        shown = "minutes" if name == "seconds" else name
        lines += [
            column(
                _ewma(name, half_life), "double", f"{shown}_ewma{half_life}",
                f"{_UNITS.get(name, shown)} per appearance, weights halved every {half_life} appearances, this and the previous season", "recency",
            )
            for half_life in HALF_LIVES
        ]  # fmt: skip
    lines.append(reason("recency", _NO_GAMES))
    for market in MARKETS:
        rate = f"({_ewma(market, 30)}) / nullif({_ewma('seconds', 30)}, 0)"
        lines.append(
            column(
                f"{rate} * ({_ewma('seconds', 8)})",
                "double",
                f"{market}_rate_times_minutes",
                f"{_UNITS.get(market, market)} per minute (half-life 30) times recent minutes (half-life 8)",
                "rate_times_minutes",
            )
        )
    lines.append(reason("rate_times_minutes", _NO_GAMES, (f"({_ewma('seconds', 30)}) = 0", "minutes_below_resolution")))
    lines += [
        column("form.points_max_last10", "bigint", "points_max_last10", "most points in one of the last 10 appearances", "extremes"),
        column("form.minutes_min_last10", "double", "minutes_min_last10", "fewest minutes in one of the last 10 appearances", "extremes"),
        column("form.minutes_last", "double", "minutes_last", "minutes of his last appearance of the season", "extremes"),
        reason("extremes", ("form.player_id is null", "no_games_in_window")),
    ]
    return lines


table = Table(
    phase=4,
    grain=("game_date", "player_id"),
    known=AS_OF,
    games="scheduled",
    expects=keys("select game_date, game_id, player_id from slate_players", zero="no_history"),
    reads={
        "slate_players": same(),
        "games": Reads(back_seasons=2),
        "player_game_summary": before(seasons=2),
    },
    sql=f"""
with {SEASONS},
played as (
    select
        player_id, season, game_date, points, rebounds, assists, three_makes as threes, pra, fg_attempts, 1 as games, minutes,
        cast(round(minutes * 60) as bigint) as seconds, {tier_rank("source_tier")} as tier,
        row_number() over ({_SEASON}) as game_number
    from player_game_summary
    where did_play and player_id in (select player_id from slate_players)
),
weights as (
    select
        played.*,
        {", ".join(f"cast(round(power(2.0::double, game_number / {float(half_life)}::double) * 16777216.0::double) as bigint) as weight{half_life}" for half_life in HALF_LIVES)}
    from played
),
after_appearance as (
    select
        player_id, season, game_date, game_number as games, minutes as minutes_last,
        {f",{chr(10)}        ".join(f"sum(weight{half_life} * {name}) over ({_SEASON} {_TO_DATE})::bigint as {name}_weighted{half_life}" for half_life in HALF_LIVES for name in (*_WEIGHED, "games"))},
        max(points) over ({_SEASON} {_LAST10}) as points_max_last10,
        min(minutes) over ({_SEASON} {_LAST10}) as minutes_min_last10,
        max(tier) over ({_SEASON} {_TO_DATE}) as tier
    from weights
),
last_dates as (
    select player_id, season, max(game_date) as game_date from played group by player_id, season
),
whole_seasons as (
    select after_appearance.*
    from after_appearance
    join last_dates on last_dates.player_id = after_appearance.player_id and last_dates.game_date = after_appearance.game_date
)
select
    (slate.game_date)::date as game_date,  -- US Eastern date of the game
    (slate.player_id)::bigint as player_id,  -- the NBA's player number
    (slate.game_id)::varchar as game_id,  -- the game
{chr(10).join(_ewma_columns())}
    (slate.season)::varchar as season,  -- season of the game
    (slate.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    (slate.is_bootstrap)::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({tier_name("form.tier")})::varchar as source_tier,  -- worst tier of his games of the season
    (slate.as_of_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from slate_players as slate
join seasons on seasons.season = slate.season
left join whole_seasons as season_before
    on season_before.player_id = slate.player_id and season_before.season = seasons.previous_season
left join after_appearance as form
    on form.player_id = slate.player_id and form.season = slate.season and form.game_date = slate.last_appearance_date
""",
    checks=[
        offending(
            "extremes_bound",
            "select * from {rows} where minutes_min_last10 > minutes_last or points_max_last10 < 0",
            reason="the last game is one of the last ten",
        ),
        *points_within_a_game(*(f"points_ewma{half_life}" for half_life in HALF_LIVES)),
        *minutes_within_a_game(*(f"minutes_ewma{half_life}" for half_life in HALF_LIVES)),
    ],
)
