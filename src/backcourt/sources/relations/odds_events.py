"""When the betting feeds said that a game starts, each time they said it; teams and date are those of the game that it is."""

from backcourt.engine.declare.table import Relation, captured
from backcourt.sources.current import current, listed

_SIGHTINGS = current(
    "raw_odds_events", listed("source_event_id", "captured_at", "commence_time", "commence_date", "home_team_id", "away_team_id")
)

relation = Relation(
    grain=("source_event_id", "captured_at", "commence_time"),
    known=captured("captured_at"),
    # The last thing said before the start that it names decides the date: a postponed game takes its event along, and what is seen
    # during the game decides nothing. At a neutral site either team may be listed at home: a pair that plays that day only the other
    # way round is that game. What a person settled comes first.
    sql=f"""
    with sightings as ({_SIGHTINGS}),
    dates as (
        select
            source_event_id, commence_date as game_date, home_team_id, away_team_id,
            row_number() over (
                partition by source_event_id
                order by
                    case when captured_at < commence_time then 0 when commence_time is not null then 1 else 2 end,
                    captured_at desc nulls last, commence_time desc nulls last, commence_date desc
            ) as choice
        from sightings
    ),
    settled as (
        select d.source_event_id, s.game_date, s.home_team_id, s.away_team_id
        from (
            select source_event_id, game_id, row_number() over (partition by source_event_id order by seq desc) as place
            from raw_event_decisions
        ) d
        join schedule s on s.game_id = d.game_id
        where d.place = 1
    ),
    turned as (
        select d.source_event_id, s.home_team_id, s.away_team_id
        from dates d
        join schedule s on s.game_date = d.game_date and s.home_team_id = d.away_team_id and s.away_team_id = d.home_team_id
            and s.status = 'scheduled'
        left join schedule straight on straight.game_date = d.game_date and straight.home_team_id = d.home_team_id
            and straight.away_team_id = d.away_team_id
        where d.choice = 1 and straight.game_id is null
    )
    select
        coalesce(g.game_date, d.game_date) as game_date, s.source_event_id, s.captured_at, s.commence_time,
        coalesce(g.home_team_id, t.home_team_id, s.home_team_id) as home_team_id,
        coalesce(g.away_team_id, t.away_team_id, s.away_team_id) as away_team_id
    from sightings s
    join dates d on d.source_event_id = s.source_event_id and d.choice = 1
    left join settled g on g.source_event_id = s.source_event_id
    left join turned t on t.source_event_id = s.source_event_id
    """,
)
