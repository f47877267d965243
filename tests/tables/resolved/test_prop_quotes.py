"""Quotes find their game and player, their phase and the book's main line; none is lost on the way."""

from __future__ import annotations

import pytest

from tests.plain_relations import Row
from tests.tables.resolved.evening import GAME, NEW_YORK, at, evening, quoted, scheduled


def only(**changes: object) -> Row:
    """The resolved row of one quote."""
    relations = evening()
    quoted(relations, **changes)
    (row,) = relations.build("games", "prop_quotes")
    return row


@pytest.mark.parametrize(
    ("time", "phase"), [("23:29", "pre_tip"), ("23:30", "at_tip"), ("23:39", "at_tip"), ("23:40", "live"), ("23:55", "live")]
)
def test_the_phase_follows_tip_and_lock(time: str, phase: str) -> None:
    assert only(captured_at=at(time))["capture_phase"] == phase


def test_a_quote_without_a_time_has_no_phase() -> None:
    row = only(captured_at=None)
    assert (row["capture_phase"], row["capture_null_reason"]) == ("unknown", "no_source")


@pytest.mark.parametrize("change", [{"away_team_id": NEW_YORK + 1}, {"game_date": at("15:00", day=25).date()}])
def test_a_quote_without_a_game_stays(change: dict[str, object]) -> None:
    row = only(**change)
    assert (row["game_id"], row["lock_at"], row["game_null_reason"], row["capture_phase"]) == (None, None, "unmapped_id", "unknown")


def test_a_postponed_game_takes_no_quotes() -> None:
    relations = evening()
    relations.connection.execute("update schedule set status = 'postponed'")
    scheduled(relations, "0022300099")
    quoted(relations)
    (row,) = relations.build("games", "prop_quotes")
    assert row["game_id"] == "0022300099" != GAME


def test_prices_have_a_decimal_twin() -> None:
    row = only(over_price=150, under_price=-200)
    assert (row["over_price_decimal"], row["under_price_decimal"]) == (2.5, 1.5)
    row = only(under_price=None)
    assert (row["under_price_decimal"], row["under_null_reason"], row["is_main_line"]) == (None, "no_source", False)


def test_the_main_line_is_the_most_even_two_sided_one_and_the_lower_of_two() -> None:
    relations = evening()
    for line, over, under in ((22.5, -180, 150), (24.5, -110, -120), (25.5, -120, -110), (26.5, -110, None), (30.5, 400, -600)):
        quoted(relations, line=line, over_price=over, under_price=under)
    quoted(relations, line=20.5, book="fanduel", over_price=-300, under_price=220)
    quoted(relations, line=23.5, captured_at=at("16:00"))
    rows = relations.build("games", "prop_quotes")
    main = {(row["book"], row["captured_at"], row["line"]) for row in rows if row["is_main_line"]}
    assert main == {("draftkings", at("15:00"), 24.5), ("fanduel", at("15:00"), 20.5), ("draftkings", at("16:00"), 23.5)}
    assert len(rows) == 7


@pytest.mark.parametrize(
    ("spelling", "player"),
    [
        ("j eleven", 11),
        ("jo eleven", 11),
        ("jonny eleven", None),
        ("johnny e", 12),
        ("jon twelve", 12),
        ("t young", None),
        ("eleven", None),
    ],
)
def test_names_are_found_by_alias_and_by_initials_that_only_one_player_has(spelling: str, player: int | None) -> None:
    relations = evening()
    for player_id, name in ((12, "jonas twelve"), (21, "trae young"), (22, "thaddeus young")):
        relations.add("players", player_id=player_id, full_name=name, name_normalised=name)
    relations.add("player_aliases", name_normalised="johnny e", player_id=12, method="nickname")
    quoted(relations, player_name_raw=spelling, player_name_normalised=spelling)
    (row,) = relations.build("games", "prop_quotes")
    assert (row["player_id"], row["player_null_reason"]) == (player, None if player else "unmapped_id")


def test_two_players_of_one_name_are_told_apart_by_nobody() -> None:
    relations = evening()
    relations.add("players", player_id=13, full_name="Jonathan Eleven", name_normalised="jonathan eleven")
    quoted(relations)
    (row,) = relations.build("games", "prop_quotes")
    assert row["player_id"] is None
