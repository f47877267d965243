"""Closing and opening consensus lines of one market: CTEs over `prop_quotes`, for results and for grading."""

from __future__ import annotations

from backcourt.tables.analytics.conventions import readable

CLOSING_COLUMNS = ("closing", "opening", "movement", "books")


def consensus_ctes(market: str) -> str:
    """CTEs that end in `consensus`: one row per game_date, player_id and game_id with closing, opening, movement and books.

    Closing is the lower median over non-fantasy books of each book's last readable main line, opening the same of its first one, movement
    the median of last - first over books with at least two captures.
    """
    return f"""
main_lines as (
    select q.game_date, q.player_id, q.game_id, q.book, q.captured_at, min(q.line) as line
    from prop_quotes as q
    where q.market = '{market}' and q.is_main_line and not q.is_dfs and q.player_id is not null and q.game_id is not null
        and {readable("q")}
    group by q.game_date, q.player_id, q.game_id, q.book, q.captured_at
),
book_order as (
    select
        m.game_date, m.player_id, m.game_id, m.book, m.line,
        row_number() over (partition by m.game_date, m.player_id, m.game_id, m.book order by m.captured_at) as from_first,
        row_number() over (partition by m.game_date, m.player_id, m.game_id, m.book order by m.captured_at desc) as from_last
    from main_lines as m
),
books as (
    select
        game_date, player_id, game_id, book, max(case when from_last = 1 then line end) as last_line,
        max(case when from_first = 1 then line end) as first_line, count(*) as captures
    from book_order
    group by game_date, player_id, game_id, book
),
moves as (
    select
        books.game_date, books.player_id, books.game_id, books.last_line, books.first_line,
        case when captures > 1 then cast(last_line - first_line as decimal(18, 9)) end as move,
        row_number() over (partition by game_date, player_id, game_id order by last_line, book) as last_rank,
        row_number() over (partition by game_date, player_id, game_id order by first_line, book) as first_rank,
        row_number() over (
            partition by game_date, player_id, game_id order by case when captures > 1 then 0 else 1 end, last_line - first_line, book
        ) as move_rank,
        count(*) over (partition by game_date, player_id, game_id) as book_count,
        sum(case when captures > 1 then 1 else 0 end) over (partition by game_date, player_id, game_id) as moved_count
    from books
),
consensus as (
    select
        game_date, player_id, game_id, max(book_count) as books,
        max(case when 2 * last_rank in (book_count, book_count + 1) then last_line end) as closing,
        max(case when 2 * first_rank in (book_count, book_count + 1) then first_line end) as opening,
        (
            max(case when 2 * move_rank in (moved_count, moved_count + 1) then move end)::double
            + max(case when 2 * move_rank in (moved_count + 1, moved_count + 2) then move end)::double
        ) / 2::double as movement
    from moves
    group by game_date, player_id, game_id
)"""
