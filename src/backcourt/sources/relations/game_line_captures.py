"""Spreads, totals and moneylines as the feeds gave them; dated like their event."""

from backcourt.engine.declare.table import Relation, captured
from backcourt.sources.current import current, listed

_QUOTES = current(
    "raw_game_line_quotes",
    # Teams and date are the event's: it may have been listed the other way round, or settled by hand.
    "e.game_date, r.source_event_id, coalesce(e.home_team_id, r.home_team_id) as home_team_id, "
    "coalesce(e.away_team_id, r.away_team_id) as away_team_id, "
    + listed(
        "book", "market", "period", "outcome", "team_id", "line", "price", "captured_at",
        "source",
    ),
    "left join events e on e.source_event_id = r.source_event_id",
)  # fmt: skip

relation = Relation(
    grain=("source_event_id", "book", "market", "period", "outcome", "captured_at"),
    known=captured("captured_at"),
    sql=f"""
    with events as (
        select source_event_id, min(game_date) as game_date, min(home_team_id) as home_team_id, min(away_team_id) as away_team_id
        from odds_events group by source_event_id
    )
    {_QUOTES}
    """,
)
