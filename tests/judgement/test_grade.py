"""Grading an evening: from boxes and quotes to outcomes and grades, once, and again when a box is corrected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backcourt.field import pmf, scores
from backcourt.record.chain import verify_chain
from backcourt.record.pmf_files import key_of, write_pmfs
from tests.judgement.night import Night
from tests.plain_relations import CATALOG
from tests.record.evening import AFTER, AWAY, DAY, GAME, LOCK, TAKEN, forecast_row, pick_row


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """One game, nothing said."""
    night = Night(tmp_path)
    yield night
    night.warehouse.close()


def test_wins_losses_pushes_and_what_did_not_play(night: Night) -> None:
    won, lost, push, absent = night.pick(101), night.pick(102), night.pick(103, 20.0), night.pick(104)
    passed = night.pick(105, action="PASS")
    nothing = night.pick(106, None)
    night.finish(p101={"points": 30}, p102={"points": 20}, p103={"points": 20}, p105={"points": 30}, p106={"points": 1})
    report = night.grade()
    assert [night.status(p)[0] for p in (won, lost, push, absent, passed, nothing)] == [
        "WON", "LOST", "PUSH", "VOID", "NO_ACTION", "NO_ACTION",
    ]  # fmt: skip
    assert report.counts["pick"] == {"WON": 1, "LOST": 1, "PUSH": 1, "VOID": 1, "NO_ACTION": 2, "UNGRADED": 0}
    assert report.counts["forecast"] == {"WON": 0, "LOST": 0, "PUSH": 0, "VOID": 1, "NO_ACTION": 5, "UNGRADED": 0}
    assert report.units == pytest.approx(0.9 - 1) and report.is_settled and report.published == {"forecast": 6, "pick": 6}
    assert [night.of(p)[0]["units"] for p in (won, lost, push, absent, passed)] == [pytest.approx(0.9), -1.0, 0.0, 0.0, None]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ({"minutes": 3.0, "points": 0}, "LOST"),  # a real 0
        ({"seconds_played": 40, "minutes": 40 / 60, "minutes_precision": "second"}, "LOST"),  # 0:40
        ({"minutes": 0.0, "points": 0}, "LOST"),  # a rounded minute
        ({"minutes": 0.0, "points": 30}, "WON"),
        ({"minutes": 53.0, "points": 40}, "WON"),  # overtime counts
        ({"seconds_played": 0, "minutes": 0.0, "minutes_precision": "second"}, "VOID"),
        ({"appearance": "dnp_coach", "minutes": None, "points": None, "rebounds": None, "assists": None, "three_makes": None}, "VOID"),
        ({"appearance": "inactive", "minutes": None, "points": 0}, "VOID"),
    ],
)
def test_who_has_appeared(night: Night, line: dict[str, Any], status: str) -> None:
    pick = night.pick(101)
    night.finish(p101=line)
    night.grade()
    assert night.status(pick)[0] == status


def test_the_same_grading_twice_writes_nothing(night: Night) -> None:
    night.pick(101)
    night.finish(p101={"points": 30})
    first = night.grade()
    before = {t: night.warehouse.query(f"select * from {t} order by all") for t in ("outcomes", "grades", "batches", "receipts")}
    again = night.grade(now=AFTER + timedelta(hours=5))
    assert (first.outcomes, first.grades, again.outcomes, again.grades) == (1, 2, 0, 0)
    assert again.counts == first.counts
    assert {t: night.warehouse.query(f"select * from {t} order by all") for t in before} == before


def test_a_late_correction_appends_a_version_and_new_grades(night: Night) -> None:
    pick, other = night.pick(101), night.pick(102)
    night.finish(p101={"points": 21}, p102={"points": 30})
    night.grade()
    night.warehouse.query("update player_box set points = 20 where player_id = 101")
    assert night.state("outcomes").state == "partial"  # type: ignore[union-attr]
    report = night.grade(now=AFTER + timedelta(days=7))
    assert (report.outcomes, report.corrected, report.grades) == (1, 1, 2)
    assert [(g["outcome_version"], g["status"], g["units"]) for g in night.of(pick)] == [(1, "WON", pytest.approx(0.9)), (2, "LOST", -1.0)]
    assert len(night.of(other)) == 1
    night.warehouse.query("update player_box set points = 21 where player_id = 101")
    assert night.state("outcomes").state == "partial"  # type: ignore[union-attr]
    night.grade(now=AFTER + timedelta(days=8))
    assert [g["status"] for g in night.of(pick)] == ["WON", "LOST", "WON"]
    assert night.warehouse.query("select version, points from outcomes where player_id = 101 order by 1") == [(1, 21), (2, 20), (3, 21)]
    for table in ("outcomes", "grades"):
        assert night.state(table).state == "complete"  # type: ignore[union-attr]


def test_while_a_game_is_live_nothing_is_graded_and_no_row_is_no_zero(night: Night) -> None:
    decided, waiting = night.pick(101), night.pick(102, side="under")
    night.add("results", game_date=DAY, game_id=GAME, is_final=False, is_live=True, home_points=60, away_points=55)
    for player, team in ((101, 1), (901, AWAY)):
        night.box(player, team_id=team, points=25)
    report = night.grade(now=LOCK + timedelta(hours=1))
    assert (report.outcomes, report.grades, report.overdue) == (0, 0, [])
    assert report.counts["pick"]["UNGRADED"] == 2 and report.reasons["pick"] == {"not_final": 2}
    assert night.of(decided) == night.of(waiting) == []


def test_a_game_without_a_box_stays_ungraded_and_is_reported_after_36_hours(night: Night) -> None:
    pick = night.pick(101)
    night.add("results", game_date=DAY, game_id=GAME, is_final=True, is_live=False, home_points=100, away_points=90)
    report = night.grade(now=LOCK + timedelta(hours=35))
    assert night.status(pick) == ("UNGRADED", "no_source") and report.overdue == []
    report = night.grade(now=LOCK + timedelta(hours=36))
    assert [(g.game_id, g.why, g.subjects) for g in report.overdue] == [(GAME, "no whole box", 2)] and not report.is_settled
    assert report.grades == 0
    for player, team in ((101, 1), (902, AWAY)):
        night.box(player, team_id=team, points=30)
    report = night.grade(now=LOCK + timedelta(hours=40))
    assert [(g["outcome_version"], g["status"]) for g in night.of(pick)] == [(0, "UNGRADED"), (1, "WON")]
    assert report.is_settled and report.counts["pick"]["UNGRADED"] == 0


def test_half_a_box_decides_nothing(night: Night) -> None:
    pick = night.pick(101)
    night.add("results", game_date=DAY, game_id=GAME, is_final=True, is_live=False, home_points=100, away_points=90)
    night.box(902, team_id=AWAY)
    night.grade()
    assert night.status(pick) == ("UNGRADED", "no_source")


@pytest.mark.parametrize(
    ("status", "has_box", "reason"),
    [("postponed", False, "postponed"), ("cancelled", False, "cancelled"), ("cancelled", True, "abandoned")],
)
def test_a_game_that_is_not_played_to_its_end_is_void(night: Night, status: str, has_box: bool, reason: str) -> None:
    pick = night.pick(101)
    night.warehouse.query("update schedule set status = ?", [status])
    if has_box:
        night.box(101, points=30)
    night.grade()
    assert night.status(pick) == ("VOID", reason)


@pytest.mark.parametrize(("days", "statuses"), [(1, ["VOID", "WON"]), (30, ["VOID", "VOID"])])
def test_a_moved_game_counts_only_when_it_is_played_soon(night: Night, days: int, statuses: list[str]) -> None:
    pick = night.pick(101)
    night.warehouse.query("update schedule set game_date = ?", [DAY + timedelta(days=days)])
    night.grade()
    assert night.status(pick) == ("VOID", "postponed")
    night.finish(day=DAY + timedelta(days=days), p101={"points": 30})
    night.grade(now=AFTER + timedelta(days=days))
    assert [g["status"] for g in night.of(pick)] == statuses


def test_who_was_traded_that_day_is_void_for_the_old_team(night: Night) -> None:
    other = "0022300501"
    night.add_game(other, lock=LOCK + timedelta(hours=2))
    pick = night.pick(101)
    night.finish()
    night.finish(other, p101={"points": 40})
    night.grade()
    assert night.status(pick) == ("VOID", "did_not_play")


def test_two_lines_and_two_books_are_settled_each_on_its_own(night: Night) -> None:
    (forecast,) = night.forecast(101).ids
    lines = [(20.5, "draftkings", 1.9), (25.5, "draftkings", 2.6), (20.5, "fanduel", 1.8)]
    picks = night.append("picks", [pick_row(101, forecast, line, book=book, price=price) for line, book, price in lines]).ids
    night.finish(p101={"points": 24})
    report = night.grade()
    assert [(night.status(p)[0], night.of(p)[0]["units"]) for p in picks] == [
        ("WON", pytest.approx(0.9)), ("LOST", -1.0), ("WON", pytest.approx(0.8)),
    ]  # fmt: skip
    assert report.published == {"forecast": 1, "pick": 3}


def test_one_sided_missing_and_fantasy_prices_are_no_action(night: Night) -> None:
    at = TAKEN
    for book, over, under, fantasy in (("bovada", 1.9, None, False), ("newdfs", 1.9, 1.9, True), ("betmgm", 1.9, 1.9, False)):
        night.quote(101, book, 20.5, over, under, at, is_dfs=fantasy)
    (forecast,) = night.forecast(101).ids
    rows = [pick_row(101, forecast, book=book) for book in ("bovada", "newdfs", "prizepicks", "betmgm")]
    rows.append(pick_row(101, forecast, 22.5, action="LEAN", price=None, ev=None, ev_low=None, break_even=None))
    picks = night.append("picks", rows).ids
    night.finish(p101={"points": 30})
    night.grade()
    assert [night.status(p)[1] for p in picks] == ["one_sided_price", "fantasy_line", "fantasy_line", "beyond_the_line", "price_missing"]


def test_every_market_is_settled_on_its_own_result(night: Night) -> None:
    results = {"points": 9, "rebounds": 7, "assists": 5, "threes": 2, "pra": 21}
    picks = {market: night.pick(101, float(value), market=market) for market, value in results.items()}
    night.finish(p101={"points": 9, "rebounds": 7, "assists": 5, "three_makes": 2})
    night.grade()
    assert {market: night.status(pick)[0] for market, pick in picks.items()} == dict.fromkeys(results, "PUSH")


def test_an_alias_in_the_feed_and_a_neutral_floor_change_nothing(night: Night) -> None:
    night.warehouse.query("update schedule set is_neutral_site = true")
    night.quote(101, "draftkings", 21.5, 1.9, 1.9, LOCK - timedelta(minutes=5), player_name_raw="P. One-Oh-One Jr.")
    pick = night.pick(101)
    night.finish(p101={"points": 30})
    night.grade()
    assert night.status(pick)[0] == "WON" and night.of(pick)[0]["clv_line"] == 1.0


def test_an_evening_game_belongs_to_its_eastern_date(night: Night) -> None:
    assert LOCK.date() == DAY + timedelta(days=1)
    pick = night.pick(101)
    night.finish(p101={"points": 30})
    tomorrow = DAY + timedelta(days=1)
    assert night.grade(tomorrow, tomorrow).counts == {}
    night.grade()
    assert night.status(pick)[0] == "WON"


@pytest.mark.parametrize(("minutes", "quality"), [(10, "TRUE"), (15, "TRUE"), (16, "NEAR"), (60, "NEAR"), (61, "PROXY")])
def test_the_close_is_the_books_last_readable_line(night: Night, minutes: int, quality: str) -> None:
    taken = LOCK - timedelta(hours=3)
    night.quote(101, "draftkings", 20.5, 1.9, 1.9, taken)
    night.quote(101, "draftkings", 22.5, 1.9, 1.9, LOCK - timedelta(minutes=minutes))
    night.quote(101, "draftkings", 20.5, 1.6, 2.3, LOCK - timedelta(minutes=minutes), is_main_line=False)
    night.quote(101, "draftkings", 30.5, 1.9, 1.9, LOCK + timedelta(minutes=5), capture_phase="live")
    night.quote(101, "fanduel", 28.5, 1.9, 1.9, LOCK - timedelta(minutes=1))
    (forecast,) = night.forecast(101).ids
    night.now = LOCK - timedelta(hours=2)
    same = {"captured_at": taken}
    picks = night.append("picks", [pick_row(101, forecast, **same), pick_row(101, forecast, side="under", **same)]).ids
    night.finish(p101={"points": 30})
    night.grade()
    over, under = (night.of(pick)[0] for pick in picks)
    assert (over["clv_line"], under["clv_line"], over["close_quality"]) == (2.0, -2.0, quality)
    assert over["clv_prob"] == pytest.approx(-under["clv_prob"]) and 0.08 < over["clv_prob"] < 0.11


def test_without_a_timed_quote_there_is_no_close(night: Night) -> None:
    night.quote(101, "draftkings", 20.5, 1.9, 1.9, None)
    pick = night.pick(101)
    night.finish(p101={"points": 30})
    night.grade()
    assert [night.of(pick)[0][name] for name in ("clv_line", "clv_prob", "close_quality")] == [None, None, "NONE"]


def test_a_probability_is_scored_without_the_push_whatever_was_done_with_it(night: Night) -> None:
    won = night.pick(101, 20.0, p_win=0.5, p_push=0.1)
    passed = night.pick(102, p_win=0.3, action="PASS")
    push = night.pick(103, 20.0)
    absent = night.pick(104)
    night.finish(p101={"points": 30}, p102={"points": 30}, p103={"points": 20})
    night.grade()
    p = 0.5 / 0.9
    assert [night.of(won)[0][name] for name in ("logloss", "brier")] == [pytest.approx(-np.log(p)), pytest.approx((1 - p) ** 2)]
    assert night.of(passed)[0]["brier"] == pytest.approx(0.49)
    assert night.of(push)[0]["logloss"] is night.of(absent)[0]["logloss"] is None


def test_forecasts_are_scored_by_the_kept_distribution_or_by_mean_and_sd(night: Night) -> None:
    kept = pmf.negative_binomial(np.array([20.0]), np.array([90.0]), 100)
    file, digest = write_pmfs(night.home, DAY, "points", [key_of("ensemble", 101)], kept)
    rows = [forecast_row(101, system="ensemble", pmf_file=file, pmf_sha256=digest), forecast_row(102), forecast_row(103)]
    with_file, without, absent = night.append("forecasts", rows).ids
    night.finish(p101={"points": 33}, p102={"points": 33})
    night.grade()
    own, plain = night.of(with_file)[0], night.of(without)[0]
    actual = np.array([33])
    nb = pmf.negative_binomial(np.array([20.0]), np.array([36.0]), 100)
    assert own["ae"] == plain["ae"] == pytest.approx(13.2)
    assert own["crps"] == pytest.approx(scores.crps(kept, actual)[0], abs=1e-5)
    assert plain["crps"] == pytest.approx(scores.crps(nb, actual)[0]) and plain["logs"] == pytest.approx(scores.log_score(nb, actual)[0])
    assert 0.9 < own["pit"] < plain["pit"] < 1
    assert night.of(absent)[0]["ae"] is None and night.of(absent)[0]["status"] == "VOID"


def test_a_forecast_waits_for_its_lost_distribution(night: Night) -> None:
    kept = pmf.negative_binomial(np.array([20.0]), np.array([90.0]), 100)
    file, digest = write_pmfs(night.home, DAY, "points", [key_of("ensemble", 101)], kept)
    rows = [forecast_row(101, system="ensemble", pmf_file=file, pmf_sha256=digest), forecast_row(102)]
    waits, other = night.append("forecasts", rows).ids
    stored = (night.home / file).read_bytes()
    (night.home / file).write_bytes(b"something else")
    night.finish(p101={"points": 33}, p102={"points": 33})
    report = night.grade()
    assert report.lost == {file: 1} and not report.is_settled and report.published == {"forecast": 2}
    assert night.of(waits) == [] and night.of(other)[0]["crps"] is not None
    (night.home / file).write_bytes(stored)
    report = night.grade()
    assert report.is_settled and report.grades == 1
    assert night.of(waits)[0]["crps"] == pytest.approx(scores.crps(kept, np.array([33]))[0], abs=1e-5)


def test_a_lost_distribution_can_be_given_up_and_nothing_stands_in_for_it(night: Night) -> None:
    kept = pmf.negative_binomial(np.array([20.0]), np.array([90.0]), 100)
    file, digest = write_pmfs(night.home, DAY, "points", [key_of("ensemble", 101)], kept)
    (forecast,) = night.append("forecasts", [forecast_row(101, system="ensemble", pmf_file=file, pmf_sha256=digest)]).ids
    (night.home / file).unlink()
    night.finish(p101={"points": 33})
    assert night.grade(without_lost=True).is_settled
    found = night.of(forecast)[0]
    assert (found["status"], found["reason"], found["crps"], found["ae"]) == (
        "NO_ACTION", "scored_without_its_lost_distribution", None, pytest.approx(13.2),
    )  # fmt: skip


def test_a_system_that_abstained_is_counted_and_not_scored(night: Night) -> None:
    blank = dict.fromkeys(("point", "mean", "median", "sd", "q05", "q10", "q25", "q75", "q90", "q95"))
    (forecast,) = night.append("forecasts", [forecast_row(101, abstain_reason="too_few_games", **blank)]).ids
    night.finish(p101={"points": 33})
    report = night.grade()
    assert (night.of(forecast)[0]["reason"], night.of(forecast)[0]["ae"]) == ("abstained", None)
    assert report.published == {"forecast": 1}


def test_nothing_is_graded_of_an_empty_ledger_and_the_chain_holds_after_grading(night: Night) -> None:
    night.finish()
    assert night.grade().counts == {}
    night.now = LOCK - timedelta(hours=1)
    night.pick(101)
    night.grade()
    assert verify_chain(night.warehouse, CATALOG) == []
    assert night.warehouse.query("select table_name, kind from batches order by batch_id") == [
        ("forecasts", "LIVE"), ("picks", "LIVE"), ("outcomes", "RESULT"), ("grades", "RESULT"),
    ]  # fmt: skip
