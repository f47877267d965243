"""What each listed player did in each finished game: the truth that forecasts are settled on."""

from backcourt.engine.declare.checks import between, offending, one_of, season_check, usually
from backcourt.engine.declare.table import Table, keys, same
from backcourt.field.statistics import COUNTING_STATS
from backcourt.tables.analytics.closing_lines import consensus_ctes
from backcourt.tables.analytics.conventions import column, reason
from backcourt.tables.analytics.formulas import (
    SHOT_ZONES,
    effective_field_goals,
    ratio,
    true_shooting,
    usage_hundredths,
    zone_name,
    zone_sums,
)
from backcourt.tables.analytics.limits import minutes_within_a_game, share

_ABSENT = ("not box.did_play", "did_not_play")
_NO_MINUTES = ("box.minutes = 0", "minutes_below_resolution")
_ZONES_KNOWN = "box.did_play and team.shot_zones_complete"
_LINE = "consensus.closing"
_PLAY_BY_PLAY = ("assisted_fg_makes", "unassisted_fg_makes", "and_one_count", "paint_blocks", "mid_range_blocks", "three_blocks")
# usage possessions x (team_minutes / 5) / (minutes x all of the team's)
_USAGE = f"({usage_hundredths('box')} * team.team_minutes)::double / nullif(5 * box.minutes * {usage_hundredths('team')}, 0)::double"
# rebounds x (team_minutes / 5) / (minutes x all rebounds); assists / (minutes / (team_minutes / 5) x team makes - own makes)
_REBOUND_CHANCES = "(5 * box.minutes * (team.rebounds + other.rebounds))"
_ASSIST_CHANCES = "(5 * box.minutes / nullif(team.team_minutes, 0)::double * team.fg_makes - box.fg_makes)"
_COMBINED = {
    "pra": ("points", "rebounds", "assists"),
    "points_rebounds": ("points", "rebounds"),
    "points_assists": ("points", "assists"),
    "rebounds_assists": ("rebounds", "assists"),
    "steals_blocks": ("steals", "blocks"),
}
# The league writes "Injury/Illness" for most absences: an illness is told only where it stands alone.
_WORDS = "lower(coalesce(box.reason_text, ''))"
_WHY_ABSENT = f"""case
        when box.did_play then null
        when box.appearance = 'dnp_coach' then 'coach_decision'
        when box.appearance = 'suspended' then 'suspension'
        when {_WORDS} like '%injury%' then 'injury'
        when {_WORDS} like '%illness%' then 'illness'
        when {_WORDS} like '%personal%' then 'personal'
        when {_WORDS} like '%league%' then 'g_league'
        when {_WORDS} like '%rest%' then 'rest'
        when box.appearance = 'dnp_injury' then 'injury'
        else 'other'
    end"""
_TENS = " + ".join(f"case when box.{stat} >= 10 then 1 else 0 end" for stat in ("points", "rebounds", "assists", "steals", "blocks"))


def _stat_columns() -> str:
    lines = [column(f"box.{stat}", "bigint", stat, stat.replace("_", " "), "stats") for stat in COUNTING_STATS]
    lines += [
        column("box.fg_makes - box.three_makes", "bigint", "two_makes", "two-point makes", "stats"),
        column("box.fg_attempts - box.three_attempts", "bigint", "two_attempts", "two-point attempts", "stats"),
        column("box.plus_minus", "bigint", "plus_minus", "the team's margin while he was on the court", "stats"),
    ]
    for name, parts in _COMBINED.items():
        lines.append(column(" + ".join(f"box.{part}" for part in parts), "bigint", name, " + ".join(parts), "stats"))
    lines.append(
        column(f"case when box.did_play then {_TENS} >= 2 end", "boolean", "is_double_double", "ten in two of the five counts", "stats")
    )
    lines.append(
        column(f"case when box.did_play then {_TENS} >= 3 end", "boolean", "is_triple_double", "ten in three of the five counts", "stats")
    )
    return "\n".join([*lines, reason("stats", _ABSENT)])


def _own_group(name: str, expression: str, meaning: str, *reasons: tuple[str, str]) -> str:
    """A ratio that is NULL for a reason of its own."""
    return column(expression, "double", name, meaning, name) + "\n" + reason(name, _ABSENT, *reasons)


