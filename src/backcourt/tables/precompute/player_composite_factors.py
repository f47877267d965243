"""What tonight's circumstances are worth to a player, in points: fatigue, pace, opponent, shot zones, team-mates.

NULL says that a factor is unknown, 0 that it makes no difference.
"""

from backcourt.engine.declare.checks import between, offending
from backcourt.engine.declare.table import AS_OF, Table, keys, same
from backcourt.tables.analytics.conventions import column, reason, tier_name, tier_rank
from backcourt.tables.precompute.positions import MARKETS, POSITION_GROUPS
from backcourt.tables.precompute.zones import ZONE_POINTS, ZONES

FATIGUE_WEIGHT = 0.0
"""Points per point of fatigue_score. Tired players score no less per minute: slope 0.002 over four seasons."""

VACATED_USAGE_TAKEN = 0.6
LEAST_ZONE_ATTEMPTS = 30
LEAST_OPPONENT_ZONE_GAMES = 3

_RANGES = {"pace_score": 3, "opponent_defense_score": 4, "shot_zone_mismatch_score": 3, "usage_spike_score": 4}
_FACTORS = ("fatigue_score", "pace_score", "opponent_defense_score", "shot_zone_mismatch_score", "usage_spike_score")
_COMPONENTS = (
    "expected_pace", "pace_shrunk", "opponent_defensive_rating_shrunk", "league_defensive_rating", "points_mean_shrunk",
    "fg_attempts_mean_last10", "minutes_sum_last7d", "minutes_mean_last7d", "usage_rate_shrunk", "minutes_mean_shrunk", "vacated_usage_share",
)  # fmt: skip

_FATIGUE = """case when rest_days is not null then greatest(0, least(100,
            95 + case when rest_days >= 2 then 5 else 0 end - case when is_back_to_back then 15 else 0 end
            - case when games_last7d >= 4 then 10 else 0 end - case when minutes_sum_last7d > 120 then 10 else 0 end
            - case when minutes_mean_last7d > 35 then 8 else 0 end
            - case when back_to_backs_last14d >= 2 then 12 when back_to_backs_last14d = 1 then 5 else 0 end
        )) end"""

_ZONE_GAIN = " + ".join(f"{zone}_share_last10 * {ZONE_POINTS[zone]} * {zone}_pct_vs_league" for zone in ZONES)
_HAS_ZONES = f"zone_attempts_last10 >= {LEAST_ZONE_ATTEMPTS} and opponent_zone_games >= {LEAST_OPPONENT_ZONE_GAMES}"

_UNRESOLVED = ("scored.team_id is null", "team_unresolved")


def _within(score: str) -> str:
    """The score, NULL outside its range."""
    return f"case when scored.{score} between {-_RANGES[score]} and {_RANGES[score]} then scored.{score} end"


def _out_of_range(score: str) -> tuple[str, str]:
    return (f"scored.{score} is not null and scored.{score} not between {-_RANGES[score]} and {_RANGES[score]}", "out_of_range")


def _total(*scores: str) -> str:
    return " + ".join(["scored.fatigue_adjustment", *(f"({_within(score)})" for score in scores)])


def _is_known(factor: str) -> str:
    return f"({_within(factor) if factor in _RANGES else f'scored.{factor}'}) is not null"


