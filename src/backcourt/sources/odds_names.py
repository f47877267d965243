"""The betting feeds' words for teams, books and markets."""

from __future__ import annotations

from backcourt.field.statistics import PROP_MARKETS
from backcourt.sources.feed import Field, Fill, Rule
from backcourt.sources.feed import moment as parsed

BOOK_KEYS = {
    "BetOnline.ag": "betonlineag", "BetRivers": "betrivers", "BetMGM": "betmgm", "Bovada": "bovada", "Caesars": "williamhill_us",
    "DraftKings": "draftkings", "FanDuel": "fanduel", "Fanatics": "fanatics", "MyBookie.ag": "mybookieag", "PointsBet (US)": "pointsbetus",
    "Unibet": "unibet_us", "Barstool Sportsbook": "barstool", "PrizePicks": "prizepicks", "Underdog": "underdog",
}  # fmt: skip

_ALSO_KEYS = ("unibet",)
"""Titles that in small letters are the key of another book: Unibet's, outside the United States."""

_FEED_MARKETS = {"pra": "points_rebounds_assists"}


A_TEAM = "the name of one of the 30 teams"
A_MARKET = f"one of the prop markets ({', '.join(PROP_MARKETS)})"


def team(column: str) -> str:
    """SQL of the team id of a full name; NULL for an unknown one, which rejects the row."""
    return f'(select known.team_id from team_names known where known.name = lower(trim(cast("{column}" as varchar))))'


def book(column: str) -> str:
    """SQL of the book's key from its title, however that is written, or from a key, which is kept."""
    cases = " ".join(f"when '{title.lower()}' then '{key}'" for title, key in BOOK_KEYS.items())
    kept = ", ".join(f"'{key}'" for key in _ALSO_KEYS)
    known = f'case lower("{column}") {cases} else lower("{column}") end'
    return f'case when "{column}" in ({kept}) then "{column}" else {known} end'


def american_price(*columns: str) -> list[Rule]:
    """American prices are 100 and more, or -100 and less."""
    return [
        Rule("American price", f"{column} between -99 and 99", f"'{column} ' || {column} || ' is no American price'") for column in columns
    ]


def prop_market(column: str) -> str:
    """SQL of the prop market; NULL for one that isn't listed in PROP_MARKETS, which rejects the row."""
    cases = " ".join(f"when 'player_{_FEED_MARKETS.get(market, market)}' then '{market}'" for market in PROP_MARKETS)
    return f'case "{column}" {cases} end'


def eastern_date(moment: str) -> str:
    """SQL of the US-Eastern date of a time, which is UTC where it names no offset."""
    return f"cast(timezone('America/New_York', {parsed(moment)}) as date)"


TWO_TEAMS = Rule("two teams", "home_team_id = away_team_id", "'home and away team are the same'")
POSITIVE_LINE = Rule("line", "line <= 0", "'line ' || line || ' is not above 0'")
POSSIBLE_PRICE = (-100_000, 100_000)
"""Books write these where they don't want the bet."""
_OFFERED_DAYS = 400
_SOON = Rule(
    "a start within reach",
    f"abs(date_diff('day', captured_at, commence_time)) > {_OFFERED_DAYS}",
    f"'commence_time ' || commence_time || ' lies more than {_OFFERED_DAYS} days from captured_at ' || captured_at",
)


def sightings(event: str, seen: str, starts: str, home: str = "home_team", away: str = "away_team") -> Fill:
    """The start times of events that a feed mentions, as raw_odds_events: one row per event, time seen and start."""
    listed = ", ".join(sorted({f'"{name}"' for name in (event, home, away)}))
    return Fill(
        raw="raw_odds_events",
        group="concat_ws('|', source_event_id, captured_at, commence_time)",
        key=("source_event_id", "captured_at", "commence_time"),
        prepare=(
            f"select min(file_row) as file_row, {listed}, {seen} as seen, {starts} as starts from incoming "
            f"where {starts} is not null or {seen} is not null group by all"
        ),
        fields=[
            Field("source_event_id", "text", f'"{event}"', required=True),
            Field("captured_at", "time", "seen"),
            Field("commence_time", "time", "starts"),
            Field("home_team_id", "integer", team(home), required=True, given=home, expected=A_TEAM),
            Field("away_team_id", "integer", team(away), required=True, given=away, expected=A_TEAM),
            # Where no start is given, captures lie minutes before it; eight hours earlier is the same Eastern day for
            # any tip-off.
            Field(
                "commence_date",
                "date",
                f"coalesce({eastern_date('starts')}, cast(timezone('UTC', {parsed('seen')}) - interval 8 hour as date))",
                required=True,
            ),
        ],
        captured_at="captured_at",
        rules=[TWO_TEAMS, _SOON],
    )
