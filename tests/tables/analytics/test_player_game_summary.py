"""Player summaries on a game small enough to work out by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from backcourt.field.statistics import COUNTING_STATS
from tests.plain_relations import PlainRelations, Row
from tests.tables.analytics.played_game import SUMMARIES, line, listed, played_game, shots
from tests.tables.resolved.evening import BOSTON, at, quoted


def summary(relations: PlainRelations, player_id: int = 11) -> Row:
    """The player's row."""
    relations.build(*SUMMARIES)
    return relations.one("player_game_summary", player_id=player_id)


def test_rates_and_sums() -> None:
    row = summary(played_game())
    assert row["usage_rate"] == pytest.approx((34 + 0.44 * 2 + 3) / (96 + 0.44 * 10 + 15))
    assert (row["is_usage_reliable"], row["points_per_minute"]) == (True, pytest.approx(35 / 48))
    assert row["ts_pct"] == pytest.approx(35 / (2 * (34 + 0.88)))
    assert (row["efg_pct"], row["ft_pct"], row["three_pct"], row["three_pct_null_reason"]) == (0.5, 0.5, None, "zero_denominator")
    assert row["rebound_rate"] == pytest.approx(8 / 80)
    assert row["assist_rate"] == pytest.approx(5 / (48 - 17))
    assert (row["pra"], row["points_rebounds"], row["points_assists"], row["rebounds_assists"]) == (48, 43, 40, 13)
    assert (row["is_double_double"], row["is_win"], row["team_margin"]) == (False, True, 3)


def test_usage_counts_the_minutes_of_overtime() -> None:
    row = summary(played_game(minutes=265))
    assert row["usage_rate"] == pytest.approx((34 + 0.44 * 2 + 3) * 53 / (48 * (96 + 0.44 * 10 + 15)))


def test_a_minute_too_short_to_show_gives_no_rate() -> None:
    relations = played_game()
    listed(relations, 16, BOSTON, line(3), minutes=0.0)
    row = summary(relations, 16)
    assert (row["did_play"], row["points"], row["minutes"]) == (True, 3, 0)
    assert (row["usage_rate"], row["points_per_minute"], row["usage_null_reason"]) == (None, None, "minutes_below_resolution")
    assert (row["rebound_rate"], row["rebound_rate_null_reason"]) == (None, "below_min_n")


def test_who_did_not_play_has_no_statistics() -> None:
    relations = played_game()
    listed(relations, 16, BOSTON, None, appearance="dnp_coach", reason_text="DNP - Coach's Decision")
    row = summary(relations, 16)
    given = {"minutes", "usage_rate", "ts_pct", "pra", "plus_minus", "is_double_double", "paint_attempts", "three_share", *COUNTING_STATS}
    assert {name for name in given if row[name] is not None} == set()
    assert (row["stats_null_reason"], row["usage_null_reason"], row["dnp_reason_category"]) == (
        "did_not_play",
        "did_not_play",
        "coach_decision",
    )


@pytest.mark.parametrize(
    ("appearance", "words", "category"),
    [
        ("dnp_injury", "DND - Injury/Illness", "injury"),
        ("dnp_injury", "DND - Illness", "illness"),
        ("dnp_injury", None, "injury"),
        ("dnp_other", "DNP - Rest", "rest"),
        ("not_with_team", "NWT - Personal", "personal"),
        ("inactive", "INACTIVE_GLEAGUE_TWOWAY", "g_league"),
        ("suspended", "NWT - League Suspension", "suspension"),
        ("not_with_team", "NWT - Trade Pending", "other"),
        ("inactive", None, "other"),
    ],
)
def test_why_he_did_not_play(appearance: str, words: str | None, category: str) -> None:
    relations = played_game()
    listed(relations, 16, BOSTON, None, appearance=appearance, reason_text=words)
    row = summary(relations, 16)
    assert (row["dnp_reason_category"], row["dnp_reason_text"]) == (category, words)
    assert row["dnp_text_null_reason"] == (None if words else "no_source")


