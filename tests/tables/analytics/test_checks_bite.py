"""Every check of the quotes and of the factual tables finds the damage that it is there for, and nothing in whole seasons."""

from __future__ import annotations

import re
from datetime import date

import pytest

from backcourt.tables import declared as declarations
from backcourt.tables.analytics.market_lines import FORM_MARKETS
from tests.conftest import BuiltHome

CATALOG = declarations.catalog(None, None)
LATEST = date(2024, 4, 27)
"""A playoff date is looked at, up to this one: its boxes name the starters."""

FIRST = "game_id = (select min(game_id) from damaged)"
TEAM = f"{FIRST} and team_id = (select min(team_id) from damaged where {FIRST})"
PLAYER = f"{TEAM} and player_id = (select min(player_id) from damaged where {TEAM} and did_play)"

DAMAGE: dict[str, dict[str, str]] = {
    "games": {
        "one_of(status)": f"status = 'Postponed' where {FIRST}",
        "one_of(season_type)": f"season_type = 'preseason' where {FIRST}",
        "locks_within_ten_minutes_of_tip": f"lock_at = tip_at + interval 11 minute where {FIRST}",
        "two_teams": f"home_team_id = away_team_id where {FIRST}",
        "one_game_a_team_and_date": "home_team_id = (select min(home_team_id) from damaged)",
    },
    "prop_quotes": {
        "one_of(market)": "market = 'player_points'",
        "one_of(capture_phase)": "capture_phase = 'PRE_TIP'",
        "line_above_0": "line = 0",
        "main_line_has_two_sides": "under_price = null where is_main_line",
        "games_and_players_are_found": "player_id = null where player_name_raw < 'C'",
        "readable_main_lines_settle_evenly": "line = 0.8 * line",
    },
    "game_line_quotes": {
        "one_of(market)": "market = 'h2h'",
        "one_of(period)": "period = 'q1'",
        "one_of(capture_phase)": "capture_phase = 'closing'",
        "spreads_are_signed": "line = abs(line)",
        "two_sides_of_a_spread_cancel": "line = -4.5 where market = 'spread'",
    },
    "team_offense_game_summary": {
        "points_above_0": f"points = 0 where {TEAM}",
        "fg_attempts_at_least_50": f"fg_attempts = 49 where {TEAM}",
        "between(pace, 40, 240)": f"pace = pace / 3 where {TEAM}",
        "between(pace, 80, 125)": f"pace = pace / 2 where {TEAM}",
        "between(offensive_rating, 0, 400)": f"offensive_rating = 600 where {TEAM}",
        "between(offensive_rating, 60, 170)": f"offensive_rating = 200 where {TEAM}",
        "possessions_of_both_sides_agree": f"possessions_own = possessions_own + 60 where {TEAM}",
        "minutes_fit_the_overtimes": f"overtime_periods = 1, team_minutes = 265 where {TEAM}",
        "quarters_add_up": f"points_q3 = points_q3 + 1 where {TEAM}",
        "points_of_the_schedule": f"points = points + 1 where {TEAM}",
        "players_add_up": f"assists = assists + 1 where {TEAM}",
        "used_players": f"players_used = 4 where {TEAM}",
        "half_of_the_team_games_are_won": f"is_win = true where {FIRST}",
    },
    "team_defense_game_summary": {
        "mirrors_the_opponent": f"points_allowed = points_allowed + 1 where {TEAM}",
        "allowed_equals_scored": f"defensive_rating = defensive_rating + 1 where {TEAM}",
    },
    "player_game_summary": {
        "one_of(points_result)": f"points_result = 'Over' where {PLAYER}",
        "points_of_the_team": f"points = points + 1 where {PLAYER}",
        "usage_of_the_team": f"usage_rate = 2 * usage_rate where {TEAM}",
        "absent_players_have_no_statistics": f"did_play = false where {PLAYER}",
        "between(minutes, 0, 98)": f"minutes = 2400 where {PLAYER}",
        "between(ts_pct, 0, 1.5)": f"ts_pct = 55.0 where {PLAYER}",
        "between(team_points_share, 0, 1)": f"team_points_share = 6.0 where {PLAYER}",
        "between(usage_rate, 0, 3)": f"usage_rate = 6.0 where {PLAYER}",
        "usage_of_5_minutes_within_1": "usage_rate = 1.1 where minutes >= 5",
        "usage_of_5_minutes_within_1.5": "usage_rate = 6.0 where minutes >= 5",
        "five_starters": f"is_starter = true where {TEAM}",
        "shots_of_the_player": "paint_attempts = 0, mid_range_attempts = 0, three_zone_attempts = 0, paint_makes = 0, "
        "mid_range_makes = 0, three_zone_makes = 1, three_makes = 0",
        "points_lines_settle_evenly": "points_result = 'over' where points_result = 'under' and player_id % 3 = 0",
        "usage_of_players_who_played": "usage_rate = null where player_id % 10 = 0",
        "minutes_of_players_who_played": "minutes = null where player_id % 10 = 0",
    },
}
OVER_SEASONS = {"readable_main_lines_settle_evenly", "points_lines_settle_evenly", "games_and_players_are_found"}
CASES = [(table, check) for table, checks in DAMAGE.items() for check in checks]

