"""All of a player's windows in one row: player_form with his team's form and his shot zones. A view: every figure is computed elsewhere."""

from backcourt.engine.declare.statement import Column, columns_of
from backcourt.engine.declare.table import AS_OF, Table, keys, same
from backcourt.tables.analytics import player_form
from backcourt.tables.analytics.conventions import column, reason_from

# The columns that every derived table ends with.
_CARRIED = ("season", "season_type", "is_bootstrap", "source_tier", "as_of_at")
_FORM = [declared for declared in columns_of(player_form.table.sql) if declared.name != "knowledge_mode"]


def _copied(columns: list[Column]) -> str:
    return "\n".join(column(f"form.{c.name}", c.type.lower(), c.name, c.meaning, c.null_group or "") for c in columns)


table = Table(
    phase=4,
    grain=("game_date", "player_id"),
    known=AS_OF,
    games="scheduled",
    stored=False,
    expects=keys("select game_date, game_id, player_id from player_form", zero="no_history"),
    reads={
        "player_form": same(),
        "upcoming_team_game_context": same(),
        "player_shot_zone_analysis": same(),
    },
    sql=f"""
select
{_copied([c for c in _FORM if c.name not in _CARRIED])}
    (own.pace_mean_last10)::double as team_pace_mean_last10,  -- possessions per 48 minutes, his team's last 10 games [null: team_form]
    (own.offensive_rating_mean_last10)::double as team_offensive_rating_mean_last10,  -- points per 100 possessions, his team's last 10 games [null: team_form]
    (own.win_rate_season)::double as team_win_rate_season,  -- share of the season's games that his team won [null: team_form]
{reason_from("team_form", "case when own.team_id is null then 'team_unresolved' else own.form_null_reason end")}
    (zones.primary_scoring_zone)::varchar as primary_scoring_zone,  -- as in player_shot_zone_analysis [null: zone_label]
{reason_from("zone_label", "zones.zone_label_null_reason")}
    (zones.paint_share_last10)::double as paint_share_last10,  -- as in player_shot_zone_analysis [null: shares_last10]
    (zones.three_share_last10)::double as three_share_last10,  -- as in player_shot_zone_analysis [null: shares_last10]
{reason_from("shares_last10", "zones.shares_last10_null_reason")}
{_copied([c for c in _FORM if c.name in _CARRIED])}
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from player_form as form
join player_shot_zone_analysis as zones on zones.game_date = form.game_date and zones.player_id = form.player_id
left join upcoming_team_game_context as own on own.game_date = form.game_date and own.team_id = form.team_id
""",
)
