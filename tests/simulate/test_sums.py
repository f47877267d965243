"""Whatever the public files agree on, the simulated ones agree on: sums, identities, shots, quarters, minutes."""

from __future__ import annotations

import pytest

from tests.simulate.conftest import Written

STATS = "PTS FGM FGA FG3M FG3A FTM FTA OREB DREB REB AST STL BLK TOV PF".split()
BOX = f"""(SELECT GAME_ID, GAME_DATE, PLAYER_ID, TEAM_ID, MIN, {", ".join(STATS)} FROM read_parquet('{{here}}/nba/player_box_20*.parquet')
    UNION ALL SELECT GAME_ID, GAME_DATE, PLAYER_ID, TEAM_ID, MIN, {", ".join(STATS)}
    FROM read_parquet('{{here}}/nba/player_box_playoffs_20*.parquet', union_by_name = true) WHERE COMMENT IS NULL)"""
TEAM = "read_parquet('{here}/nba/team_box_20*.parquet')"
NATIVE = """SELECT GAME_ID, PLAYER_ID, SHOT_MADE_FLAG = 1 AS made, SHOT_TYPE[1] = '3' AS three
    FROM read_parquet('{here}/nba/shots_shotchartdetail_20*.parquet')"""
RESHAPED = "SELECT lpad(GAME_ID, 10, '0'), PLAYER_ID, SHOT_MADE, SHOT_TYPE[1] = '3' FROM read_parquet('{here}/nba/shots_20*.parquet')"
LEAGUES = pytest.mark.parametrize("league", ["short", "full"])


@pytest.fixture
def written(request: pytest.FixtureRequest, league: str) -> Written:
    """The league named by the parameter."""
    return request.getfixturevalue(league)


@LEAGUES
def test_players_add_up_to_their_team(written: Written) -> None:
    differs = " OR ".join(f"b.{stat} <> t.{stat}" for stat in ["MIN", *STATS])
    sums = ", ".join(f"sum({stat}) AS {stat}" for stat in ["MIN", *STATS])
    games, wrong = written.one(
        f"""SELECT count(*), count_if({differs}) FROM (SELECT GAME_ID, TEAM_ID, {sums} FROM {BOX} GROUP BY ALL) b
        JOIN {TEAM} t USING (GAME_ID, TEAM_ID)"""
    )
    assert games > 500 and wrong == 0


@LEAGUES
def test_every_real_team_game_has_player_rows(written: Written) -> None:
    real = f"SELECT GAME_ID, TEAM_ID FROM {TEAM} WHERE GAME_ID[3] IN ('2', '4', '5', '6')"
    assert written.query(f"({real}) EXCEPT SELECT GAME_ID, TEAM_ID FROM {BOX}") == []


@LEAGUES
def test_identities_hold_in_every_row(written: Written) -> None:
    assert written.one(
        f"""SELECT count_if(PTS <> 2 * FGM + FG3M + FTM), count_if(REB <> OREB + DREB), count_if(FGM > FGA OR FG3M > FG3A OR FTM > FTA),
            count_if(FG3A > FGA), count_if(PF > 6), count(*) - count(DISTINCT (GAME_ID, PLAYER_ID)) FROM {BOX}"""
    ) == (0, 0, 0, 0, 0, 0)


@LEAGUES
def test_shots_are_the_box(written: Written) -> None:
    # The first season has the native form, every later one the reshaped form.
    shots = NATIVE if len(written.summary.seasons) == 1 else f"{NATIVE} UNION ALL {RESHAPED}"
    rows, wrong = written.one(
        f"""SELECT count(*), count_if(coalesce(attempts, 0) <> coalesce(FGA, -1) OR coalesce(makes, 0) <> FGM
            OR coalesce(three_attempts, 0) <> FG3A OR coalesce(three_makes, 0) <> FG3M)
        FROM {BOX} FULL JOIN (SELECT GAME_ID, PLAYER_ID, count(*) AS attempts, count_if(made) AS makes, count_if(three) AS three_attempts,
            count_if(made AND three) AS three_makes FROM ({shots}) GROUP BY ALL) USING (GAME_ID, PLAYER_ID)"""
    )
    assert rows > 5000 and wrong == 0


