"""What is to be graded: everything that was said of games that are over and has no grade of its latest outcome."""

from __future__ import annotations

from datetime import date, datetime

from backcourt.engine.warehouse import Row, Warehouse
from backcourt.field.markets import MARKETS
from backcourt.judgement.rules import GRADER_VERSION, UNSETTLED_AFTER_HOURS
from backcourt.tables.analytics.conventions import readable
from backcourt.tables.ledger.current import over
from backcourt.tables.ledger.facts import latest

_RESULT = "case said.market " + " ".join(f"when '{market}' then facts.{market}" for market in MARKETS) + " end"
_FACT = f"facts.version, facts.game_status, facts.appeared, {_RESULT}, date_diff('day', said.game_date, facts.played_on)"


def _open(table: str, own_id: str, columns: str, joined: str, start: date, end: date) -> str:
    dates = f"between date '{start}' and date '{end}'"
    return (
        f"select {columns}, {_FACT} from {table} as said "
        f"left join ({latest('outcomes')}) as facts on facts.game_date = said.game_date and facts.game_id = said.game_id "
        f"and facts.player_id = said.player_id {joined} "
        f"where said.game_date {dates} and (facts.version is not null or said.game_id in ({over()})) and not exists ("
        f"select 1 from grades where grades.game_date = said.game_date and grades.subject_id = said.{own_id} "
        f"and grades.outcome_version = coalesce(facts.version, 0) and grades.grader_version = {GRADER_VERSION}) order by 1, 2"
    )


def open_forecasts(warehouse: Warehouse, start: date, end: date) -> list[Row]:
    """(game_date, forecast_id, game_id, system, market, player_id, point, mean, sd, abstain_reason, pmf_file, pmf_sha256, row_hash), fact.

    The fact is (version, game_status, appeared, result, days_late), None where nothing is known.
    """
    columns = (
        "said.game_date, said.forecast_id, said.game_id, said.system, said.market, said.player_id, said.point, said.mean, said.sd, "
        "said.abstain_reason, said.pmf_file, said.pmf_sha256, said.row_hash"
    )
    return warehouse.query(_open("forecasts", "forecast_id", columns, "", start, end))


def open_picks(warehouse: Warehouse, start: date, end: date) -> list[Row]:
    """(game_date, pick_id, game_id, book, side, line, price, p_win, p_push, action), its quote, the close, and the fact.

    The quote is (over, under, is_fantasy), the decimal prices of the line when it was taken; the close is (line,
    over, under, lead_seconds): the book's last main line before the lock, and the prices of the pick's own line in
    that same capture. None where there is none.
    """
    columns = (
        "said.game_date, said.pick_id, said.game_id, said.book, said.side, said.line, said.price, said.p_win, said.p_push, said.action, "
        "taken.over_price, taken.under_price, taken.is_fantasy, closing.line, closing.over_price, closing.under_price, "
        "closing.captured_at, closing.lock_at"
    )
    if not warehouse.columns("prop_quotes"):
        empty = "select null::date as game_date, null::varchar as pick_id, null::double as over_price, null::double as under_price, "
        taken = f"({empty}null::boolean as is_fantasy where false)"
        closing = f"({empty}null::double as line, null::timestamp as captured_at, null::timestamp as lock_at where false)"
    else:
        taken, closing = f"({_taken(start, end)})", f"({_closing(start, end)})"
    joined = " ".join(
        f"left join {sql} as {name} on {name}.game_date = said.game_date and {name}.pick_id = said.pick_id"
        for sql, name in ((taken, "taken"), (closing, "closing"))
    )
    found = warehouse.query(_open("picks", "pick_id", columns, joined, start, end))
    return [(*row[:_CAPTURED], _lead_seconds(*row[_CAPTURED : _CAPTURED + 2]), *row[_CAPTURED + 2 :]) for row in found]


_CAPTURED = 16
"""The place of a closing line's capture among the columns of an open pick; its lock follows."""


def _lead_seconds(captured_at: datetime | None, lock_at: datetime | None) -> int | None:
    """Whole seconds between capture and lock, as the clock shows them. Warehouses count parts of a second differently."""
    if captured_at is None or lock_at is None:
        return None
    return int((lock_at.replace(microsecond=0) - captured_at.replace(microsecond=0)).total_seconds())


_SAME = "q.game_date = p.game_date and q.game_id = p.game_id and q.player_id = p.player_id and q.market = p.market and q.book = p.book"


def _taken(start: date, end: date) -> str:
    return (
        "select p.game_date, p.pick_id, max(q.over_price_decimal) as over_price, max(q.under_price_decimal) as under_price, "
        f"bool_or(q.is_dfs) as is_fantasy from picks p join prop_quotes q on {_SAME} and q.line = p.line "
        f"and q.captured_at is not distinct from p.captured_at where p.game_date between date '{start}' and date '{end}' group by 1, 2"
    )


def _closing(start: date, end: date) -> str:
    """Another line of the same capture may be an alternate one: the main line is where the book stood."""
    return (
        "select game_date, pick_id, min(case when is_main_line then close_line end) as line, "
        "max(case when close_line = pick_line then over_price end) as over_price, "
        "max(case when close_line = pick_line then under_price end) as under_price, min(captured_at) as captured_at, "
        "min(lock_at) as lock_at from ("
        "select p.game_date, p.pick_id, p.line as pick_line, q.line as close_line, q.is_main_line, q.over_price_decimal as over_price, "
        "q.under_price_decimal as under_price, q.captured_at, q.lock_at, "
        "rank() over (partition by p.game_date, p.pick_id order by q.captured_at desc) as age "
        f"from picks p join prop_quotes q on {_SAME} where {readable('q')} "
        f"and p.game_date between date '{start}' and date '{end}') as captures where age = 1 group by 1, 2"
    )


def overdue(warehouse: Warehouse, start: date, end: date, now: datetime) -> list[Row]:
    """(game_date, game_id, why, subjects) of games that should long have been settled and can't be."""
    return warehouse.query(
        "select said.game_date, said.game_id, "
        "case when coalesce(r.is_final, false) then 'no whole box' else 'no final result' end, count(*) "
        "from (select game_date, game_id, player_id from forecasts union all select game_date, game_id, player_id from picks) as said "
        "left join results r on r.game_id = said.game_id "
        "left join games g on g.game_id = said.game_id and g.game_date = said.game_date "
        f"left join ({latest('outcomes')}) as facts on facts.game_date = said.game_date and facts.game_id = said.game_id "
        "and facts.player_id = said.player_id "
        f"where said.game_date between date '{start}' and date '{end}' and facts.version is null "
        f"and coalesce(g.lock_at, cast(said.game_date as timestamp)) + interval {UNSETTLED_AFTER_HOURS} hour <= timestamp '{now}' "
        "group by 1, 2, 3 order by 1, 2"
    )