# What no other kind of check says by its name; values and words out of bounds are damaged for every table alike.
DAMAGE_BEFORE_THE_GAME: dict[str, dict[str, str]] = {
    "slate_players": {
        "last_appearance_before_game": "last_appearance_date = game_date",
        "history_within_30_play_days": "play_days_since_appearance = 31",
    },
    "player_form": {
        "windows_nest": "games_last3 = games_last5 + 1",
        "points_mean_last10_is_not_one_value": "points_mean_last10 = 11.5",
        "minutes_mean_last10_is_not_one_value": "minutes_mean_last10 = 24",
        "usage_rate_last10_is_not_one_value": "usage_rate_last10 = 0.2",
        "points_sd_last10_is_not_one_value": "points_sd_last10 = 5",
    },
    "upcoming_team_game_context": {
        "both_sides_mirror": "is_home = true",
        "spread_has_the_right_sign": "spread_current = -spread_current",
        "pace_shrunk_is_not_one_value": "pace_shrunk = 100",
        "offensive_rating_shrunk_is_not_one_value": "offensive_rating_shrunk = 112",
        "defensive_rating_shrunk_is_not_one_value": "defensive_rating_shrunk = 112",
    },
    "upcoming_player_game_context": {
        "windows_equal_player_form": "points_mean_last5 = points_mean_last5 + 1",
        "one_streak_at_a_time": "points_over_streak = 1, points_under_streak = 1",
        "found_at_most_expected": "games_found_last10 = games_expected_last10 + 1",
        **{f"{market}_line_is_whole": f"has_{market}_line = not has_{market}_line" for market in FORM_MARKETS},
    },
    "player_shot_zone_analysis": {
        "games_nest": "zone_games_last10 = zone_games_last20 + 1",
        **{f"shares_{window}_sum_to_one": f"paint_share_{window} = 2" for window in ("last10", "last20", "season")},
    },
    "team_defense_zone_analysis": {
        "games_nest": "team_games_last15 = 16",
        "shares_sum_to_one": "paint_share_allowed_last15 = 2, paint_share_allowed_shrunk = 2",
    },
    "player_composite_factors": {
        "total_is_the_sum": "total_composite_adjustment = total_composite_adjustment + 1",
        **{f"{score}_varies_on_a_slate": f"{score} = 1" for score in ("pace_score", "opponent_defense_score", "shot_zone_mismatch_score")},
    },
    "player_recency": {"extremes_bound": "minutes_min_last10 = minutes_last + 1"},
    "ml_feature_store": {
        "market_features_need_a_line": "has_points_line = false, points_line_current = 20.5",
        "coverage_on_a_slate": "points_mean_last10 = null",
    },
}
FAILING = [
    (node.name, check.name) for node in CATALOG.built if node.name not in DAMAGE for check in node.table.checks if check.severity == "fail"
]
OF_KINDS = {
    r"between\((\w+), .*, (.*)\)": lambda column, most: f"{column} = {most} + 1",
    r"one_of\((\w+)\)": lambda column: f"{column} = 'nonsense'",
}


def damage_of(table: str, name: str) -> str:
    """What a check of this name is there for."""
    for kind, damage in OF_KINDS.items():
        if found := re.fullmatch(kind, name):
            return damage(*found.groups())
    return DAMAGE_BEFORE_THE_GAME[table][name]


@pytest.mark.parametrize("table", DAMAGE)
def test_no_check_is_without_its_damage(table: str) -> None:
    assert {check.name for check in CATALOG[table].table.checks} == set(DAMAGE[table])


@pytest.mark.parametrize(("table", "name"), CASES)
def test_a_check_finds_its_damage_and_nothing_else(table: str, name: str, some_home: BuiltHome) -> None:
    several = f"season_type = 'playoffs' and game_date <= date '{LATEST}' group by game_date having count(*) > 1"
    day = f"(select max(game_date) from (select game_date from games where {several}) as dates)"
    rows = "true" if name in OVER_SEASONS else f"game_date = {day}"
    bites(some_home, table, name, rows, DAMAGE[table][name])


@pytest.mark.parametrize(("table", "name"), FAILING)
def test_what_fails_before_a_game_finds_its_damage_and_nothing_else(table: str, name: str, simulated_home: BuiltHome) -> None:
    (check,) = (check for check in CATALOG[table].table.checks if check.name == name)
    # The last date on which most teams play, in the middle of a season, when every window holds games.
    busy = "select game_date, row_number() over (order by count(*) desc, game_date desc) as place from games group by game_date"
    rows = "true" if check.scope == "season" else f"game_date = (select game_date from ({busy}) as dates where place = 1)"
    bites(simulated_home, table, name, rows, damage_of(table, name))


def bites(home: BuiltHome, table: str, name: str, rows: str, damage: str) -> None:
    (check,) = (check for check in CATALOG[table].table.checks if check.name == name)
    with home.home.reading() as warehouse:
        warehouse.stage("damaged", f"select * from {table} where {rows}")
        assert warehouse.query(check.sql.format(rows="damaged")) == []
        warehouse.query(f"update damaged set {damage}")
        assert warehouse.query(check.sql.format(rows="damaged")) != []