def test_zones_of_a_player_who_took_no_shot_are_zeros() -> None:
    relations = played_game()
    shots(relations, 11, BOSTON, *[(2, "paint_non_ra", True)] * 34)
    shots(relations, 12, BOSTON, *[(2, "restricted_area", False)] * 62)
    first, idle = summary(relations), relations.one("player_game_summary", player_id=13)
    assert (first["paint_attempts"], first["restricted_area_attempts"], first["paint_share"]) == (34, 0, 1)
    assert (idle["paint_attempts"], idle["paint_share"], idle["zone_shares_null_reason"]) == (0, None, "zero_denominator")
    assert relations.one("player_game_summary", player_id=21)["zones_null_reason"] == "no_source"


def lines(relations: PlainRelations, *quotes: tuple[str, float, datetime], **changes: Any) -> None:
    """Points quotes: book, line, time."""
    for book, number, time in quotes:
        quoted(relations, book=book, line=number, captured_at=time, **changes)


def settled(relations: PlainRelations) -> tuple[Any, ...]:
    """What the line columns say of player 11, who scored 35."""
    row = summary(relations)
    names = ("points_line_opening", "points_line_closing", "points_line_movement", "points_line_books_n", "points_result", "points_margin")
    return tuple(row[name] for name in names)


def test_the_closing_line_is_the_lower_median_of_the_last_readable_lines() -> None:
    relations = played_game()
    lines(relations, ("a", 30.5, at("12:00")), ("a", 33.5, at("23:00")), ("b", 31.5, at("12:00")), ("b", 32.5, at("23:35")))
    lines(relations, ("c", 36.5, at("20:00")), ("d", 37.5, at("20:00")))
    assert settled(relations) == (31.5, 33.5, 2.0, 4, "over", 1.5)


def test_what_may_not_be_read_moves_no_line() -> None:
    relations = played_game()
    lines(relations, ("a", 33.5, at("12:00")))
    lines(relations, ("a", 40.5, at("23:40")), ("b", 41.5, at("23:55")))
    lines(relations, ("prizepicks", 20.5, at("12:00")), is_dfs=True)
    lines(relations, ("c", 20.5, at("12:00")), market="rebounds")
    lines(relations, ("a", 28.5, at("12:00")), over_price=-400, under_price=300)
    lines(relations, ("e", 21.5, at("12:00")), under_price=None)
    assert settled(relations) == (33.5, 33.5, None, 1, "over", 1.5)
    assert summary(relations)["movement_null_reason"] == "below_min_n"


@pytest.mark.parametrize(("number", "result", "margin"), [(34.5, "over", 0.5), (35.0, "push", 0.0), (35.5, "under", -0.5)])
def test_a_whole_line_can_push(number: float, result: str, margin: float) -> None:
    relations = played_game()
    lines(relations, ("a", number, at("12:00")))
    assert settled(relations)[-2:] == (result, margin)


def test_a_line_on_a_player_who_did_not_play_is_void() -> None:
    relations = played_game()
    listed(relations, 16, BOSTON, None)
    relations.add("players", player_id=16, full_name="Sixth Man", name_normalised="sixth man")
    lines(relations, ("a", 5.5, at("12:00")), player_name_raw="Sixth Man", player_name_normalised="sixth man")
    row = summary(relations, 16)
    assert (row["points_result"], row["points_margin"], row["margin_null_reason"]) == ("void", None, "did_not_play")


def test_an_unmapped_quote_deletes_nobody() -> None:
    relations = played_game()
    lines(relations, ("a", 5.5, at("12:00")), player_name_raw="Nobody Known", player_name_normalised="nobody known")
    assert settled(relations) == (None, None, None, None, None, None)
    assert len(relations.rows("player_game_summary")) == 10
