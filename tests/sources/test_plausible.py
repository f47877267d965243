"""What can't be is rejected by name: dates out of season, quotes to come, counts no game has, text that is none."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backcourt.field.seasons import season_of
from tests.sources.containers import TEXTS, rows_of
from tests.sources.rows import NOW, event, fantasy, load, native_shot, player, prop, scheduled, shot, team, warehouse
from tests.sources.test_repeats import BIOS, MONEYLINE, PRA

Row = dict[str, Any]


def told(row: Row, folder: Path) -> list[str]:
    """The sentences on a file of this one row; it loads nothing when there are any."""
    file = folder / "rows.json"
    file.write_bytes(TEXTS[".json"]([row]))
    report = load(warehouse(), file)
    return [*report.files[0].sentences, *([report.files[0].refused] if report.files[0].refused else [])]


POSSIBLE = "(rule: possible values)"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (scheduled(etdate="2024-12-24"), "game_date 2024-12-24 lies outside the season 2023-24 of game 0022300061 (rule: a date"),
        (scheduled(etdate="2022-10-24"), "game_date 2022-10-24 lies outside the season 2023-24"),
        (scheduled(etdate="9999-12-31"), "game_date '9999-12-31' is not a date from 1946-01-01 to 2100-12-31"),
        (scheduled(etdate="0001-01-01"), "game_date '0001-01-01' is not a date from"),
        (scheduled(etdate="infinity"), "game_date 'infinity' is not a date from"),
        (scheduled(etdate="290000-01-01"), "game_date '290000-01-01' is not a date from"),
        (event(commence_time="9999-12-31T23:59:59Z"), "commence_time '9999-12-31T23:59:59Z' is not a date and time from"),
        (event(commence_time="2026-10-24T00:00:00Z"), "commence_time 2026-10-24 00:00:00 lies more than 400 days from captured_at"),
        (event(timestamp="2026-01-01T01:00:01Z", commence_time="2026-01-02"), "captured at 2026-01-01 01:00:01, which is later than"),
        (prop("Over", 200.5), f"line 200.5 is not between 0 and 200 {POSSIBLE}"),
        (prop("Over", outcomes_price=-100001), f"over_price -100001 is not between -100000 and 100000 {POSSIBLE}"),
        (prop("Over", "NaN"), "line is missing"),
        (prop("Over", "inf"), "line 'inf' is not a number"),
        (prop("Over", **{"bookmakers.markets.last_update": "yesterday"}), "captured_at 'yesterday' is not a date and time"),
        (fantasy("Over", line="1e308"), f"line 1e+308 is not between 0 and 200 {POSSIBLE}"),
        (PRA | {"under_price": "1e400"}, "under_price '1e400' is not a whole number"),
        (MONEYLINE | {"market_key": "totals", "outcome_name": "Over", "point": 501}, f"line 501.0 is not between -500 and 500 {POSSIBLE}"),
        (player(11, PTS=225, FGM=109, FGA=200, FTM=4, FTA=4), f"points 225 is not between 0 and 200 {POSSIBLE}"),
        (player(11, PTS=1e308), "points '1e+308' is not a whole number"),
        (player(11, BLK=-3), f"blocks -3 is not between 0 and 400 {POSSIBLE}"),
        (player(11, MIN=101), "minutes 101.0 are not between 0 and 100 (rule: minutes)"),
        (player(11, MIN="NaN"), "player 11 played, but a statistic of the line is missing"),
        (player(11, PLUS_MINUS=201), f"plus_minus 201 is not between -200 and 200 {POSSIBLE}"),
        (player(-5), f"player_id -5 is not between 1 and 10000000000 {POSSIBLE}"),
        (player(11, PLAYER_NAME="x" * 3_000_000 + "y"), "record 1 holds a value of more than 131,072 characters"),
        (player(11, PLAYER_NAME="x" * 3000), f"player_name '{'x' * 60}...' is not text of one line and at most 2,000 characters"),
        (player(11, PLAYER_NAME="Ann\nO'Neal"), "player_name 'Ann O'Neal' is not text of one line"),
        (player(11, PLAYER_NAME="Ann\x1bO'Neal"), "player_name 'Ann O'Neal' is not text of one line"),
        (team(1610612738, MIN=9999), f"minutes_reported 9999 is not between 0 and 600 {POSSIBLE}"),
        (shot(LOC_Y=4000.0), f"y_ft 4000.0 is not between -20 and 110 {POSSIBLE}"),
        (native_shot(1, LOC_X=9000), f"x_ft -900.0 is not between -60 and 60 {POSSIBLE}"),
        (native_shot(1, LOC_X="Infinity"), "x_ft '-inf' is not a number"),
        (native_shot(1, PERIOD=99), "period 99 is not between 1 and 14"),
        (BIOS | {"HEIGHT": "8-11"}, f"height_inches 107 is not between 54 and 102 {POSSIBLE}"),
        (BIOS | {"WEIGHT": 90}, f"weight_lb 90.0 is not between 110 and 450 {POSSIBLE}"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(row: Row, sentence: str, tmp_path: Path) -> None:
    assert any(sentence in one for one in told(row, tmp_path)), told(row, tmp_path)


def test_a_clock_may_be_an_hour_ahead(tmp_path: Path) -> None:
    soon = (NOW + timedelta(minutes=59)).isoformat()
    assert told(event(timestamp=soon, commence_time="2026-01-02T00:00:00Z"), tmp_path) == []


def test_an_archive_of_a_time_to_come_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "schedule_asof_2026-01-03.json"
    file.write_bytes(TEXTS[".json"]([scheduled()]))
    assert "later than now" in (load(warehouse(), file).files[0].refused or "")
    file = tmp_path / "schedule_asof_2025-12-31.json"
    file.write_bytes(TEXTS[".json"]([scheduled()]))
    connection = warehouse()
    assert load(connection, file).ok
    assert connection.execute("select captured_at from raw_loads").fetchall() == [(NOW,)]
    file = tmp_path / "schedule_asof_2025-99-99.json"
    file.write_bytes(TEXTS[".json"]([scheduled()]))
    assert "2025-99-99, which is no date" in (load(warehouse(), file).files[0].refused or "")


@given(st.integers(46, 99).map(lambda year: 1900 + year) | st.integers(2000, 2044), st.integers(0, 360))
def test_a_season_has_every_date_from_its_preseason_to_the_latest_end(year: int, days: int) -> None:
    import duckdb

    from backcourt.sources.tip_off import DATED

    day, game = date(year, 9, 15) + timedelta(days=days), f"002{year % 100:02d}00001"
    assert season_of(game).startswith(str(year))
    source = f"(select '{game}' as game_id, date '{day}' as game_date, timestamp '{day} 23:00' as tip_at)"
    for rule in DATED:
        assert duckdb.execute(f"select {rule.offends} from {source}").fetchall() == [(False,)]


@pytest.mark.slow
def test_no_real_schedule_has_a_date_out_of_its_season(data: Path, tmp_path: Path) -> None:
    files = sorted((data / "nba").glob("schedule*.parquet"))
    assert len(files) == 5 and sum(len(rows_of(file, 10_000)) for file in files) == 6856
    report = load(warehouse(), *files)
    assert (report.total("new") + report.total("changed"), report.total("rejected")) == (2 * 6856, 0)
