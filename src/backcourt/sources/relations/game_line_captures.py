"""Spreads, totals and moneylines as the feeds gave them; dated like their event."""

from backcourt.engine.declare.table import Relation, captured
from backcourt.sources.current import current, listed

_QUOTES = current(
    "raw_game_line_quotes",
    "e.game_date, "
    + listed(
        "source_event_id", "home_team_id", "away_team_id", "book", "market", "period", "outcome", "team_id", "line", "price", "captured_at",
        "source",
    ),
    "left join event_dates e on e.source_event_id = r.source_event_id",
)  # fmt: skip

relation = Relation(
    grain=("source_event_id", "book", "market", "period", "outcome", "captured_at"),
    known=captured("captured_at"),
    sql=f"with event_dates as (select source_event_id, min(game_date) as game_date from odds_events group by 1) {_QUOTES}",
)
