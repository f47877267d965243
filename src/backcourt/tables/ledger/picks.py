"""What was published on a line: one row per forecast, book, line and side, never changed. A line that moves makes another row."""

from backcourt.engine.declare.checks import between, offending, one_of
from backcourt.engine.declare.table import Append, Table, nothing

_FORECAST = "from forecasts f where f.game_date = incoming.game_date and f.forecast_id = incoming.forecast_id"

table = Table(
    phase=5,
    grain=("game_date", "pick_id"),
    games="none",
    reads={},
    append=Append(
        verb="predict",
        stamped="published_at",
        identity=("forecast_id", "kind", "book", "line", "side", "policy_version"),
        derived={
            "kind": "(select case when f.kind = 'LIVE' and timestamp '{now}' < f.lock_at then 'LIVE' else 'REPLAY' end " + _FORECAST + ")"
        },
    ),
    expects=nothing(),
    sql="""
select
    null::date as game_date,  -- US Eastern date of the game
    null::varchar as pick_id,  -- first 32 hex digits of SHA-256 over forecast, kind, book, line, side and policy
    null::varchar as forecast_id,  -- the forecast that it rests on
    null::varchar as market,  -- what the line is set on
    null::bigint as player_id,  -- the NBA's player number
    null::varchar as game_id,  -- the game
    null::varchar as book,  -- bookmaker's key; NULL without a line [null]
    null::double as line,  -- the line; NULL without one [null]
    null::timestamp as captured_at,  -- UTC: when the line and its price stood; NULL without a line [null]
    null::bigint as lead_seconds,  -- from capture to lock, at least 0; NULL without a line [null]
    null::varchar as side,  -- over or under; NULL without a line [null]
    null::double as price,  -- decimal price of the side; NULL when none was quoted [null]
    null::double as p_win,  -- probability that the side wins; NULL without a line [null]
    null::double as p_push,  -- probability that the result is the line; NULL without a line [null]
    null::double as ev,  -- expected profit of one unit; NULL without a price [null]
    null::double as ev_low,  -- its 10 % quantile over what the blend doesn't know; NULL without a price [null]
    null::double as break_even,  -- probability of winning at which the expected profit is 0; NULL without a price [null]
    null::varchar as action,  -- BET, LEAN, PASS or NO_LINE
    null::varchar as reason,  -- code: why this action
    null::varchar as circumstances,  -- JSON: up to three [circumstance, its worth in units of the stat], largest first; NULL without a line [null]
    null::varchar as policy_version,  -- the policy that decided
    null::timestamp as published_at,  -- UTC: when the row was written
    null::varchar as kind,  -- LIVE (its forecast is, and it was written before the lock) or REPLAY
    null::varchar as run_id,  -- the run that wrote the row
    null::varchar as row_hash,  -- SHA-256 over all columns before
    null::bigint as batch_id  -- the batch that the row belongs to
""",
    checks=[
        # First, because a pick without its forecast has no kind either.
        offending(
            "it_rests_on_a_forecast",
            "select r.* from {rows} r left join forecasts f on f.game_date = r.game_date and f.forecast_id = r.forecast_id "
            "where f.forecast_id is null or f.market <> r.market or f.player_id <> r.player_id or f.game_id <> r.game_id",
            reason="a pick is drawn from a forecast of the same player, game and market",
        ),
        one_of("action", ("BET", "LEAN", "PASS", "NO_LINE")),
        one_of("side", ("over", "under")),
        offending("lead_from_0", "select * from {rows} where lead_seconds < 0", reason="a line is seen before the lock"),
        offending(
            "the_lead_is_to_the_lock",
            "select r.* from {rows} r join forecasts f on f.game_date = r.game_date and f.forecast_id = r.forecast_id "
            # Whole seconds, begun ones too; BigQuery counts the seconds between two times in another way.
            "where r.captured_at >= f.lock_at or r.captured_at + interval (r.lead_seconds) second < f.lock_at "
            "or r.captured_at + interval (r.lead_seconds) second >= f.lock_at + interval 1 second "
            "or (r.captured_at is null) <> (r.lead_seconds is null)",
            reason="the lead is the time from capture to lock",
        ),
        offending(
            "the_line_was_seen_before",
            "select * from {rows} where captured_at > published_at",
            reason="nobody picks from a line that is yet to come",
        ),
        offending("price_above_1", "select * from {rows} where price <= 1", reason="a decimal price holds the stake"),
        between("p_win", 0, 1, reason="a probability"),
        between("p_push", 0, 1, reason="a probability"),
        offending(
            "no_line_or_a_whole_one",
            "select * from {rows} where case when action = 'NO_LINE' then line is not null or side is not null or price is not null "
            "else line is null or book is null or side is null or p_win is null or p_push is null end",
            reason="a line has a side, a book and chances",
        ),
        offending(
            "a_bet_has_a_price",
            "select * from {rows} where action = 'BET' and (price is null or captured_at is null)",
            reason="a bet is made at a price that somebody offered",
        ),
    ],
)
