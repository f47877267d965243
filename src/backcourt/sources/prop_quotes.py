"""What the prop feeds share: the raw columns of a quote, both sides in one row."""

from __future__ import annotations

from backcourt.sources.feed import Field, Fill, Rule, moment, number, possible
from backcourt.sources.odds_names import (
    A_MARKET,
    A_TEAM,
    POSITIVE_LINE,
    POSSIBLE_PRICE,
    TWO_TEAMS,
    american_price,
    book,
    prop_market,
    team,
)  # fmt: skip

QUOTED_TOGETHER = "concat_ws('|', source_event_id, book, market, captured_at, player_name_raw)"
"""A book's lines of one player, market and event, captured together, are replaced together; what another file has of the rest stays."""

_QUOTE = "event_id, home_team, away_team, player, book, market, seen, line"


def paired(event: str, player: str, books: str, market: str, sides: tuple[str, str, str], seen: str | None = None) -> str:
    """SQL of one row for the two sides of a quote, by the feed's names of columns; `sides` are side, line and price.

    Its columns are event_id, home_team, away_team, player, book, market, seen, line, over_price and under_price. A side
    that has two prices gives two rows: they share a key and disagree.
    """
    side, line, price = sides
    said = f'lower(trim("{side}"))'
    prices = ", ".join(
        f"{pick}(case when {said} = '{name}' then \"{price}\" end) as {name}_{pick}"
        for name in ("over", "under")
        for pick in ("min", "max")
    )
    # A line or a time is one however it is written; what is neither stays as it is, to be named.
    at = f'coalesce(cast({moment(chr(34) + seen + chr(34))} as varchar), "{seen}")' if seen else "null::varchar"
    quoted = f'coalesce(cast({number(line)} as varchar), "{line}")'
    return f"""
with sides as (
    select
        min(file_row) as first_row, max(file_row) as last_row,
        "{event}" as event_id, home_team, away_team, "{player}" as player,
        {book(books)} as book, "{market}" as market, {at} as seen, {quoted} as line, {prices}
    from incoming
    group by all
)
select {_QUOTE}, first_row as file_row, over_min as over_price, under_min as under_price from sides
union all
select {_QUOTE}, last_row as file_row, over_max as over_price, under_max as under_price from sides
where over_min <> over_max or under_min <> under_max
"""


def prop_fill(
    prepare: str, event: str, player: str, book: str, market: str, is_dfs: bool, captured: str, group: str = QUOTED_TOGETHER
) -> Fill:
    """A prop feed as raw_prop_quotes.

    `prepare` gives one row per quote with line, over_price, under_price, home_team and away_team; `event`, `player`
    and `market` are names of its columns, or for `market` a market of PROP_MARKETS in quotes; `book` and `captured`
    are SQL over them.
    """
    return Fill(
        raw="raw_prop_quotes",
        group=group,
        key=("source_event_id", "book", "market", "player_name_raw", "line", "captured_at"),
        prepare=prepare,
        fields=[
            Field("source_event_id", "text", f'"{event}"', required=True),
            Field("home_team_id", "integer", team("home_team"), required=True, given="home_team", expected=A_TEAM),
            Field("away_team_id", "integer", team("away_team"), required=True, given="away_team", expected=A_TEAM),
            Field("book", "text", book, required=True),
            Field("is_dfs", "boolean", str(is_dfs).lower(), required=True),
            Field("market", "text", market, required=True)
            if market.startswith("'")
            else Field("market", "text", prop_market(market), required=True, given=market, expected=A_MARKET),
            Field("player_name_raw", "text", f'"{player}"', required=True),
            Field(
                "player_name_normalised",
                "text",
                f'(select names.normalised from player_names names where names.name = "{player}")',
                required=True,
            ),
            Field("line", "number", "line", required=True),
            Field("over_price", "integer", "over_price"),
            Field("under_price", "integer", "under_price"),
            Field("captured_at", "time", captured),
        ],
        captured_at="captured_at",
        rules=[
            TWO_TEAMS,
            POSITIVE_LINE,
            Rule("a price", "over_price is null and under_price is null", "'neither side has a price'"),
            *american_price("over_price", "under_price"),
            possible(line=(0, 200), over_price=POSSIBLE_PRICE, under_price=POSSIBLE_PRICE),
        ],
    )
