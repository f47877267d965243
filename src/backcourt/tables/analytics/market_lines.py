"""The market's view before a game: medians over books, no-vig probabilities and the consensus of every prop market, as SQL."""

from __future__ import annotations

from collections.abc import Iterable

from backcourt.tables.analytics.conventions import column, readable, reason

FORM_MARKETS = ("points", "rebounds", "assists", "threes", "pra")
LATE_CHANGE_MINUTES = 240

_BOOK = "game_date, player_id, game_id, market, book"
_MARKET = "game_date, player_id, game_id, market"


def rank_in(group: str, value: str) -> str:
    """The position of each value in its group; the values are not NULL."""
    return f"row_number() over (partition by {group} order by {value} nulls first)"


def lower_median(value: str, rank: str, n: str) -> str:
    """The lower median of a group as an aggregate over rows that carry their rank and the number of values."""
    return f"max(case when 2 * {rank} in ({n}, {n} + 1) then {value} end)"


def median(value: str, rank: str, n: str) -> str:
    """The median of a group: the middle value, or the mean of both middle values."""
    upper = f"max(case when 2 * {rank} in ({n} + 1, {n} + 2) then {value} end)"
    return f"(({lower_median(value, rank, n)})::double + {upper}::double) / 2"


def implied(price: str) -> str:
    """F12: the probability that an American price implies, margin included."""
    return f"(case when {price} > 0 then 100::double / nullif({price} + 100, 0) else (0 - {price})::double / nullif(100 - {price}, 0) end)"


def prop_consensus_ctes() -> str:
    """CTEs that end in `prop_lines`: one row per game_date, player_id and game_id with every market's consensus side by side.

    The current line is the lower median over non-fantasy books of each book's last readable main line, the opening line the same of its
    first one, movement the median of last - first over books with two captures or more.
    """
    return "\n" + ",\n".join([_book_ctes(), _movement_ctes(), _late_change_ctes(), _consensus_ctes(), _prop_lines_cte()])


def _book_ctes() -> str:
    """Each book's first and last main line, ranked among the books of its market: `main_captures`, `book_lines`, `book_ranks`."""
    markets = ", ".join(f"'{market}'" for market in FORM_MARKETS)
    return f"""main_captures as (
    select
        quotes.game_date, quotes.player_id, quotes.game_id, quotes.market, quotes.book, quotes.captured_at, quotes.lock_at,
        quotes.line, quotes.over_price, quotes.under_price,
        row_number() over (
            partition by quotes.game_date, quotes.player_id, quotes.game_id, quotes.market, quotes.book
            order by
                quotes.captured_at nulls first, quotes.line nulls first, quotes.source_event_id nulls first,
                quotes.player_name_raw nulls first
        ) as from_first,
        row_number() over (
            partition by quotes.game_date, quotes.player_id, quotes.game_id, quotes.market, quotes.book
            order by
                quotes.captured_at desc, quotes.line nulls first, quotes.source_event_id nulls first, quotes.player_name_raw nulls first
        ) as from_last
    from prop_quotes as quotes
    where quotes.market in ({markets}) and quotes.is_main_line and not quotes.is_dfs
        and quotes.player_id is not null and quotes.game_id is not null and {readable("quotes")}
),
book_lines as (
    select
        {_BOOK}, max(captured_at) as captured_at, min(captured_at) <> max(captured_at) as is_repeated,
        max(case when from_first = 1 then line end) as first_line,
        max(case when from_last = 1 then line end) as last_line,
        max(case when from_last = 1 then over_price end) as over_price,
        max(case when from_last = 1 then under_price end) as under_price
    from main_captures
    group by {_BOOK}
),
book_ranks as (
    select
        book_lines.*,
        {rank_in(_MARKET, "last_line")} as last_rank,
        {rank_in(_MARKET, "first_line")} as first_rank,
        count(*) over (partition by {_MARKET}) as books,
        cast(last_line as decimal(18, 9)) as exact_line,
        cast({implied("over_price")} / nullif({implied("over_price")} + {implied("under_price")}, 0) as decimal(18, 9)) as over_prob,
        cast({implied("over_price")} + {implied("under_price")} - 1 as decimal(18, 9)) as vig
    from book_lines
)"""


def _movement_ctes() -> str:
    """`market_moves`: the median movement of a market, over `book_lines`."""
    return f"""book_moves as (
    select {_BOOK}, last_line - first_line as moved from book_lines where is_repeated
),
move_ranks as (
    select book_moves.*, {rank_in(_MARKET, "moved")} as moved_rank, count(*) over (partition by {_MARKET}) as moved_books from book_moves
),
market_moves as (
    select {_MARKET}, {median("moved", "moved_rank", "moved_books")} as movement from move_ranks group by {_MARKET}
)"""


def _late_change_ctes() -> str:
    """`late_changes`: how often a book's points line moved shortly before lock, over `main_captures`."""
    return f"""point_captures as (
    select game_date, player_id, game_id, book, captured_at, lock_at, min(line) as line
    from main_captures
    where market = 'points'
    group by game_date, player_id, game_id, book, captured_at, lock_at
),
point_changes as (
    select
        point_captures.*, lag(line) over (partition by game_date, player_id, game_id, book order by captured_at nulls first) as line_before
    from point_captures
),
late_changes as (
    select
        game_date, player_id, game_id, 'points' as market,
        count_if(line <> line_before and captured_at >= lock_at - interval {LATE_CHANGE_MINUTES} minute) as changes
    from point_changes
    where line_before is not null
    group by game_date, player_id, game_id
)"""


