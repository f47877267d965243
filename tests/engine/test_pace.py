"""Under a time limit a run gets on: pieces grow with the pace, fit into what is left, and a limit that is repeated ends the work."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from backcourt.engine.build.pace import pieces
from tests.engine.league import League

DAYS = [date(2021, 10, 1) + timedelta(days=number) for number in range(700)]


@given(seconds_a_date=st.floats(0.001, 0.5), limit=st.floats(1, 60))
def test_a_steady_pace_fits_into_the_limit_and_uses_it(seconds_a_date: float, limit: float) -> None:
    spent = [0.0]
    built = 0
    for piece in pieces(DAYS, limit, lambda: spent[0]):
        if spent[0] + len(piece) * seconds_a_date > limit:
            break
        spent[0] += len(piece) * seconds_a_date
        built += len(piece)
    possible = min(len(DAYS), int(limit / seconds_a_date))
    # Each piece takes half of what is left, so that what is lost at the end is a date or two.
    assert possible - built <= 2


def test_without_a_limit_a_chunk_is_one_piece() -> None:
    assert list(pieces(DAYS, None)) == [DAYS]


def test_all_dates_are_handed_out_once_and_in_order() -> None:
    assert [day for piece in pieces(DAYS, 1e9, iter(range(10**6)).__next__) for day in piece] == DAYS


def test_a_limit_that_is_repeated_ends_the_work_with_the_same_rows(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "limited").mkdir()
    whole, limited = League(tmp_path / "whole"), League(tmp_path / "limited")
    whole.run()
    runs = 0
    while limited.run(max_seconds=0.15).out_of_time:
        runs += 1
        assert runs < 60, "a limited run must get on"
    assert limited.hashes() == whole.hashes() and limited.unmet() == {}