def _score_columns() -> list[str]:
    blind = ("pace_score", "shot_zone_mismatch_score")
    missing = " || ".join(f"case when {_is_known(factor)} then '' else ',\"{factor}\"' end" for factor in sorted(_FACTORS))
    known = " + ".join(f"case when {_is_known(factor)} then 1 else 0 end" for factor in _FACTORS)
    components = " || ',' || ".join(
        f"'\"{name}\":' || coalesce(cast(cast(round(scored.{name} * 1000000) as bigint) as varchar), 'null')" for name in _COMPONENTS
    )
    return [
        column("scored.fatigue_score", "bigint", "fatigue_score", "0 to 100, 95 is normal: rest, games and minutes of the last days", "rest"),
        column("scored.fatigue_adjustment", "double", "fatigue_adjustment", "points for the distance from 95; the fitted weight is 0", "rest"),
        reason("rest", ("scored.rest_days is null", "first_game_of_season")),
        column(_within("pace_score"), "double", "pace_score", "points from tonight's expected pace against his team's", "pace"),
        reason("pace", _UNRESOLVED, ("scored.pace_score is null", "below_min_n"), _out_of_range("pace_score")),
        column(_within("opponent_defense_score"), "double", "opponent_defense_score", "points from the opponent's rating against the league's; not in the totals", "opponent_defense"),
        reason("opponent_defense", _UNRESOLVED, ("scored.opponent_defense_score is null", "below_min_n"), _out_of_range("opponent_defense_score")),
        column(_within("shot_zone_mismatch_score"), "double", "shot_zone_mismatch_score", "points from his zones against what the opponent concedes there", "mismatch"),
        reason("mismatch", _UNRESOLVED, ("scored.shot_zone_mismatch_score is null", "below_min_n"), _out_of_range("shot_zone_mismatch_score")),
        column(_within("usage_spike_score"), "double", "usage_spike_score", "points from the usage that absent team-mates leave", "usage_spike"),
        reason("usage_spike", _UNRESOLVED, ("scored.vacated_usage_share is null", "no_source"), _out_of_range("usage_spike_score")),
        column(_total(*blind), "double", "total_composite_adjustment", "fatigue_adjustment + pace_score + shot_zone_mismatch_score", "total"),
        reason("total", _UNRESOLVED, ("scored.rest_days is null", "first_game_of_season"), (f"({_total(*blind)}) is null", "below_min_n")),
        column(_total(*blind, "usage_spike_score"), "double", "total_with_usage", "total_composite_adjustment + usage_spike_score", "total_with_usage"),
        reason(
            "total_with_usage", _UNRESOLVED, ("scored.vacated_usage_share is null", "no_source"), ("scored.rest_days is null", "first_game_of_season"),
            (f"({_total(*blind, 'usage_spike_score')}) is null", "below_min_n"),
        ),
        column(known, "bigint", "factors_available_n", f"how many of {', '.join(_FACTORS)} are known"),
        column(f"'[' || substring({missing}, 2) || ']'", "varchar", "factors_missing", "JSON list, sorted: the unknown ones"),
        column(f"'{{' || {components} || '}}'", "varchar", "factor_components", "JSON object: what the scores are made of, in whole millionths"),
    ]  # fmt: skip


def _teammate_columns() -> list[str]:
    lines = []
    for unit in ("minutes", "usage"):
        meaning = "minutes_mean_shrunk" if unit == "minutes" else "usage_rate_shrunk"
        for status, shown in (("played", "who played the team's last game"), ("missed", "listed who missed it")):
            own = f"scored.{unit}_{status}"
            lines.append(
                column(
                    f"case when scored.team_id is not null then (coalesce(scored.team_{unit}_{status}, 0) - coalesce({own}, 0))::double end",
                    "double",
                    f"teammates_{unit}_{status}_last_game",
                    f"sum of {meaning} of team-mates {shown}",
                    "teammates",
                )
            )
    return [*lines, reason("teammates", _UNRESOLVED)]


def _allowance_columns() -> list[str]:
    lines = []
    for market in MARKETS:
        picked = " ".join(f"when '{group}' then scored.{market}_allowed_vs_{group}_shrunk" for group in POSITION_GROUPS)
        lines.append(
            column(
                f"case scored.position_group {picked} end",
                "double",
                f"opponent_{market}_allowed_vs_position_shrunk",
                f"{market} that the opponent allows players of his position group beyond their own means, per appearance",
                "allowance",
            )
        )
    return [*lines, reason("allowance", _UNRESOLVED, ("scored.position_group is null", "no_source"))]


_TEAM = "partition by form.game_date, form.team_id"


def _presence_lines() -> str:
    lines = []
    quantities = {"minutes": "form.minutes_mean_shrunk", "usage": "form.usage_rate_shrunk"}
    for unit, value in quantities.items():
        for status, condition in (("played", "context.team_games_missed_streak = 0"), ("missed", "context.team_games_missed_streak > 0")):
            amount = f"case when {condition} then cast({value} as decimal(18,9)) end"
            lines.append(f"        {amount} as {unit}_{status},")
            lines.append(f"        sum({amount}) over ({_TEAM})::decimal(38,9) as team_{unit}_{status},")
    return "\n".join(lines)


