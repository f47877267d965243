"""The live states as a machine, the chance while the game is played, the box reader, and the files made of them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backcourt.engine.errors import BackcourtError
from backcourt.field.pmf import negative_binomial, over_push_under
from backcourt.publishing.generation import Publication
from backcourt.publishing.live_publish import LiveReport, publish_live
from backcourt.publishing.live_states import STALE_AFTER_S, Sight, State, advance, p_win_live, remaining_share
from backcourt.sources.live_boxes import read_live_boxes
from tests.publishing import boxes
from tests.publishing.fortnight import LAST, Fortnight

P, L, W, X, STALE = State.PENDING, State.LIVE, State.WON_EARLY, State.LOST_EARLY, State.STALE
WON, LOST, PUSH, VOID = State.FINAL_WON, State.FINAL_LOST, State.FINAL_PUSH, State.FINAL_VOID

BEFORE = Sight("scheduled", is_locked=False, source_age_s=None)
NO_BOX_YET = Sight("no_data", is_locked=False)
NO_BOX = Sight("no_data", is_locked=True)


def playing(value: int | None, age: int = 20) -> Sight:
    """The game is under way; `value` None: the box doesn't list him."""
    return Sight("live", is_locked=True, value=value, appeared=None if value is None else True, source_age_s=age)


def over(value: int | None, appeared: bool = True, age: int = 20) -> Sight:
    """The game is over."""
    return Sight("final", is_locked=True, value=value, appeared=appeared if value is not None else None, source_age_s=age)


@pytest.mark.parametrize(
    ("side", "line", "sights", "states"),
    [
        ("over", 20.5, [NO_BOX_YET, BEFORE, playing(0), playing(20), playing(21), over(24)], [P, P, L, L, W, WON]),
        ("under", 20.5, [NO_BOX_YET, playing(0), playing(21), over(21)], [P, L, X, LOST]),
        ("under", 20.5, [BEFORE, playing(8), over(20)], [P, L, WON]),
        ("over", 20.0, [playing(20), over(20)], [L, PUSH]),
        ("under", 20.0, [playing(20), over(20)], [L, PUSH]),
        ("over", 20.5, [playing(21), playing(20), playing(21), over(20)], [W, L, W, LOST]),
        ("over", 20.5, [playing(10), playing(10, 301), playing(12, 5), over(30)], [L, STALE, L, WON]),
        ("under", 20.5, [playing(10, 300), playing(10, 301), NO_BOX], [L, STALE, STALE]),
        ("over", 0.5, [NO_BOX_YET, NO_BOX, playing(None), over(None)], [P, STALE, P, VOID]),
        ("under", 0.5, [playing(0), over(0, appeared=False)], [L, VOID]),
        ("under", 0.5, [playing(0), over(0)], [L, WON]),
        ("over", 20.5, [over(24), over(24, age=90_000), NO_BOX, playing(24, 400)], [WON, WON, WON, WON]),
        ("over", 20.5, [over(21), over(20)], [WON, LOST]),
        ("over", 20.5, [BEFORE, Sight("postponed", is_locked=False)], [P, VOID]),
        ("over", 20.5, [playing(25), Sight("cancelled", is_locked=True)], [W, VOID]),
    ],
)
def test_a_pick_goes_through_its_states(side: str, line: float, sights: list[Sight], states: list[State]) -> None:
    state: State | None = None
    seen = []
    for sight in sights:
        state = advance(state, side, line, sight)
        seen.append(state)
    assert seen == states


sides = st.sampled_from(["over", "under"])
lines = st.integers(0, 120).map(lambda doubled: doubled / 2)
values = st.one_of(st.none(), st.integers(0, 70))
ages = st.one_of(st.none(), st.integers(0, 1000))
sights = st.builds(
    lambda game, is_locked, value, appeared, age: Sight(game, is_locked, value, appeared if value is not None else None, age),
    st.sampled_from(["scheduled", "live", "final", "postponed", "cancelled", "no_data"]), st.booleans(), values, st.booleans(), ages,
)  # fmt: skip


