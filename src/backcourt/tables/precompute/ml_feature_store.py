"""One wide row of model inputs per player and game: the only table that a model may read.

A view: it computes nothing but one-hot codes, and it makes a value outside its feature's range NULL. Its columns are those that
`feature_groups` lists; the reason of a NULL is that of the source column.
"""

from functools import cache
from importlib import import_module

from backcourt.engine.declare.checks import offending, season_check
from backcourt.engine.declare.statement import Column, columns_of
from backcourt.engine.declare.table import AS_OF, Table, keys, same
from backcourt.tables.analytics.conventions import column, reason_from
from backcourt.tables.precompute.feature_groups import N_COLUMNS, OPPONENT, OPPONENT_ZONES, OWN, SIDES, TABLES, Feature, features
from backcourt.tables.precompute.positions import POSITION_GROUPS

_SEEN_FROM = {OWN: "his team: ", OPPONENT: "the opponent: ", OPPONENT_ZONES: "the opponent: "}
_ONE_HOT = {f"is_{position}": position for position in POSITION_GROUPS}


@cache
def source_columns(table: str) -> dict[str, Column]:
    """The columns of a table that features are copied from, by name."""
    package = "analytics" if table.startswith("upcoming") else "precompute"
    return {found.name: found for found in columns_of(import_module(f"backcourt.tables.{package}.{table}").table.sql)}


def source_column(feature: Feature) -> Column:
    """The column that a feature is copied from."""
    return source_columns(TABLES[feature.source])[feature.column]


def _type(feature: Feature) -> str:
    return "boolean" if feature.name in _ONE_HOT else source_column(feature).type.lower()


def _value(feature: Feature) -> str:
    source = f"{feature.source}.{feature.column}"
    if feature.name in _ONE_HOT:
        return f"{source} = '{_ONE_HOT[feature.name]}'"
    if feature.low is None:
        return source
    return f"case when {source} between {feature.low} and {feature.high} then {source} end"


def _null_group(source: str, name: str) -> str:
    """The store's null group of a source column: its group there, or the row itself, or the range."""
    group = source_columns(TABLES[source])[name].null_group
    if group:
        return f"{source}_{group}"
    return f"{source}_row" if source in SIDES else f"{source}_range"


def null_group(feature: Feature) -> str | None:
    """The group whose `_null_reason` column explains a NULL of the feature; None for a feature that is never NULL."""
    if feature.low is None and not source_column(feature).null_group and feature.source not in SIDES:
        return None
    return _null_group(feature.source, feature.column)


def _lines() -> list[str]:
    lines: list[str] = []
    groups: dict[str, tuple[str, str | None, list[str]]] = {}
    for name, source, of in N_COLUMNS:
        declared = source_columns(TABLES[source])[of]
        explained = bool(declared.null_group) or source in SIDES
        group = _null_group(source, of) if explained else ""
        lines.append(column(f"{source}.{of}", declared.type.lower(), name, declared.meaning, group))
        if explained:
            groups.setdefault(group, (source, declared.null_group, []))[2].append(f"{source}.{of}")
    for feature in features():
        declared, value = source_column(feature), _value(feature)
        meaning = (
            f"his position group is {_ONE_HOT[feature.name]}"
            if feature.name in _ONE_HOT
            else _SEEN_FROM.get(feature.source, "") + declared.meaning
        )
        group = null_group(feature) or ""
        lines.append(column(value, _type(feature), feature.name, meaning, group))
        if not group:
            continue
        groups.setdefault(group, (feature.source, declared.null_group, []))[2].append(f"({value})")
    for named, (source, explained_by, values) in groups.items():
        reasons = [f"{source}.{explained_by}_null_reason"] if explained_by else []
        reasons += [f"case when {source}.team_id is null then 'team_unresolved' end"] if source in SIDES else []
        missing = " or ".join(f"{value} is null" for value in values)
        lines.append(
            reason_from(named, f"case when {missing} then coalesce({', '.join([*reasons, chr(39) + 'out_of_range' + chr(39)])}) end")
        )
    return lines


