"""The factual tables on the real four seasons: counts, league means and worked examples of the specification."""

from __future__ import annotations

import pytest

from tests.conftest import BuiltHome

SEASONS = ("2021-22", "2022-23", "2023-24", "2024-25")


def by_season(home: BuiltHome, sql: str) -> list[tuple[object, ...]]:
    """One row per season, without the season."""
    rows = home.query(f"select season, {sql} group by season order by season")
    assert tuple(row[0] for row in rows) == SEASONS
    return [row[1:] for row in rows]


def test_games_by_season_type(real_home: BuiltHome) -> None:
    kinds = ", ".join(f"count_if(season_type = '{k}')" for k in ("preseason", "regular", "all_star", "playoffs", "play_in", "cup_final"))
    assert by_season(real_home, f"count(*), {kinds} from schedule") == [
        (1393, 66, 1230, 4, 87, 6, 0),
        (1394, 70, 1230, 4, 84, 6, 0),
        (1396, 73, 1230, 4, 82, 6, 1),
        (1400, 73, 1230, 6, 84, 6, 1),
    ]


@pytest.mark.parametrize("table", ["team_offense_game_summary", "team_defense_game_summary", "upcoming_team_game_context"])
def test_team_rows(table: str, real_home: BuiltHome) -> None:
    kinds = ", ".join(f"count_if(season_type = '{k}')" for k in ("regular", "playoffs", "play_in", "cup_final"))
    assert by_season(real_home, f"count(*), {kinds} from {table}") == [
        (2646, 2460, 174, 12, 0),
        (2640, 2460, 168, 12, 0),
        (2638, 2460, 164, 12, 2),
        (2642, 2460, 168, 12, 2),
    ]


def test_player_rows(real_home: BuiltHome) -> None:
    found = by_season(
        real_home,
        "count_if(season_type = 'regular'), count_if(season_type = 'playoffs'), count_if(did_play), "
        "count(distinct case when did_play then player_id end), count_if(shot_zones_complete) from player_game_summary",
    )
    assert found == [
        (26039, 1892, 27930, 606, 12433),
        (25895, 1728, 27623, 541, 25895),
        (26401, 1685, 28086, 572, 26401),
        (26306, 1804, 28110, 569, 26306),
    ]


def test_raw_counts(real_home: BuiltHome) -> None:
    assert by_season(real_home, "count(*) from (select s.season from shots x join schedule s on s.game_id = x.game_id)") == [
        (102400,), (217220,), (218701,), (219527,),
    ]  # fmt: skip
    assert real_home.query("select count(*) from game_line_quotes") == [(388776,)]
    counts = "select source, count(*) from prop_quote_captures group by 1 order by 1"
    assert dict(real_home.query(counts)) == {
        "the odds api fantasy props": 19787,
        "the odds api points rebounds assists": 53243,
        "the odds api props": 307081,
    }


def test_league_means_of_the_regular_season(real_home: BuiltHome) -> None:
    found = by_season(
        real_home,
        "avg(points), avg(pace), avg(possessions), avg(offensive_rating), 100 * sum(points) / sum(possessions), "
        "sum(three_makes) / sum(three_attempts), sum(turnovers) / sum(possessions), "
        "sum(fg_makes + 0.5 * three_makes) / sum(fg_attempts), sum(points) / (2 * sum(fg_attempts + 0.44 * ft_attempts)), "
        "sum(ft_attempts) / sum(fg_attempts), sum(three_attempts) / sum(fg_attempts) "
        "from team_offense_game_summary where season_type = 'regular'",
    )
    expected = [
        (110.62, 99.88, 100.44, 110.18, 110.13, 0.3536, 0.1300, 0.5317, 0.5660, 0.2482, 0.3993),
        (114.69, 100.90, 101.65, 112.90, 112.82, 0.3607, 0.1321, 0.5453, 0.5813, 0.2665, 0.3875),
        (114.21, 100.24, 100.81, 113.33, 113.30, 0.3657, 0.1280, 0.5465, 0.5800, 0.2443, 0.3949),
        (113.83, 100.62, 101.16, 112.58, 112.52, 0.3602, 0.1335, 0.5431, 0.5762, 0.2428, 0.4212),
    ]
    for row, wanted in zip(found, expected, strict=True):
        assert row[:5] == pytest.approx(wanted[:5], abs=0.0051)
        assert row[5:] == pytest.approx(wanted[5:], abs=0.000051)


