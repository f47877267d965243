"""Player boxes, team boxes and shots in the column order, names and types of the public files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backcourt.simulate.court import ACTIONS, RANGES, SIDE_CODES, SIDES
from backcourt.simulate.players import AREAS

if TYPE_CHECKING:
    from backcourt.simulate.parquet import Press
    from backcourt.simulate.season import Season

REAL = "substr(g.game_id, 3, 1) IN ('2', '4', '5', '6')"


def _share(makes: str, attempts: str) -> str:
    return f"round({makes} / nullif({attempts}, 0), 3)"


def _counts(alias: str) -> str:
    one = alias
    return f"""{one}.fg_makes AS FGM, {one}.fg_attempts AS FGA, {_share(f"{one}.fg_makes", f"{one}.fg_attempts")} AS FG_PCT,
        {one}.three_makes AS FG3M, {one}.three_attempts AS FG3A, {_share(f"{one}.three_makes", f"{one}.three_attempts")} AS FG3_PCT,
        {one}.ft_makes AS FTM, {one}.ft_attempts AS FTA, {_share(f"{one}.ft_makes", f"{one}.ft_attempts")} AS FT_PCT,
        {one}.offensive_rebounds AS OREB, {one}.defensive_rebounds AS DREB"""


REBOUNDS = "(b.offensive_rebounds + b.defensive_rebounds)"
FANTASY = f"round(b.points + 1.2 * {REBOUNDS} + 1.5 * b.assists + 3 * b.steals + 3 * b.blocks - b.turnovers, 1)::DOUBLE"
JOINS = """FROM box b JOIN games g ON g.number = b.game JOIN players p USING (player)
    JOIN sides d ON d.game = b.game AND d.side = b.side JOIN teams t ON t.team = d.team"""


def write_player_box(press: Press, season: Season) -> None:
    """`player_box_<season>`: regular, play-in and cup-final games (the real files lack the last two), only men who played."""
    press.print(
        f"nba/player_box_{season.name}",
        f"""SELECT substr(g.game_id, 3, 1) || g.start_year AS SEASON_ID, p.player_id AS PLAYER_ID, p.name AS PLAYER_NAME,
        t.team_id AS TEAM_ID,
            t.tricode AS TEAM_ABBREVIATION, t.team_name AS TEAM_NAME, g.game_id AS GAME_ID, g.game_day::DATE AS GAME_DATE,
            d.matchup AS MATCHUP,
            d.wl AS WL, b.minutes AS MIN, {_counts("b")}, {REBOUNDS} AS REB, b.assists AS AST, b.steals AS STL, b.blocks AS BLK,
            b.turnovers AS TOV, b.personal_fouls AS PF, b.points AS PTS, b.points_for - b.points_against AS PLUS_MINUS,
            {FANTASY} AS FANTASY_PTS, 1::BIGINT AS VIDEO_AVAILABLE
        {JOINS} WHERE substr(g.game_id, 3, 1) IN ('2', '5', '6')
        ORDER BY g.game_day, g.game_id, b.side, b.minutes DESC, p.player_id""",
    )


def write_playoff_box(press: Press, season: Season, opponent_id_type: str, with_dnp: bool) -> None:
    """`player_box_playoffs_<season>`: starters, ratings from the points while on the court, team totals; estimated ratings are NULL.

    `with_dnp` adds one man who did not play, his statistics zeros and his COMMENT the reason, as the real files do once.
    """
    plays = "(d.fg_attempts + 0.44 * d.ft_attempts + d.turnovers)"
    use = "(b.fg_attempts + 0.44 * b.ft_attempts + b.turnovers)"
    regulation = "(240 + 25 * (g.periods - 4))"
    pace, other_pace = (f"round(48.0 * 5 * {one} / {regulation}, 2)" for one in ("d.possessions / 5", "e.possessions / 5"))
    press.rows(
        """CREATE OR REPLACE TABLE court AS SELECT d.*, x.possessions FROM sides d
        JOIN (SELECT game, side, sum(possessions)::BIGINT AS possessions FROM box GROUP BY ALL) x USING (game, side)"""
    )
    source = (
        JOINS.replace("JOIN sides d", "JOIN court d")
        + " JOIN court e ON e.game = b.game AND e.side = 1 - b.side JOIN teams o ON o.team = d.opponent"
    )
    query = f"""SELECT p.name AS PLAYER_NAME, p.player_id AS PLAYER_ID, d.matchup AS MATCHUP, t.tricode AS TEAM_ABBREVIATION,
        t.team_id AS TEAM_ID, o.tricode AS OPP_ABBREVIATION, (1 - b.side)::BIGINT AS HOME_GAME, g.game_id AS GAME_ID,
        g.game_day::DATE AS GAME_DATE, d.wl AS WL,
        b.minutes AS MIN, b.points AS PTS, b.assists AS AST, {REBOUNDS} AS REB, {_counts("b")}, b.steals AS STL, b.blocks AS BLK,
        b.turnovers AS TOV, b.personal_fouls AS PF, b.points_for - b.points_against AS PLUS_MINUS, {FANTASY} AS FANTASY_PTS,
        round(b.points / nullif(b.fg_attempts + 0.44 * b.ft_attempts, 0), 3)::DOUBLE AS PointsPerShot,
        (b.fg_makes + 0.5 * b.three_makes)::DOUBLE / nullif(b.fg_attempts, 0) AS eFG,
        CASE WHEN b.starter THEN substr(p.position, 1, 1) END AS START_POSITION, NULL::VARCHAR AS COMMENT,
        round(100.0 * b.points_for / nullif(b.possessions, 0), 1)::DOUBLE AS OFF_RATING, NULL::DOUBLE AS E_OFF_RATING,
        round(100.0 * b.points_against / nullif(b.possessions, 0), 1)::DOUBLE AS DEF_RATING, NULL::DOUBLE AS E_DEF_RATING,
        round(100.0 * (b.points_for - b.points_against) / nullif(b.possessions, 0), 1)::DOUBLE AS NET_RATING, NULL::DOUBLE AS OREB_PCT,
        NULL::DOUBLE AS DREB_PCT, NULL::DOUBLE AS REB_PCT, NULL::DOUBLE AS AST_PCT,
        round((b.fg_makes + 0.5 * b.three_makes) / nullif(b.fg_attempts, 0), 3)::DOUBLE AS EFG_PCT,
        round(b.assists / nullif(b.turnovers, 0), 2)::DOUBLE AS AST_TOV,
        round({use} * {regulation} / 5 / nullif(b.seconds / 60 * {plays}, 0), 3)::DOUBLE AS USG_PCT,
        round(b.points / nullif(2 * (b.fg_attempts + 0.44 * b.ft_attempts), 0), 3)::DOUBLE AS TS_PCT, NULL::DOUBLE AS E_PACE,
        round(48 * b.possessions / nullif(b.seconds / 60, 0), 2)::DOUBLE AS PACE, NULL::DOUBLE AS PIE, b.possessions AS POSS,
        round(40 * b.possessions / nullif(b.seconds / 60, 0), 2)::DOUBLE AS PACE_PER40, NULL::DOUBLE AS E_USG_PCT,
        upper(strftime(g.game_day::DATE, '%b %d, %Y')) AS TEAM_GAME_DATE, {regulation}::BIGINT AS TEAM_MIN,
        {_team_columns()}, round(100.0 * e.points / (d.possessions / 5), 1)::DOUBLE AS OPP_DEF_RATING, e.steals::DOUBLE AS OPP_STL,
        e.blocks::DOUBLE AS OPP_BLK, (e.offensive_rebounds + e.defensive_rebounds)::DOUBLE AS OPP_REB,
        (e.fg_makes / e.fg_attempts)::DOUBLE AS OPP_FG_PCT, o.team_id::{opponent_id_type} AS OPP_TEAM_ID,
        (100.0 * d.points / (d.possessions / 5))::DOUBLE AS TEAM_OFF_RATING, {pace}::DOUBLE AS TEAM_PACE,
        round(({pace} + {other_pace}) / 2, 2)::DOUBLE AS GAME_PACE, {other_pace}::DOUBLE AS OPP_PACE
    {source} WHERE substr(g.game_id, 3, 1) = '4'"""
    if with_dnp:
        query = f"{query} UNION ALL BY NAME ({_dnp_row(query)})"
    press.print(
        f"nba/player_box_playoffs_{season.name}",
        f"SELECT * FROM ({query}) ORDER BY GAME_DATE, GAME_ID, HOME_GAME DESC, MIN DESC, PLAYER_ID",
    )


def _team_columns() -> str:
    return (
        _counts("d").replace(" AS ", " AS TEAM_")
        + """, (d.offensive_rebounds + d.defensive_rebounds) AS TEAM_REB, d.assists AS TEAM_AST, d.steals AS TEAM_STL, d.blocks AS TEAM_BLK,
        d.turnovers AS TEAM_TOV, d.personal_fouls AS TEAM_PF, d.points AS TEAM_PTS"""
    )


def _dnp_row(query: str) -> str:
    """The first home team-game's row again, for a man of that team who has no row in that game, with everything personal at zero."""
    zero = "MIN PTS AST REB FGM FGA FG3M FG3A FTM FTA OREB DREB STL BLK TOV PF PLUS_MINUS POSS".split()
    nothing = (
        "FG_PCT FG3_PCT FT_PCT PointsPerShot eFG START_POSITION OFF_RATING DEF_RATING NET_RATING EFG_PCT AST_TOV USG_PCT TS_PCT "
        "PACE PACE_PER40"
    )
    changes = [f"0::BIGINT AS {name}" for name in zero] + [f"NULL AS {name}" for name in nothing.split()]
    absent = """SELECT min(p.player_id) FROM players p JOIN box b USING (player) JOIN sides d ON d.game = b.game AND d.side = b.side
        WHERE d.team = (SELECT team FROM teams WHERE team_id = r.TEAM_ID)
          AND p.player NOT IN (SELECT b.player FROM box b JOIN games g ON g.number = b.game WHERE g.game_id = r.GAME_ID)
          AND p.player NOT IN (SELECT b.player FROM box b JOIN sides d ON d.game = b.game
          AND d.side = b.side GROUP BY 1 HAVING count(DISTINCT d.team) > 1)"""
    return f"""SELECT r.* EXCLUDE (absent_id) REPLACE ({", ".join(changes)}, 0.0 AS FANTASY_PTS, 'DNP - Coach''s Decision' AS COMMENT,
            q.bench_id AS PLAYER_ID, q.bench_name AS PLAYER_NAME) FROM
        (SELECT r.*, ({absent}) AS absent_id FROM ({query}) r WHERE HOME_GAME = 1 ORDER BY GAME_ID, PLAYER_ID LIMIT 1) r
        JOIN (SELECT player_id AS bench_id, name AS bench_name FROM players) q ON q.bench_id = r.absent_id"""


