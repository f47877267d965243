"""Spreads, totals and moneylines with game and capture phase; a spread from its team's view, negative when favoured."""

from backcourt.engine.declare.checks import one_of, season_check
from backcourt.engine.declare.table import Table, captured, keys, same
from backcourt.tables.resolved.odds import capture_phase, decimal_price

_GRAIN = ("game_date", "source_event_id", "book", "market", "period", "outcome", "captured_at")

table = Table(
    phase=2,
    grain=_GRAIN,
    known=captured("captured_at"),
    games="none",
    expects=keys(f"select {', '.join(_GRAIN)} from game_line_captures"),
    reads={"game_line_captures": same(), "games": same(optional=True)},
    sql=f"""
select
    (captures.game_date)::date as game_date,  -- US Eastern date of the event
    (captures.source_event_id)::varchar as source_event_id,  -- the feed's event
    (captures.book)::varchar as book,  -- bookmaker's key
    (captures.market)::varchar as market,  -- spread, total, moneyline or moneyline_lay
    (captures.period)::varchar as period,  -- full or h1 (first half)
    (captures.outcome)::varchar as outcome,  -- over, under or the team's number
    (captures.captured_at)::timestamp as captured_at,  -- when it stood, UTC
    (games.game_id)::varchar as game_id,  -- the game [null: game]
    (games.lock_at)::timestamp as lock_at,  -- when the game locks, UTC [null: game]
    (case when games.game_id is null then 'unmapped_id' end)::varchar as game_null_reason,  -- why a column of the group game is NULL
    (games.commence_time)::timestamp as commence_time,  -- the game's start as bookmakers last said before tip-off, UTC [null: commence]
    (case
        when games.game_id is null then 'unmapped_id' when games.commence_time is null then 'no_capture_before_cutoff'
    end)::varchar as commence_null_reason,  -- why a column of the group commence is NULL
    (captures.team_id)::bigint as team_id,  -- the team of the outcome [null: team]
    (case when captures.team_id is null then 'not_applicable' end)::varchar as team_null_reason,  -- why a column of the group team is NULL
    (captures.line)::double as line,  -- points; a spread from the team's view [null: line]
    (case when captures.line is null then 'not_applicable' end)::varchar as line_null_reason,  -- why a column of the group line is NULL
    (captures.price)::bigint as price,  -- American price
    ({decimal_price("captures.price")})::double as price_decimal,  -- the same, decimal
    ({capture_phase("captures.captured_at", "games")})::varchar as capture_phase  -- pre_tip, at_tip, live or unknown
from game_line_captures as captures
left join games on games.game_date = captures.game_date and games.home_team_id = captures.home_team_id
    and games.away_team_id = captures.away_team_id and games.status = 'scheduled'
""",
    checks=[
        one_of("market", ("spread", "total", "moneyline", "moneyline_lay")),
        one_of("period", ("full", "h1")),
        one_of("capture_phase", ("pre_tip", "at_tip", "live", "unknown")),
        season_check(
            "spreads_are_signed",
            "select 'all' as season, count(*) as spreads from {rows} where market = 'spread' "
            "having count(*) > 0 and (count_if(line < 0) = 0 or count_if(line > 0) = 0)",
            reason="one side is given points, the other gives them",
        ),
        # One side's view only, or the favourite's line for both teams, would make a median over sides meaningless.
        season_check(
            "two_sides_of_a_spread_cancel",
            "select 'all' as season, source_event_id, book, period, captured_at, sum(line::decimal(18, 9)) as both_sides from {rows} "
            "where market = 'spread' group by source_event_id, book, period, captured_at "
            "having count(*) > 2 or (count(*) = 2 and sum(line::decimal(18, 9)) <> 0)",
            reason="what one side is given the other gives",
        ),
    ],
)