def _out_of_range() -> str:
    """Rows of the source tables with a value outside its feature's range, per season; asked there, where no CASE has hidden it yet."""
    conditions: dict[str, dict[str, None]] = {}
    for feature in features():
        if feature.low is not None:
            conditions.setdefault(TABLES[feature.source], {})[f"{feature.column} not between {feature.low} and {feature.high}"] = None
    return " union all ".join(
        f"select season, '{table}' as source, count(*) as rows_outside from {table} where {' or '.join(found)} group by season"
        for table, found in conditions.items()
    )


_JOINS = "\n".join(
    f"{'left join' if alias in SIDES else 'join'} {table} as {alias} on {alias}.game_date = slate.game_date and "
    + (
        f"{alias}.team_id = slate.{'team_id' if alias == 'own' else 'opponent_team_id'}"
        if alias in SIDES
        else f"{alias}.player_id = slate.player_id"
    )
    for alias, table in TABLES.items()
)

# At least 99 % of a slate's rows with 5 games of the season have these; the spread of values is checked where they are computed.
_COVERED = (
    "points_mean_last10",
    "points_sd_last10",
    "points_per_minute_last10",
    "minutes_mean_last10",
    "minutes_sd_last10",
    "usage_rate_last10",
    "fg_attempts_mean_last10",
    "opponent_defensive_rating_shrunk",
    "opponent_pace_shrunk",
    "team_pace_shrunk",
    "team_offensive_rating_shrunk",
    "expected_pace",
)

table = Table(
    phase=4,
    grain=("game_date", "player_id"),
    known=AS_OF,
    games="scheduled",
    stored=False,
    expects=keys("select game_date, game_id, player_id from slate_players", zero="no_history"),
    reads={"slate_players": same(), **{name: same() for name in TABLES.values()}},
    sql=f"""
select
    (slate.game_date)::date as game_date,  -- US Eastern date of the game
    (slate.player_id)::bigint as player_id,  -- the NBA's player number
    (slate.game_id)::varchar as game_id,  -- the game
    (slate.team_id)::bigint as team_id,  -- his team, as in slate_players [null: team]
    (slate.opponent_team_id)::bigint as opponent_team_id,  -- the other team [null: team]
{reason_from("team", "slate.team_null_reason")}
    (context.tip_at)::timestamp as tip_at,  -- UTC, scheduled start [null: tip]
{reason_from("tip", "context.tip_null_reason")}
    (slate.universe_sources)::varchar as universe_sources,  -- JSON list: the rules that list him (metadata, no feature)
{chr(10).join(_lines())}
    (slate.season)::varchar as season,  -- season of the game
    (slate.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    (slate.is_bootstrap)::boolean as is_bootstrap,  -- in the first 14 days of the season
    (factors.source_tier)::varchar as source_tier,  -- worst tier of the rows read
    (slate.as_of_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from slate_players as slate
{_JOINS}
""",
    checks=[
        offending(
            "market_features_need_a_line",
            "select * from {rows} where not has_points_line and (points_line_current is not null or points_over_streak is not null "
            "or line_vs_shrunk is not null or points_over_prob is not null)",
            reason="what rests on a line needs one",
        ),
        season_check("values_out_of_range", _out_of_range(), severity="warn", reason="each is NULL and says so"),
        season_check(
            "coverage_on_a_slate",
            f"select season, game_date, count(*) as rows, {', '.join(f'count(r.{name}) as {name}' for name in _COVERED)} from {{rows}} r "
            "where games_season >= 5 and team_id is not null group by season, game_date "
            f"having {' or '.join(f'count(r.{name}) < 0.99 * count(*)' for name in _COVERED)}",
            reason="after five games every one of these windows holds games",
        ),
    ],
)  # fmt: skip
