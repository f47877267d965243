"""The situation of each player before a game: rest, load, role, opponent and the market's lines."""

from backcourt.engine.declare.checks import between, offending, season_check, usually
from backcourt.engine.declare.table import AS_OF, Table, before, everything, keys, same, through
from backcourt.tables.analytics.conventions import SEASONS, TEAM_GAMES, days_between, reason_from, tier_name, tier_rank
from backcourt.tables.analytics.limits import MOST_MINUTES, games_in_days, rest, share
from backcourt.tables.analytics.market_lines import FORM_MARKETS, prop_consensus_ctes
from backcourt.tables.analytics.player_context_columns import (
    form_columns,
    load_columns,
    market_columns,
    person_columns,
    presence_columns,
    schedule_columns,
    tenure_columns,
)
from backcourt.tables.analytics.windows import rows_frame

_SEASON = "partition by player_id, season order by game_date nulls first"
_CAREER = "partition by player_id order by game_date nulls first"
_SO_FAR = rows_frame("season")

table = Table(
    phase=3,
    grain=("game_date", "player_id"),
    known=AS_OF,
    games="scheduled",
    expects=keys("select game_date, game_id, player_id from slate_players", zero="no_history"),
    reads={
        "slate_players": same(),
        "player_form": same(),
        "upcoming_team_game_context": same(),
        "player_game_summary": before(seasons=2),
        "games": through(seasons=2),
        "prop_quotes": same(optional=True),
        "players": everything(),
    },
    sql=f"""
with {SEASONS},
{TEAM_GAMES},
{prop_consensus_ctes()},
numbered_games as (
    select
        team_games.*,
        row_number() over (partition by team_id, season order by game_date nulls first) as season_number,
        row_number() over (partition by team_id order by game_date nulls first) as number
    from team_games
),
played as (
    select
        player_id, season, game_date, team_id, points, points_line_closing,
        cast(points_margin as decimal(18, 9)) as margin,
        case when points_line_closing is not null then 1 else 0 end as lines,
        case when points_result = 'over' then 1 else 0 end as overs,
        case when points_result = 'under' then 1 else 0 end as unders
    from player_game_summary
    where did_play and player_id in (select player_id from slate_players)
),
appearances as (
    select
        played.*,
        row_number() over ({_SEASON}) as game_number,
        row_number() over ({_CAREER}) as career_number,
        row_number() over (partition by player_id, season, team_id order by game_date nulls first) as games_with_team,
        lag(game_date) over ({_SEASON}) as date_before,
        lag(team_id) over ({_CAREER}) as team_before
    from played
),
first_appearances as (
    select player_id, season, min(game_date) as first_date, min(career_number) as first_number
    from appearances
    group by player_id, season
),
histories as (
    select
        appearances.*,
        {days_between("date_before", "game_date")} - 1 as rest_before,
        max(case when date_before is null or {days_between("date_before", "game_date")} > 2 then game_date end)
            over ({_SEASON} {_SO_FAR}) as rested_on,
        game_number + 1 - max(case when date_before is null or {days_between("date_before", "game_date")} > 14 then game_number end)
            over ({_SEASON} {_SO_FAR}) as games_since_absence,
        coalesce(max(case when team_before <> team_id then career_number end) over ({_CAREER} {_SO_FAR}), 0) as changed_at,
        sum(lines) over ({_SEASON} {rows_frame("last5")})::bigint as lines_last5,
        sum(margin) over ({_SEASON} {rows_frame("last5")})::decimal(38, 9) as margins_last5,
        sum(lines) over ({_SEASON} {rows_frame("last10")})::bigint as lines_last10,
        sum(overs) over ({_SEASON} {rows_frame("last10")})::bigint as overs_last10,
        sum(unders) over ({_SEASON} {rows_frame("last10")})::bigint as unders_last10
    from appearances
),
-- Changes of team are looked for in the season and the one before, whatever else is loaded.
bounded_histories as (
    select
        histories.*,
        this_season.first_number as first_in_season,
        coalesce(season_before.first_number, this_season.first_number) as first_in_view
    from histories
    join seasons on seasons.season = histories.season
    join first_appearances as this_season on this_season.player_id = histories.player_id and this_season.season = histories.season
    left join first_appearances as season_before
        on season_before.player_id = histories.player_id and season_before.season = seasons.previous_season
),
latest as (
    select
        bounded_histories.*,
        changed_at > first_in_view as has_changed,
        changed_at > first_in_season as has_changed_in_season,
        career_number + 1 - case when changed_at > first_in_view then changed_at else first_in_view end as games_since_change,
        career_number + 1 - case when changed_at > first_in_season then changed_at else first_in_season end as games_since_change_in_season
    from bounded_histories
),
team_slots as (
    select slate_players.player_id, slate_players.season, slate_players.team_id, slate_players.game_date, numbers.season_number, 0 as played
    from slate_players
    join numbered_games as numbers on numbers.team_id = slate_players.team_id and numbers.game_date = slate_players.game_date
    union all
    select appearances.player_id, appearances.season, appearances.team_id, appearances.game_date, numbers.season_number, 1
    from appearances
    join numbered_games as numbers on numbers.team_id = appearances.team_id and numbers.game_date = appearances.game_date
),
slots_windowed as (
    select
        player_id, game_date, played,
        coalesce(sum(played) over (
            partition by player_id, season, team_id order by season_number nulls first range between 10 preceding and 1 preceding
        ), 0)::bigint as games_found
    from team_slots
),
team_spells as (
    select player_id, season, team_id from slate_players where team_id is not null group by player_id, season, team_id
),
-- The team's games before his first of the season, for whatever team that was.
games_before_him as (
    select
        team_spells.player_id, team_spells.season, team_spells.team_id, first_appearances.first_date, count(earlier.game_id) as games
    from team_spells
    join first_appearances on first_appearances.player_id = team_spells.player_id and first_appearances.season = team_spells.season
    left join team_games as earlier
        on earlier.team_id = team_spells.team_id and earlier.season = team_spells.season
        and earlier.game_date < first_appearances.first_date
    group by team_spells.player_id, team_spells.season, team_spells.team_id, first_appearances.first_date
),
presence as (
    select
        slate.game_date, slate.player_id, today.number - last_game.number - 1 as missed_games,
        case when today.season_number > 10 then 10 else today.season_number - 1 end as team_games_last10,
        slots_windowed.games_found,
        case
            when slate.team_id is null then null
            when before_him.first_date is null or before_him.first_date >= slate.game_date then 0
            when today.season_number - 1 - before_him.games > 10 then 10
            else today.season_number - 1 - before_him.games
        end as games_expected,
        slots_windowed.games_found as games_found_since
    from slate_players as slate
    -- Every row finds its partner here. Outer joins keep the order: with inner ones a planner with poor statistics may start from
    -- all pairs of a team's games.
    left join numbered_games as today on today.team_id = slate.team_id and today.game_date = slate.game_date
    left join numbered_games as last_game on last_game.team_id = slate.team_id and last_game.game_date = slate.last_appearance_date
    left join slots_windowed
        on slots_windowed.player_id = slate.player_id and slots_windowed.game_date = slate.game_date and slots_windowed.played = 0
    left join games_before_him as before_him
        on before_him.player_id = slate.player_id and before_him.season = slate.season and before_him.team_id = slate.team_id
),
against_line as (
    select
        slate.game_date, slate.player_id, earlier.game_number,
        earlier.points > prices.points_current as is_over, earlier.points < prices.points_current as is_under
    from prop_lines as prices
    join slate_players as slate
        on slate.game_date = prices.game_date and slate.player_id = prices.player_id and slate.game_id = prices.game_id
    -- An outer join for the order, as above: only players with a line meet their games, not every pair of a season. `runs` drops those
    -- without a game.
    left join appearances as earlier
        on earlier.player_id = slate.player_id and earlier.season = slate.season and earlier.game_date < slate.game_date
    where prices.points_current is not null
),
line_turns as (
    select
        game_date, player_id,
        coalesce(max(case when is_over then game_number end), 0) as last_over,
        coalesce(max(case when is_under then game_number end), 0) as last_under
    from against_line
    group by game_date, player_id
),
runs as (
    select
        against_line.game_date, against_line.player_id,
        count_if(against_line.is_over and against_line.game_number > line_turns.last_under) as over_streak,
        count_if(against_line.is_under and against_line.game_number > line_turns.last_over) as under_streak
    from against_line
    join line_turns on line_turns.game_date = against_line.game_date and line_turns.player_id = against_line.player_id
    group by against_line.game_date, against_line.player_id
    having count(against_line.game_number) > 0
)
select
    (slate.game_date)::date as game_date,  -- US Eastern date of the game
    (slate.player_id)::bigint as player_id,  -- the NBA's player number
    (slate.game_id)::varchar as game_id,  -- the game
    (slate.team_id)::bigint as team_id,  -- his team, as in slate_players [null: team]
    (slate.opponent_team_id)::bigint as opponent_team_id,  -- the other team [null: team]
    (slate.is_home)::boolean as is_home,  -- does his team play at home [null: team]
    (case when slate.team_id is null then 'team_unresolved' end)::varchar as team_null_reason,  -- why a column of the group team is NULL
    (today.tip_at)::timestamp as tip_at,  -- UTC, scheduled start [null: tip]
{reason_from("tip", "today.tip_null_reason")}
    (slate.universe_sources)::varchar as universe_sources,  -- JSON list: the rules that list him on this date (metadata, no feature)
{
        chr(10).join(
            [
                *presence_columns(),
                *load_columns(),
                *tenure_columns(),
                *form_columns(),
                *market_columns(),
                *person_columns(),
                *schedule_columns(),
            ]
        )
    }
    (slate.season)::varchar as season,  -- season of the game
    (slate.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    (slate.is_bootstrap)::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({
        tier_name(f"greatest({tier_rank('form.source_tier')}, {tier_rank('own.source_tier')}, {tier_rank('opponent.source_tier')})")
    })::varchar as source_tier,  -- worst tier of the rows read
    (slate.as_of_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from slate_players as slate
join games as today on today.game_date = slate.game_date and today.game_id = slate.game_id
join player_form as form on form.game_date = slate.game_date and form.player_id = slate.player_id
left join upcoming_team_game_context as own on own.game_date = slate.game_date and own.team_id = slate.team_id
left join upcoming_team_game_context as opponent
    on opponent.game_date = slate.game_date and opponent.team_id = slate.opponent_team_id
left join latest on latest.player_id = slate.player_id and latest.game_date = slate.last_appearance_date
left join presence on presence.game_date = slate.game_date and presence.player_id = slate.player_id
left join prop_lines as prices
    on prices.game_date = slate.game_date and prices.player_id = slate.player_id and prices.game_id = slate.game_id
left join runs on runs.game_date = slate.game_date and runs.player_id = slate.player_id
left join players on players.player_id = slate.player_id
""",
    checks=[
        offending(
            "windows_equal_player_form",
            "select r.* from {rows} r left join player_form f on f.game_date = r.game_date and f.player_id = r.player_id "
            "where r.points_mean_last5 is distinct from f.points_mean_last5 or r.points_mean_last10 is distinct from f.points_mean_last10 "
            "or r.games_last10 is distinct from f.games_last10 or r.minutes_sum_last7d is distinct from f.minutes_sum_last7d",
            reason="a window exists once",
        ),
        *(
            offending(
                f"{market}_line_is_whole",
                f"select * from {{rows}} where has_{market}_line <> ({market}_line_current is not null) "
                f"or has_{market}_line <> ({market}_line_books_n > 0) or {market}_line_current <= 0 "
                f"or {market}_over_prob <= 0 or {market}_over_prob >= 1 or {market}_line_captured_at >= as_of_at",
                reason="a line has books and a value, and was captured before the lock",
            )
            for market in FORM_MARKETS
        ),
        offending(
            "one_streak_at_a_time",
            "select * from {rows} where points_over_streak > 0 and points_under_streak > 0",
            reason="the last game went over, under or neither",
        ),
        rest("rest_days"),
        games_in_days("games_last7d", 7),
        usually("games_last7d", 0, 5),
        usually("games_last14d", 0, 10),
        between("minutes_sum_last7d", 0, 7 * MOST_MINUTES, reason="one game a date, of ten overtimes at most"),
        usually("minutes_sum_last7d", 0, 220),
        share("appearance_rate_last10_team_games"),
        between("games_since_team_change", 0, 30, reason="counted up to 30"),
        between("games_since_absence", 0, 30, reason="counted up to 30"),
        offending(
            "found_at_most_expected",
            "select * from {rows} where games_found_last10 > games_expected_last10",
            reason="nobody appears in more games than his team played",
        ),
        usually("points_over_prob", 0.2, 0.8),
        season_check(
            "recall_of_appearances",
            "select p.season, count(*) as appearances, count(r.player_id) as listed from player_game_summary p "
            "left join {rows} r on r.game_date = p.game_date and r.player_id = p.player_id "
            "where p.did_play and p.season > (select min(season) from games) group by p.season having count(r.player_id) < 0.95 * count(*)",
            severity="warn",
            reason="what good seasons have held",
        ),
    ],
)
