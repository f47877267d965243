"""Who may play in a game, from what was known before it: the population of every player table as of a date."""

from backcourt.engine.declare.checks import offending, one_of
from backcourt.engine.declare.table import AS_OF, Table, before, recomputed, same, through
from backcourt.tables.analytics.conventions import SEASONS, TEAM_GAMES, days_between, is_bootstrap, readable, reason, tier_name, tier_rank

_PLAY_DAYS_KEPT = 30

table = Table(
    phase=3,
    grain=("game_date", "player_id"),
    known=AS_OF,
    games="scheduled",
    expects=recomputed(zero="no_history"),
    reads={
        "games": through(seasons=2),
        "player_game_summary": before(seasons=2),
        "prop_quotes": same(optional=True),
    },
    sql=f"""
with {SEASONS},
{TEAM_GAMES},
team_seasons as (
    select season, team_id, min(game_date) as opened_on, max(game_date) as closed_on from team_games group by season, team_id
),
appearances as (
    select
        player_id, team_id, season, game_date,
        lead(game_date) over (partition by player_id order by game_date) as next_appearance_date,
        {tier_rank("source_tier")} as tier
    from player_game_summary
    where did_play
),
-- The off-season is cut out of the count, so that an opener reaches back to the end of the previous season.
history_this_season as (
    select
        team_games.game_date, appearances.player_id, team_games.game_id, appearances.team_id,
        appearances.game_date as last_appearance_date, appearances.tier,
        {days_between("appearances.game_date", "team_games.game_date")} as play_days
    from appearances
    join team_games on team_games.team_id = appearances.team_id and team_games.season = appearances.season
    where team_games.game_date > appearances.game_date
        and (appearances.next_appearance_date is null or team_games.game_date <= appearances.next_appearance_date)
        and {days_between("appearances.game_date", "team_games.game_date")} <= {_PLAY_DAYS_KEPT}
),
carried_over as (
    select
        appearances.player_id, appearances.team_id, appearances.game_date as last_appearance_date, appearances.next_appearance_date,
        appearances.tier, seasons.season, this_season.opened_on,
        {days_between("appearances.game_date", "last_season.closed_on")} + 1 as play_days_before
    from appearances
    join seasons on seasons.previous_season = appearances.season
    join team_seasons as last_season on last_season.season = appearances.season and last_season.team_id = appearances.team_id
    join team_seasons as this_season on this_season.season = seasons.season and this_season.team_id = appearances.team_id
    where {days_between("appearances.game_date", "last_season.closed_on")} + 1 <= {_PLAY_DAYS_KEPT}
),
history_last_season as (
    select
        team_games.game_date, carried_over.player_id, team_games.game_id, carried_over.team_id,
        carried_over.last_appearance_date, carried_over.tier,
        carried_over.play_days_before + {days_between("carried_over.opened_on", "team_games.game_date")} as play_days
    from carried_over
    join team_games on team_games.team_id = carried_over.team_id and team_games.season = carried_over.season
    where (carried_over.next_appearance_date is null or team_games.game_date <= carried_over.next_appearance_date)
        and carried_over.play_days_before + {days_between("carried_over.opened_on", "team_games.game_date")} <= {_PLAY_DAYS_KEPT}
),
history as (
    select * from history_this_season
    union all
    select * from history_last_season
),
quoted as (
    select quotes.game_date, quotes.player_id, quotes.game_id
    from prop_quotes as quotes
    where quotes.player_id is not null and quotes.game_id is not null and {readable("quotes")}
    group by quotes.game_date, quotes.player_id, quotes.game_id
),
ranked_quotes as (
    select
        quoted.game_date, quoted.player_id, quoted.game_id,
        row_number() over (
            partition by quoted.game_date, quoted.player_id
            order by case when history.game_id = quoted.game_id then 0 else 1 end, quoted.game_id
        ) as choice
    from quoted
    join games on games.game_date = quoted.game_date and games.game_id = quoted.game_id and games.status = 'scheduled'
    left join history on history.game_date = quoted.game_date and history.player_id = quoted.player_id
),
quoted_game as (
    select game_date, player_id, game_id from ranked_quotes where choice = 1
),
only_quoted as (
    select quoted_game.game_date, quoted_game.player_id, quoted_game.game_id
    from quoted_game
    left join history on history.game_date = quoted_game.game_date and history.player_id = quoted_game.player_id
    where history.player_id is null
),
only_quoted_last as (
    select
        only_quoted.game_date, only_quoted.player_id, appearances.team_id, appearances.tier, appearances.game_date as last_appearance_date,
        case
            when appearances.season = seasons.season then {days_between("appearances.game_date", "only_quoted.game_date")}
            else {days_between("appearances.game_date", "last_season.closed_on")} + 1
                + case
                    when this_season.opened_on <= only_quoted.game_date
                    then {days_between("this_season.opened_on", "only_quoted.game_date")} else 0
                end
        end as play_days
    from only_quoted
    join games on games.game_date = only_quoted.game_date and games.game_id = only_quoted.game_id
    join seasons on seasons.season = games.season
    join appearances on appearances.player_id = only_quoted.player_id
        and appearances.game_date < only_quoted.game_date
        and (appearances.next_appearance_date is null or appearances.next_appearance_date >= only_quoted.game_date)
        and (appearances.season = seasons.season or appearances.season = seasons.previous_season)
    join team_seasons as last_season on last_season.season = appearances.season and last_season.team_id = appearances.team_id
    left join team_seasons as this_season on this_season.season = seasons.season and this_season.team_id = appearances.team_id
),
listed as (
    select
        history.game_date, history.player_id, coalesce(quoted_game.game_id, history.game_id) as game_id,
        case when quoted_game.game_id is null then '["history"]' else '["history","quote"]' end as universe_sources,
        history.team_id as last_team_id, history.last_appearance_date, history.play_days, history.tier
    from history
    left join quoted_game on quoted_game.game_date = history.game_date and quoted_game.player_id = history.player_id
    union all
    select
        only_quoted.game_date, only_quoted.player_id, only_quoted.game_id, '["quote"]',
        last.team_id, last.last_appearance_date, last.play_days, last.tier
    from only_quoted
    left join only_quoted_last as last on last.game_date = only_quoted.game_date and last.player_id = only_quoted.player_id
)
select
    (listed.game_date)::date as game_date,  -- US Eastern date of the game
    (listed.player_id)::bigint as player_id,  -- the NBA's player number
    (listed.game_id)::varchar as game_id,  -- the game: the one he is quoted for, else the next of the team he last appeared for
    (own.team_id)::bigint as team_id,  -- team of his last appearance, if it plays in this game [null: team]
    (own.opponent_team_id)::bigint as opponent_team_id,  -- the other team of the game [null: team]
    (own.is_home)::boolean as is_home,  -- does team_id play at home [null: team]
    (case when own.team_id is null then 'team_unresolved' end)::varchar as team_null_reason,  -- why a column of the group team is NULL
    (listed.universe_sources)::varchar as universe_sources,  -- JSON list, sorted: the rules that list him (metadata, no feature)
    (listed.last_appearance_date)::date as last_appearance_date,  -- his latest of this or the previous season [null: last_appearance]
    (listed.last_team_id)::bigint as last_team_id,  -- the team of that appearance [null: last_appearance]
    (listed.play_days)::bigint as play_days_since_appearance,  -- days since then without the off-season [null: last_appearance]
{reason("last_appearance", ("listed.last_appearance_date is null", "no_games_in_window"))}
    (games.season)::varchar as season,  -- season of the game
    (games.season_type)::varchar as season_type,  -- regular, play_in, playoffs or cup_final
    ({is_bootstrap("listed.game_date", "seasons.opened_on")})::boolean as is_bootstrap,  -- in the first 14 days of the season
    ({tier_name("listed.tier")})::varchar as source_tier,  -- worst tier of the rows read
    (games.lock_at)::timestamp as as_of_at,  -- UTC: only facts known before this moment are read
    ('current')::varchar as knowledge_mode  -- earlier games as they are corrected today
from listed
join games on games.game_date = listed.game_date and games.game_id = listed.game_id
join seasons on seasons.season = games.season
left join team_games as own on own.game_date = listed.game_date and own.game_id = listed.game_id and own.team_id = listed.last_team_id
""",
    checks=[
        one_of("universe_sources", ('["history"]', '["history","quote"]', '["quote"]')),
        offending(
            "last_appearance_before_game",
            "select * from {rows} where last_appearance_date >= game_date",
            reason="what is known of a slate lies before it",
        ),
        offending(
            "history_within_30_play_days",
            "select * from {rows} where universe_sources <> '[\"quote\"]' and play_days_since_appearance not between 1 and 30",
            reason="the rule by which players are listed",
        ),
        offending(
            "10_to_25_players_a_team_after_the_first_season",
            "select r.* from {rows} r join (select game_date, game_id, team_id, count(*) as players from {rows} where team_id is not null "
            "group by game_date, game_id, team_id) s on s.game_id = r.game_id and s.team_id = r.team_id "
            "where r.season > (select min(season) from games) and s.players not between 10 and 25",
            severity="warn",
            reason="what good seasons have held",
        ),
    ],
)
