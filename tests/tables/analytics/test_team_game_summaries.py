"""Team summaries on a game small enough to work out by hand."""

from __future__ import annotations

import pytest

from backcourt.field.statistics import COUNTING_STATS
from tests.plain_relations import PlainRelations, Row
from tests.tables.analytics.played_game import STARTERS, SUMMARIES, line, listed, played_game, shots
from tests.tables.resolved.evening import BOSTON, NEW_YORK

TEAMS = SUMMARIES[:4]
TWO, MID, THREE = (2, "restricted_area", True), (2, "mid_range", False), (3, "above_break_3", True)


def offense(relations: PlainRelations, team_id: int = BOSTON) -> Row:
    """Boston's row."""
    relations.build(*TEAMS)
    return relations.one("team_offense_game_summary", team_id=team_id)


def test_possessions_ratings_and_rates() -> None:
    relations = played_game()
    row = offense(relations)
    assert (row["possessions_own"], row["possessions"]) == (pytest.approx(105.4), pytest.approx(103.4))
    assert (row["team_minutes"], row["overtime_periods"], row["pace"]) == (240, 0, pytest.approx(103.4))
    assert row["offensive_rating"] == pytest.approx(100 * 101 / 103.4)
    assert row["turnover_rate"] == pytest.approx(15 / 103.4)
    assert row["offensive_rebound_rate"] == pytest.approx(10 / 40)
    assert row["ts_pct"] == pytest.approx(101 / (2 * (96 + 0.44 * 10)))
    assert (row["is_win"], row["margin"], row["is_home"], row["opponent_team_id"]) == (True, 3, True, NEW_YORK)
    assert (row["players_used"], row["top_minutes"]) == (5, 48)


@pytest.mark.parametrize(("minutes", "periods"), [(236, 0), (244, 0), (265, 1), (288, 2), (341, 4)])
def test_a_longer_game_has_no_faster_pace(minutes: int, periods: int) -> None:
    row = offense(played_game(minutes=minutes))
    assert (row["overtime_periods"], row["team_minutes"]) == (periods, 240 + 25 * periods)
    assert row["pace"] == pytest.approx(48 * 103.4 / (48 + 5 * periods))


def test_the_defence_is_the_other_sides_offence() -> None:
    relations = played_game()
    theirs = offense(relations, NEW_YORK)
    ours = relations.one("team_defense_game_summary", team_id=BOSTON)
    assert ours["points_allowed"] == theirs["points"] == 98
    assert ours["defensive_rating"] == theirs["offensive_rating"]
    assert (ours["opponent_fg_attempts"], ours["turnovers_forced"], ours["defensive_rebound_rate"]) == (92, 15, 30 / 40)


@pytest.mark.parametrize(
    ("taken", "zones"),
    [
        ([TWO] * 60 + [MID] * 36, {"paint": 60, "mid_range": 36, "three_zone": 0}),
        ([TWO] * 60 + [MID] * 37, {"paint": 60, "mid_range": 37, "three_zone": 0}),
        ([TWO] * 95 + [THREE], {"paint": 95, "mid_range": 0, "three_zone": 1}),
        ([(2, "above_break_3", True)] * 96, {"paint": 0, "mid_range": 96, "three_zone": 0}),
        ([TWO] * 95 + [(3, "mid_range", True)], {"paint": 95, "mid_range": 0, "three_zone": 1}),
        ([TWO] * 98, None),
        ([TWO] * 94 + [THREE] * 2, None),
    ],
    ids=["equal", "one more", "one three more", "a two is no three", "a three is no two", "two more", "two threes more"],
)
def test_zones_are_known_only_if_the_shots_agree_with_the_box(taken: list[tuple[int, str, bool]], zones: dict[str, int] | None) -> None:
    relations = played_game()
    shots(relations, 11, BOSTON, *taken)
    row = offense(relations)
    assert row["shot_zones_complete"] == (zones is not None)
    assert row["zones_null_reason"] == (None if zones else "zones_incomplete")
    for zone in ("paint", "mid_range", "three_zone"):
        assert row[f"{zone}_attempts"] == (zones[zone] if zones else None)
    assert (row["paint_share"] is None) == (zones is None)
    assert relations.one("team_offense_game_summary", team_id=NEW_YORK)["zones_null_reason"] == "no_source"
    assert relations.one("team_defense_game_summary", team_id=NEW_YORK)["shot_zones_complete"] == (zones is not None)


def test_a_row_of_a_third_team_changes_nothing() -> None:
    relations = played_game()
    before = [offense(relations), relations.rows("team_defense_game_summary")]
    relations.connection.execute("insert into team_box select * replace (99 as team_id, 50 as points) from team_box where points = 98")
    assert [offense(relations), relations.rows("team_defense_game_summary")] == before


def test_a_player_who_did_not_play_was_not_used() -> None:
    relations = played_game()
    listed(relations, 16, BOSTON, None)
    assert offense(relations)["players_used"] == 5
    listed(relations, 17, BOSTON, line(1), minutes=0.0)
    assert offense(relations)["players_used"] == 6


def test_the_first_two_weeks_are_counted_from_the_first_game_of_the_season() -> None:
    relations = played_game()
    assert offense(relations)["is_bootstrap"] is True
    relations.connection.execute(
        "insert into schedule select * replace ('0022300001' as game_id, date '2023-10-10' as game_date) from schedule"
    )
    assert offense(relations)["is_bootstrap"] is False


def test_the_invented_boxes_add_up() -> None:
    for players in STARTERS.values():
        for stats in players.values():
            assert stats["points"] == 2 * stats["fg_makes"] + stats["three_makes"] + stats["ft_makes"]
            assert stats["rebounds"] == stats["offensive_rebounds"] + stats["defensive_rebounds"]
            assert set(stats) == set(COUNTING_STATS)