def write_team_box(press: Press, season: Season, all_star: list[tuple[object, ...]]) -> None:
    """`team_box_<season>`: every season type, two rows a game; `all_star` are finished rows of the exhibition in February."""
    query = f"""SELECT substr(g.game_id, 3, 1) || g.start_year AS SEASON_ID, t.team_id AS TEAM_ID, t.tricode AS TEAM_ABBREVIATION,
            t.team_name AS TEAM_NAME, g.game_id AS GAME_ID, g.game_day::DATE AS GAME_DATE, b.matchup AS MATCHUP, b.wl AS WL,
            b.minutes AS MIN,
            b.points AS PTS, {_counts("b")}, {REBOUNDS} AS REB, b.assists AS AST, b.steals AS STL, b.blocks AS BLK, b.turnovers AS TOV,
            b.personal_fouls AS PF, b.margin::DOUBLE AS PLUS_MINUS, g.season AS SEASON
        FROM sides b JOIN games g ON g.number = b.game JOIN teams t ON t.team = b.team"""
    press.rows(f"CREATE OR REPLACE TABLE team_box AS {query}")
    for row in all_star:
        press.rows(f"INSERT INTO team_box VALUES ({', '.join('?' * len(row))})", list(row))
    press.print(f"nba/team_box_{season.name}", "SELECT * FROM team_box ORDER BY GAME_DATE, GAME_ID, MATCHUP, TEAM_ID")