table = Table(
    phase=4,
    grain=("game_date", "player_id"),
    known=AS_OF,
    games="scheduled",
    expects=keys("select game_date, game_id, player_id from player_form", zero="no_history"),
    reads={
        "player_form": same(),
        "upcoming_player_game_context": same(),
        "upcoming_team_game_context": same(),
        "player_shot_zone_analysis": same(),
        "team_defense_zone_analysis": same(),
        "team_defense_position_analysis": same(),
    },
    sql=f"""
with joined as (
    select
        form.game_date, form.player_id, form.game_id, context.team_id, context.opponent_team_id, context.position_group,
        form.season, form.season_type, form.is_bootstrap, form.as_of_at,
        context.rest_days, context.is_back_to_back, form.games_last7d, form.minutes_sum_last7d, form.minutes_mean_last7d,
        form.back_to_backs_last14d, form.points_mean_shrunk, form.usage_rate_shrunk, form.minutes_mean_shrunk, form.fg_attempts_mean_last10,
        own.expected_pace, own.pace_shrunk, own.league_defensive_rating,
        opponent.defensive_rating_shrunk as opponent_defensive_rating_shrunk,
        zones.zone_attempts_last10, opponent_zones.zone_games_season as opponent_zone_games,
        {", ".join(f"zones.{zone}_share_last10, opponent_zones.{zone}_pct_vs_league" for zone in ZONES)},
        {", ".join(f"allowed.{market}_allowed_vs_{group}_shrunk" for market in MARKETS for group in POSITION_GROUPS)},
        context.vacated_usage_share,
{_presence_lines()}
        -- Team-mates listed as out do not share what they leave.
        sum(case when coalesce(context.injury_status, '') <> 'out' then cast(form.usage_rate_shrunk * form.minutes_mean_shrunk as decimal(18,9)) end)
            over ({_TEAM})::decimal(38,9) as team_usage_minutes,
        greatest({tier_rank("form.source_tier")}, {tier_rank("context.source_tier")}, {tier_rank("zones.source_tier")}) as tier
    from player_form as form
    join upcoming_player_game_context as context on context.game_date = form.game_date and context.player_id = form.player_id
    join player_shot_zone_analysis as zones on zones.game_date = form.game_date and zones.player_id = form.player_id
    left join upcoming_team_game_context as own on own.game_date = context.game_date and own.team_id = context.team_id
    left join upcoming_team_game_context as opponent on opponent.game_date = context.game_date and opponent.team_id = context.opponent_team_id
    left join team_defense_zone_analysis as opponent_zones
        on opponent_zones.game_date = context.game_date and opponent_zones.team_id = context.opponent_team_id
    left join team_defense_position_analysis as allowed on allowed.game_date = context.game_date and allowed.team_id = context.opponent_team_id
),
scored as (
    select
        joined.*,
        {_FATIGUE} as fatigue_score,
        case when rest_days is not null then 0.0::double + {FATIGUE_WEIGHT}::double * ({_FATIGUE} - 95) end as fatigue_adjustment,
        points_mean_shrunk * (expected_pace / nullif(pace_shrunk, 0) - 1) as pace_score,
        points_mean_shrunk * (opponent_defensive_rating_shrunk / nullif(league_defensive_rating, 0) - 1) as opponent_defense_score,
        case when {_HAS_ZONES} then fg_attempts_mean_last10 * ({_ZONE_GAIN}) end as shot_zone_mismatch_score,
        points_mean_shrunk * {VACATED_USAGE_TAKEN}::double * (usage_rate_shrunk * minutes_mean_shrunk / nullif(team_usage_minutes::double, 0))
            * vacated_usage_share * 48 / nullif(minutes_mean_shrunk, 0) / nullif(usage_rate_shrunk, 0) as usage_spike_score
    from joined
)
select
    (scored.game_date)::date as game_date,  -- US Eastern date of the game
    (scored.player_id)::bigint as player_id,  -- the NBA's player number
    (scored.game_id)::varchar as game_id,  -- the game
    (scored.team_id)::bigint as team_id,  -- his team, as in slate_players [null: team]
    (case when scored.team_id is null then 'team_unresolved' end)::varchar as team_null_reason,  -- why a column of the group team is NULL
{chr(10).join([*_score_columns(), *_teammate_columns(), *_allowance_columns()])}
    (scored.season)::varchar as season,  -- season of the game
    (scored.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    (scored.is_bootstrap)::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({tier_name("scored.tier")})::varchar as source_tier,  -- worst tier of the rows read
    (scored.as_of_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from scored
""",
    checks=[
        between("fatigue_score", 0, 100, reason="cut off there by its formula"),
        *(between(score, -limit, limit, reason="NULL beyond, by its formula") for score, limit in _RANGES.items()),
        offending(
            "total_is_the_sum",
            "select * from {rows} where abs(total_composite_adjustment - fatigue_adjustment - pace_score - shot_zone_mismatch_score) > 0.000001 "
            "or (total_composite_adjustment is null) <> (fatigue_adjustment is null or pace_score is null or shot_zone_mismatch_score is null)",
            reason="the total is made of these three",
        ),
        *(
            offending(
                f"{score}_varies_on_a_slate",
                "select r.* from {rows} r join (select game_date from {rows} "
                f"group by game_date having count({score}) >= 100 and count(distinct {score}) = 1) d on d.game_date = r.game_date",
                reason="a hundred players of several games never share a value; one for all is a default",
            )
            for score in ("pace_score", "opponent_defense_score", "shot_zone_mismatch_score")
        ),
    ],
)  # fmt: skip
