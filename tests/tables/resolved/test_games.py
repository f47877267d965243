"""When a game locks, and which games there are."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.plain_relations import PlainRelations
from tests.tables.resolved.evening import NEW_YORK, TIP, announced, at, scheduled


@pytest.mark.parametrize(
    ("said", "commence", "lock"),
    [
        ([], None, TIP),
        ([(at("12:00"), at("23:40"))], at("23:40"), at("23:40")),
        ([(at("12:00"), at("23:35"))], at("23:35"), at("23:35")),
        ([(at("12:00"), at("22:30"))], at("22:30"), TIP),
        ([(at("12:00"), at("01:10", day=25))], at("01:10", day=25), at("23:40")),
        ([(at("12:00"), at("23:40")), (at("18:00"), at("23:30"))], at("23:30"), TIP),
        ([(at("12:00"), at("23:40")), (at("23:30"), at("23:50"))], at("23:40"), at("23:40")),
        ([(None, at("23:40"))], None, TIP),
    ],
    ids=["nothing said", "ten minutes", "five", "an hour early", "late", "the latest word", "too late a word", "no capture time"],
)
def test_a_game_locks_at_the_announced_start_within_ten_minutes(
    said: list[tuple[datetime | None, datetime]], commence: datetime | None, lock: datetime
) -> None:
    relations = PlainRelations()
    scheduled(relations)
    for captured, starts in said:
        announced(relations, captured, starts)
    (row,) = relations.build("games")
    assert (row["commence_time"], row["lock_at"]) == (commence, lock)
    assert (row["commence_null_reason"] is None) == (commence is not None)


def test_games_to_come_are_there_and_exhibitions_are_not() -> None:
    relations = PlainRelations()
    scheduled(relations, "0022300001", status="postponed")
    scheduled(relations, "0022300002")
    scheduled(relations, "0012300003", season_type="preseason", is_real_game=False)
    assert [(row["game_id"], row["status"]) for row in relations.build("games")] == [
        ("0022300001", "postponed"),
        ("0022300002", "scheduled"),
    ]


def test_another_pair_of_teams_announces_nothing() -> None:
    relations = PlainRelations()
    scheduled(relations, away_team_id=NEW_YORK + 1)
    announced(relations, at("12:00"), at("23:40"))
    (row,) = relations.build("games")
    assert row["lock_at"] == TIP