def test_zone_shares_and_percentages(real_home: BuiltHome) -> None:
    total = "sum(paint_attempts + mid_range_attempts + three_zone_attempts)"
    found = by_season(
        real_home,
        f"sum(paint_attempts) / {total}, sum(mid_range_attempts) / {total}, sum(three_zone_attempts) / {total}, "
        f"sum(restricted_area_attempts) / {total}, sum(corner_three_attempts) / {total}, sum(paint_makes) / sum(paint_attempts), "
        "sum(mid_range_makes) / sum(mid_range_attempts), sum(three_zone_makes) / sum(three_zone_attempts) "
        "from team_offense_game_summary where season_type = 'regular'",
    )
    expected = [
        (0.470, 0.129, 0.402, 0.289, 0.097, 0.5555, 0.4058, 0.3486),
        (0.495, 0.118, 0.387, 0.299, 0.097, 0.5783, 0.4204, 0.3607),
        (0.493, 0.112, 0.395, 0.296, 0.101, 0.5741, 0.4187, 0.3657),
        (0.481, 0.098, 0.421, 0.279, 0.107, 0.5710, 0.4169, 0.3602),
    ]
    for row, wanted in zip(found, expected, strict=True):
        assert row[:5] == pytest.approx(wanted[:5], abs=0.00051)
        assert row[5:] == pytest.approx(wanted[5:], abs=0.000051)


def test_usage_and_players_means(real_home: BuiltHome) -> None:
    found = by_season(
        real_home,
        "avg(usage_rate), sum(usage_rate * minutes) / sum(case when usage_rate is not null then minutes end), avg(points), "
        "stddev_samp(points), avg(minutes), sum(points) / sum(minutes) "
        "from player_game_summary where season_type = 'regular' and did_play",
    )
    expected = [
        (0.1905, 0.2000, 10.45, 8.55, 22.81, 0.458),
        (0.1887, 0.1999, 10.90, 9.04, 22.98, 0.474),
        (0.1885, 0.2000, 10.64, 8.98, 22.49, 0.473),
        (0.1893, 0.1999, 10.64, 8.80, 22.57, 0.472),
    ]
    for row, wanted in zip(found, expected, strict=True):
        assert row[:2] == pytest.approx(wanted[:2], abs=0.000051)
        assert row[2:5] == pytest.approx(wanted[2:5], abs=0.0051)
        assert row[5] == pytest.approx(wanted[5], abs=0.00051)


def test_home_advantage_and_overtime(real_home: BuiltHome) -> None:
    found = by_season(
        real_home,
        "avg(is_win::int), avg(margin), stddev_samp(margin) from team_offense_game_summary where is_home and season_type = 'regular'",
    )
    expected = [(0.544, 1.72, 15.3), (0.580, 2.50, 13.7), (0.543, 2.15, 15.6), (0.544, 1.63, 15.9)]
    for row, wanted in zip(found, expected, strict=True):
        assert row[0] == pytest.approx(wanted[0], abs=0.00051)
        assert row[1] == pytest.approx(wanted[1], abs=0.0051)
        assert row[2] == pytest.approx(wanted[2], abs=0.051)
    overtime = "count_if(overtime_periods > 0), count_if(overtime_periods > 0 and season_type = 'regular') from team_offense_game_summary"
    assert by_season(real_home, f"{overtime} where is_home") == [(59, 58), (84, 79), (62, 59), (66, 60)]


