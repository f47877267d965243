"""Every real game, played or to come, and the moment at which it locks: until then quotes may be read."""

from backcourt.engine.declare.checks import offending, one_of
from backcourt.engine.declare.table import AS_OF, Table, keys, same
from backcourt.field.seasons import noon_eastern_sql

table = Table(
    phase=2,
    grain=("game_date", "game_id"),
    known=AS_OF,
    games="none",
    expects=keys("select game_date, game_id from schedule where is_real_game"),
    reads={"schedule": same(), "odds_events": same(optional=True)},
    # Bookmakers publish the real start, about ten minutes after the scheduled one; an hour early was a provider's error.
    sql=f"""
with announced as (
    select
        schedule.game_id, events.commence_time,
        row_number() over (
            partition by schedule.game_id order by events.captured_at desc, events.commence_time desc, events.source_event_id
        ) as choice
    from schedule
    join odds_events as events on events.game_date = schedule.game_date
        and events.home_team_id = schedule.home_team_id and events.away_team_id = schedule.away_team_id
    where events.commence_time is not null and events.captured_at < schedule.tip_at
),
-- A start that the league has not decided: whatever a bookmaker said of it, the earliest.
earliest as (
    select schedule.game_id, min(events.commence_time) as commence_time
    from schedule
    join odds_events as events on events.game_date = schedule.game_date
        and events.home_team_id = schedule.home_team_id and events.away_team_id = schedule.away_team_id
    where schedule.tip_at is null
    group by schedule.game_id
)
select
    (schedule.game_date)::date as game_date,  -- US Eastern date of the game
    (schedule.game_id)::varchar as game_id,  -- the NBA's 10 characters
    (schedule.season)::varchar as season,  -- season of the game
    (schedule.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    (schedule.tip_at)::timestamp as tip_at,  -- scheduled start, UTC [null: tip]
    (case
        when schedule.tip_at is not null then null
        when earliest.commence_time is not null then 'to_be_decided_locks_by_quotes' else 'to_be_decided_locks_at_noon'
    end)::varchar as tip_null_reason,  -- why a column of the group tip is NULL, and where the lock comes from then
    (schedule.status)::varchar as status,  -- scheduled, postponed or cancelled
    (schedule.home_team_id)::bigint as home_team_id,  -- home team
    (schedule.away_team_id)::bigint as away_team_id,  -- away team
    (schedule.arena_name)::varchar as arena_name,  -- arena [null: arena]
    (schedule.arena_city)::varchar as arena_city,  -- its city [null: arena]
    (case
        when schedule.arena_name is null or schedule.arena_city is null then 'no_source'
    end)::varchar as arena_null_reason,  -- why a column of the group arena is NULL
    (schedule.is_neutral_site)::boolean as is_neutral_site,  -- neither team's own floor
    (schedule.game_label)::varchar as game_label,  -- the league's label [null: label]
    (schedule.game_sub_label)::varchar as game_sub_label,  -- the league's second label [null: label]
    (case
        when schedule.game_label is not null and schedule.game_sub_label is not null then null
        when schedule.is_cup_game is null then 'no_source' else 'not_applicable'
    end)::varchar as label_null_reason,  -- why a column of the group label is NULL
    (schedule.is_cup_game)::boolean as is_cup_game,  -- group, knock-out or final of the cup [null: cup]
    (case when schedule.is_cup_game is null then 'no_source' end)::varchar as cup_null_reason,  -- why a column of the group cup is NULL
    (schedule.playoff_round)::bigint as playoff_round,  -- 1 to 4 [null: playoffs]
    (schedule.series_game_number)::bigint as series_game_number,  -- 1 to 7 [null: playoffs]
    (case
        when schedule.playoff_round is null then 'not_applicable'
    end)::varchar as playoffs_null_reason,  -- why a column of the group playoffs is NULL
    (announced.commence_time)::timestamp as commence_time,  -- start as bookmakers last said before the scheduled one, UTC [null: commence]
    (case
        when announced.commence_time is null then 'no_capture_before_cutoff'
    end)::varchar as commence_null_reason,  -- why a column of the group commence is NULL
    (case
        when schedule.tip_at is null then coalesce(earliest.commence_time, {noon_eastern_sql("schedule.game_date")})
        else least(
            greatest(schedule.tip_at, coalesce(announced.commence_time, schedule.tip_at)),
            schedule.tip_at + interval 10 minute
        )
    end)::timestamp as lock_at  -- UTC: what is captured from here on is not readable
from schedule
left join earliest on earliest.game_id = schedule.game_id
left join announced on announced.game_id = schedule.game_id and announced.choice = 1
where schedule.is_real_game
""",
    checks=[
        one_of("status", ("scheduled", "postponed", "cancelled")),
        one_of("season_type", ("regular", "play_in", "playoffs", "cup_final")),
        offending(
            "locks_within_ten_minutes_of_tip",
            "select * from {rows} where lock_at < tip_at or lock_at > tip_at + interval 10 minute",
            reason="the rule by which a lock is set",
        ),
        offending("two_teams", "select * from {rows} where home_team_id = away_team_id", reason="nobody plays against himself"),
        offending(
            "one_game_a_team_and_date",
            "select * from (select r.*, count(*) over (partition by game_date, home_team_id) as at_home, "
            "count(*) over (partition by game_date, away_team_id) as away from {rows} r where status = 'scheduled') as counted "
            "where at_home > 1 or away > 1",
            reason="no team plays two games on one date",
        ),
    ],
)
