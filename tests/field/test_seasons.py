"""What a game id says is the same in Python and in SQL, for every season that the league has played or will."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backcourt.cli.options import seasons_between
from backcourt.engine.errors import BackcourtError
from backcourt.engine.judge.calendar import Calendar, Game
from backcourt.field.seasons import (
    FIRST_YEAR,
    LAST_YEAR,
    REAL_SEASON_TYPES,
    SEASON_TYPES,
    as_season,
    game_id,
    is_real_sql,
    season_name,
    season_of,
    season_range,
    season_sql,
    season_type_of,
    season_type_sql,
)

IDENTIFIERS = [f"00{kind}{year:02d}00061" for kind in SEASON_TYPES for year in range(100)]
EVERY_SEASON = [season_name(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)]
years = st.integers(FIRST_YEAR, LAST_YEAR)


def identifier(season: str, kind: str = "2", number: int = 1) -> str:
    """An id as the league gives it: the type, and two digits of the year in which the season began."""
    return f"00{kind}{season[2:4]}{number:05d}"


@pytest.mark.parametrize(
    ("identifier", "season"),
    [
        ("0024600001", "1946-47"), ("0029600001", "1996-97"), ("0029800001", "1998-99"), ("0029900001", "1999-00"),
        ("0020000001", "2000-01"), ("0020900001", "2009-10"), ("0021100001", "2011-12"), ("0021900001", "2019-20"),
        ("0042000407", "2020-21"), ("0022300061", "2023-24"), ("0022500001", "2025-26"), ("0024500001", "2045-46"),
    ],
)  # fmt: skip
def test_a_game_id_names_its_season(identifier: str, season: str) -> None:
    assert season_of(identifier) == season


@given(years, st.sampled_from(sorted(SEASON_TYPES)), st.integers(0, 99_999))
def test_season_and_game_id_say_the_same_of_every_year(year: int, kind: str, number: int) -> None:
    season = season_name(year)
    assert season_of(identifier(season, kind, number)) == season == as_season(season)
    assert season_of(game_id(identifier(season, kind, number).lstrip("0"))) == season, "a feed may have dropped the zeros"
    assert int(season[:4]) == year and int(season[5:]) == (year + 1) % 100


def test_sql_says_what_python_says() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table games as select unnest(?) as game_id", [IDENTIFIERS])
        found = connection.execute(
            f"select game_id, {season_sql('game_id')}, {season_type_sql('game_id')}, {is_real_sql('game_id')} from games"
        ).fetchall()
    assert len(found) == 600
    assert {season for _, season, _, _ in found} == set(EVERY_SEASON)
    for identifier, season, kind, is_real in found:
        assert (season, kind) == (season_of(identifier), season_type_of(identifier))
        assert is_real == (kind in REAL_SEASON_TYPES)


def test_seasons_sort_as_they_were_played() -> None:
    assert sorted(EVERY_SEASON) == EVERY_SEASON


@pytest.mark.parametrize("text", ["00223000٦1", "0022³00061", "0072300061", "10022300061", "", "-022300061"])
def test_what_is_no_game_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not the NBA's"):
        game_id(text)


ODD = {
    "1997-98": (date(1997, 10, 31), date(1998, 6, 14)),
    "1998-99": (date(1999, 2, 5), date(1999, 6, 25)),
    "2011-12": (date(2011, 12, 25), date(2012, 6, 21)),
    "2019-20": (date(2019, 10, 22), date(2020, 10, 11)),
    "2020-21": (date(2020, 12, 22), date(2021, 7, 20)),
    "2021-22": (date(2021, 10, 19), date(2022, 6, 16)),
}
"""First and last game of seasons, some of which a lockout or a pandemic moved."""


def test_a_date_belongs_to_the_season_that_was_played_not_to_a_month() -> None:
    games = [
        Game(identifier(season, kind), day, season_of(identifier(season, kind)), SEASON_TYPES[kind], "final")
        for season, bounds in ODD.items()
        for kind, day in zip("24", bounds, strict=True)
    ]
    calendar = Calendar(games, date(2026, 1, 1))
    assert calendar.seasons == list(ODD)
    assert {day: calendar.season_of(day) for bounds in ODD.values() for day in bounds} == {
        day: season for season, bounds in ODD.items() for day in bounds
    }
    assert calendar.season_of(date(2020, 10, 1)) == "2019-20", "in the bubble"
    assert calendar.season_of(date(1999, 2, 4)) == "1997-98", "nobody had played since"


@given(years, st.integers(-200, 200))
def test_only_a_year_and_the_next_are_a_season(year: int, off: int) -> None:
    text = f"{year}-{(year + 1 + off) % 100:02d}"
    if off % 100 == 0:
        assert as_season(text) == text
    else:
        with pytest.raises(BackcourtError, match=r"is not a season; write a year .* e\.g\. 2023-24\.$"):
            as_season(text)


REFUSED = ["", "2023", "2023-2024", "23-24", "2023/24", "2023-24..", "..", "..2023-24", "2022-23...2023-24", "2023-24-25",
           "٢٠٢٣-٢٤", "1945-46", "2046-47", "9999-00", "2022-23,2023-24", "2024-25..2021-22", "2000-01..1999-00"]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_names_no_seasons_is_one_sentence(text: str) -> None:
    with pytest.raises(BackcourtError) as refused:
        season_range(text)
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


@given(years, years)
def test_a_range_holds_both_of_its_ends(one: int, other: int) -> None:
    first, last = sorted((one, other))
    text = f"{season_name(first)}..{season_name(last)}"
    assert season_range(text) == (season_name(first), season_name(last))
    assert seasons_between(text, EVERY_SEASON) == tuple(season_name(year) for year in range(first, last + 1))


def test_a_season_that_is_not_loaded_is_named_with_those_that_are() -> None:
    for text, named in (("2019-20", "2019-20"), ("2021-22..2025-26", "2025-26"), ("1999-00..2021-22", "1999-00")):
        with pytest.raises(BackcourtError, match=f"'{named}' is not a loaded season; loaded are 2021-22, 2022-23"):
            seasons_between(text, ["2021-22", "2022-23"])
    with pytest.raises(BackcourtError, match="loaded are none yet"):
        seasons_between("2021-22", [])