@given(sides, lines, st.lists(sights, min_size=1, max_size=12))
def test_whatever_is_seen_the_states_keep_their_promises(side: str, line: float, seen: list[Sight]) -> None:
    state: State | None = None
    for sight in seen:
        before, state = state, advance(state, side, line, sight)
        if before is not None and before.is_final:
            assert state.is_final, "what is final stays final"
        if state is W:
            assert side == "over" and sight.value is not None and sight.value > line
        if state is X:
            assert side == "under" and sight.value is not None and sight.value > line
        if state is L:
            assert sight.game == "live" and sight.value is not None and sight.value <= line
        if state in (L, W, X):
            assert sight.source_age_s is not None and sight.source_age_s <= STALE_AFTER_S
        if state is STALE:
            assert sight.game == "no_data" or sight.source_age_s is None or sight.source_age_s > STALE_AFTER_S
        if sight.game == "final" and not sight.appeared:
            assert state.is_final and ((before is not None and before.is_final) or state is VOID)
        if not sight.is_locked and sight.game == "scheduled" and not (before and before.is_final):
            assert state is P, "nothing is won because the clock hasn't started"


@given(sides, lines, st.lists(st.integers(0, 5), min_size=1, max_size=20), st.booleans())
def test_with_a_count_that_only_rises_early_is_never_wrong(side: str, line: float, steps: list[int], appeared: bool) -> None:
    value, state, early = 0, None, None
    for step in steps:
        value += step
        state = advance(state, side, line, playing(value))
        assert early is None or state is early, "once beyond the line, always beyond"
        early = state if state in (W, X) else early
    final = advance(state, side, line, over(value, appeared))
    if not appeared:
        assert final is VOID
    elif early is W:
        assert final is WON
    elif early is X:
        assert final is LOST
    else:
        assert final is (PUSH if value == line else (WON if side == "under" else LOST))


@given(sides, lines, st.lists(sights, max_size=6), sights)
def test_a_fresh_source_forgets_that_it_was_stale(side: str, line: float, seen: list[Sight], last: Sight) -> None:
    state: State | None = None
    for sight in seen:
        state = advance(state, side, line, sight)
    if state is None or not state.is_final:
        assert advance(state, side, line, last) is advance(None, side, line, last)


@pytest.mark.parametrize(
    ("period", "clock", "share"),
    [(1, 720, 1.0), (2, 720, 0.75), (4, 720, 0.25), (4, 0, 0.0), (5, 300, 300 / 2880), (6, 0, 0.0), (0, 720, 1.0)],
)
def test_the_share_that_is_left_comes_from_the_clock(period: int, clock: float, share: float) -> None:
    assert remaining_share(period, clock) == pytest.approx(share)


def test_the_live_chance_is_the_forecasts_own_when_nothing_was_played_yet() -> None:
    mean, sd, line = 24.0, 7.0, 22.5
    pmf = negative_binomial(np.array([mean]), np.array([sd * sd]), 100)
    expected = float(over_push_under(pmf, np.array([line]))[0][0])
    assert p_win_live("over", line, 0, mean, sd, 1.0, 100) == pytest.approx(expected)


def test_the_live_chance_by_hand() -> None:
    # Poisson-like ratio 1.02, mean 2 still to come, 3 more needed: 1 - P(0) - P(1) - P(2) of that negative binomial.
    mean, share = 8.0, 0.25
    size = (mean * share) ** 2 / (mean * share * 0.02)
    p0 = (1 + mean * share / size) ** -size
    odds = mean * share / (size + mean * share)
    expected = 1 - p0 * (1 + size * odds + size * (size + 1) / 2 * odds**2)
    assert p_win_live("over", 12.5, 10, mean, (mean * 1.02) ** 0.5, share, 100) == pytest.approx(expected)


