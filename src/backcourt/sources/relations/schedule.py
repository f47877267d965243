"""Every game that is scheduled, played or not: who, when, where; never the result."""

from backcourt.engine.declare.table import ALWAYS, Relation
from backcourt.sources.current import current, listed

_SEASON = "'20' || substr(r.game_id, 4, 2) || '-' || lpad(cast((cast(substr(r.game_id, 4, 2) as bigint) + 1) % 100 as varchar), 2, '0')"
_TYPE = """case substr(r.game_id, 3, 1)
    when '1' then 'preseason' when '2' then 'regular' when '3' then 'all_star' when '4' then 'playoffs'
    when '5' then 'play_in' when '6' then 'cup_final' end"""
_IN_PLAYOFFS = "substr(r.game_id, 3, 1) = '4'"

relation = Relation(
    grain=("game_id",),
    known=ALWAYS,
    sql=current(
        "raw_schedule",
        f"""
        r.game_date, r.game_id, {_SEASON} as season, {_TYPE} as season_type,
        substr(r.game_id, 3, 1) in ('2', '4', '5', '6') as is_real_game,
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