@LEAGUES
def test_quarters_and_schedule_agree_with_the_box(written: Written) -> None:
    games, quarters, missing = written.one(
        f"""SELECT count(*), count_if(q1_home + q2_home + q3_home + q4_home + ot_home <> score_home
                OR q1_away + q2_away + q3_away + q4_away + ot_away <> score_away), count_if(t.PTS IS NULL)
        FROM '{{here}}/odds/odds_games.parquet' o
        LEFT JOIN {TEAM} t ON t.GAME_DATE = o.date AND t.PTS = o.score_home AND t.PLUS_MINUS = o.score_home - o.score_away
            AND t.TEAM_ABBREVIATION =
            CASE o.home WHEN 'gs' THEN 'GSW' WHEN 'no' THEN 'NOP' WHEN 'ny' THEN 'NYK' WHEN 'sa' THEN 'SAS' WHEN 'utah' THEN 'UTA'
            WHEN 'wsh' THEN 'WAS' ELSE upper(o.home) END"""
    )
    assert games > 200 and quarters == 0 and missing == 0


@LEAGUES
def test_minutes_fit_the_number_of_overtimes(written: Written) -> None:
    """Whole minutes: within 4 of 240 + 25 k, and k > 0 exactly where the overtime score isn't 0 to 0 and regulation was level."""
    off, overtime = written.one(
        f"""SELECT count_if(abs(MIN - 240 - 25 * round((MIN - 240) / 25)) > 4), count(DISTINCT GAME_ID) FILTER (round((MIN - 240) / 25) > 0)
        FROM {TEAM} WHERE GAME_ID[3] IN ('2', '4', '5', '6')"""
    )
    level = written.one(
        """SELECT count_if(q1_home + q2_home + q3_home + q4_home = q1_away + q2_away + q3_away + q4_away), count_if(ot_home + ot_away > 0)
        FROM '{here}/odds/odds_games.parquet'"""
    )
    assert off == 0 and overtime > 0
    assert level == (overtime, overtime)


def test_playoff_rows_have_five_starters_and_one_man_who_did_not_play(short: Written) -> None:
    box = "read_parquet('{here}/nba/player_box_playoffs_20*.parquet', union_by_name = true)"
    assert short.query(f"SELECT DISTINCT count(START_POSITION) FROM {box} GROUP BY GAME_ID, TEAM_ID") == [(5,)]
    absent = short.query(f"SELECT MIN, PTS, COMMENT, TEAM_ID FROM {box} WHERE COMMENT IS NOT NULL")
    assert [row[:3] for row in absent] == [(0, 0, "DNP - Coach's Decision")]


def test_coordinates_lie_in_their_zone(full: Written) -> None:
    rows = full.query(
        """SELECT SHOT_ZONE_BASIC, count(*), min(SHOT_DISTANCE), max(SHOT_DISTANCE),
            count_if(floor(sqrt(LOC_X * LOC_X + LOC_Y * LOC_Y) / 10) <> SHOT_DISTANCE),
            count_if((SHOT_ZONE_AREA LIKE 'Left%' AND LOC_X > 0) OR (SHOT_ZONE_AREA LIKE 'Right%' AND LOC_X < 0))
        FROM '{here}/nba/shots_shotchartdetail_2021-22.parquet' GROUP BY 1 ORDER BY 1"""
    )
    reach = {row[0]: (row[2], row[3]) for row in rows}
    assert len(reach) == 7 and all(row[4] == 0 and row[5] == 0 for row in rows)
    assert reach["Restricted Area"][1] <= 3 and reach["In The Paint (Non-RA)"][0] >= 4 and reach["Mid-Range"][1] <= 22
    assert reach["Left Corner 3"][0] >= 22 and reach["Above the Break 3"][0] >= 23