def test_back_to_back_night_of_brunson(real_home: BuiltHome) -> None:
    where = "where game_id = '0022301119' and player_id = 1628973"
    (row,) = real_home.query(
        "select minutes, points, fg_makes, fg_attempts, three_makes, three_attempts, ft_makes, ft_attempts, rebounds, assists, turnovers, "
        "pra, paint_makes, paint_attempts, restricted_area_attempts, mid_range_makes, mid_range_attempts, three_zone_makes, "
        "three_zone_attempts, is_win, team_margin, points_line_closing, points_line_books_n, points_result, points_margin, "
        f"points_line_movement, movement_null_reason from player_game_summary {where}"
    )
    assert row == (
        42, 35, 13, 28, 1, 5, 8, 10, 6, 11, 5, 52, 11, 22, 7, 1, 1, 1, 5, False, -8, 28.5, 9, "over", 6.5, None, "below_min_n",
    )  # fmt: skip
    (rates,) = real_home.query(f"select usage_rate, ts_pct, efg_pct, rebound_rate, assist_rate from player_game_summary {where}")
    assert rates == pytest.approx((0.386603, 0.540123, 0.482143, 0.072180, 0.594595), abs=1e-6)


def test_both_teams_of_that_night(real_home: BuiltHome) -> None:
    knicks, bulls = 1610612752, 1610612741
    zones = "paint_makes, paint_attempts, mid_range_makes, mid_range_attempts, three_zone_makes, three_zone_attempts"
    found = {
        row[0]: row[1:]
        for row in real_home.query(
            f"select team_id, points, possessions_own, possessions, pace, offensive_rating, minutes_reported, team_minutes, {zones}, "
            "corner_three_attempts from team_offense_game_summary where game_id = '0022301119'"
        )
    }
    assert found[knicks][:5] == pytest.approx((100, 101.56, 99.30, 99.30, 100.704935), abs=1e-6)
    assert found[knicks][5:] == (241, 240, 25, 49, 1, 5, 10, 29, 8)
    assert found[bulls][1] == pytest.approx(97.04) and found[bulls][4] == pytest.approx(108.761329, abs=1e-6)
    assert found[bulls][7:13] == (31, 55, 6, 15, 7, 23)
    ((allowed,),) = real_home.query(
        f"select defensive_rating from team_defense_game_summary where game_id = '0022301119' and team_id = {knicks}"
    )
    assert allowed == found[bulls][4]


def test_small_cases(real_home: BuiltHome) -> None:
    def player(game: str, who: int, columns: str) -> tuple[object, ...]:
        return real_home.query(f"select {columns} from player_game_summary where game_id = '{game}' and player_id = {who}")[0]

    assert player("0022300061", 203999, "points, minutes")[:2] == (29, 36)
    assert player("0022300061", 203999, "usage_rate")[0] == pytest.approx(0.320159, abs=1e-6)
    assert player("0022301140", 1630178, "minutes, team_minutes, overtime_periods") == (54, 290, 2)
    assert player("0022301140", 1630178, "usage_rate")[0] == pytest.approx(0.383667, abs=1e-6)
    assert player("0042100105", 202693, "appearance, did_play, points, minutes, stats_null_reason") == (
        "dnp_coach", False, None, None, "did_not_play",
    )  # fmt: skip
    assert player("0022200376", 1630553, "did_play, minutes, points, usage_rate, usage_null_reason") == (
        True, 0, 3, None, "minutes_below_resolution",
    )  # fmt: skip
    assert real_home.query("select home_team_id, is_neutral_site from games where game_id = '0022400147'") == [(1610612764, True)]
    assert player("0022300912", 1628973, "minutes, points, points_line_closing, points_result, points_margin, points_line_books_n") == (
        29, 26, 28.5, "under", -2.5, 10,
    )  # fmt: skip


