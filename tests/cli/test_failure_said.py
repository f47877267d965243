"""Failure is said until it is gone: by every verb, with the same cause and the command that helps; a waiver ends it for a time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import backcourt
from backcourt.cli.main import app
from backcourt.engine.errors import BackcourtError
from backcourt.home import Home
from tests.faults.conftest import twelve_dates  # noqa: F401 - a fixture
from tests.tables.test_unusual import file_of, rewrite, rows

NOW = "2022-09-01T12:00:00"
BROKEN = '''"""Team points, with a number that isn't one on one date."""

from backcourt.engine.declare.table import Table, keys, same

table = Table(
    phase=3,
    grain=("game_date", "team_id"),
    reads={"team_offense_game_summary": same()},
    expects=keys("select game_date, game_id, team_id from team_offense_game_summary"),
    sql="""
select
    t.game_date::date as game_date,  -- date of the game
    t.game_id::varchar as game_id,  -- the game
    t.team_id::bigint as team_id,  -- the team
    cast(case when t.game_date = date 'DAY' then 'x' else '1' end as bigint)::bigint as wins,  -- one
    t.points::bigint as points  -- points
from team_offense_game_summary as t
""",
)
'''


def call(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--home", str(home), *arguments])


def refusal(home: Path, *arguments: str) -> str:
    error = call(home, *arguments).exception
    assert isinstance(error, BackcourtError)
    return str(error)


@pytest.fixture(scope="module")
def built(twelve_dates: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str, str]:  # noqa: F811
    """A home with a game that a check withholds, its id and its date."""
    folder = tmp_path_factory.mktemp("withheld")
    raw = folder / "raw"
    shutil.copytree(twelve_dates, raw)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("BACKCOURT_NOW", NOW)
        file = file_of(raw, "team_box")
        rewrite(
            file,
            'select * replace (case when row_number() over (order by "GAME_ID", "TEAM_ID") = 9 then "AST" + 1 else "AST" end as "AST") '
            "from rows",
        )
        home = backcourt.open(folder / "home")
        home.init(simulated=True)
        home.ingest(raw)
        summary = home.run()
        (game,) = summary.withheld["team_offense_game_summary"]
        ((day,),) = rows(home, f"select game_date from games where game_id = '{game}'")
    return home, game, str(day)


@pytest.fixture
def home(built: tuple[Home, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BACKCOURT_NOW", NOW)
    shutil.copytree(built[0].path, tmp_path / "home")
    return tmp_path / "home"


def test_every_verb_says_the_same_cause_and_the_command_that_helps(built: tuple[Home, str, str], home: Path) -> None:
    _, game, day = built
    cause = f"team_offense_game_summary {day}: failed, {game}: check players_add_up"
    command = f"backcourt waive team_offense_game_summary {day} --game {game} --reason TEXT --until DATE"
    told = {
        "run": call(home, "run"),
        "run again": call(home, "run"),
        "status --check": call(home, "status", "--check"),
        "verify": call(home, "verify"),
        "gaps": call(home, "gaps"),
        "handoff": call(home, "handoff"),
        "backcourt": call(home),
    }
    for verb, result in told.items():
        assert cause in result.output and command in result.output, (verb, result.output)
    codes = {verb: result.exit_code for verb, result in told.items()}
    assert codes == {**dict.fromkeys(codes, 1), "handoff": 0, "backcourt": 0}
    assert "(unmet)" in told["backcourt"].output and "Nothing was built" in told["run again"].output


def test_a_failed_query_is_told_and_tried_again(built: tuple[Home, str, str], home: Path) -> None:
    ((day,),) = rows(built[0], "select max(game_date) from games")
    (home / "tables").mkdir()
    (home / "tables" / "team_wins.py").write_text(BROKEN.replace("DAY", str(day)))
    first = call(home, "run")
    assert first.exit_code == 1 and f"failed: team_wins {day}" in first.output
    assert call(home, "run").exit_code == 1
    again = call(home, "retry", "--table", "team_wins")
    assert again.exit_code == 1 and "planned 1," in again.output
    assert "planned 1," in call(home, "run", "--table", "team_wins", "--select", "state:failed").output
    cause = call(home, "gaps", "--table", "team_wins")
    assert f"team_wins {day}: failed, " in cause.output and f"backcourt retry --table team_wins --date {day}" in cause.output


def test_retry_and_a_selection_by_state_try_every_time(home: Path) -> None:
    for words in (("retry",), ("retry",), ("run", "--select", "state:failed"), ("retry", "--table", "team_offense_game_summary")):
        assert "planned 1," in call(home, *words).output, words


def test_a_declaration_that_breaks_takes_no_table_out_of_the_verdict(built: tuple[Home, str, str], home: Path) -> None:
    (home / "tables").mkdir()
    file = home / "tables" / "team_wins.py"
    file.write_text(BROKEN.replace("DAY", "1999-01-01"))
    call(home, "run")
    assert "team_wins" not in call(home, "verify").output.partition("\n")[0]
    file.write_text(file.read_text().replace('"team_offense_game_summary": same()', '"games": same()'))
    verdict = call(home, "verify")
    assert verdict.exit_code == 5 and "the declaration of team_wins can't be used" in verdict.output
    assert "`backcourt doctor` says why" in call(home, "run").output
    file.unlink()
    assert call(home, "verify").exit_code == 1


def test_what_is_mistyped_is_no_job_that_went_wrong(home: Path) -> None:
    refusal(home, "waive", "nothing", "2021-12-10", "--reason", "x", "--until", "2023-01-01")
    assert "waive: " not in call(home, "status", "--check").output


def test_a_waiver_lets_it_through_until_it_ends(built: tuple[Home, str, str], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, game, day = built
    table = "team_offense_game_summary"
    waived = call(home, "waive", table, day, "--game", game, "--reason", "the league counts so", "--until", "2022-09-10", "--author", "me")
    assert waived.exit_code == 0 and "players_add_up" in waived.output
    run = call(home, "run")
    assert run.exit_code == 0, run.output
    mark = f"game {game} waived by me until 2022-09-10: the league counts so"
    assert mark in call(home, "handoff").output and mark in call(home, "why", table, day).output
    assert (call(home, "verify").exit_code, call(home, "verify", "--strict").exit_code) == (0, 4)
    assert rows(backcourt.open(home), f"select count(*) from {table} where game_id = '{game}'") == [(2,)]
    assert call(home, "run").exit_code == 0
    monkeypatch.setenv("BACKCOURT_NOW", "2022-09-11T12:00:00")
    assert "a waiver began or ended since it was built" in call(home, "stale").output
    assert call(home, "run").exit_code == 1
    assert rows(backcourt.open(home), f"select count(*) from {table} where game_id = '{game}'") == [(0,)]


@pytest.mark.slow
def test_a_waiver_is_taken_back(built: tuple[Home, str, str], home: Path) -> None:
    _, game, day = built
    given = ("team_offense_game_summary", day, "--game", game)
    assert call(home, "waive", *given, "--reason", "so", "--until", "2022-12-01").exit_code == 0
    assert "already" in refusal(home, "waive", *given, "--reason", "so", "--until", "2022-12-01")
    assert call(home, "run").exit_code == 0
    assert call(home, "waive", *given, "--end").exit_code == 0
    assert call(home, "run").exit_code == 1
    assert "isn't waived" in refusal(home, "waive", *given, "--end")


REFUSED = [
    (("team_offense_game_summary", "2021-12-10"), "needs --reason"),
    (("team_offense_game_summary", "2022-07-10", "--reason", "x", "--until", "2023-01-01"), "no partition of 2022-07-10"),
    (("nothing", "2021-12-10", "--reason", "x", "--until", "2023-01-01"), "nothing"),
    (("forecasts", "2021-12-10", "--reason", "x", "--until", "2023-01-01"), "it is a record"),
    (("players", "2021-12-10", "--reason", "x", "--until", "2023-01-01"), "it has no dates"),
    (("team_offense_game_summary", "DAY", "--reason", " ", "--until", "2023-01-01"), "needs a reason"),
    (("team_offense_game_summary", "DAY", "--reason", "x", "--until", "2022-08-31"), "is past"),
    (("team_offense_game_summary", "DAY", "--game", "0022100999", "--reason", "x", "--until", "2023-01-01"), "isn't one of"),
]


def test_what_can_not_be_waived_is_refused(built: tuple[Home, str, str], home: Path) -> None:
    for arguments, told in REFUSED:
        assert told in refusal(home, "waive", *(built[2] if word == "DAY" else word for word in arguments)), arguments


def test_a_run_over_dates_without_games_says_so(home: Path) -> None:
    result = call(home, "run", "--date", "2022-07-04")
    assert "2022-07-04 lies outside the loaded schedule" in result.output
