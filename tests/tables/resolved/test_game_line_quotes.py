"""Game lines keep their sign and side, and find game and phase."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plain_relations import PlainRelations
from tests.tables.resolved.evening import BOSTON, DAY, GAME, NEW_YORK, at, evening


def line(relations: PlainRelations, **changes: Any) -> None:
    """Boston favoured by 4.5."""
    row = {
        "game_date": DAY, "source_event_id": "e1", "home_team_id": BOSTON, "away_team_id": NEW_YORK, "book": "draftkings",
        "market": "spread", "period": "full", "outcome": str(BOSTON), "team_id": BOSTON, "line": -4.5, "price": -110,
        "captured_at": at("12:00"), "source": "feed",
    }  # fmt: skip
    relations.add("game_line_captures", **(row | changes))


def test_each_side_of_a_spread_keeps_its_own_view() -> None:
    relations = evening()
    line(relations)
    line(relations, outcome=str(NEW_YORK), team_id=NEW_YORK, line=4.5)
    rows = relations.build("games", "game_line_quotes")
    assert {(row["team_id"], row["line"], row["game_id"]) for row in rows} == {(BOSTON, -4.5, GAME), (NEW_YORK, 4.5, GAME)}


@pytest.mark.parametrize(("time", "phase"), [("23:29", "pre_tip"), ("23:39", "at_tip"), ("23:40", "live")])
def test_the_phase_follows_tip_and_lock(time: str, phase: str) -> None:
    relations = evening()
    line(relations, captured_at=at(time))
    (row,) = relations.build("games", "game_line_quotes")
    assert row["capture_phase"] == phase


def test_a_moneyline_has_no_line_and_a_total_no_team() -> None:
    relations = evening()
    line(relations, market="moneyline", line=None, price=150)
    line(relations, market="total", outcome="over", team_id=None, line=220.5)
    moneyline, total = sorted(relations.build("games", "game_line_quotes"), key=lambda row: str(row["market"]))
    assert (moneyline["line"], moneyline["line_null_reason"], moneyline["price_decimal"]) == (None, "not_applicable", 2.5)
    assert (total["team_id"], total["team_null_reason"], total["line_null_reason"]) == (None, "not_applicable", None)


def test_a_line_of_an_unknown_game_stays() -> None:
    relations = evening()
    line(relations, home_team_id=NEW_YORK, away_team_id=BOSTON)
    (row,) = relations.build("games", "game_line_quotes")
    assert (row["game_id"], row["game_null_reason"], row["capture_phase"]) == (None, "unmapped_id", "unknown")