def _ratio_columns() -> str:
    lines = [
        _own_group("ts_pct", true_shooting("box"), "true shooting", ("box.fg_attempts = 0 and box.ft_attempts = 0", "zero_denominator")),
        column(effective_field_goals("box"), "double", "efg_pct", "effective field goals", "field_goals"),
        column(ratio("box.fg_makes", "box.fg_attempts"), "double", "fg_pct", "field-goal percentage", "field_goals"),
        column(
            ratio("box.three_attempts", "box.fg_attempts"), "double", "three_attempt_rate", "threes per field-goal attempt", "field_goals"
        ),
        column(
            ratio("box.ft_attempts", "box.fg_attempts"), "double", "ft_attempt_rate", "free throws per field-goal attempt", "field_goals"
        ),
        reason("field_goals", _ABSENT, ("box.fg_attempts = 0", "zero_denominator")),
        _own_group(
            "three_pct",
            ratio("box.three_makes", "box.three_attempts"),
            "three-point percentage",
            ("box.three_attempts = 0", "zero_denominator"),
        ),
        _own_group(
            "ft_pct", ratio("box.ft_makes", "box.ft_attempts"), "free-throw percentage", ("box.ft_attempts = 0", "zero_denominator")
        ),
        _own_group(
            "ft_points_share",
            ratio("box.ft_makes", "box.points"),
            "part of the points from free throws",
            ("box.points = 0", "zero_denominator"),
        ),
        _own_group(
            "team_points_share", ratio("box.points", "team.points"), "part of the team's points", ("team.points = 0", "zero_denominator")
        ),
        _own_group(
            "rebound_rate",
            f"case when box.minutes >= 5 then box.rebounds * team.team_minutes / nullif({_REBOUND_CHANCES}, 0)::double end",
            "part of all rebounds while he was on the court",
            (f"box.minutes < 5 or {_REBOUND_CHANCES} = 0", "below_min_n"),
        ),
        _own_group(
            "assist_rate",
            f"case when box.minutes >= 5 and {_ASSIST_CHANCES} > 0 then box.assists / nullif({_ASSIST_CHANCES}, 0)::double end",
            "part of the team-mates' makes that he assisted while he was on the court",
            (f"box.minutes < 5 or {_ASSIST_CHANCES} <= 0", "below_min_n"),
        ),
    ]
    return "\n".join(lines)


def _zone_columns() -> str:
    lines = []
    for zone in SHOT_ZONES[:-1]:
        for what in ("attempts", "makes"):
            name, words = f"{zone_name(zone)}_{what}", f"{zone.replace('_', ' ')} {what}, from shots"
            lines.append(column(f"case when {_ZONES_KNOWN} then coalesce(zones.{zone}_{what}, 0) end", "bigint", name, words, "zones"))
    total = "(zones.paint_attempts + zones.mid_range_attempts + zones.three_attempts)"
    unknown = (_ABSENT, ("not team.shot_zones_complete", "zones_incomplete"))
    lines.append(column(f"case when {_ZONES_KNOWN} then 'shots' end", "varchar", "shot_zones_source", "where the zones come from", "zones"))
    lines.append(
        "    (case when not box.did_play then 'did_not_play' when not team.shot_zones_complete then team.zones_null_reason end)::varchar"
        " as zones_null_reason,  -- why a column of the group zones is NULL"
    )
    for zone in ("paint", "mid_range", "three"):
        share = f"case when {_ZONES_KNOWN} then {ratio(f'zones.{zone}_attempts', total)} end"
        lines.append(column(share, "double", f"{zone}_share", f"part of his attempts from {zone.replace('_', ' ')}", "zone_shares"))
    lines.append(reason("zone_shares", *unknown, (f"coalesce({total}, 0) = 0", "zero_denominator")))
    return "\n".join(lines)


