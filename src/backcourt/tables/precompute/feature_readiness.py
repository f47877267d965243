"""Is a row of the feature store enough for a group of models, and if not, why? There is no score: an average hides a missing essential."""

from backcourt.engine.declare.table import AS_OF, Table, keys, same
from backcourt.tables.analytics.conventions import reason_from
from backcourt.tables.precompute.feature_groups import PROP_MARKET, features
from backcourt.tables.precompute.ml_feature_store import null_group
from backcourt.tables.precompute.model_groups import MODEL_GROUPS, ModelGroup

_BY_NAME = {feature.name: feature for feature in features()}


def _blockers(group: ModelGroup) -> str:
    """SQL of the blockers as `,"feature:reason"` texts, in the order of the declaration."""
    parts = ["case when store.team_id is null then ',\"team_id:team_unresolved\"' else '' end"]
    for name in group.required:
        explained = null_group(_BY_NAME[name])
        why = f"coalesce(store.{explained}_null_reason, 'unknown')" if explained else "'unknown'"
        parts.append(f"case when store.{name} is null then ',\"{name}:' || {why} || '\"' else '' end")
    for name, least in group.min_n.items():
        parts.append(f"case when coalesce(store.{name}, 0) < {least} then ',\"{name}:below_min_n\"' else '' end")
    if not group.allow_bootstrap:
        parts.append("case when store.is_bootstrap then ',\"is_bootstrap:true\"' else '' end")
    parts.append(
        "case when context.injury_status in ('out', 'doubtful') then ',\"injury_status:' || context.injury_status || '\"' else '' end"
    )
    if PROP_MARKET in group.reads:
        captured = f"context.{group.market}_line_captured_at"
        parts.append(
            f"case when {captured} < store.as_of_at - interval {60 * group.max_quote_age_hours} minute"
            f" then ',\"{group.market}_line_captured_at:stale\"' else '' end"
        )
    return "\n            || ".join(parts)


_BLOCKERS = ",\n        ".join(f"{_blockers(group)} as {group.name}_blockers" for group in MODEL_GROUPS)
_GROUPS = " union all ".join(f"select '{group.name}' as model_group" for group in MODEL_GROUPS)

table = Table(
    phase=4,
    grain=("game_date", "player_id", "model_group"),
    known=AS_OF,
    games="scheduled",
    stored=False,
    expects=keys(
        f"select listed.game_date, listed.game_id, listed.player_id, model_groups.model_group "
        f"from upcoming_player_game_context as listed cross join ({_GROUPS}) as model_groups",
        zero="no_history",
    ),
    reads={"ml_feature_store": same(), "upcoming_player_game_context": same()},
    sql=f"""
with judged as (
    select
        store.game_date, store.player_id, store.game_id, store.team_id, store.season, store.season_type, store.is_bootstrap,
        store.source_tier, store.as_of_at,
        {_BLOCKERS}
    from ml_feature_store as store
    join upcoming_player_game_context as context on context.game_date = store.game_date and context.player_id = store.player_id
),
model_groups as (
    {_GROUPS}
),
answered as (
    select
        judged.*, model_groups.model_group,
        case model_groups.model_group {" ".join(f"when '{group.name}' then judged.{group.name}_blockers" for group in MODEL_GROUPS)} end as blockers
    from judged
    cross join model_groups
)
select
    (answered.game_date)::date as game_date,  -- US Eastern date of the game
    (answered.player_id)::bigint as player_id,  -- the NBA's player number
    (answered.model_group)::varchar as model_group,  -- {", ".join(group.name for group in MODEL_GROUPS)}: what the models may read
    (answered.game_id)::varchar as game_id,  -- the game
    (answered.team_id)::bigint as team_id,  -- his team, as in slate_players [null: team]
{reason_from("team", "case when answered.team_id is null then 'team_unresolved' end")}
    (answered.blockers = '')::boolean as is_ready,  -- does nothing stand in the way?
    ('[' || substring(answered.blockers, 2) || ']')::varchar as blockers,  -- JSON list of feature:reason
    (answered.season)::varchar as season,  -- season of the game
    (answered.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    (answered.is_bootstrap)::boolean as is_bootstrap,  -- in the first 14 days of the season
    (answered.source_tier)::varchar as source_tier,  -- worst tier of the rows read
    (answered.as_of_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from answered
""",
)
