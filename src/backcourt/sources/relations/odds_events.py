"""When the betting feeds said that a game starts, each time they said it."""

from backcourt.engine.declare.table import Relation, captured
from backcourt.sources.current import current, listed

_SIGHTINGS = current(
    "raw_odds_events", listed("source_event_id", "captured_at", "commence_time", "commence_date", "home_team_id", "away_team_id")
)

relation = Relation(
    grain=("source_event_id", "captured_at", "commence_time"),
    known=captured("captured_at"),
    # The last thing said before the start that it names decides the date: a postponed game takes its event along, and what is seen
    # during the game decides nothing.
    sql=f"""
    with sightings as ({_SIGHTINGS}),
    dates as (
        select
            source_event_id, commence_date as game_date,
            row_number() over (
                partition by source_event_id
                order by
                    case when captured_at < commence_time then 0 when commence_time is not null then 1 else 2 end,
                    captured_at desc nulls last, commence_time desc nulls last, commence_date desc
            ) as choice
        from sightings
    )
    select d.game_date, s.source_event_id, s.captured_at, s.commence_time, s.home_team_id, s.away_team_id
    from sightings s
    join dates d on d.source_event_id = s.source_event_id and d.choice = 1
    """,
)
