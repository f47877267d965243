"""Phase 4 on the real four seasons: the worked examples and the measured ranges of the table specification."""

from __future__ import annotations

import pytest

from tests.conftest import BuiltHome
from tests.tables.analytics.test_reference_asof import BRUNSON, JOKIC, check

CHICAGO, LAKERS = 1610612741, 1610612747
PLAYER_TABLES = (
    "player_shot_zone_analysis", "player_recency", "player_composite_factors", "player_daily_cache", "ml_feature_store",
)  # fmt: skip


def test_rows_by_season(real_home: BuiltHome) -> None:
    rows = real_home.query("select season, count(*), count(distinct game_date) from team_defense_zone_analysis group by 1 order by 1")
    assert rows == [("2021-22", 6390, 213), ("2022-23", 6360, 212), ("2023-24", 6240, 208), ("2024-25", 6420, 214)]
    for table in PLAYER_TABLES:
        assert real_home.query(f"select game_date, player_id from {table} except select game_date, player_id from slate_players") == []
        assert real_home.query(f"select count(*) from {table}") == real_home.query("select count(*) from slate_players")
    assert real_home.query("select count(*) from feature_readiness") == real_home.query("select 3 * count(*) from slate_players")


def test_chicagos_defence_by_zone(real_home: BuiltHome) -> None:
    check(
        real_home, "team_defense_zone_analysis", f"team_id = {CHICAGO} and game_date = date '2024-04-05'",
        {
            "paint_makes_allowed_last15": 356, "paint_attempts_allowed_last15": 588, "mid_range_makes_allowed_last15": 55,
            "mid_range_attempts_allowed_last15": 133, "three_makes_allowed_last15": 226, "three_attempts_allowed_last15": 615,
            "paint_pct_allowed_last15": 0.605442, "mid_range_pct_allowed_last15": 0.413534, "three_pct_allowed_last15": 0.367480,
            "paint_share_allowed_last15": 0.440120, "mid_range_share_allowed_last15": 0.099551, "three_share_allowed_last15": 0.460329,
            "zone_games_season": 76, "league_paint_pct": 0.574369, "league_mid_range_pct": 0.418744, "league_three_pct": 0.365747,
            "paint_pct_allowed_shrunk": 0.585542, "mid_range_pct_allowed_shrunk": 0.419515, "three_pct_allowed_shrunk": 0.366493,
            "paint_pct_vs_league": 0.011173, "mid_range_pct_vs_league": 0.000771, "three_pct_vs_league": 0.000745,
            "weakest_zone": "paint", "defensive_rating_mean_last15": 117.604252, "points_allowed_mean_last15": 115.6,
        },
    )  # fmt: skip
    weaker = real_home.query(
        "select count(*) from team_defense_zone_analysis where game_date = date '2024-04-05' and paint_pct_vs_league > "
        f"(select paint_pct_vs_league from team_defense_zone_analysis where game_date = date '2024-04-05' and team_id = {CHICAGO})"
    )
    assert weaker == [(5,)]


def test_a_defence_on_opening_day_is_the_leagues(real_home: BuiltHome) -> None:
    check(
        real_home, "team_defense_zone_analysis", f"team_id = {LAKERS} and game_date = date '2023-10-24'",
        {
            "zone_games_season": 0, "paint_pct_allowed_shrunk": 0.578316, "mid_range_pct_allowed_shrunk": 0.420412,
            "three_pct_allowed_shrunk": 0.360712, "paint_pct_vs_league": 0.0, "three_pct_vs_league": 0.0, "strongest_zone": None,
            "zone_rank_null_reason": "below_min_n", "zones_null_reason": "no_games_in_window",
        },
    )  # fmt: skip


def test_extremes_of_what_defences_concede(real_home: BuiltHome) -> None:
    for zone, extreme in (("paint", 0.038), ("mid_range", 0.016), ("three", 0.010)):
        ((found,),) = real_home.query(f"select max(abs({zone}_pct_vs_league)) from team_defense_zone_analysis")
        assert found == pytest.approx(extreme, abs=6e-4)
    playoffs = real_home.query("select min(zone_games_last15) from team_defense_zone_analysis where season_type = 'playoffs'")
    assert playoffs == [(0,)]


def test_brunson_before_the_back_to_back(real_home: BuiltHome) -> None:
    where = f"game_id = '0022301119' and player_id = {BRUNSON}"
    check(
        real_home, "player_shot_zone_analysis", where,
        {
            "zone_games_last10": 10, "zone_attempts_last10": 249, "paint_share_last10": 0.522088, "mid_range_share_last10": 0.164659,
            "three_share_last10": 0.313253, "paint_pct_last10": 74 / 130, "mid_range_pct_last10": 17 / 41, "three_pct_last10": 30 / 78,
        },
    )  # fmt: skip
    check(
        real_home, "player_composite_factors", where,
        {
            "fatigue_score": 52, "fatigue_adjustment": 0.0, "pace_score": -0.659694, "opponent_defense_score": 0.148206,
            "shot_zone_mismatch_score": 0.314250, "total_composite_adjustment": -0.345444, "usage_spike_score": None,
            "usage_spike_null_reason": "no_source", "factors_missing": '["usage_spike_score"]', "factors_available_n": 4,
        },
    )  # fmt: skip
    check(
        real_home, "ml_feature_store", where,
        {
            "points_mean_shrunk": 27.680784, "expected_pace": 95.203147, "team_pace_shrunk": 97.527440, "game_total": 212.0,
            "team_offensive_rating_shrunk": 115.207131, "opponent_defensive_rating_shrunk": 114.008629, "team_spread": 1.5,
            "opponent_paint_pct_vs_league": 0.011173, "points_line_current": 28.5, "is_guard": True, "is_center": False,
            "implied_team_total": 105.25, "zone_attempts_last10": 249, "games_season": 71, "rest_advantage": -3,
        },
    )  # fmt: skip


