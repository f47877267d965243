"""What a game id says is the same in Python and in SQL, for every season that the league has played or will."""

from __future__ import annotations

import duckdb
import pytest

from backcourt.field.seasons import REAL_SEASON_TYPES, SEASON_TYPES, is_real_sql, season_of, season_sql, season_type_of, season_type_sql

IDENTIFIERS = [f"00{kind}{year:02d}00061" for kind in SEASON_TYPES for year in range(100)]


@pytest.mark.parametrize(
    ("identifier", "season"),
    [("0022300061", "2023-24"), ("0029600001", "1996-97"), ("0029900001", "1999-00"), ("0020000001", "2000-01"), ("0024600001", "1946-47"),
     ("0024500001", "2045-46")],
)  # fmt: skip
def test_a_game_id_names_its_season(identifier: str, season: str) -> None:
    assert season_of(identifier) == season


def test_sql_says_what_python_says() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table games as select unnest(?) as game_id", [IDENTIFIERS])
        found = connection.execute(
            f"select game_id, {season_sql('game_id')}, {season_type_sql('game_id')}, {is_real_sql('game_id')} from games"
        ).fetchall()
    assert len(found) == 600
    for identifier, season, kind, is_real in found:
        assert (season, kind) == (season_of(identifier), season_type_of(identifier))
        assert is_real == (kind in REAL_SEASON_TYPES)
