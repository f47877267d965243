"""How a team's offence did in each finished game."""

from backcourt.engine.declare.checks import offending, season_check, usually
from backcourt.engine.declare.table import Reads, Table, keys, same
from backcourt.field.statistics import COUNTING_STATS
from backcourt.tables.analytics.conventions import column, is_bootstrap, reason
from backcourt.tables.analytics.formulas import (
    SHOT_ZONES,
    effective_field_goals,
    overtime_periods,
    possessions_hundredths,
    ratio,
    team_minutes,
    true_shooting,
    zone_name,
    zone_sums,
)
from backcourt.tables.analytics.limits import pace, rating

_ZONES_KNOWN = "zones.shot_zones_complete"
_PLAY_BY_PLAY = (
    "second_chance_points",
    "fast_break_points",
    "points_off_turnovers",
    "bench_points",
    "players_inactive",
    "starters_inactive",
)


def _count(name: str, meaning: str) -> str:
    return column(f"box.{name}", "bigint", name, meaning)


def _zone_columns() -> str:
    lines = []
    for zone in SHOT_ZONES:
        words = zone.replace("_", " ")
        for what in ("attempts", "makes"):
            name = f"{zone_name(zone)}_{what}"
            lines.append(
                column(f"case when {_ZONES_KNOWN} then zones.{zone}_{what} end", "bigint", name, f"{words} {what}, from shots", "zones")
            )
    total = "(zones.paint_attempts + zones.mid_range_attempts + zones.three_attempts)"
    for zone in ("paint", "mid_range", "three"):
        share = f"case when {_ZONES_KNOWN} then {ratio(f'zones.{zone}_attempts', total)} end"
        lines.append(column(share, "double", f"{zone}_share", f"part of the attempts from {zone.replace('_', ' ')}", "zones"))
    for zone, name, value in (("paint", "points_in_paint", 2), ("mid_range", "mid_range_points", 2), ("three", "three_points", 3)):
        lines.append(
            column(
                f"case when {_ZONES_KNOWN} then {value} * zones.{zone}_makes end",
                "bigint",
                name,
                f"points from {zone.replace('_', ' ')}",
                "zones",
            )
        )
    return "\n".join(lines)


def _quarter_columns() -> str:
    periods = {"q1": "the first quarter", "q2": "the second quarter", "q3": "the third quarter", "q4": "the fourth quarter"}
    return "\n".join(
        column(
            f"case when box.is_home then scores.home_points_{period} else scores.away_points_{period} end",
            "bigint",
            f"points_{period}",
            f"points in {words}",
            "quarters",
        )
        for period, words in {**periods, "ot": "all overtimes"}.items()
    )


_REBOUND_CHANCES = "box.offensive_rebounds + box.opponent_defensive_rebounds"
_BOX_THREES = {"three_makes", "three_attempts"}

# Half a minute for each of 16 players.
_ROUNDED_MINUTES = 8