def _text(index: str, values: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"([{listed}])[{index} + 1]"


ACTION = f"([{', '.join(str(list(actions)) for actions in ACTIONS)}])[b.area + 1][b.action + 1]"
SHOT_JOINS = """FROM shots b JOIN games g ON g.number = b.game JOIN players p USING (player)
    JOIN teams h ON h.team = g.home JOIN teams a ON a.team = g.away JOIN teams t ON t.team = CASE WHEN b.side = 0 THEN g.home
    ELSE g.away END"""


def shots_file(season: Season, native: bool) -> str:
    """The name of the season's shots file in either form."""
    return f"nba/shots_{'shotchartdetail_' if native else ''}{season.name}"


def write_shots(press: Press, season: Season, native: bool, with_positions: bool) -> None:
    """Every shot of every real game: the native `shotchartdetail` form, or the reshaped one with 8-digit ids and mirrored feet."""
    event = "CASE WHEN b.made THEN 'Made Shot' ELSE 'Missed Shot' END"
    value = "CASE WHEN b.area >= 3 THEN '3PT Field Goal' ELSE '2PT Field Goal' END"
    if native:
        press.print(
            shots_file(season, native),
            f"""SELECT 'Shot Chart Detail' AS GRID_TYPE, g.game_id AS GAME_ID,
                3 * row_number() OVER (PARTITION BY b.game ORDER BY b.number) + 4 AS GAME_EVENT_ID, p.player_id AS PLAYER_ID,
                p.name AS PLAYER_NAME, t.team_id AS TEAM_ID, t.team_name AS TEAM_NAME, b.period AS PERIOD,
                b.left // 60 AS MINUTES_REMAINING,
                b.left % 60 AS SECONDS_REMAINING, {event} AS EVENT_TYPE, {ACTION} AS ACTION_TYPE, {value} AS SHOT_TYPE,
                {_text("b.area", AREAS)} AS SHOT_ZONE_BASIC, {_text("b.zone_side", SIDES)} || '(' || {
                _text("b.zone_side", SIDE_CODES)
            } || ')' AS SHOT_ZONE_AREA,
                {_text("b.range", RANGES)} AS SHOT_ZONE_RANGE, b.distance AS SHOT_DISTANCE, b.x AS LOC_X, b.y AS LOC_Y,
                1::BIGINT AS SHOT_ATTEMPTED_FLAG, b.made::BIGINT AS SHOT_MADE_FLAG, strftime(g.game_day::DATE, '%Y%m%d') AS GAME_DATE,
                h.tricode AS HTM, a.tricode AS VTM
            {SHOT_JOINS} WHERE {REAL} ORDER BY g.game_day, g.game_id, b.number""",
        )
        return
    words = "CASE substr(p.position, 1, 1) WHEN 'G' THEN {} WHEN 'F' THEN {} ELSE 'C' END"
    positions = ""
    if with_positions:
        positions = f"substr(p.position, 1, 1) AS POSITION_GROUP, {words.format(repr('PG'), repr('SF'))} AS POSITION,"
    press.print(
        shots_file(season, native),
        f"""SELECT (g.start_year + 1)::BIGINT AS SEASON_1, g.season AS SEASON_2, t.team_id AS TEAM_ID, t.team_name AS TEAM_NAME,
            p.player_id AS PLAYER_ID, p.name AS PLAYER_NAME, {positions} strftime(g.game_day::DATE, '%m-%d-%Y') AS GAME_DATE,
            substr(g.game_id, 3) AS GAME_ID, h.tricode AS HOME_TEAM, a.tricode AS AWAY_TEAM, {event} AS EVENT_TYPE, b.made AS SHOT_MADE,
            {ACTION} AS ACTION_TYPE, {value} AS SHOT_TYPE, {_text("b.area", AREAS)} AS BASIC_ZONE, {
            _text("b.zone_side", SIDES)
        } AS ZONE_NAME,
            {_text("b.zone_side", SIDE_CODES)} AS ZONE_ABB, {_text("b.range", RANGES)} AS ZONE_RANGE, (-b.x / 10)::DOUBLE AS LOC_X,
            round(b.y / 10 + 5.25, 2)::DOUBLE AS LOC_Y, b.distance AS SHOT_DISTANCE, b.period AS QUARTER, b.left // 60 AS MINS_LEFT,
            b.left % 60 AS SECS_LEFT
        {SHOT_JOINS} WHERE {REAL} ORDER BY g.game_day, g.game_id, b.number""",
    )
