"""A sportsbook consensus with scores by quarter, one row a game; capture time unknown, so for checks and grading only."""

from backcourt.sources.feed import Feed, Field, Fill, columns, number, possible
from backcourt.sources.odds_names import A_TEAM, POSSIBLE_PRICE, TWO_TEAMS, american_price

_SHORT = {"gs": "GSW", "no": "NOP", "ny": "NYK", "sa": "SAS", "utah": "UTA", "wsh": "WAS"}


def _team(column: str) -> str:
    cases = " ".join(f"when '{short}' then '{code.lower()}'" for short, code in _SHORT.items())
    return f'(select known.team_id from team_names known where known.name = case "{column}" {cases} else lower("{column}") end)'


# The feed's spread is positive, and another column says for whom.
_SPREAD = f"case whos_favored when 'home' then -{number('spread')} when 'away' then {number('spread')} end"

_KEY = (
    Field("game_date", "date", '"date"', required=True),
    Field("home_team_id", "integer", _team("home"), required=True, given="home", expected=A_TEAM),
    Field("away_team_id", "integer", _team("away"), required=True, given="away", expected=A_TEAM),
)

_PERIODS = tuple(
    Field(f"{side}_points_{period}", "integer", f'"{period}_{side}"', required=True)
    for side in ("home", "away")
    for period in ("q1", "q2", "q3", "q4", "ot")
)

feed = Feed(
    name="sportsbook consensus",
    columns=columns("date", "home", "away", "q1_home", "q4_home", "ot_home", "q1_away", "ot_away", "whos_favored", "spread", "total"),
    fills=[
        Fill(
            raw="raw_line_scores",
            group="concat_ws('|', game_date, home_team_id, away_team_id)",
            key=("game_date", "home_team_id", "away_team_id"),
            fields=[
                *_KEY,
                *_PERIODS,
            ],
            rules=[TWO_TEAMS, possible(**{field.name: (0, 150) for field in _PERIODS})],
        ),
        Fill(
            raw="raw_consensus_lines",
            group="concat_ws('|', game_date, home_team_id, away_team_id)",
            key=("game_date", "home_team_id", "away_team_id"),
            fields=[
                *_KEY,
                Field("home_spread", "number", _SPREAD, given="spread", expected="a number beside home or away in whos_favored"),
                Field("total", "number", '"total"'),
                Field("home_moneyline", "integer", '"moneyline_home"'),
                Field("away_moneyline", "integer", '"moneyline_away"'),
            ],
            rules=[
                TWO_TEAMS,
                *american_price("home_moneyline", "away_moneyline"),
                possible(home_spread=(-100, 100), total=(50, 500), home_moneyline=POSSIBLE_PRICE, away_moneyline=POSSIBLE_PRICE),
            ],
        ),
    ],
)