def test_brunson_after_a_short_absence(real_home: BuiltHome) -> None:
    check(
        real_home, "player_composite_factors", f"game_id = '0022300912' and player_id = {BRUNSON}",
        {"fatigue_score": 100, "pace_score": -0.433994, "opponent_defense_score": -0.730950, "shot_zone_mismatch_score": 0.072975},
    )  # fmt: skip


def test_jokic_on_opening_night(real_home: BuiltHome) -> None:
    check(
        real_home, "ml_feature_store", f"game_id = '0022300061' and player_id = {JOKIC}",
        {
            "games_season": 0, "points_mean_last10": None, "cache_form_null_reason": "no_games_in_window", "rest_days": None,
            "context_rest_null_reason": "first_game_of_season", "points_mean_shrunk": 24.492754, "minutes_mean_shrunk": 33.652174,
            "is_bootstrap": True, "team_pace_shrunk": 100.301153,
        },
    )  # fmt: skip
    rows = real_home.query(
        f"select model_group, is_ready, blockers from feature_readiness where game_id = '0022300061' and player_id = {JOKIC} order by 1"
    )
    assert [row[:2] for row in rows] == [("aware", False), ("blind", False), ("game_market", False)]
    assert '"games_season:below_min_n"' in rows[1][2] and '"rest_days:first_game_of_season"' in rows[1][2]


def test_the_seasons_first_slate_has_rows_with_small_n(real_home: BuiltHome) -> None:
    rows = real_home.query(
        "select count(*), max(games_season), count(points_mean_shrunk) from ml_feature_store where game_date = date '2024-10-22'"
    )
    assert rows[0][0] > 50 and rows[0][1] == 0 and rows[0][2] == rows[0][0]


def test_shares_of_rows_with_enough_shots(real_home: BuiltHome) -> None:
    rows = real_home.query(
        "select 100 * count_if(zone_attempts_last10 >= 30) / count(*) from player_shot_zone_analysis group by season order by season"
    )
    assert [row[0] for row in rows] == pytest.approx([36, 67, 63, 65], abs=0.5)


@pytest.mark.parametrize(
    ("score", "slope", "sd"), [("pace_score", 1.24, 0.22), ("opponent_defense_score", 1.24, 0.25), ("shot_zone_mismatch_score", 1.20, 0.15)]
)
def test_scores_are_signed_and_scaled(real_home: BuiltHome, score: str, slope: float, sd: float) -> None:
    ((found, spread),) = real_home.query(
        f"select regr_slope(p.points - s.points_mean_shrunk, f.{score}), stddev_samp(f.{score}) from ml_feature_store s "
        "join player_composite_factors f on f.game_date = s.game_date and f.player_id = s.player_id "
        "join player_game_summary p on p.game_date = s.game_date and p.player_id = s.player_id "
        "where p.did_play and s.games_season >= 5 and p.season_type = 'regular' and p.season > '2021-22'"
    )
    assert found == pytest.approx(slope, abs=0.02)
    assert spread == pytest.approx(sd, abs=0.004)


def test_fatigue_tells_nothing_about_scoring(real_home: BuiltHome) -> None:
    ((found,),) = real_home.query(
        "select regr_slope(p.points_per_minute, f.fatigue_score) from player_composite_factors f "
        "join player_game_summary p on p.game_date = f.game_date and p.player_id = f.player_id where p.did_play and p.minutes >= 5"
    )
    assert abs(found) < 0.003


def test_only_declared_columns_are_empty_or_constant(real_home: BuiltHome) -> None:
    from backcourt.tables.precompute.feature_groups import features

    by_name = {feature.name: feature for feature in features()}
    aggregates = ", ".join(f"count({name}), min({name}) = max({name})" for name in by_name)
    (counts,) = real_home.query(f"select {aggregates} from ml_feature_store")
    empty = {name for name, values in zip(by_name, counts[::2], strict=True) if values == 0}
    constant = {name for name, is_constant in zip(by_name, counts[1::2], strict=True) if is_constant}
    # Injuries, travel, ages, starters and play-by-play have no source in the archives.
    assert empty <= {name for name, feature in by_name.items() if feature.when_available}
    assert constant == set()


def test_few_values_are_out_of_range(real_home: BuiltHome) -> None:
    from backcourt.tables.precompute.feature_groups import TABLES, features
    from backcourt.tables.precompute.ml_feature_store import source_column

    for feature in features():
        if feature.low is None or feature.source in ("own", "opponent", "opponent_zones"):
            continue
        source = source_column(feature).name
        ((outside, rows),) = real_home.query(
            f"select count(case when {source} not between {feature.low} and {feature.high} then 1 end), count({source}) "
            f"from {TABLES[feature.source]}"
        )
        assert outside <= 0.001 * rows, feature.name
