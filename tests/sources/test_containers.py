"""What a file holds decides its rows, never how it is packed: the same content gives the same raw rows, groups and rejects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from backcourt.sources.declared import sources
from tests.sources.containers import TEXTS, parquet, rows_of, write
from tests.sources.rows import BOSTON, GAME, NEW_YORK, at, event, load, player, warehouse

pytest.importorskip("numpy", reason="the simulated league needs NumPy: pip install 'backcourt[simulate]'")

from backcourt.simulate import simulate

FEEDS = set(sources().feeds)
LATER = at("2026-01-01")


def content(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Every raw row with the hash of its group, and every reject, but for the names of files and the rejects' payload."""
    tables = dict.fromkeys(sources().raw_columns, "* exclude (load_id)")
    tables |= {
        "raw_groups": "raw, source, group_key, captured_at, rows, group_hash",
        "raw_rejects": "source, raw, file_row, rule, sentence",
    }
    return {name: connection.execute(f"select {columns} from {name} order by all").fetchall() for name, columns in tables.items()}


def loaded(files: list[Path]) -> tuple[dict[str, list[tuple[Any, ...]]], set[str]]:
    connection = warehouse()
    report = load(connection, *files, now=LATER, captured_at=None)
    assert [file.refused for file in report.files if file.refused] == []
    return content(connection), {file.source for file in report.files}


def v2_and_v3(folder: Path) -> list[Path]:
    """The two boxes that no league writes: by hand, with a player who did not play."""
    v2 = player(11, MIN="33:15", START_POSITION="G", COMMENT="", TO=3)
    del v2["TOV"]
    counts = dict.fromkeys(("FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TO", "PF", "PTS"), 0)
    absent = v2 | counts | {"PLAYER_ID": 12, "MIN": None, "START_POSITION": "", "COMMENT": "DNP - Coach's Decision"}
    v3 = {
        "gameId": "0022300062", "teamId": BOSTON, "personId": 11, "name": "Ann O'Neal", "position": "", "comment": "", "minutes": "33:15",
        "points": 25, "fieldGoalsMade": 9, "fieldGoalsAttempted": 18, "threePointersMade": 3, "threePointersAttempted": 8,
        "freeThrowsMade": 4, "freeThrowsAttempted": 5, "reboundsOffensive": 2, "reboundsDefensive": 5, "reboundsTotal": 7, "assists": 11,
        "steals": 1, "blocks": 0, "turnovers": 3, "foulsPersonal": 2, "plusMinusPoints": -6.0,
    }  # fmt: skip
    other = v3 | {"personId": 12, "teamId": NEW_YORK, "position": "F"}
    found = []
    for name, rows in (("v2", [v2, absent]), ("v3", [v3, other])):
        import pandas

        found.append(folder / f"{name}.parquet")
        pandas.DataFrame(rows).to_parquet(found[-1])
    return found


def one_of_each_feed(folders: list[Path], more: list[Path]) -> list[Path]:
    """A file for each source, the first that gives it."""
    connection, found = warehouse(), {}
    for file in [*more, *(file for folder in folders for file in sorted(folder.rglob("*.parquet")))]:
        columns = set(rows_of(file, 1)[0])
        fitting = [feed for feed in sources().feeds.values() if feed.columns <= columns and not feed.without & columns]
        found.setdefault(max(fitting, key=lambda feed: len(feed.columns)).name, file)
    connection.close()
    return list(found.values())


@pytest.fixture(scope="module")
def league(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A file of each feed: of a simulated league, and two boxes written by hand."""
    folder = tmp_path_factory.mktemp("league")
    simulate(folder / "raw", seasons=2, seed=11, games_per_team=4)
    return one_of_each_feed([folder / "raw"], v2_and_v3(folder))


@pytest.fixture(scope="module")
def as_parquet(league: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    folder = tmp_path_factory.mktemp("parquet")
    found, names = loaded([parquet(file, folder / file.name, 120) for file in league])
    assert names == FEEDS
    assert all(found[raw] for raw in sources().raw_columns)
    return found


FAST = (".csv", ".zip")
ENDINGS = (*TEXTS, ".zip", ".pandas.json", ".pandas.csv")


@pytest.mark.parametrize("ending", [ending if ending in FAST else pytest.param(ending, marks=pytest.mark.slow) for ending in ENDINGS])
def test_every_container_gives_the_same_raw_rows(
    ending: str, league: list[Path], as_parquet: dict[str, list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    found, _ = loaded([write(file, ending, tmp_path, 120) for file in league])
    assert found == as_parquet


@pytest.mark.slow
@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending != ".pandas.json"])  # pandas writes 15 digits of 17
def test_so_do_the_real_files(ending: str, data: Path, tmp_path: Path) -> None:
    files = sorted([*(data / "nba").glob("*.parquet"), *(data / "odds").glob("*.parquet")])
    (tmp_path / "parquet").mkdir()
    (tmp_path / "other").mkdir()
    expected, _ = loaded([parquet(file, tmp_path / "parquet" / file.name, 300) for file in files])
    found, _ = loaded([write(file, ending, tmp_path / "other", 300) for file in files])
    assert sum(map(len, expected.values())) > 5000
    assert found == expected


@pytest.mark.parametrize(
    ("as_text", "typed"),
    [
        ({"AST": "11.0", "PLUS_MINUS": "6.0"}, {"AST": 11.0, "PLUS_MINUS": 6.0}),
        ({"GAME_ID": "22300061"}, {"GAME_ID": 22300061}),
        ({"GAME_ID": "22300061.0"}, {"GAME_ID": 22300061.0}),
        ({"PLAYER_ID": "9007199254740993"}, {"PLAYER_ID": 9007199254740993}),
        ({"PLUS_MINUS": "NaN"}, {"PLUS_MINUS": float("nan")}),
        ({"PLUS_MINUS": "inf"}, {"PLUS_MINUS": float("inf")}),
        ({"PLUS_MINUS": "1e+308"}, {"PLUS_MINUS": 1e308}),
        ({"PLUS_MINUS": ""}, {"PLUS_MINUS": None}),
        ({"PLAYER_NAME": "  Ann O'Neal "}, {"PLAYER_NAME": "Ann O'Neal"}),
    ],
)
def test_a_number_is_one_however_it_is_written(as_text: dict[str, Any], typed: dict[str, Any]) -> None:
    import pandas

    written, given = warehouse(), warehouse()
    load(written, pandas.DataFrame([{name: str(value) for name, value in (player(11) | as_text).items()}]))
    load(given, pandas.DataFrame([player(11) | typed]))
    assert content(written) == content(given)
    assert len(content(given)["raw_player_box"]) + len(content(given)["raw_rejects"]) == 1


@pytest.mark.parametrize("written", ["2023-10-24T11:55:00Z", "2023-10-24 07:55:00-04:00", "2023-10-24 11:55:00", 1698148500000])
def test_a_time_is_one_however_it_is_written(written: str | int) -> None:
    import pandas

    typed, given = warehouse(), warehouse()
    load(typed, pandas.DataFrame([event(timestamp=pandas.Timestamp("2023-10-24 11:55", tz="UTC"))]))
    load(given, pandas.DataFrame([event(timestamp=written)]))
    assert content(typed) == content(given)
    assert given.execute("select captured_at from raw_odds_events").fetchall() == [(at("2023-10-24 11:55"),)]


def test_an_integer_keeps_all_its_digits() -> None:
    import pandas

    connection = warehouse()
    load(connection, pandas.DataFrame([player(9_007_199_993)]))
    assert connection.execute("select player_id, game_id from raw_player_box").fetchall() == [(9_007_199_993, GAME)]
