"""The as-of tables on the real four seasons: the population, worked examples and the measured ranges of the specification."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import BuiltHome

BRUNSON, JOKIC, ANUNOBY = 1628973, 203999, 1628384


def one(home: BuiltHome, table: str, columns: str, where: str) -> dict[str, Any]:
    """One row as column -> value."""
    (row,) = home.query(f"select {columns} from {table} where {where}")
    return dict(zip((name.strip() for name in columns.split(",")), row, strict=True))


def check(home: BuiltHome, table: str, where: str, expected: dict[str, Any]) -> None:
    """Integers, texts and NULLs exactly, decimals to the printed digits."""
    found = one(home, table, ", ".join(expected), where)
    for name, value in expected.items():
        assert found[name] == (pytest.approx(value, abs=1e-6) if isinstance(value, float) else value), name


def test_the_population_by_season(real_home: BuiltHome) -> None:
    history = "count_if(universe_sources like '%history%')"
    rows = real_home.query(
        f"select {history}, count_if(is_bootstrap and universe_sources like '%history%'), count_if(universe_sources = '[\"quote\"]') "
        "from slate_players group by season order by season"
    )
    assert [row[:2] for row in rows] == [(40702, 2285), (41145, 3495), (42401, 3487), (42992, 3890)]
    # The number of players known from a quote alone hangs on the alias table by a few.
    assert [row[2] for row in rows] == [0, 0, pytest.approx(46, abs=3), pytest.approx(12, abs=3)]
    for table in ("player_form", "upcoming_player_game_context"):
        assert real_home.query(f"select game_date, player_id from {table} except select game_date, player_id from slate_players") == []
        assert real_home.query(f"select count(*) from {table}") == real_home.query("select count(*) from slate_players")


def test_recall_of_those_who_played(real_home: BuiltHome) -> None:
    rows = real_home.query(
        "select p.season, 100 * count(s.player_id) / count(*) from player_game_summary p left join slate_players s "
        "on s.game_date = p.game_date and s.player_id = p.player_id and s.universe_sources like '%history%' where p.did_play "
        "group by 1 order by 1"
    )
    # Regular season and playoffs together; the regular season alone is what the documents print.
    assert [row[1] for row in rows] == pytest.approx([97.2, 98.5, 98.5, 98.4], abs=0.35)


def test_sixteen_rows_a_team_game(real_home: BuiltHome) -> None:
    per_team = "select season, game_id, team_id, count(*) as players from slate_players where team_id is not null group by 1, 2, 3"
    rows = real_home.query(f"select season, min(players), max(players) from ({per_team}) group by 1 order by 1")
    assert all(low >= 10 and high <= 25 for season, low, high in rows if season > "2021-22")
    ((games,),) = real_home.query(
        "select count(*) from upcoming_team_game_context u left join (select distinct game_id, team_id from slate_players) s "
        "on s.game_id = u.game_id and s.team_id = u.team_id where s.team_id is null"
    )
    assert games == 30


def test_brunsons_back_to_back(real_home: BuiltHome) -> None:
    where = f"game_id = '0022301119' and player_id = {BRUNSON}"
    check(
        real_home, "upcoming_player_game_context", where,
        {
            "rest_days": 0, "is_back_to_back": True, "games_last7d": 4, "games_last14d": 7, "minutes_sum_last7d": 152.0,
            "minutes_sum_last14d": 244.0, "minutes_mean_last7d": 38.0, "back_to_backs_last14d": 0,
            "appearance_rate_last10_team_games": 1.0, "points_line_current": 28.5, "points_line_sd_books": 0.333333,
            "points_over_prob": 0.488312, "points_line_books_n": 9,
        },
    )  # fmt: skip
    check(
        real_home, "player_form", where,
        {
            "games_season": 71, "points_mean_last3": 28.333333, "points_mean_last5": 34.4, "points_mean_last10": 31.9,
            "points_mean_season": 27.887324, "points_mean_shrunk": 27.680784, "points_sd_last10": 12.538386,
            "points_slope_last10": -0.066667, "minutes_mean_last10": 34.9, "minutes_sd_last10": 3.956710,
            "minutes_mean_shrunk": 35.176471, "usage_rate_last10": 0.375998, "usage_rate_shrunk": 0.318156, "ts_pct_last10": 0.582883,
            "points_per_minute_last10": 0.914040, "ft_points_share_last10": 0.147335, "fg_attempts_mean_last10": 24.9,
        },
    )  # fmt: skip


def test_the_knicks_before_that_game(real_home: BuiltHome) -> None:
    check(
        real_home, "upcoming_team_game_context", "game_id = '0022301119' and team_id = 1610612752",
        {
            "rest_days": 0, "opponent_rest_days": 3, "rest_advantage": -3, "games_last7d": 4, "games_last14d": 7, "wins_season": 45,
            "losses_season": 31, "streak": 1, "last_game_margin": 11, "consecutive_road_games": 1, "spread_current": 1.5,
            "total_current": 212.0, "implied_team_total": 105.25, "game_lines_books_n": 14, "pace_mean_last10": 95.997019,
            "pace_shrunk": 97.527440, "offensive_rating_shrunk": 115.207131, "defensive_rating_shrunk": 111.120670,
            "expected_pace": 95.203147,
        },
    )  # fmt: skip


def test_brunson_after_a_short_absence(real_home: BuiltHome) -> None:
    where = f"game_id = '0022300912' and player_id = {BRUNSON}"
    check(
        real_home, "upcoming_player_game_context", where,
        {
            "rest_days": 4, "team_rest_days": 2, "team_games_missed_streak": 1, "appearance_rate_last10_team_games": 0.8,
            "opponent_rest_days": 1, "rest_advantage": 1, "games_last7d": 1, "minutes_sum_last7d": 1.0, "games_last14d": 4,
            "minutes_sum_last14d": 116.0, "spread_current": 0.0, "total_current": 206.5, "points_line_current": 28.5,
        },
    )  # fmt: skip
    check(
        real_home, "player_form", where,
        {
            "games_season": 57, "points_mean_last3": 20.666667, "points_mean_last5": 23.4, "points_mean_last10": 27.9,
            "points_mean_season": 27.210526, "points_mean_shrunk": 27.000964, "minutes_sd_last10": 12.200182,
            "usage_rate_last10": 0.360907, "usage_rate_shrunk": 0.305750,
        },
    )  # fmt: skip


def test_a_season_opener(real_home: BuiltHome) -> None:
    where = f"game_id = '0022300061' and player_id = {JOKIC}"
    check(
        real_home, "player_form", where,
        {
            "games_season": 0, "points_mean_last10": None, "form_null_reason": "no_games_in_window", "points_mean_shrunk": 24.492754,
            "minutes_mean_shrunk": 33.652174, "is_bootstrap": True, "prior_kind": "previous_season",
        },
    )  # fmt: skip
    check(real_home, "upcoming_player_game_context", where, {"rest_days": None, "rest_null_reason": "first_game_of_season"})
    check(real_home, "upcoming_team_game_context", "game_id = '0022300061' and team_id = 1610612743", {"pace_shrunk": 100.301153})


def test_a_traded_player_is_found_by_his_quotes(real_home: BuiltHome) -> None:
    check(
        real_home, "slate_players", f"player_id = {ANUNOBY} and game_date = date '2024-01-01'",
        {"game_id": "0022300451", "team_id": None, "team_null_reason": "team_unresolved", "universe_sources": '["history","quote"]'},
    )  # fmt: skip
    check(real_home, "slate_players", f"player_id = {ANUNOBY} and game_date = date '2024-01-03'", {"team_id": 1610612752})


def test_own_and_opponents_rows_mirror(real_home: BuiltHome) -> None:
    ((pairs, rest, spread),) = real_home.query(
        "select count(*), count_if(a.rest_advantage + b.rest_advantage <> 0), count_if(a.spread_current + b.spread_current <> 0) "
        "from upcoming_team_game_context a join upcoming_team_game_context b on b.game_date = a.game_date and b.game_id = a.game_id "
        "and b.team_id = a.opponent_team_id"
    )
    assert (pairs, rest, spread) == (10566, 0, 0)


def test_back_to_backs_of_the_regular_season(real_home: BuiltHome) -> None:
    rows = real_home.query(
        "select avg(is_back_to_back::int) from upcoming_team_game_context where season_type = 'regular' group by season order by season"
    )
    assert [row[0] for row in rows] == pytest.approx([0.174, 0.165, 0.174, 0.185], abs=0.0006)


def test_windows_of_days_stay_in_their_range(real_home: BuiltHome) -> None:
    assert real_home.query(
        "select min(games_last7d), max(games_last7d), max(games_last14d), max(minutes_sum_last7d) from upcoming_player_game_context"
    ) == [(0, 5, 9, 186)]


def test_the_shrunk_mean_beats_the_season_mean_where_it_should(real_home: BuiltHome) -> None:
    """Mean absolute error of points, regular seasons 2022-25, by games played so far."""
    rows = real_home.query(
        "select case when f.games_season = 0 then 0 when f.games_season <= 3 then 1 when f.games_season <= 7 then 2 else 3 end as stage, "
        "avg(abs(p.points - f.points_mean_shrunk)), avg(abs(p.points - f.points_mean_season)) from player_form f "
        "join player_game_summary p on p.game_date = f.game_date and p.player_id = f.player_id and p.did_play "
        "where f.season_type = 'regular' and f.season > '2021-22' and f.games_season <= 14 group by 1 order by 1"
    )
    # Those without a game this season are left out: the printed 4.602 counts debuts too, which have no row before the game.
    assert [row[1] for row in rows[1:]] == pytest.approx([4.117, 4.167, 4.297], abs=0.0021)
    assert [row[2] for row in rows[1:]] == pytest.approx([4.344, 4.227, 4.314], abs=0.0021)


def test_errors_of_points_by_season(real_home: BuiltHome) -> None:
    rows = real_home.query(
        "select avg(abs(p.points - f.points_mean_shrunk)), "
        "avg(case when f.games_season >= 1 then abs(p.points - f.points_mean_season) end), "
        "avg(abs(p.points - f.points_mean_last10)), avg(abs(p.points - f.points_mean_last5)) from player_form f join player_game_summary p "
        "using (game_date, player_id, season) where f.season_type = 'regular' and p.did_play group by f.season order by f.season"
    )
    expected = [(4.67, 4.67, 4.67, 4.77), (4.69, 4.71, 4.72, 4.84), (4.61, 4.62, 4.63, 4.73), (4.66, 4.69, 4.70, 4.82)]
    for row, wanted in zip(rows, expected, strict=True):
        assert row == pytest.approx(wanted, abs=0.0062)
