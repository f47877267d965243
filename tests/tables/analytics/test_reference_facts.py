"""What the real four seasons must give: counts exactly, league means to the printed digits, single games by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import BuiltHome

SEASONS = ("2021-22", "2022-23", "2023-24", "2024-25")
TEAM_GAMES = {
    "2021-22": {"regular": 2460, "playoffs": 174, "play_in": 12},
    "2022-23": {"regular": 2460, "playoffs": 168, "play_in": 12},
    "2023-24": {"regular": 2460, "playoffs": 164, "play_in": 12, "cup_final": 2},
    "2024-25": {"regular": 2460, "playoffs": 168, "play_in": 12, "cup_final": 2},
}
BRUNSON, JOKIC, MAXEY, MORRIS, JOHNSON = 1628973, 203999, 1630178, 202693, 1630553
KNICKS, BULLS, WIZARDS = 1610612752, 1610612741, 1610612764


def by_season(home: BuiltHome, selected: str, source: str) -> dict[str, tuple[Any, ...]]:
    """The selected values per season."""
    return {season: tuple(values) for season, *values in home.query(f"select season, {selected} from {source} group by season")}


def printed(*rows: tuple[str, ...]) -> dict[str, Any]:
    """Printed values per season: each holds to half a unit of its last digit."""
    return {
        season: tuple(pytest.approx(float(text), abs=0.5000001 * 10 ** -len(text.partition(".")[2])) for text in row)
        for season, row in zip(SEASONS, rows, strict=True)
    }


def facts(home: BuiltHome, table: str, names: str, where: str) -> tuple[Any, ...]:
    """The named columns of the only row that satisfies `where`."""
    (row,) = home.query(f"select {names} from {table} where {where}")
    return row


@pytest.mark.parametrize("table", ["team_offense_game_summary", "team_defense_game_summary"])
def test_two_team_rows_for_every_final_game(table: str, real_home: BuiltHome) -> None:
    found: dict[str, dict[str, int]] = {season: {} for season in SEASONS}
    for season, season_type, rows, games in real_home.query(
        f"select season, season_type, count(*), count(distinct game_id) from {table} group by 1, 2"
    ):
        found[season][season_type] = rows
        assert rows == 2 * games
    assert found == TEAM_GAMES


def test_a_row_for_every_player_of_a_box(real_home: BuiltHome) -> None:
    regular, playoffs = (
        by_season(real_home, "count(*)", f"player_game_summary where season_type = '{kind}'") for kind in ("regular", "playoffs")
    )
    assert regular == {"2021-22": (26039,), "2022-23": (25895,), "2023-24": (26401,), "2024-25": (26306,)}
    assert playoffs == {"2021-22": (1892,), "2022-23": (1728,), "2023-24": (1685,), "2024-25": (1804,)}
    assert by_season(real_home, "count_if(did_play), count(distinct player_id)", "player_game_summary") == {
        "2021-22": (27930, 606), "2022-23": (27623, 541), "2023-24": (28086, 572), "2024-25": (28110, 569),
    }  # fmt: skip


def test_zones_are_complete_where_there_are_whole_games_of_shots(real_home: BuiltHome) -> None:
    assert by_season(real_home, "count_if(shot_zones_complete)", "player_game_summary") == {
        "2021-22": (12433,), "2022-23": (25895,), "2023-24": (26401,), "2024-25": (26306,),
    }  # fmt: skip
    assert by_season(real_home, "count_if(shot_zones_complete)", "team_offense_game_summary") == {
        "2021-22": (1160,), "2022-23": (2460,), "2023-24": (2460,), "2024-25": (2460,),
    }  # fmt: skip
    cut_off = "select distinct shot_zones_complete, zones_null_reason from team_offense_game_summary where game_id = '0022100581'"
    assert real_home.query(cut_off) == [(False, "zones_incomplete")]


def test_overtime_games(real_home: BuiltHome) -> None:
    counted = "count(distinct case when overtime_periods > 0 then game_id end)"
    assert by_season(real_home, counted, "team_offense_game_summary") == {
        "2021-22": (59,), "2022-23": (84,), "2023-24": (62,), "2024-25": (66,),
    }  # fmt: skip
    regular = by_season(real_home, counted, "team_offense_game_summary where season_type = 'regular'")
    assert regular == {"2021-22": (58,), "2022-23": (79,), "2023-24": (59,), "2024-25": (60,)}


def test_opening_dates_bound_the_bootstrap_rows(real_home: BuiltHome) -> None:
    found = by_season(
        real_home, "min(game_date)::varchar, max(case when is_bootstrap then game_date end)::varchar", "team_offense_game_summary"
    )
    assert found == {
        "2021-22": ("2021-10-19", "2021-11-01"), "2022-23": ("2022-10-18", "2022-10-31"), "2023-24": ("2023-10-24", "2023-11-06"),
        "2024-25": ("2024-10-22", "2024-11-04"),
    }  # fmt: skip


REGULAR = "team_offense_game_summary where season_type = 'regular'"


def test_league_means_of_scoring_and_pace(real_home: BuiltHome) -> None:
    pooled = "100 * sum(points) / sum(possessions)"
    found = by_season(real_home, f"avg(points), avg(pace), avg(possessions), avg(offensive_rating), {pooled}", REGULAR)
    assert found == printed(
        ("110.62", "99.88", "100.44", "110.18", "110.13"),
        ("114.69", "100.90", "101.65", "112.90", "112.82"),
        ("114.21", "100.24", "100.81", "113.33", "113.30"),
        ("113.83", "100.62", "101.16", "112.58", "112.52"),
    )


def test_league_means_of_shooting(real_home: BuiltHome) -> None:
    found = by_season(
        real_home,
        "(sum(fg_makes) + 0.5 * sum(three_makes)) / sum(fg_attempts), sum(points) / (2 * (sum(fg_attempts) + 0.44 * sum(ft_attempts))), "
        "sum(three_makes) / sum(three_attempts), sum(ft_attempts) / sum(fg_attempts), sum(three_attempts) / sum(fg_attempts)",
        REGULAR,
    )
    assert found == printed(
        (".5317", ".5660", ".3536", ".2482", ".3993"),
        (".5453", ".5813", ".3607", ".2665", ".3875"),
        (".5465", ".5800", ".3657", ".2443", ".3949"),
        (".5431", ".5762", ".3602", ".2428", ".4212"),
    )


def test_league_means_of_turnovers_and_rebounds(real_home: BuiltHome) -> None:
    found = by_season(
        real_home,
        "sum(turnovers) / sum(possessions), sum(offensive_rebounds) / (sum(offensive_rebounds) + sum(defensive_rebounds))",
        REGULAR,
    )
    assert found == printed((".1300", ".2325"), (".1321", ".2402"), (".1280", ".2424"), (".1335", ".2521"))


def test_league_means_of_the_zones(real_home: BuiltHome) -> None:
    taken = "(sum(paint_attempts) + sum(mid_range_attempts) + sum(three_zone_attempts))"
    zones = ("paint", "mid_range", "three_zone", "restricted_area", "corner_three")
    shares = by_season(real_home, ", ".join(f"sum({zone}_attempts) / {taken}" for zone in zones), REGULAR)
    assert shares == printed(
        (".470", ".129", ".402", ".289", ".097"),
        (".495", ".118", ".387", ".299", ".097"),
        (".493", ".112", ".395", ".296", ".101"),
        (".481", ".098", ".421", ".279", ".107"),
    )
    made = by_season(real_home, ", ".join(f"sum({zone}_makes) / sum({zone}_attempts)" for zone in zones), REGULAR)
    assert made == printed(
        (".5555", ".4058", ".3486", ".644", ".381"),
        (".5783", ".4204", ".3607", ".666", ".385"),
        (".5741", ".4187", ".3657", ".663", ".390"),
        (".5710", ".4169", ".3602", ".664", ".388"),
    )


def test_league_means_of_players(real_home: BuiltHome) -> None:
    weighted = "sum(usage_rate * minutes) / sum(case when usage_rate is not null then minutes end)"
    found = by_season(
        real_home,
        f"avg(usage_rate), {weighted}, avg(points), stddev(points), avg(minutes), sum(points) / sum(minutes)",
        "player_game_summary where season_type = 'regular' and did_play",
    )
    assert found == printed(
        (".1905", ".2000", "10.45", "8.55", "22.81", ".458"),
        (".1887", ".1999", "10.90", "9.04", "22.98", ".474"),
        (".1885", ".2000", "10.64", "8.98", "22.49", ".473"),
        (".1893", ".1999", "10.64", "8.80", "22.57", ".472"),
    )


def test_home_teams(real_home: BuiltHome) -> None:
    found = by_season(real_home, "avg(is_win::int), avg(margin), stddev(margin), stddev(2 * points - margin)", f"{REGULAR} and is_home")
    assert found == printed(
        (".544", "1.72", "15.3", "20.0"),
        (".580", "2.50", "13.7", "19.5"),
        (".543", "2.15", "15.6", "20.3"),
        (".544", "1.63", "15.9", "19.8"),
    )


def test_league_means_of_the_playoffs(real_home: BuiltHome) -> None:
    found = by_season(
        real_home,
        "avg(pace), 100 * sum(points) / sum(possessions), avg(points)",
        "team_offense_game_summary where season_type = 'playoffs'",
    )
    # The mean pace of 2024-25 is 97.547.
    assert found == printed(("97.2", "109.3", "106.3"), ("98.0", "111.3", "109.6"), ("94.2", "111.6", "105.6"), ("97.5", "110.8", "108.8"))


def test_ranges_of_team_games(real_home: BuiltHome) -> None:
    low, high, worst, best = facts(
        real_home, "team_offense_game_summary", "min(pace), max(pace), min(offensive_rating), max(offensive_rating)", "true"
    )
    assert (round(low, 1), round(high, 1), round(worst, 1), round(best, 1)) == (84.7, 117.2, 67.7, 163.0)
    gaps = "(select max(possessions_own) - min(possessions_own) as gap from team_offense_game_summary group by game_id) as games"
    widest, mean = facts(real_home, gaps, "max(gap), avg(gap)", "true")
    assert (round(widest, 1), round(mean, 1)) == (12.0, 2.3)


def test_usage_of_players_and_teams(real_home: BuiltHome) -> None:
    known = real_home.query(
        "select season_type, season, count(usage_rate) / count(*), count(minutes) / count(*) "
        "from player_game_summary where did_play group by 1, 2"
    )
    regular, playoffs = ([usage for kind, _, usage, _ in known if kind == wanted] for wanted in ("regular", "playoffs"))
    assert 0.9955 <= min(regular) and max(regular) < 0.9971
    assert 0.9849 <= min(playoffs) and max(playoffs) < 0.9940
    assert {minutes for *_, minutes in known} == {1.0}
    high, short = facts(real_home, "player_game_summary", "count_if(usage_rate > 0.5), count_if(usage_rate > 0.5 and minutes < 5)", "true")
    assert (high, short) == (351, 294)
    teams = (
        "(select sum(usage_rate * minutes) / sum(case when usage_rate is not null then minutes end) as used "
        "from player_game_summary group by game_id, team_id) as teams"
    )
    low, top, count = facts(real_home, teams, "min(used), max(used), count(*)", "true")
    assert (round(low, 4), round(top, 4), count) == (0.1952, 0.2034, 10514)


def test_points_lines_of_2024(real_home: BuiltHome) -> None:
    results = dict(
        real_home.query("select points_result, count(*) from player_game_summary where points_line_closing is not null group by 1")
    )
    assert results == {"over": 1756, "under": 1884}
    lined = real_home.query(
        "select count(*), count(distinct q.game_id), count(distinct q.game_date), count(*) - count(b.player_id), "
        "count_if(q.season_type = 'play_in') from (select distinct p.game_date, p.game_id, p.player_id, g.season_type from prop_quotes p "
        "join games g on g.game_id = p.game_id where p.market = 'points' and p.is_main_line and not p.is_dfs and p.player_id is not null "
        "and p.capture_phase in ('pre_tip', 'at_tip')) q "
        "left join player_game_summary b on b.game_id = q.game_id and b.player_id = q.player_id"
    )
    assert lined == [(3875, 370, 77, 157 + 78, 78)]


def test_brunsons_back_to_back(real_home: BuiltHome) -> None:
    here = f"player_id = {BRUNSON} and game_date = date '2024-04-05'"
    counts = "minutes, points, fg_makes, fg_attempts, three_makes, three_attempts, ft_makes, ft_attempts, rebounds, assists, turnovers, pra"
    assert facts(real_home, "player_game_summary", f"game_id, {counts}", here) == (
        "0022301119", 42, 35, 13, 28, 1, 5, 8, 10, 6, 11, 5, 52,
    )  # fmt: skip
    rates = facts(real_home, "player_game_summary", "usage_rate, ts_pct, efg_pct, rebound_rate, assist_rate", here)
    assert rates == pytest.approx((0.386603, 0.540123, 0.482143, 0.072180, 0.594595), abs=1e-6)
    zones = (
        "paint_makes, paint_attempts, restricted_area_attempts, mid_range_makes, mid_range_attempts, three_zone_makes, three_zone_attempts"
    )
    assert facts(real_home, "player_game_summary", zones, here) == (11, 22, 7, 1, 1, 1, 5)
    line = (
        "is_win, team_margin, points_line_closing, points_line_books_n, points_result, points_margin, points_line_movement, "
        "movement_null_reason"
    )
    assert facts(real_home, "player_game_summary", line, here) == (False, -8, 28.5, 9, "over", 6.5, None, "below_min_n")


def test_teams_of_brunsons_back_to_back(real_home: BuiltHome) -> None:
    game = "game_id = '0022301119' and team_id ="
    zones = "paint_makes, paint_attempts, mid_range_makes, mid_range_attempts, three_zone_makes, three_zone_attempts"
    exact = f"points, {zones}, minutes_reported, team_minutes"
    knicks = facts(real_home, "team_offense_game_summary", f"{exact}, corner_three_attempts", f"{game} {KNICKS}")
    assert knicks == (100, 25, 49, 1, 5, 10, 29, 241, 240, 8)
    estimates = "possessions_own, possessions, pace, offensive_rating"
    assert facts(real_home, "team_offense_game_summary", estimates, f"{game} {KNICKS}") == pytest.approx(
        (101.56, 99.30, 99.30, 100.704935), abs=1e-6
    )
    bulls = facts(real_home, "team_offense_game_summary", f"possessions_own, offensive_rating, {exact}", f"{game} {BULLS}")
    assert bulls[:2] == pytest.approx((97.04, 108.761329), abs=1e-6)
    assert bulls[3:9] == (31, 55, 6, 15, 7, 23)
    assert facts(real_home, "team_defense_game_summary", "defensive_rating", f"{game} {KNICKS}") == (bulls[1],)


def test_brunson_after_his_short_absence(real_home: BuiltHome) -> None:
    here = f"player_id = {BRUNSON} and game_date = date '2024-03-08'"
    exact = (
        "game_id, minutes, points, paint_makes, paint_attempts, mid_range_makes, mid_range_attempts, three_zone_makes, three_zone_attempts"
    )
    assert facts(real_home, "player_game_summary", exact, here) == ("0022300912", 29, 26, 5, 8, 2, 4, 4, 7)
    assert facts(real_home, "player_game_summary", "usage_rate, ts_pct", here) == pytest.approx((0.339453, 0.684211), abs=1e-6)
    line = "points_line_closing, points_line_books_n, points_result, points_margin"
    assert facts(real_home, "player_game_summary", line, here) == (28.5, 10, "under", -2.5)
    books = real_home.query(
        "select line, count(*) from (select line, row_number() over (partition by book order by captured_at desc) as latest "
        f"from prop_quotes where {here} and market = 'points' "
        "and is_main_line and not is_dfs and capture_phase in ('pre_tip', 'at_tip')) as q "
        "where latest = 1 group by line order by line"
    )
    assert books == [(27.5, 4), (28.5, 4), (29.5, 2)]


@pytest.mark.parametrize(
    ("where", "names", "expected"),
    [
        (f"player_id = {JOKIC} and game_date = date '2023-10-24'", "game_id, points, minutes, is_bootstrap", ("0022300061", 29, 36, True)),
        (f"player_id = {MAXEY} and game_id = '0022301140'", "minutes, overtime_periods, team_minutes", (54, 2, 290)),
        (
            f"player_id = {MORRIS} and game_id = '0042100105'",
            "appearance, did_play, points, minutes, stats_null_reason",
            ("dnp_coach", False, None, None, "did_not_play"),
        ),
        (
            f"player_id = {JOHNSON} and game_id = '0022200376'",
            "did_play, minutes, points, usage_rate, usage_null_reason",
            (True, 0, 3, None, "minutes_below_resolution"),
        ),
    ],
    ids=["season opener", "two overtimes", "did not play", "points in no minutes"],
)
def test_single_games(where: str, names: str, expected: tuple[Any, ...], real_home: BuiltHome) -> None:
    assert facts(real_home, "player_game_summary", names, where) == expected


@pytest.mark.parametrize(
    ("player", "day", "usage"), [(JOKIC, "2023-10-24", 0.320159), (MAXEY, "2024-04-07", 0.383667)], ids=["season opener", "two overtimes"]
)
def test_usage_of_single_games(player: int, day: str, usage: float, real_home: BuiltHome) -> None:
    found = facts(real_home, "player_game_summary", "usage_rate", f"player_id = {player} and game_date = date '{day}'")
    assert found == (pytest.approx(usage, abs=1e-6),)


def test_home_and_away_come_from_the_schedule(real_home: BuiltHome) -> None:
    game = "game_id = '0022400147'"
    assert facts(real_home, "games", "game_date::varchar, home_team_id, is_neutral_site", game) == ("2024-11-02", WIZARDS, True)
    assert facts(real_home, "team_offense_game_summary", "is_home, is_neutral_site", f"{game} and team_id = {WIZARDS}") == (True, True)


def test_where_shots_and_box_of_a_player_differ(real_home: BuiltHome) -> None:
    differ = (
        "paint_attempts + mid_range_attempts + three_zone_attempts <> fg_attempts",
        "three_zone_attempts <> three_attempts",
        "paint_makes + mid_range_makes + three_zone_makes <> fg_makes",
        "three_zone_makes <> three_makes",
    )
    counted = ", ".join(f"count_if({condition})" for condition in differ)
    found = by_season(real_home, counted, "player_game_summary where shot_zones_complete")
    assert {season: found[season] for season in SEASONS[1:]} == {"2022-23": (3, 3, 0, 0), "2023-24": (3, 0, 0, 0), "2024-25": (0, 0, 0, 0)}