table = Table(
    phase=3,
    grain=("game_date", "player_id"),
    expects=keys("select b.game_date, b.game_id, b.player_id from player_box b join games g on g.game_id = b.game_id"),
    reads={
        "player_box": same(),
        "team_offense_game_summary": same(),
        "shots": same(optional=True),
        "prop_quotes": same(optional=True),
    },
    sql=f"""
with box as (
    select player_box.*, player_box.appearance = 'played' as did_play from player_box
),
zones as (
    select
        shots.game_id, shots.team_id, shots.player_id,
{zone_sums("shots")}
    from shots
    group by shots.game_id, shots.team_id, shots.player_id
),
{consensus_ctes("points")}
select
    (box.game_date)::date as game_date,  -- US Eastern date of the game
    (box.player_id)::bigint as player_id,  -- the NBA's player number
    (box.game_id)::varchar as game_id,  -- the game
    (team.season)::varchar as season,  -- season of the game
    (team.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    (team.is_bootstrap)::boolean as is_bootstrap,  -- in the first 14 days of the season
    (team.source_tier)::varchar as source_tier,  -- worst tier of the rows read
    (box.team_id)::bigint as team_id,  -- the team he was with in this game
    (team.opponent_team_id)::bigint as opponent_team_id,  -- the other team
    (team.is_home)::boolean as is_home,  -- his team was listed as the home team
    (box.player_name)::varchar as player_name,  -- name as the box spells it
    (box.appearance)::varchar as appearance,  -- played, or why not
    (box.did_play)::boolean as did_play,  -- was he on the court
    ({_WHY_ABSENT})::varchar as dnp_reason_category,  -- why he did not play [null: dnp_category]
{reason("dnp_category", ("box.did_play", "not_applicable"))}
    (case when not box.did_play then box.reason_text end)::varchar as dnp_reason_text,  -- the source's words for it [null: dnp_text]
{reason("dnp_text", ("box.did_play", "not_applicable"), ("box.reason_text is null", "no_source"))}
    (box.roster_complete)::boolean as roster_complete,  -- does the source list players who did not play
    (box.is_starter)::boolean as is_starter,  -- in the starting five [null: starter]
{reason("starter", ("box.is_starter is null", "no_source"))}
    (box.start_position)::varchar as start_position,  -- G, F or C of a starter [null: start_position]
{reason("start_position", ("box.is_starter is null", "no_source"), ("box.start_position is null", "not_applicable"))}
    (box.minutes)::double as minutes,  -- minutes on the court [null: minutes]
{reason("minutes", _ABSENT)}
    (box.minutes_precision)::varchar as minutes_precision,  -- second or minute
{_stat_columns()}
    ({_USAGE})::double as usage_rate,  -- part of the team's possessions that he ended while on the court [null: usage]
    ({_USAGE} <= 0.6 and box.minutes >= 5)::boolean as is_usage_reliable,  -- 5 minutes or more and at most 0.60 [null: usage]
    ({ratio("box.points", "box.minutes")})::double as points_per_minute,  -- points per minute [null: usage]
{reason("usage", _ABSENT, _NO_MINUTES)}
{_ratio_columns()}
{_zone_columns()}
    (box.did_play and team.shot_zones_complete)::boolean as shot_zones_complete,  -- are his zones known
{chr(10).join(column("null", "bigint", name, f"{name.replace('_', ' ')}, needs play-by-play", "play_by_play") for name in _PLAY_BY_PLAY)}
    ('no_source')::varchar as play_by_play_null_reason,  -- why a column of the group play_by_play is NULL
    (team.is_win)::boolean as is_win,  -- his team won
    (team.margin)::bigint as team_margin,  -- his team's points minus theirs
    (team.overtime_periods)::bigint as overtime_periods,  -- overtimes
    (team.team_minutes)::bigint as team_minutes,  -- 240, and 25 for each overtime
    (team.possessions)::double as team_possessions,  -- mean of both teams' estimates
    (consensus.closing)::double as points_line_closing,  -- lower median over books of the last readable points line [null: line]
    (consensus.opening)::double as points_line_opening,  -- lower median over books of the first readable points line [null: line]
    (consensus.books)::bigint as points_line_books_n,  -- books behind it, no fantasy books [null: line]
    (case
        when consensus.closing is not null then 'prop_quotes'
    end)::varchar as points_line_source,  -- where the line comes from [null: line]
    (case
        when consensus.closing is null then null
        when not box.did_play then 'void' when box.points > consensus.closing then 'over'
        when box.points < consensus.closing then 'under' else 'push'
    end)::varchar as points_result,  -- over, under, push, or void if he did not play [null: line]
{reason("line", (f"{_LINE} is null", "no_source"))}
    (
        consensus.movement
    )::double as points_line_movement,  -- median of last minus first over books with two captures or more [null: movement]
{reason("movement", (f"{_LINE} is null", "no_source"), ("consensus.movement is null", "below_min_n"))}
    (box.points - consensus.closing)::double as points_margin,  -- points minus the closing line [null: margin]
    (case
        when {_LINE} is null then 'no_source' when not box.did_play then 'did_not_play'
    end)::varchar as margin_null_reason  -- why a column of the group margin is NULL
from box
join team_offense_game_summary as team on team.game_date = box.game_date and team.game_id = box.game_id and team.team_id = box.team_id
join team_offense_game_summary as other
    on other.game_date = box.game_date and other.game_id = box.game_id and other.team_id = team.opponent_team_id
left join zones on zones.game_id = box.game_id and zones.team_id = box.team_id and zones.player_id = box.player_id
left join consensus on consensus.game_date = box.game_date and consensus.player_id = box.player_id and consensus.game_id = box.game_id
""",
    checks=[
        one_of("points_result", ("over", "under", "push", "void")),
        offending(
            "points_of_the_team",
            "select r.* from {rows} r join (select game_date, game_id, team_id, sum(points) as points from {rows} "
            "group by game_date, game_id, team_id) s on s.game_id = r.game_id and s.team_id = r.team_id "
            "left join team_offense_game_summary t on t.game_date = r.game_date and t.game_id = r.game_id and t.team_id = r.team_id "
            "where s.points is distinct from t.points",
            reason="a team's points are the sum of its players'",
        ),
        offending(
            "usage_of_the_team",
            "select r.* from {rows} r join (select game_date, game_id, team_id, sum((usage_rate * minutes)::decimal(18, 9)) as used, "
            "sum(case when usage_rate is not null then minutes::decimal(18, 9) end) as minutes from {rows} "
            "group by game_date, game_id, team_id) s "
            "on s.game_id = r.game_id and s.team_id = r.team_id where abs(s.used::double / nullif(s.minutes, 0)::double - 0.2) > 0.02",
            reason="five players share each possession; rounded minutes, and players of less than half a minute, leave up to a tenth",
        ),
        offending(
            "absent_players_have_no_statistics",
            "select * from {rows} where not did_play and (points is not null or minutes is not null)",
            reason="who didn't play has no statistics, not even a zero",
        ),
        *minutes_within_a_game("minutes"),
        between("ts_pct", 0, 1.5, reason="a shot is worth 3 points at most; with free throws it is less"),
        share("team_points_share"),
        # A rounded minute can double a rate; totals joined before a game is final multiply it.
        usually("usage_rate", 0, 3),
        offending(
            "usage_of_5_minutes_within_1.5",
            "select * from {rows} where usage_rate < 0 or (minutes >= 5 and usage_rate > 1.5)",
            reason="nobody uses more possessions than his team has; minutes rounded by a half of 5, and the 0.44 of a free throw",
        ),
        offending(
            "usage_of_5_minutes_within_1",
            "select * from {rows} where minutes >= 5 and usage_rate > 1",
            severity="warn",
            reason="what good seasons have held",
        ),
        offending(
            "five_starters",
            "select r.* from {rows} r join (select game_date, game_id, team_id, count_if(is_starter) as starters, "
            "count(is_starter) as known from {rows} group by game_date, game_id, team_id) s "
            "on s.game_id = r.game_id and s.team_id = r.team_id "
            "where s.known > 0 and s.starters <> 5",
            reason="five players start for a team",
        ),
        offending(
            "shots_of_the_player",
            "select * from {rows} where paint_attempts + mid_range_attempts + three_zone_attempts <> fg_attempts "
            "or paint_makes + mid_range_makes + three_zone_makes <> fg_makes "
            "or three_zone_attempts <> three_attempts or three_zone_makes <> three_makes",
            severity="warn",
            reason="shots and box are counted by different people",
        ),
        season_check(
            "points_lines_settle_evenly",
            "select season, over, settled from (select season, count_if(points_result = 'over') as over, "
            "count_if(points_result in ('over', 'under')) as settled from {rows} group by season) as graded "
            "where settled >= 1000 and (over < 0.44 * settled or over > 0.54 * settled)",
            severity="warn",
            reason="lines are set to settle evenly; another share is the sign of lines joined to the wrong game or player",
        ),
        season_check(
            "usage_of_players_who_played",
            "select season, season_type, count(usage_rate) as known, count(*) as players from {rows} where did_play "
            "group by season, season_type having count(usage_rate) < 0.95 * count(*)",
            reason="who played used possessions in some minutes; only the shortest appearances round to none",
        ),
        season_check(
            "minutes_of_players_who_played",
            "select season, season_type, count(minutes) as known, count(*) as players from {rows} where did_play "
            "group by season, season_type having count(minutes) < 0.99 * count(*)",
            reason="who played has minutes",
        ),
    ],
)