def _consensus_ctes() -> str:
    """`market_consensus`, the lines of a market over `book_ranks`, and `market_prices`, the prices of the books at its current line."""
    return f"""market_consensus as (
    select
        {_MARKET}, max(books) as books, max(captured_at) as captured_at,
        {lower_median("last_line", "last_rank", "books")} as current_line,
        {lower_median("first_line", "first_rank", "books")} as opening_line,
        sum(exact_line)::decimal(38, 9) as line_sum,
        sum(cast(exact_line * exact_line as decimal(38, 9)))::decimal(38, 9) as line_squares
    from book_ranks
    group by {_MARKET}
),
market_prices as (
    select
        book_ranks.game_date, book_ranks.player_id, book_ranks.game_id, book_ranks.market,
        sum(book_ranks.over_prob)::double / nullif(count(book_ranks.over_prob), 0) as over_prob,
        sum(book_ranks.vig)::double / nullif(count(book_ranks.vig), 0) as vig
    from book_ranks
    join market_consensus as consensus
        on consensus.game_date = book_ranks.game_date and consensus.player_id = book_ranks.player_id
        and consensus.game_id = book_ranks.game_id and consensus.market = book_ranks.market
        and consensus.current_line = book_ranks.last_line
    group by book_ranks.game_date, book_ranks.player_id, book_ranks.game_id, book_ranks.market
)"""


def _prop_lines_cte() -> str:
    return f"""prop_lines as (
    select
{chr(10).join(_side_by_side())}
        max(late_changes.changes) as points_late_changes,
        consensus.game_date, consensus.player_id, consensus.game_id
    from market_consensus as consensus
    join market_prices as prices
        on prices.game_date = consensus.game_date and prices.player_id = consensus.player_id
        and prices.game_id = consensus.game_id and prices.market = consensus.market
    left join market_moves as moves
        on moves.game_date = consensus.game_date and moves.player_id = consensus.player_id
        and moves.game_id = consensus.game_id and moves.market = consensus.market
    left join late_changes
        on late_changes.game_date = consensus.game_date and late_changes.player_id = consensus.player_id
        and late_changes.game_id = consensus.game_id and late_changes.market = consensus.market
    group by consensus.game_date, consensus.player_id, consensus.game_id
)"""


def _side_by_side() -> Iterable[str]:
    variance = (
        "(consensus.books * consensus.line_squares::double - consensus.line_sum::double * consensus.line_sum::double)"
        " / nullif(consensus.books * (consensus.books - 1), 0)"
    )
    values = {
        "current": "consensus.current_line",
        "opening": "consensus.opening_line",
        "movement": "moves.movement",
        "sd_books": f"case when consensus.books >= 2 then sqrt({variance}) end",
        "books_n": "consensus.books",
        "over_prob": "prices.over_prob",
        "vig": "prices.vig",
        "captured_at": "consensus.captured_at",
    }
    for market in FORM_MARKETS:
        for name, value in values.items():
            yield f"        max(case when consensus.market = '{market}' then {value} end) as {market}_{name},"


def prop_line_columns(source: str) -> list[str]:
    """The lines of the last select for every market, from `<source>.<market>_current` and so on."""
    lines = []
    for market in FORM_MARKETS:
        has_line, none = f"{source}.{market}_current is null", "no_capture_before_cutoff"
        group = f"{market}_line"
        lines += [
            column(
                f"{source}.{market}_current",
                "double",
                f"{group}_current",
                f"{market} line: lower median over books of the last readable main line",
                group,
            ),
            column(
                f"{source}.{market}_opening",
                "double",
                f"{group}_opening",
                f"{market} line: lower median over books of the first readable main line",
                group,
            ),
            column(
                f"{source}.{market}_over_prob",
                "double",
                f"{market}_over_prob",
                f"no-vig chance of the over on {market}, books at the current line",
                group,
            ),
            column(
                f"{source}.{market}_vig",
                "double",
                f"{market}_vig",
                f"{market}: margin of the books at the current line, both implied chances less 1",
                group,
            ),
            column(f"{source}.{market}_captured_at", "timestamp", f"{group}_captured_at", "UTC time of the newest of these quotes", group),
            reason(group, (has_line, none)),
            column(
                f"{source}.{market}_movement",
                "double",
                f"{group}_movement",
                f"{market} line: median over books with 2 captures or more of last less first",
                f"{group}_movement",
            ),
            reason(f"{group}_movement", (has_line, none), (f"{source}.{market}_movement is null", "below_min_n")),
            column(
                f"{source}.{market}_sd_books",
                "double",
                f"{group}_sd_books",
                f"{market} line: sample standard deviation over books, 2 or more",
                f"{group}_sd",
            ),
            reason(f"{group}_sd", (has_line, none), (f"{source}.{market}_sd_books is null", "below_min_n")),
            column(
                f"coalesce({source}.{market}_books_n, 0)", "bigint", f"{group}_books_n", f"books behind the {market} line, no fantasy books"
            ),
            column(f"{source}.{market}_current is not null", "boolean", f"has_{group}", f"is there a {market} line"),
        ]
    return lines
