"""A season has the league's shape: who meets whom, when, how often, and with which means."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from backcourt.simulate import simulate
from backcourt.simulate.schedule import opening_date
from tests.simulate.conftest import Written

BOX = "'{here}/nba/player_box_2021-22.parquet'"
SCHEDULE = "'{here}/nba/schedule_2021-22.parquet'"
TEAM = "'{here}/nba/team_box_2021-22.parquet'"


def test_opening_nights_are_tuesdays_in_the_third_week_of_october() -> None:
    assert opening_date(2021) == date(2021, 10, 19)
    assert opening_date(2022) == date(2022, 10, 18)
    assert opening_date(2024) == date(2024, 10, 22)


def test_number_and_kind_of_games(full: Written) -> None:
    kinds = dict(full.query(f"SELECT gameId[3], count(*) FROM {SCHEDULE} GROUP BY 1"))
    assert {kind: kinds[kind] for kind in "12356"} == {"1": 75, "2": 1230, "3": 1, "5": 6, "6": 1}
    assert 60 <= kinds["4"] <= 105
    assert full.one(f"SELECT min(gameId), max(gameId) FROM {SCHEDULE} WHERE gameId[3] = '2'") == ("0022100001", "0022101230")


def test_every_team_plays_82_with_41_at_home_never_three_days_running(full: Written) -> None:
    per_team = full.query(f"SELECT count(*), count_if(MATCHUP LIKE '%vs.%') FROM {TEAM} WHERE GAME_ID[3] = '2' GROUP BY TEAM_ID")
    assert {games for games, _ in per_team} == {82}
    # The neutral-site game says "@" for both sides.
    assert sorted(home for _, home in per_team) == [40] + [41] * 29
    days = f"""(SELECT TEAM_ID, GAME_DATE AS d, lag(GAME_DATE) OVER w AS one, lag(GAME_DATE, 2) OVER w AS two FROM {TEAM}
        WHERE GAME_ID[3] IN ('2', '6') WINDOW w AS (PARTITION BY TEAM_ID ORDER BY GAME_DATE))"""
    same, three, back = full.one(f"SELECT count_if(d = one), count_if(d - two = 2), avg((d - one = 1)::INT) FROM {days}")
    assert same == 0 and three == 0
    assert 0.08 < back < 0.20


def test_dates_have_the_all_star_break_and_about_165_slates(full: Written) -> None:
    slates, longest = full.one(
        f"""SELECT count(*), max(d - previous) FROM (SELECT d, lag(d) OVER (ORDER BY d) AS previous
        FROM (SELECT DISTINCT GAME_DATE AS d FROM {TEAM} WHERE GAME_ID[3] = '2'))"""
    )
    assert 158 <= slates <= 168
    assert longest == 7


def test_playoffs_are_series_of_four_wins(full: Written) -> None:
    series = full.query(
        f"""SELECT GAME_ID[8:9] AS series, count(*), max(wins), count(DISTINCT TEAM_ID) FROM (
            SELECT GAME_ID, TEAM_ID, count_if(WL = 'W') OVER (PARTITION BY GAME_ID[8:9], TEAM_ID) AS wins
            FROM {TEAM} WHERE GAME_ID[3] = '4')
        GROUP BY 1 ORDER BY 1"""
    )
    assert [row[0] for row in series] == ["10", "11", "12", "13", "14", "15", "16", "17", "20", "21", "22", "23", "30", "31", "40"]
    assert all(8 <= rows <= 14 and wins == 4 and teams == 2 for _, rows, wins, teams in series)


def test_the_postponed_game_keeps_its_id_and_moves(full: Written, short: Written) -> None:
    for written in (full, short):
        season = written.summary.seasons[-1]
        final = f"(SELECT gameId AS gid, gameDateEst[1:10] AS etdate FROM '{{here}}/nba/schedule_{season}.parquet')"
        earlier = f"read_parquet('{{here}}/nba/schedule_asof_*_{season}.parquet')"
        moved = written.query(f"SELECT e.etdate, f.etdate, e.st FROM {earlier} e JOIN {final} f USING (gid) WHERE e.etdate <> f.etdate")
        assert len(moved) == 1
        before, after, status = moved[0]
        assert before < after and status == 1
        states = dict(written.query(f'SELECT st, count_if("h.s" IS NULL) FROM {earlier} GROUP BY 1'))
        assert states[3] == 0 and states[1] > 0


def test_eastern_and_utc_clocks_agree_and_some_games_cross_midnight(full: Written) -> None:
    wrong, crossing, games = full.one(
        f"""SELECT count_if(strftime(timezone('America/New_York', timezone('UTC', gameDateTimeUTC::TIMESTAMP)),
                '%Y-%m-%dT%H:%M:%SZ') <> gameDateTimeEst),
            count_if(gameDateTimeUTC[1:10] <> gameDateEst[1:10]), count(*) FROM {SCHEDULE}"""
    )
    assert wrong == 0 and 0.3 < crossing / games < 0.95


def test_league_means_are_near_the_measured_ones(full: Written) -> None:
    points, pace_base, threes, throws, effective, turnovers, offensive = full.one(
        f"""SELECT avg(PTS), avg(FGA + 0.44 * FTA + TOV - OREB), sum(FG3A) / sum(FGA), sum(FTA) / sum(FGA),
            sum(FGM + 0.5 * FG3M) / sum(FGA),
            sum(TOV) / sum(FGA + 0.44 * FTA + TOV), sum(OREB) / sum(REB) FROM {TEAM} WHERE GAME_ID[3] = '2'"""
    )
    assert 109 < points < 118 and 98 < pace_base < 103
    assert (
        0.385 < threes < 0.425 and 0.23 < throws < 0.27 and 0.53 < effective < 0.56 and 0.125 < turnovers < 0.14 and 0.23 < offensive < 0.26
    )
    paint, mid_range = full.one(
        """SELECT avg((SHOT_ZONE_BASIC IN ('Restricted Area', 'In The Paint (Non-RA)'))::INT), avg((SHOT_ZONE_BASIC = 'Mid-Range')::INT)
        FROM '{here}/nba/shots_shotchartdetail_2021-22.parquet'"""
    )
    assert 0.455 < paint < 0.50 and 0.095 < mid_range < 0.13


def test_players_look_like_a_league(full: Written) -> None:
    rows, mean, spread, minutes, cameos, men = full.one(
        f"SELECT count(*), avg(PTS), stddev(PTS), avg(MIN), count_if(MIN = 0), count(DISTINCT PLAYER_ID) FROM {BOX} WHERE GAME_ID[3] = '2'"
    )
    assert 24_000 < rows < 28_500 and 9.8 < mean < 11.2 and 7.3 < spread < 9.3 and 21.5 < minutes < 24 and 50 < cameos < 300 and men > 450
    traded = full.one(f"SELECT count(*) FROM (SELECT PLAYER_ID FROM {BOX} GROUP BY 1 HAVING count(DISTINCT TEAM_ID) > 1)")[0]
    assert 40 < traded < 100


def test_rookies_arrive_and_veterans_leave(tmp_path: Path) -> None:
    written = Written(simulate(tmp_path, seasons=3, seed=5, games_per_team=2, share_of_games_with_props=0.1))
    arrivals = dict(
        written.query(
            """SELECT first, count(*) FROM (SELECT min(SEASON) AS first FROM '{here}/nba/player_positions.parquet' GROUP BY PLAYER_ID)
            GROUP BY 1"""
        )
    )
    assert arrivals["2021-22"] == 510
    assert 25 < arrivals["2022-23"] < 110 and 25 < arrivals["2023-24"] < 110
    assert written.query("SELECT DISTINCT count(*) FROM '{here}/nba/player_positions.parquet' GROUP BY SEASON, TeamID") == [(17,)]


@pytest.mark.parametrize("season", ["2021-22", "2022-23"])
def test_absent_players_have_no_row(short: Written, season: str) -> None:
    """Between a placement and the next activation a player appears only where his team would have had fewer than nine men."""
    moves = "(SELECT player_name, Date, Relinquished IS NOT NULL AS out, lead(Date) OVER (PARTITION BY player_name ORDER BY Date) AS until "
    moves += "FROM read_parquet('{here}/nba/injuries_pst_il_*.parquet'))"
    appeared, all_spells = short.one(
        f"""SELECT count(DISTINCT (m.player_name, m.Date)) FILTER (b.GAME_ID IS NOT NULL), count(DISTINCT (m.player_name, m.Date))
        FROM {moves} m LEFT JOIN '{{here}}/nba/player_box_{season}.parquet' b ON b.PLAYER_NAME = m.player_name AND b.GAME_DATE >= m.Date
            AND b.GAME_DATE < m.until WHERE m.out"""
    )
    assert all_spells > 50
    assert appeared / all_spells < 0.05