table = Table(
    phase=3,
    grain=("game_date", "team_id"),
    expects=keys(
        "select game_date, game_id, home_team_id as team_id from games "
        "union all select game_date, game_id, away_team_id as team_id from games"
    ),
    reads={
        "team_box": same(),
        # The season's first date says which games belong to its first two weeks.
        "games": Reads(back_seasons=1),
        "shots": same(optional=True),
        "line_scores": same(optional=True),
        "player_box": same(optional=True),
    },
    sql=f"""
with openers as (
    select season, min(game_date) as opened_on from games group by season
),
team_shots as (
    select
        shots.game_id, shots.team_id,
{zone_sums("shots")}
    from shots
    group by shots.game_id, shots.team_id
),
-- The zones of a team's game come from one source, whole, or not at all.
zones as (
    select
        team_shots.*,
        abs(team_shots.paint_attempts + team_shots.mid_range_attempts + team_shots.three_attempts - team_box.fg_attempts) <= 1
            and abs(team_shots.three_attempts - team_box.three_attempts) <= 1 as shot_zones_complete
    from team_shots
    join team_box on team_box.game_id = team_shots.game_id and team_box.team_id = team_shots.team_id
),
players as (
    select
        game_id, team_id, count_if(appearance = 'played') as players_used,
        max(case when appearance = 'played' then minutes end) as top_minutes
    from player_box
    group by game_id, team_id
),
box as (
    select
        ours.*, games.season, games.season_type, games.home_team_id = ours.team_id as is_home, games.is_neutral_site,
        theirs.team_id as opponent_team_id, theirs.points as opponent_points,
        theirs.defensive_rebounds as opponent_defensive_rebounds,
        {possessions_hundredths("ours")} as own_hundredths,
        {possessions_hundredths("ours")} + {possessions_hundredths("theirs")} as both_hundredths,
        {team_minutes("ours.minutes_reported")} as team_minutes,
        {overtime_periods("ours.minutes_reported")} as overtime_periods
    from team_box as ours
    join games on games.game_date = ours.game_date and games.game_id = ours.game_id and games.status = 'scheduled'
    join team_box as theirs on theirs.game_date = ours.game_date and theirs.game_id = ours.game_id
        and theirs.team_id = case ours.team_id when games.home_team_id then games.away_team_id else games.home_team_id end
    where ours.team_id = games.home_team_id or ours.team_id = games.away_team_id
)
select
    (box.game_date)::date as game_date,  -- US Eastern date of the game
    (box.team_id)::bigint as team_id,  -- the team
    (box.game_id)::varchar as game_id,  -- the game
    (box.season)::varchar as season,  -- season of the game
    (box.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    ({is_bootstrap("box.game_date", "openers.opened_on")})::boolean as is_bootstrap,  -- in the first 14 days of the season
    ('primary')::varchar as source_tier,  -- worst tier of the rows read
    (box.opponent_team_id)::bigint as opponent_team_id,  -- the other team
    (box.is_home)::boolean as is_home,  -- listed as the home team
    (box.is_neutral_site)::boolean as is_neutral_site,  -- on neither team's own floor
{chr(10).join(_count(stat, stat.replace("_", " ")) for stat in COUNTING_STATS if stat not in _BOX_THREES)}
    (box.fg_makes - box.three_makes)::bigint as two_makes,  -- two-point makes
    (box.fg_attempts - box.three_attempts)::bigint as two_attempts,  -- two-point attempts
    (box.three_makes)::bigint as three_makes,  -- three-point makes, box score
    (box.three_attempts)::bigint as three_attempts,  -- three-point attempts, box score
{_quarter_columns()}
{reason("quarters", ("scores.game_id is null", "no_source"))}
    (box.minutes_reported)::bigint as minutes_reported,  -- sum of the players' rounded minutes
    (box.team_minutes)::bigint as team_minutes,  -- 240, and 25 for each overtime
    (box.overtime_periods)::bigint as overtime_periods,  -- overtimes
    (box.own_hundredths / 100::double)::double as possessions_own,  -- own estimate of possessions
    (box.both_hundredths / 200::double)::double as possessions,  -- mean of both teams' estimates
    ((6 * box.both_hundredths)::double / (5 * nullif(box.team_minutes, 0))::double)::double as pace,  -- possessions per 48 minutes
    ((20000 * box.points)::double / nullif(box.both_hundredths, 0)::double)::double as offensive_rating,  -- points per 100 possessions
    ({true_shooting("box")})::double as ts_pct,  -- true shooting [null: shooting]
    ({effective_field_goals("box")})::double as efg_pct,  -- effective field goals [null: shooting]
    ({ratio("box.three_makes", "box.three_attempts")})::double as three_pct,  -- three-point percentage [null: shooting]
    ({ratio("box.ft_makes", "box.ft_attempts")})::double as ft_pct,  -- free-throw percentage [null: shooting]
{reason("shooting", ("box.fg_attempts = 0 or box.three_attempts = 0 or box.ft_attempts = 0", "zero_denominator"))}
    ((200 * box.turnovers)::double / nullif(box.both_hundredths, 0)::double)::double as turnover_rate,  -- turnovers per possession
    (
        {ratio("box.offensive_rebounds", f"({_REBOUND_CHANCES})")}
    )::double as offensive_rebound_rate,  -- part of the own misses rebounded [null: rates]
    ({ratio("box.ft_attempts", "box.fg_attempts")})::double as ft_attempt_rate,  -- free throws per field-goal attempt [null: rates]
    ({ratio("box.three_attempts", "box.fg_attempts")})::double as three_attempt_rate,  -- threes per field-goal attempt [null: rates]
    ({ratio("box.assists", "box.fg_makes")})::double as assist_share,  -- assists per field goal made [null: rates]
{reason("rates", (f"box.fg_attempts = 0 or box.fg_makes = 0 or {_REBOUND_CHANCES} = 0", "zero_denominator"))}
{_zone_columns()}
    (coalesce({_ZONES_KNOWN}, false))::boolean as shot_zones_complete,  -- do the shots agree with the box
    (case when {_ZONES_KNOWN} then 'shots' end)::varchar as shot_zones_source,  -- where the zones come from [null: zones]
{reason("zones", ("zones.game_id is null", "no_source"), ("not zones.shot_zones_complete", "zones_incomplete"))}
    (players.players_used)::bigint as players_used,  -- players who were on the court [null: players]
    (players.top_minutes)::double as top_minutes,  -- minutes of the most used player [null: players]
{reason("players", ("players.players_used is null or players.top_minutes is null", "no_source"))}
    (box.points > box.opponent_points)::boolean as is_win,  -- won
    (box.points - box.opponent_points)::bigint as margin,  -- own points minus theirs
{chr(10).join(column("null", "bigint", name, f"{name.replace('_', ' ')}, needs play-by-play", "play_by_play") for name in _PLAY_BY_PLAY)}
    (null)::varchar as referee_crew,  -- JSON list of the referees, needs a source [null: play_by_play]
    ('no_source')::varchar as play_by_play_null_reason  -- why a column of the group play_by_play is NULL
from box
join openers on openers.season = box.season
left join zones on zones.game_id = box.game_id and zones.team_id = box.team_id
left join line_scores as scores on scores.game_date = box.game_date and scores.game_id = box.game_id
left join players on players.game_id = box.game_id and players.team_id = box.team_id
""",
    checks=[
        offending("points_above_0", "select * from {rows} where points <= 0", reason="no team ends a game without a point; a stub does"),
        offending(
            "fg_attempts_at_least_50", "select * from {rows} where fg_attempts < 50", severity="warn", reason="what good seasons have held"
        ),
        pace("pace"),
        usually("pace", 80, 125),
        rating("offensive_rating"),
        usually("offensive_rating", 60, 170),
        offending(
            "possessions_of_both_sides_agree",
            "select ours.* from {rows} ours join {rows} theirs on theirs.game_date = ours.game_date and theirs.game_id = ours.game_id "
            "and theirs.team_id <> ours.team_id where abs(ours.possessions_own - theirs.possessions_own) > 30",
            reason="possessions alternate; what is left is the estimate's error, of free throws and of rebounds by the team",
        ),
        offending(
            "minutes_fit_the_overtimes",
            "select ours.* from {rows} ours left join {rows} theirs on theirs.game_date = ours.game_date "
            "and theirs.game_id = ours.game_id and theirs.team_id <> ours.team_id "
            f"where abs(ours.minutes_reported - ours.team_minutes) > {_ROUNDED_MINUTES} "
            "or (ours.overtime_periods = 0 and coalesce(ours.points_ot, 0) > 0) "
            "or (ours.overtime_periods > 0 and ours.points_ot = 0 and theirs.points_ot = 0)",
            reason="five players at a time for 48 minutes and 5 more an overtime, in which somebody scores; each player's minutes are "
            "rounded by up to a half",
        ),
        offending(
            "quarters_add_up",
            "select * from {rows} where points_q1 + points_q2 + points_q3 + points_q4 + points_ot <> points",
            reason="a score is the sum of its periods",
        ),
        offending(
            "points_of_the_schedule",
            "select r.* from {rows} r left join results s on s.game_id = r.game_id and s.is_final "
            "where r.points is distinct from case when r.is_home then s.home_points else s.away_points end",
            reason="box and schedule tell of one game",
        ),
        offending(
            "players_add_up",
            "select r.* from {rows} r join (select game_id, team_id, "
            + ", ".join(f"sum({stat}) as {stat}" for stat in COUNTING_STATS)
            + ", sum(minutes::decimal(18, 9)) as minutes, count(minutes) as timed, "
            + "bool_and(minutes is null or minutes_precision = 'minute') as are_whole_minutes"
            + " from player_box group by game_id, team_id) p on p.game_id = r.game_id and p.team_id = r.team_id where "
            + " or ".join(f"p.{stat} is distinct from r.{stat}" for stat in COUNTING_STATS)
            # A team's minutes are the sum of its players' rounded ones in one source, and the official ones in another.
            + " or (p.are_whole_minutes and 2 * abs(p.minutes - r.minutes_reported) > p.timed)",
            reason="a team's counts are the sums of its players'; each player's minutes are rounded by up to a half",
        ),
        offending(
            "used_players",
            "select * from {rows} where players_used not between 5 and 18",
            reason="five play at a time, and no roster with its two-way players is longer than 18",
        ),
        season_check(
            "half_of_the_team_games_are_won",
            "select season, count_if(is_win) as won, count(*) as games from {rows} group by season having 2 * count_if(is_win) <> count(*)",
            reason="each game has one winner",
        ),
    ],
)
