"""Nothing that was said is lost or counted twice: a day of 1,000 random picks, and every way to break the sum."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backcourt.tables.ledger.current import STATUSES, conservation, statuses
from tests.judgement.night import Night
from tests.record.evening import AFTER, AWAY, DAY, HOME, LOCK, forecast_row, pick_row

MARKETS = ("points", "rebounds", "assists", "threes", "pra")
GAMES = tuple(f"00223005{number:02d}" for number in range(8))


def play(night: Night, chance: random.Random) -> None:
    """Eight games with every fate; some players play, some don't, some are in no box."""
    for game, fate in zip(GAMES, chance.choices(["final", "final", "final", "no_box", "postponed", "cancelled", "live"], k=8), strict=True):
        if fate in ("postponed", "cancelled"):
            night.warehouse.query("update schedule set status = ? where game_id = ?", [fate, game])
            continue
        night.add("results", game_date=DAY, game_id=game, is_final=fate != "live", is_live=fate == "live", home_points=1, away_points=0)
        if fate == "no_box":
            continue
        for player in range(100):
            if chance.random() < 0.8:
                appeared = chance.random() < 0.9
                stats = {name: chance.randrange(0, 40) if appeared else None for name in ("points", "rebounds", "assists", "three_makes")}
                night.box(player, game, team_id=(HOME, AWAY)[player % 2], appearance="played" if appeared else "inactive", **stats)


def speak(night: Night, chance: random.Random) -> int:
    """1,000 picks of two systems on lines, prices, sides, tiers and actions at random; how many forecasts they rest on."""
    keys = sorted({(chance.choice(GAMES), chance.randrange(100), chance.choice(MARKETS), chance.choice(["a", "b"])) for _ in range(450)})
    tiers = ("FULL", "PARTIAL", "MIN")
    said = [
        forecast_row(player, game_id=game, market=market, system=system, data_tier=chance.choice(tiers))
        for game, player, market, system in keys
    ]
    ids = night.append("forecasts", said).ids
    lines = [
        (place, side, half, book)
        for place in range(len(ids))
        for side in ("over", "under")
        for half in range(80)
        for book in ("x", "prizepicks")
    ]
    picks = []
    for place, side, half, book in chance.sample(lines, 1000):
        game, player, market, _ = keys[place]
        action = chance.choice(["BET", "LEAN", "LEAN", "PASS"])
        price = None if action != "BET" and chance.random() < 0.1 else round(chance.uniform(1.3, 4), 2)
        words = {"game_id": game, "market": market, "book": book, "action": action, "price": price}
        picks.append(pick_row(player, ids[place], half / 2, side, **words))
    assert night.append("picks", picks).new == 1000
    return len(ids)


@settings(max_examples=4)
@given(seed=st.integers(0, 10**9))
def test_a_random_day_of_a_thousand_picks_adds_up(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    chance = random.Random(seed)
    night = Night(tmp_path_factory.mktemp("night"))
    for game in GAMES[1:]:
        night.add_game(game)
    forecasts = speak(night, chance)
    with night.warehouse.transaction():
        play(night, chance)
    report = night.grade()
    assert report.published == {"forecast": forecasts, "pick": 1000} and report.unbalanced == 0
    assert sum(report.counts["pick"][status] for status in STATUSES) == 1000
    picks = night.warehouse.query(
        f"select p.side, s.status, s.units, p.price, p.action from ({statuses()}) s join picks p on p.pick_id = s.subject_id"
    )
    assert len(picks) == 1000
    for _, status, units, price, action in picks:
        assert units == {"WON": pytest.approx((price or 0) - 1), "LOST": -1.0, "PUSH": 0.0, "VOID": 0.0}.get(status)
        assert status not in ("WON", "LOST", "PUSH", "VOID") or (action != "PASS" and price is not None)
    assert len(Counter(status for _, status, *_ in picks)) >= 4
    again = night.grade(now=AFTER + timedelta(hours=1))
    assert (again.outcomes, again.grades, again.counts) == (0, 0, report.counts)
    night.warehouse.close()


@pytest.fixture
def graded(tmp_path: Path) -> Iterator[Night]:
    """Three picks, graded."""
    night = Night(tmp_path)
    for player in (101, 102, 103):
        night.pick(player)
    night.finish(p101={"points": 30}, p102={"points": 10})
    night.grade()
    yield night
    night.warehouse.close()


def broken(night: Night) -> list[tuple[object, ...]]:
    """The groups that don't add up."""
    return night.warehouse.query(conservation())


def test_an_honest_ledger_adds_up(graded: Night) -> None:
    assert broken(graded) == []
    assert graded.warehouse.query("select status, count(*) from grades where subject_kind = 'pick' group by 1 order by 1") == [
        ("LOST", 1), ("VOID", 1), ("WON", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tampering", "published", "counted"),
    [
        ("delete from grades where status = 'WON'", 3, 2),
        ("delete from grades where subject_kind = 'pick' and status = 'VOID'", 3, 2),
        ("insert into grades by name select * replace ('LOST' as status, 'x' as grade_id) from grades where status = 'WON'", 3, 4),
        ("update grades set status = 'LOSS' where status = 'LOST'", 3, 2),
        ("delete from picks where player_id = 101", None, None),
    ],
)
def test_a_lost_or_doubled_status_breaks_the_sum(graded: Night, tampering: str, published: int | None, counted: int | None) -> None:
    graded.warehouse.query(tampering)
    found = broken(graded)
    if published is None:
        # A pick that is gone is missed by the chain; the sum can only miss what is still there.
        assert found == []
        return
    assert [row[9] for row in found] == [published] and sum(found[0][10:16]) == counted  # type: ignore[arg-type]
    assert found[0][1:9] == (DAY, "pick", "LIVE", "market_blend", "points", "over", "FULL", "BET")


def test_what_is_said_after_the_grading_is_missing_until_it_is_graded(graded: Night) -> None:
    graded.now = LOCK + timedelta(hours=20)
    graded.forecast(101, model_hash="m2")
    assert [row[2:5] for row in broken(graded)] == [("forecast", "REPLAY", "market_blend")]
    assert graded.state("grades").state == "partial"  # type: ignore[union-attr]
    assert graded.grade().grades == 1
    assert broken(graded) == [] and graded.state("grades").state == "complete"  # type: ignore[union-attr]
