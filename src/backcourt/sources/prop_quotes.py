"""What the prop feeds share: the raw columns of a quote, both sides in one row."""

from __future__ import annotations

from backcourt.sources.feed import Field, Fill, Rule
from backcourt.sources.odds_names import A_MARKET, A_TEAM, POSITIVE_LINE, TWO_TEAMS, american_price, prop_market, team

QUOTED_TOGETHER = "concat_ws('|', source_event_id, book, market, captured_at, player_name_raw)"
"""A book's lines of one player, market and event, captured together, are replaced together; what another file has of the rest stays."""


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
        ],
        repeats="drop",
    )
