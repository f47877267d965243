"""What a team's defence allowed in each finished game: the opponent's offence, seen from this side."""

from backcourt.engine.declare.checks import offending, season_check
from backcourt.engine.declare.table import Table, keys, same
from backcourt.tables.analytics.conventions import column, reason
from backcourt.tables.analytics.formulas import SHOT_ZONES, ratio, zone_name

_MIRRORED = (
    "fg_makes",
    "fg_attempts",
    "three_makes",
    "three_attempts",
    "ft_makes",
    "ft_attempts",
    "rebounds",
    "offensive_rebounds",
    "assists",
)


def _zone_columns() -> str:
    lines = []
    total = "(theirs.paint_attempts + theirs.mid_range_attempts + theirs.three_zone_attempts)"
    for zone in SHOT_ZONES[:-1]:
        words, name = zone.replace("_", " "), zone_name(zone)
        for what in ("attempts", "makes"):
            lines.append(
                column(f"theirs.{name}_{what}", "bigint", f"opponent_{name}_{what}", f"the opponent's {words} {what}, from shots", "zones")
            )
        share = ratio(f"theirs.{name}_attempts", total)
        lines.append(column(share, "double", f"opponent_{zone}_share", f"part of the opponent's attempts from {words}", "zones"))
    for name in ("points_in_paint", "mid_range_points", "three_points"):
        lines.append(column(f"theirs.{name}", "bigint", f"{name}_allowed", f"the opponent's {name.replace('_', ' ')}", "zones"))
    return "\n".join(lines)


_REBOUND_CHANCES = "ours.defensive_rebounds + theirs.offensive_rebounds"
_NO_RATES = f"theirs.ts_pct is null or theirs.efg_pct is null or theirs.ft_attempt_rate is null or {_REBOUND_CHANCES} = 0"
_PLAY_BY_PLAY = ("paint_blocks", "mid_range_blocks", "three_blocks", "second_chance_points_allowed", "fast_break_points_allowed")

table = Table(
    phase=3,
    grain=("game_date", "team_id"),
    expects=keys(
        "select game_date, game_id, home_team_id as team_id from games "
        "union all select game_date, game_id, away_team_id as team_id from games"
    ),
    reads={"team_offense_game_summary": same()},
    sql=f"""
select
    (ours.game_date)::date as game_date,  -- US Eastern date of the game
    (ours.team_id)::bigint as team_id,  -- the team
    (ours.game_id)::varchar as game_id,  -- the game
    (ours.season)::varchar as season,  -- season of the game
    (ours.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    (ours.is_bootstrap)::boolean as is_bootstrap,  -- in the first 14 days of the season
    (ours.source_tier)::varchar as source_tier,  -- worst tier of the rows read
    (ours.opponent_team_id)::bigint as opponent_team_id,  -- the other team
    (ours.is_home)::boolean as is_home,  -- listed as the home team
    (ours.is_win)::boolean as is_win,  -- won
    (ours.margin)::bigint as margin,  -- own points minus theirs
    (ours.overtime_periods)::bigint as overtime_periods,  -- overtimes
    (ours.possessions)::double as possessions,  -- mean of both teams' estimates
    (ours.pace)::double as pace,  -- possessions per 48 minutes
    (theirs.points)::bigint as points_allowed,  -- the opponent's points
{chr(10).join(column(f"theirs.{stat}", "bigint", f"opponent_{stat}", f"the opponent's {stat.replace('_', ' ')}") for stat in _MIRRORED)}
    (theirs.turnovers)::bigint as turnovers_forced,  -- the opponent's turnovers
    (theirs.turnover_rate)::double as turnover_forced_rate,  -- the opponent's turnovers per possession
    (ours.personal_fouls)::bigint as fouls_committed,  -- own personal fouls
    (ours.steals)::bigint as steals,  -- own steals
    (ours.blocks)::bigint as blocks,  -- own blocks
    (ours.defensive_rebounds)::bigint as defensive_rebounds,  -- own defensive rebounds
    (
        {ratio("ours.defensive_rebounds", f"({_REBOUND_CHANCES})")}
    )::double as defensive_rebound_rate,  -- part of the opponent's misses rebounded [null: rates]
    (theirs.offensive_rating)::double as defensive_rating,  -- points allowed per 100 possessions
    (theirs.ts_pct)::double as opponent_ts_pct,  -- the opponent's true shooting [null: rates]
    (theirs.efg_pct)::double as opponent_efg_pct,  -- the opponent's effective field goals [null: rates]
    (theirs.ft_attempt_rate)::double as opponent_ft_attempt_rate,  -- the opponent's free throws per field-goal attempt [null: rates]
{reason("rates", (_NO_RATES, "zero_denominator"))}
{_zone_columns()}
    (theirs.shot_zones_complete)::boolean as shot_zones_complete,  -- do the opponent's shots agree with the box
    (theirs.zones_null_reason)::varchar as zones_null_reason,  -- why a column of the group zones is NULL
{chr(10).join(column("null", "bigint", name, f"{name.replace('_', ' ')}, needs play-by-play", "play_by_play") for name in _PLAY_BY_PLAY)}
    ('no_source')::varchar as play_by_play_null_reason  -- why a column of the group play_by_play is NULL
from team_offense_game_summary as ours
join team_offense_game_summary as theirs
    on theirs.game_date = ours.game_date and theirs.game_id = ours.game_id and theirs.team_id = ours.opponent_team_id
""",
    checks=[
        offending(
            "mirrors_the_opponent",
            "select ours.* from {rows} ours left join team_offense_game_summary theirs on theirs.game_date = ours.game_date "
            "and theirs.game_id = ours.game_id and theirs.team_id = ours.opponent_team_id "
            "where ours.points_allowed is distinct from theirs.points",
            reason="what one side allows is what the other scores",
        ),
        season_check(
            "allowed_equals_scored",
            "select d.season, avg(d.defensive_rating::decimal(18, 9)) as allowed, avg(o.offensive_rating::decimal(18, 9)) as scored "
            "from {rows} d join team_offense_game_summary o on o.game_date = d.game_date and o.team_id = d.team_id group by d.season "
            "having abs(avg(d.defensive_rating::decimal(18, 9)) - avg(o.offensive_rating::decimal(18, 9))) > 0.000000001",
            reason="over a season all that is allowed is all that is scored",
        ),
    ],
)
