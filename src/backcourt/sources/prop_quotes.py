"""What the prop feeds share: the raw columns of a quote, both sides in one row."""

from __future__ import annotations

from backcourt.sources.feed import Field, Fill, Rule
from backcourt.sources.odds_names import POSITIVE_LINE, TWO_TEAMS, team


def prop_fill(prepare: str, event: str, player: str, book: str, market: str, is_dfs: bool, captured: str, starts: str) -> Fill:
    """A prop feed as raw_prop_quotes. `prepare` gives one row per quote with line, over_price, under_price, home_team and away_team."""
    return Fill(
        raw="raw_prop_quotes",
        group="concat_ws('|', source_event_id, market, captured_at)",
        key=("source_event_id", "book", "market", "player_name_raw", "line", "captured_at"),
        prepare=prepare,
        fields=[
            Field("source_event_id", "text", f'"{event}"', required=True),
            Field("home_team_id", "integer", team("home_team"), required=True),
            Field("away_team_id", "integer", team("away_team"), required=True),
            Field("book", "text", book, required=True),
            Field("is_dfs", "boolean", str(is_dfs).lower(), required=True),
            Field("market", "text", market, required=True),
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
            Field("commence_time", "time", starts),
        ],
        captured_at="captured_at",
        rules=[
            TWO_TEAMS,
            POSITIVE_LINE,
            Rule("a price", "over_price is null and under_price is null", "'neither side has a price'"),
            Rule(
                "American price",
                "over_price between -99 and 99 or under_price between -99 and 99",
                "'price ' || coalesce(over_price, under_price) || ' is no American price'",
            ),
        ],
        repeats="drop",
    )
