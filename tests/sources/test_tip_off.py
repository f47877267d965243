"""A start that nobody knows is no time: each way in which the league writes that gives NULL, and every real start stays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backcourt.field.seasons import EASTERN, noon_eastern_sql
from backcourt.sources.tip_off import known_tip

DATABASE = duckdb.connect()
DATABASE.execute("set timezone = 'UTC'")


def tip(written: str | None, said: str | None = None) -> str | None:
    value, status = ("null" if text is None else f"'{text}'" for text in (written, said))
    query = f"select {known_tip('written', said='said')} from (select {value} as written, {status} as said)"
    found: str | None = DATABASE.execute(query).fetchall()[0][0]
    return found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2021-10-19T04:00:00Z", None),  # midnight Eastern in summer
        ("2022-01-19T05:00:00Z", "7:00 pm ET"),  # and in winter
        ("2022-01-19T05:00:00.000Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("1900-01-01T00:00:00Z", None),
        ("2021-10-19T23:30:00Z", "TBD"),
        ("2021-10-19T23:30:00Z", " tbd "),
        (None, None),
    ],
)
def test_a_start_that_is_to_be_decided_is_none(written: str | None, said: str | None) -> None:
    assert tip(written, said) is None


@given(st.datetimes(datetime(1947, 1, 1), datetime(2060, 1, 1)))  # noqa: DTZ001 - UTC without zone
def test_every_other_start_stays_as_it_is(start: datetime) -> None:
    written = start.replace(microsecond=0).isoformat() + "Z"
    wall = start.replace(tzinfo=UTC).astimezone(EASTERN)
    assert tip(written, "7:30 pm ET") == (None if (wall.hour, wall.minute) == (0, 0) else written)


@given(st.dates(date(2007, 1, 1), date(2080, 12, 31)))
def test_noon_in_new_york_is_what_the_time_zone_says(day: date) -> None:
    (found,) = DATABASE.execute(f"select {noon_eastern_sql('d')} from (select date '{day}' as d)").fetchall()[0]
    assert found == datetime.combine(day, time(12), EASTERN).astimezone(UTC).replace(tzinfo=None)


@given(st.dates(date(1946, 11, 1), date(2006, 12, 31)))
def test_noon_of_earlier_years_is_never_late_and_at_most_an_hour_early(day: date) -> None:
    (found,) = DATABASE.execute(f"select {noon_eastern_sql('d')} from (select date '{day}' as d)").fetchall()[0]
    noon = datetime.combine(day, time(12), EASTERN).astimezone(UTC).replace(tzinfo=None)
    assert 0 <= (noon - found).total_seconds() <= 3600
