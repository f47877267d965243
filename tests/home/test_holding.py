"""A correction whose game fails a check is held: the game stays complete on the version before, on any path the same rows."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

import backcourt
from backcourt.engine.build.selection import Selection
from backcourt.home import Home
from backcourt.sources.decisions import OPEN, TAKE
from backcourt.work.decide import decide_held, list_held
from tests.faults.conftest import twelve_dates  # noqa: F401 - a fixture
from tests.faults.trials import content, differences
from tests.tables.test_unusual import file_of, rewrite

NOW = "2022-09-01T12:00:00"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", NOW)


@pytest.fixture(scope="module")
def built(twelve_dates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """A built home, and beside it the corrections: one assist more for a team, and for one of its players."""
    folder = tmp_path_factory.mktemp("holding")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("BACKCOURT_NOW", NOW)
        home = backcourt.open(folder / "home")
        home.init(simulated=True)
        home.ingest(twelve_dates)
        assert home.run().exit_code == 0
    game, team = _row_of(file_of(twelve_dates, "team_box"))
    ours = f'"GAME_ID" = \'{game}\' and "TEAM_ID" = {team}'
    _more(file_of(twelve_dates, "team_box"), folder / "teams.parquet", ours)
    _more(file_of(twelve_dates, "team_box"), folder / "teams_worse.parquet", ours, by=2)
    players = next(file for file in sorted(twelve_dates.rglob("player_box_2*.parquet")))
    first = f'(select min("PLAYER_ID") from rows where {ours})'
    _more(players, folder / "players.parquet", f'{ours} and "PLAYER_ID" = {first}')
    return folder


def _row_of(file: Path) -> tuple[str, int]:
    with duckdb.connect() as database:
        rows = database.execute(f'select "GAME_ID", "TEAM_ID" from read_parquet(\'{file}\') order by all limit 1 offset 4')
        game, team = rows.fetchall()[0]
    return str(game), int(team)


def _more(file: Path, target: Path, where: str, by: int = 1) -> None:
    """A copy of a box in which whoever is meant has more assists."""
    shutil.copy(file, target)
    rewrite(target, f'select * replace (case when {where} then "AST" + {by} else "AST" end as "AST") from rows')


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Home:
    """A copy of the built home."""
    shutil.copytree(built / "home", tmp_path / "home")
    return backcourt.open(tmp_path / "home")


def rows_of(home: Home) -> dict[object, object]:
    return dict(content(home))


def test_a_correction_that_fails_a_check_leaves_the_game_on_the_version_before(built: Path, home: Home) -> None:
    before = rows_of(home)
    assert home.ingest(built / "teams.parquet").ok
    summary = home.run()
    assert (summary.exit_code, summary.unmet) == (0, {})
    assert "what teams.parquet corrects is held, as check players_add_up of team_offense_game_summary fails" in summary.held[0]
    assert differences(rows_of(home), before) == []
    assert [one.file for one in list_held(home)] == ["teams.parquet"]
    assert home.verify().exit_code() == 0
    assert home.run().held == [], "nothing is left to try"


@pytest.mark.slow
def test_on_any_path_the_rows_are_the_same(built: Path, home: Home, tmp_path: Path) -> None:
    before = rows_of(home)
    home.ingest(built / "teams.parquet", built / "teams_worse.parquet")
    assert home.run().exit_code == 0
    assert differences(rows_of(home), before) == []
    home.warehouse_file.unlink()
    home.repair()
    assert backcourt.open(home.path).run().exit_code == 0
    assert differences(rows_of(home), before) == []


@pytest.mark.slow
@pytest.mark.parametrize("order", [("teams", "players"), pytest.param(("players", "teams"), marks=pytest.mark.slow)])
def test_what_was_lacking_lets_both_corrections_count(order: tuple[str, str], built: Path, home: Home, tmp_path: Path) -> None:
    for name in order:
        home.ingest(built / f"{name}.parquet")
        assert home.run().exit_code == 0
    assert list_held(home) == []
    shutil.copytree(built / "home", tmp_path / "other")
    other = backcourt.open(tmp_path / "other")
    other.ingest(*(built / f"{name}.parquet" for name in order))
    summary = other.run()
    assert (summary.exit_code, summary.held) == (0, [])
    assert differences(rows_of(home), rows_of(other)) == []


@pytest.mark.slow
def test_where_no_version_passes_the_newest_counts_and_is_tried_once(built: Path, tmp_path: Path, twelve_dates: Path) -> None:  # noqa: F811
    raw = tmp_path / "raw"
    shutil.copytree(twelve_dates, raw)
    shutil.copy(built / "teams.parquet", file_of(raw, "team_box"))
    home = backcourt.open(tmp_path / "home")
    home.init(simulated=True)
    home.ingest(raw)
    assert home.run().exit_code == 1
    home.ingest(built / "teams_worse.parquet")
    summary = home.run()
    assert (summary.exit_code, summary.held, list_held(home)) == (1, [], [])
    again = home.run()
    assert (again.exit_code, again.planned) == (1, 0)
    # The right one heals it.
    home.ingest(file_of(twelve_dates, "team_box"))
    assert home.run().exit_code == 0


@pytest.mark.slow
def test_a_person_s_word_stands_against_a_check(built: Path, home: Home) -> None:
    home.ingest(built / "teams.parquet")
    home.run()
    decide_held(home, "teams.parquet", word=TAKE)
    summary = home.run()
    assert (summary.exit_code, summary.held) == (1, [])
    assert summary.unmet["failed"] == 1
    decide_held(home, "teams.parquet", word=OPEN)
    assert home.run().exit_code == 0, "nobody's word is judged like any other"


@pytest.mark.slow
def test_a_run_of_other_dates_leaves_the_correction_to_those_that_it_is_about(built: Path, home: Home) -> None:
    home.ingest(built / "teams.parquet")
    first = home.situation_of(home.snapshot()).calendar.dates[0]
    assert home.run(Selection(dates=(first,), with_history=False)).held == []


@pytest.mark.slow
def test_a_result_that_a_check_reads_is_looked_at_again(built: Path, home: Home, twelve_dates: Path) -> None:  # noqa: F811
    """The schedule's points are read by a check alone, not by the table's query."""
    before = rows_of(home)
    schedule = next(file for file in sorted(twelve_dates.rglob("schedule_*.parquet")) if "asof" not in file.name)
    wrong = built / "schedule_wrong.parquet"
    shutil.copy(schedule, wrong)
    with duckdb.connect() as database:
        columns = [row[0] for row in database.execute(f"describe select * from '{schedule}'").fetchall()]
    score = "h.s" if "h.s" in columns else "homeTeam.score"
    rewrite(wrong, f'select * replace ("{score}" + 1 as "{score}") from rows')
    home.ingest(wrong)
    summary = home.run()
    assert summary.exit_code == 0 and summary.held
    assert {key: value for key, value in rows_of(home).items() if key[0] not in ("schedule", "results")} == {  # type: ignore[index]
        key: value
        for key, value in before.items()
        if key[0] not in ("schedule", "results")  # type: ignore[index]
    }
