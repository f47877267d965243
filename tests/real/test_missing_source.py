"""Half a season of shots that was never loaded: zone columns are NULL with a reason, everything else is complete and the same."""

from __future__ import annotations

from datetime import date

import pytest

from backcourt.engine.build import intake
from backcourt.field import clock
from tests.conftest import BuiltHome

pytestmark = pytest.mark.slow

FIRST = date(2024, 1, 21)
LOST = f"game_id in (select game_id from schedule where season = '2023-24' and game_date >= date '{FIRST}')"
SPRING = date(2024, 3, 20)

# What shots are for: zone counts, and what is made of them.
TOUCHED = {
    "team_offense_game_summary", "team_defense_game_summary", "player_game_summary", "team_defense_zone_analysis",
    "player_shot_zone_analysis", "player_composite_factors", "player_daily_cache", "ml_feature_store",
}  # fmt: skip
ZONE_WORDS = ("paint", "mid_range", "three_zone", "restricted_area", "corner_three", "backcourt", "zone", "shot_zones", "play_by_play")
ZONE_COLUMNS = {
    "three_share", "opponent_three_share", "three_points", "three_points_allowed",  # from shots, in the summaries
    "three_share_last10", "shares_last10_null_reason", "shot_zone_mismatch_score", "mismatch_null_reason", "total_composite_adjustment",
    "total_null_reason", "total_with_usage_null_reason", "factors_available_n", "factors_missing", "factors_mismatch_null_reason",
    "factors_total_null_reason", "three_pct_shrunk", "opponent_three_pct_vs_league", "opponent_three_share_allowed_shrunk",
}  # fmt: skip


@pytest.fixture
def without_shots(damaged_home: BuiltHome) -> BuiltHome:
    with damaged_home.home.writing("lose") as work, work.warehouse.transaction():
        work.warehouse.query(f"delete from raw_shots where {LOST}")
        intake.record(work.warehouse, damaged_home.home.catalog, {"shots": None}, work.run_id, clock.now())
    damaged_home.home.run()
    return damaged_home


def test_only_what_depends_on_shots_changes(without_shots: BuiltHome, real_home: BuiltHome) -> None:
    home = without_shots.home
    query = "select table_name, game_date, content_hash from receipts where fingerprint <> ''"
    before, after = ({(t, d): h for t, d, h in built.query(query)} for built in (real_home, without_shots))
    assert set(before) == set(after)
    moved = {key for key in before if before[key] != after[key]}
    assert {table for table, _ in moved} == TOUCHED
    first = min(day for _, day in moved)
    assert first == FIRST, "nothing before the first lost game moves"

    with home.situation() as situation:
        states = situation.states(situation.catalog.nodes.values())
    unmet = {(table, partition.state) for table, days in states.items() for partition in days.values() if not partition.is_good}
    assert {table for table, _ in unmet} == {"shots"}, "the hole in the source is named, the tables are complete"
    assert home.verify("predictions").exit_code() == 1

    with home.reading() as warehouse:
        warehouse.query(f"attach '{real_home.home.warehouse_file}' as whole (read_only)")
        for table in sorted(TOUCHED - {"team_defense_zone_analysis", "player_shot_zone_analysis"}):
            names = [c.name for c in home.catalog[table].columns]
            others = [n for n in names if n not in ZONE_COLUMNS and not any(word in n for word in ZONE_WORDS)]
            key = ", ".join(home.catalog[table].table.grain)
            listed = ", ".join(dict.fromkeys([*home.catalog[table].table.grain, *(n for n in others if n != "factor_components")]))
            where = "where game_date >= date '2024-01-20' and game_date < date '2024-07-01'"
            differing = warehouse.query(
                f"select count(*) from (select {listed} from {table} {where} except select {listed} from whole.main.{table} {where})"
            )
            assert differing == [(0,)], f"{table}: {key}"


def test_a_zone_that_is_not_known_says_why(without_shots: BuiltHome) -> None:
    assert without_shots.query(
        f"select distinct shot_zones_complete, zones_null_reason, paint_attempts from team_offense_game_summary where {LOST} "
        "and season_type = 'regular'"
    ) == [(False, "no_source", None)]
    ((rows, empty, reasons),) = without_shots.query(
        "select count(*), count_if(paint_share_last10 is null), count_if(shares_last10_null_reason in ('zones_incomplete', 'below_min_n', "
        f"'no_games_in_window')) from player_shot_zone_analysis where game_date = date '{SPRING}'"
    )
    # Who last played in January still has his last ten.
    assert rows > 100 and empty > 0.9 * rows and empty == reasons
    # The season's shots until January still tell: shrunk percentages and the league's stay.
    ((zone_games, shrunk),) = without_shots.query(
        f"select min(zone_games_season), count(paint_pct_allowed_shrunk) from team_defense_zone_analysis where game_date = date '{SPRING}'"
    )
    assert zone_games > 35 and shrunk == 30
