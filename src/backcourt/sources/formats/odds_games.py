"""The Odds API v4, historical odds: one row per outcome of spreads, totals and moneylines."""

from backcourt.sources.feed import Feed, Field, Fill, Rule, columns, possible
from backcourt.sources.odds_names import A_TEAM, POSSIBLE_PRICE, TWO_TEAMS, american_price, book, sightings, team

_MARKET = """case regexp_replace("market_key", '_h1$', '')
    when 'spreads' then 'spread' when 'totals' then 'total' when 'h2h' then 'moneyline' when 'h2h_lay' then 'moneyline_lay' end"""
_TEAM = team("outcome_name")

feed = Feed(
    name="the odds api game lines",
    columns=columns(
        "timestamp", "id", "commence_time", "home_team", "away_team", "bookmaker_key", "market_key", "outcome_name", "price", "point"
    ),
    optional=("last_update",),
    fills=[
        Fill(
            raw="raw_game_line_quotes",
            group="concat_ws('|', source_event_id, book, market, period, captured_at)",
            key=("source_event_id", "book", "market", "period", "outcome", "captured_at"),
            fields=[
                Field("source_event_id", "text", '"id"', required=True),
                Field("home_team_id", "integer", team("home_team"), required=True, given="home_team", expected=A_TEAM),
                Field("away_team_id", "integer", team("away_team"), required=True, given="away_team", expected=A_TEAM),
                Field("book", "text", book("bookmaker_key"), required=True),
                Field(
                    "market",
                    "text",
                    _MARKET,
                    required=True,
                    given="market_key",
                    expected="spreads, totals, h2h or h2h_lay, or of the first half",
                ),
                Field("period", "text", "case when \"market_key\" like '%\\_h1' escape '\\' then 'h1' else 'full' end", required=True),
                Field(
                    "outcome",
                    "text",
                    f"case when lower(\"outcome_name\") in ('over', 'under') then lower(\"outcome_name\") else {_TEAM}::varchar end",
                    required=True,
                    given="outcome_name",
                    expected="Over, Under or a team",
                ),
                Field("team_id", "integer", _TEAM),
                Field("line", "number", '"point"'),
                Field("price", "integer", '"price"', required=True),
                Field("captured_at", "time", '"timestamp"', required=True),
                Field("updated_at", "time", '"last_update"', is_stored=False),
            ],
            captured_at="captured_at",
            updated_at="updated_at",
            rules=[
                TWO_TEAMS,
                *american_price("price"),
                possible(line=(-500, 500), price=POSSIBLE_PRICE),
                Rule("a line", "market in ('spread', 'total') and line is null", "'the line of a ' || market || ' is missing'"),
                Rule(
                    "an outcome",
                    "(market = 'total') <> (team_id is null) or team_id not in (home_team_id, away_team_id)",
                    "'outcome ' || outcome || ' is none of a ' || market",
                ),
            ],
        ),
        sightings("id", '"timestamp"', '"commence_time"'),
    ],
)
