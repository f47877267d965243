"""What the real four seasons agree on with themselves: boxes, shots, schedules and lines."""

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


def test_spreads_are_signed_and_predict_the_margin(real_home: BuiltHome) -> None:
    found = by_season(
        real_home,
        "corr(u.spread_current, t.margin), avg(u.spread_current + t.margin) from (select * from upcoming_team_game_context where is_home "
        "and season_type = 'regular') u join team_offense_game_summary t using (game_date, team_id, season)",
    )
    assert [row[0] for row in found] == pytest.approx([-0.478, -0.469, -0.485, -0.503], abs=0.0006)
    assert all(abs(row[1]) < 0.5 for row in found)
