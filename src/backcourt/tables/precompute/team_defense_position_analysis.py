"""What players of each position group scored against a defence beyond their own shrunk means, this season, as of before the game."""

from backcourt.engine.declare.checks import between, usually
from backcourt.engine.declare.table import AS_OF, Table, before, everything, keys, same
from backcourt.tables.analytics.conventions import day_number, tier_name, tier_rank
from backcourt.tables.analytics.limits import MOST_POINTS
from backcourt.tables.precompute.positions import ALLOWANCE_PRIOR_APPEARANCES, MARKETS, POSITION_GROUPS

_DAYS = f"partition by team_id, season, position_group order by {day_number('game_date')} nulls first range between unbounded preceding and 1 preceding"
_ACTUAL = {"threes": "three_makes"}


def _allowance(market: str) -> str:
    weight = float(ALLOWANCE_PRIOR_APPEARANCES[market])
    return f"coalesce(sum(cast({market}_residual as decimal(38,9))) over ({_DAYS}), 0)::double / nullif(coalesce(sum(appearances) over ({_DAYS}), 0) + {weight}::double, 0)"


def _columns() -> list[str]:
    lines = []
    for group in POSITION_GROUPS:
        picked = f"max(case when allowed.position_group = '{group}' then allowed.{{}} end)"
        lines.append(
            f"    ({picked.format('appearances')})::bigint as {group}_appearances_season,  -- appearances of {group}s against it, season"
        )
        lines += [
            f"    ({picked.format(market)})::double as {market}_allowed_vs_{group}_shrunk,"
            f"  -- {market} of {group}s beyond their own shrunk means, per appearance, drawn to 0"
            for market in MARKETS
        ]
    return lines


table = Table(
    phase=4,
    grain=("game_date", "team_id"),
    known=AS_OF,
    games="scheduled",
    expects=keys("select game_date, game_id, team_id from upcoming_team_game_context"),
    reads={
        "upcoming_team_game_context": same(),
        "player_game_summary": before(seasons=1),
        "player_form": before(seasons=1),
        "players": everything(),
    },
    sql=f"""
with residuals as (
    select
        played.season, played.game_date, played.opponent_team_id as team_id, players.position_group, 1 as appearances,
        {tier_rank("played.source_tier")} as tier,
        {f",{chr(10)}        ".join(f"cast(played.{_ACTUAL.get(market, market)} - form.{market}_mean_shrunk as decimal(18,9)) as {market}_residual" for market in MARKETS)}
    from player_game_summary as played
    join player_form as form on form.game_date = played.game_date and form.player_id = played.player_id
    join players on players.player_id = played.player_id
    where played.did_play and players.position_group is not null
),
per_game as (
    select
        season, game_date, team_id, position_group, sum(appearances) as appearances, max(tier) as tier, 0 as is_target,
        {", ".join(f"sum({market}_residual)::decimal(38,9) as {market}_residual" for market in MARKETS)}
    from residuals
    group by season, game_date, team_id, position_group
),
position_groups as (
    {" union all ".join(f"select '{group}' as position_group" for group in POSITION_GROUPS)}
),
days as (
    select * from per_game
    union all
    select
        context.season, context.game_date, context.team_id, position_groups.position_group, 0, 0, 1,
        {", ".join("cast(0 as decimal(38,9))" for _ in MARKETS)}
    from upcoming_team_game_context as context
    cross join position_groups
),
allowed as (
    select
        game_date, team_id, position_group, is_target,
        coalesce(sum(appearances) over ({_DAYS}), 0)::bigint as appearances,
        max(tier) over ({_DAYS}) as tier,
        {f",{chr(10)}        ".join(f"{_allowance(market)} as {market}" for market in MARKETS)}
    from days
)
select
    (context.game_date)::date as game_date,  -- US Eastern date of the game
    (context.team_id)::bigint as team_id,  -- the defence: the NBA's team number
    (context.game_id)::varchar as game_id,  -- the game
    (max(context.opponent_team_id))::bigint as opponent_team_id,  -- the team it meets
{chr(10).join(_columns())}
    (max(context.season))::varchar as season,  -- season of the game
    (max(context.season_type))::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    (bool_or(context.is_bootstrap))::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({tier_name("max(allowed.tier)")})::varchar as source_tier,  -- worst tier of the rows read
    (max(context.as_of_at))::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from upcoming_team_game_context as context
join allowed on allowed.game_date = context.game_date and allowed.team_id = context.team_id and allowed.is_target = 1
group by context.game_date, context.team_id, context.game_id
""",
    checks=[
        *(
            between(f"points_allowed_vs_{group}_shrunk", -MOST_POINTS, MOST_POINTS, reason="a difference of two players' points")
            for group in POSITION_GROUPS
        ),
        *(usually(f"points_allowed_vs_{group}_shrunk", -5, 5) for group in POSITION_GROUPS),
    ],
)