def test_consensus_points_lines_of_spring_2024(real_home: BuiltHome) -> None:
    lines = "from player_game_summary where points_line_closing is not null"
    assert real_home.query(f"select count(*), count_if(points_result = 'over'), count_if(points_result = 'under') {lines}") == [
        (3640, 1756, 1884)
    ]
    assert real_home.query("select count_if(usage_rate > 0.5), count_if(usage_rate > 0.5 and minutes < 5) from player_game_summary") == [
        (351, 294)
    ]


def test_integrity_of_boxes_and_shots(real_home: BuiltHome) -> None:
    real = "join schedule s on s.game_id = b.game_id and s.is_real_game"
    assert real_home.query(f"select count(*), count(distinct b.game_id) from team_box b {real}") == [(10566, 5283)]
    assert real_home.query(
        f"select count(*) from team_box b {real} where b.team_id not in (s.home_team_id, s.away_team_id)"
    ) == [(0,)]  # fmt: skip
    assert real_home.query(
        f"select count(*) from team_box b {real} join results r on r.game_id = b.game_id "
        "where b.points <> case when b.team_id = s.home_team_id then r.home_points else r.away_points end"
    ) == [(0,)]
    assert real_home.query(
        "select min(n), max(n) from (select count_if(appearance = 'played') n from player_box group by game_id, team_id)"
    ) == [(6, 15)]
    differing = real_home.query(
        "with shot as (select game_id, player_id, count(*) attempts, count_if(shot_value = 3) threes, count_if(is_made) makes, "
        "count_if(is_made and shot_value = 3) three_makes from shots group by 1, 2), covered as (select distinct game_id from shots) "
        "select s.season, count_if(coalesce(x.attempts, 0) <> b.fg_attempts), count_if(coalesce(x.threes, 0) <> b.three_attempts), "
        "count_if(coalesce(x.makes, 0) <> b.fg_makes), count_if(coalesce(x.three_makes, 0) <> b.three_makes) "
        "from player_box b join covered c on c.game_id = b.game_id join schedule s on s.game_id = b.game_id "
        "left join shot x on x.game_id = b.game_id and x.player_id = b.player_id where b.game_id <> '0022100581' group by 1 order by 1"
    )
    assert differing == [("2021-22", 0, 0, 0, 0), ("2022-23", 3, 3, 0, 0), ("2023-24", 3, 0, 0, 0), ("2024-25", 0, 0, 0, 0)]
    assert real_home.query("select count_if(not shot_zones_complete) from team_offense_game_summary where game_id = '0022100581'") == [(2,)]


def test_quotes_find_their_games_and_players(real_home: BuiltHome) -> None:
    ((games, players, rows),) = real_home.query("select count(game_id), count(player_id), count(*) from prop_quotes")
    assert games / rows >= 0.999 and players / rows >= 0.9985
    assert {row[0] for row in real_home.query("select distinct player_name_raw from prop_quotes where player_id is null")} == {
        "J. Green", "T. Young", "C. Martin", "D. Jones Jr.",
    }  # fmt: skip
    phases = dict(
        real_home.query("select capture_phase, count(*) from prop_quotes where not is_dfs and market <> 'pra' group by 1")
    )  # fmt: skip
    assert set(phases) == {"pre_tip", "at_tip", "live"}
    assert real_home.query("select count_if(game_id is null), count_if(capture_phase = 'live') from game_line_quotes") == [(434, 76)]
    ((unmapped,),) = real_home.query("select count(distinct source_event_id) from game_line_quotes where game_id is null")
    assert unmapped == 11


def test_spreads_are_signed_and_predict_the_margin(real_home: BuiltHome) -> None:
    found = by_season(
        real_home,
        "corr(u.spread_current, t.margin), avg(u.spread_current + t.margin) from (select * from upcoming_team_game_context where is_home "
        "and season_type = 'regular') u join team_offense_game_summary t using (game_date, team_id, season)",
    )
    assert [row[0] for row in found] == pytest.approx([-0.478, -0.469, -0.485, -0.503], abs=0.0006)
    assert all(abs(row[1]) < 0.5 for row in found)