@given(
    st.integers(0, 60), st.integers(0, 120).map(lambda doubled: doubled / 2), st.floats(0.5, 40), st.floats(1.02, 4), st.floats(0.01, 1),
)  # fmt: skip
def test_live_chances_are_chances(value: int, line: float, mean: float, ratio: float, share: float) -> None:
    sd = (mean * ratio) ** 0.5
    win_over = p_win_live("over", line, value, mean, sd, share, 100)
    win_under = p_win_live("under", line, value, mean, sd, share, 100)
    assert 0 <= win_over <= 1 and 0 <= win_under <= 1 and win_over + win_under <= 1 + 1e-9
    if line != int(line):
        assert win_over + win_under == pytest.approx(1)
    if value > line:
        assert (win_over, win_under) == (1, 0), "beyond the line nothing can change it but a correction"
    assert p_win_live("over", line, value + 1, mean, sd, share, 100) >= win_over - 1e-9
    assert p_win_live("over", line, value, mean, sd, 0.0, 100) == float(value > line)


# ---- the box reader -----------------------------------------------------------------------------------------------------------------


def test_a_box_is_read_with_its_clock_and_capture_in_utc(tmp_path: Path) -> None:
    found, problems = read_live_boxes(boxes.write(tmp_path, boxes.box()))
    assert problems == []
    box = found[boxes.GAME]
    assert (box.state, box.period, box.clock, box.clock_seconds) == ("live", 4, "09:30", 570.0)
    assert box.captured_at == datetime.fromisoformat("2024-04-06T01:30:00"), "21:30 Eastern daylight time"
    assert box.rows[101].counts == {"points": 21, "rebounds": 4, "assists": 3, "three_makes": 2} and box.rows[101].seconds_played == 1500
    assert not box.rows[102].appeared


def test_of_two_files_of_a_game_the_later_capture_counts(tmp_path: Path) -> None:
    later, earlier = boxes.box(at="2024-04-05 21:31:00", period=4), boxes.box(at="2024-04-05 21:00:00", period=2)
    found, _ = read_live_boxes(boxes.write(tmp_path, later, earlier))
    assert found[boxes.GAME].period == 4


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"gameStatus": 7}, "gameStatus 7"),
        ({"gameClock": "09:30"}, "'09:30' is not a duration"),
        ({"gameId": "x"}, "game id 'x'"),
        ({"period": None}, "period is missing"),
        ({"homeTeam": {}}, "teamId|players"),
    ],
)
def test_a_bad_file_is_named_and_costs_its_game_only(damage: dict[str, object], said: str, tmp_path: Path) -> None:
    bad = boxes.box("0022301401")
    bad["game"] |= damage
    found, problems = read_live_boxes(boxes.write(tmp_path, boxes.box(), bad))
    assert list(found) == [boxes.GAME] and len(problems) == 1
    assert problems[0].startswith("boxscore_1.json is no live box score") and any(word in problems[0] for word in said.split("|"))


@pytest.mark.parametrize("value", [-1, 3.5, "7", None, True])
def test_what_is_no_count_is_refused_not_guessed(value: object, tmp_path: Path) -> None:
    bad = boxes.box()
    bad["game"]["homeTeam"]["players"][0]["statistics"]["points"] = value
    found, problems = read_live_boxes(boxes.write(tmp_path, bad))
    assert not found and "points is" in problems[0]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BackcourtError, match="doesn't exist"):
        read_live_boxes(tmp_path / "nowhere")


def test_the_leagues_own_box_is_read(data: Path) -> None:
    found, problems = read_live_boxes(data / "samples" / "cdn.nba.com" / "boxscore_live_0022000001.json")
    assert problems == []
    box = found["0022000001"]
    assert (box.state, box.period, box.clock_seconds) == ("final", 4, 0.0)
    assert sum(row.counts["points"] for row in box.rows.values()) == 125 + 99
    assert 0 < sum(not row.appeared for row in box.rows.values()) < len(box.rows)
    assert sum(row.seconds_played for row in box.rows.values()) == pytest.approx(2 * 5 * 48 * 60, abs=60)


# ---- the files ----------------------------------------------------------------------------------------------------------------------


