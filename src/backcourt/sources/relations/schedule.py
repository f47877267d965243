"""Every game that is scheduled, played or not: who, when, where; never the result."""

from backcourt.engine.declare.table import ALWAYS, Relation
from backcourt.field.seasons import is_real_sql, season_sql, season_type_sql
from backcourt.sources.current import current, listed

_IN_PLAYOFFS = "substr(r.game_id, 3, 1) = '4'"

relation = Relation(
    grain=("game_id",),
    known=ALWAYS,
    sql=current(
        "raw_schedule",
        f"""
        r.game_date, r.game_id, {season_sql("r.game_id")} as season, {season_type_sql("r.game_id")} as season_type,
        {is_real_sql("r.game_id")} as is_real_game,
        {
            listed(
                "tip_at",
                "status",
                "home_team_id",
                "away_team_id",
                "arena_name",
                "arena_city",
                "is_neutral_site",
                "game_label",
                "game_sub_label",
                "is_cup_game",
            )
        },
        case when {_IN_PLAYOFFS} then cast(substr(r.game_id, 8, 1) as bigint) end as playoff_round,
        case when {_IN_PLAYOFFS} then cast(substr(r.game_id, 10, 1) as bigint) end as series_game_number
        """,
    ),
)