def refresh(folder: Path, now: str, *listed: dict[str, object]) -> tuple[LiveReport, dict[str, dict[str, object]], dict[str, int]]:
    """One refresh: the report, the picks of the first game by player and market, and the summary."""
    files = folder / f"boxes-{now[-8:].replace(':', '')}"
    warehouse, at = Fortnight(LAST).store(), datetime.fromisoformat(now)
    report = publish_live(warehouse, folder, folder, LAST, boxes.write(files, *listed), at, is_simulated=False)
    body = Publication(report.root).read_json("live-grading/2024-04-05.json")
    assert body is not None
    picks = {f"{pick['player_id']} {pick['market']}": pick for pick in body["picks"] if pick["game_id"] == boxes.GAME}
    return report, picks, body["summary"]


def test_an_evening_from_pending_to_final(tmp_path: Path) -> None:
    _, picks, summary = refresh(tmp_path, "2024-04-05T20:00:00")
    assert {pick["state"] for pick in picks.values()} == {"PENDING"}
    assert {pick["p_win_live"] for pick in picks.values()} == {None} and {pick["value"] for pick in picks.values()} == {None}
    assert set(picks) == {f"{player} {market}" for player in (101, 201, 202) for market in ("points", "rebounds")}, "PASS has no state"

    _, picks, _ = refresh(tmp_path, "2024-04-06T01:31:00", boxes.box())
    first = picks["101 points"]
    assert (first["value"], first["period"], first["clock"], first["source_age_s"]) == (21, 4, "09:30", 60)
    assert all(0 <= pick["p_win_live"] <= 1 for pick in picks.values())  # type: ignore[operator]

    _, picks, summary = refresh(tmp_path, "2024-04-06T01:36:00", boxes.box())
    assert {pick["state"] for pick in picks.values()} == {"STALE"} and {pick["p_win_live"] for pick in picks.values()} == {None}
    assert summary["open"] == 8, "only final states are counted"

    _, picks, _ = refresh(tmp_path, "2024-04-06T01:36:30", boxes.box(at="2024-04-05 21:36:00"))
    assert "STALE" not in {pick["state"] for pick in picks.values()}

    ended = {**boxes.PLAYERS, 202: (0, 0, 0, 0, 0)}
    _, picks, summary = refresh(
        tmp_path, "2024-04-06T02:20:00", boxes.box(status=3, clock="PT00M00.00S", at="2024-04-05 22:19:00", players=ended)
    )
    assert {picks["202 points"]["state"], picks["202 rebounds"]["state"]} == {"FINAL_VOID"}
    states = [str(pick["state"]) for pick in picks.values()]
    assert all(state.startswith("FINAL_") for state in states)
    assert summary == {
        "won": states.count("FINAL_WON"), "lost": states.count("FINAL_LOST"), "push": states.count("FINAL_PUSH"), "void": 2, "open": 2,
    }  # fmt: skip

    report, later, _ = refresh(tmp_path, "2024-04-06T09:00:00")
    assert {name: pick["state"] for name, pick in later.items()} == {name: pick["state"] for name, pick in picks.items()}
    assert report.states["STALE"] == 2, "the other game's box never came"


def test_a_box_of_another_slate_is_named_and_left_out(tmp_path: Path) -> None:
    report, _, _ = refresh(tmp_path, "2024-04-06T01:31:00", boxes.box(), boxes.box("0022309998"))
    assert report.boxes == 1 and report.problems == ("The box of 0022309998 is of no game of 2024-04-05.",)
    live = Publication(report.root).read_json("live/2024-04-05.json")
    assert live is not None and live["status"] == "degraded" and {row["game_id"] for row in live["rows"]} == {boxes.GAME}


def test_many_refreshes_keep_fourteen_generations_and_leave_the_slates_files_alone(tmp_path: Path) -> None:
    files = boxes.write(tmp_path / "boxes", boxes.box())
    warehouse = Fortnight(LAST).store()
    start = datetime.fromisoformat("2024-04-06T01:31:00")
    for number in range(16):
        report = publish_live(warehouse, tmp_path, tmp_path, LAST, files, start + timedelta(seconds=15 * number), is_simulated=False)
    assert report.generation == 16 and len(list((report.root / "generations").iterdir())) == 14
    assert not (tmp_path / "v1" / "manifest.json").exists()
    assert json.loads((report.root / "manifest.json").read_text())["previous"] == 15
