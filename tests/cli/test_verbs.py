"""Every verb on the real seasons, as a user meets it: what it prints, where, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backcourt.cli.main import app
from tests.conftest import BuiltHome

READ_VERBS = {
    "calendar": ["calendar"],
    "plan": ["plan"],
    "status": ["status"],
    "gaps": ["gaps"],
    "why": ["why", "player_game_summary", "2024-04-05"],
    "stale": ["stale"],
    "sql": ["sql", "select count(*) as n from games"],
    "show": ["show", "Jalen Brunson", "2024-04-05"],
    "doctor": ["doctor"],
    "verify": ["verify", "--for", "phase4"],
}


def call(home: Path, *arguments: str) -> Result:
    """One verb."""
    return CliRunner().invoke(app, [*arguments, "--home", str(home)])


@pytest.mark.parametrize("verb", READ_VERBS)
def test_every_read_verb_speaks_json(verb: str, undeclared_home: BuiltHome) -> None:
    result = call(undeclared_home.home.path, *READ_VERBS[verb], "--json")
    assert result.exit_code == (1 if verb in ("gaps", "verify") else 0), result.output
    body = json.loads(result.stdout)
    assert body["schema_version"] == 1 and body["as_of"].endswith("Z") and len(body) > 2


def test_status_is_the_grid(undeclared_home: BuiltHome) -> None:
    lines = call(undeclared_home.home.path, "status").stdout.splitlines()
    assert lines[0].split() == ["table", "2021-22", "2022-23", "2023-24", "2024-25"]
    row = next(line for line in lines if line.startswith("team_offense_game_summary"))
    assert "213/213 100.0% complete" in row and "214/214 100.0% complete" in row
    assert "77/213 43.8% missing" in next(line for line in lines if line.startswith("shots"))


def test_verify_gives_the_verdict_first_and_lists_every_hole_when_asked(undeclared_home: BuiltHome) -> None:
    result = call(undeclared_home.home.path, "verify", "--for", "phase4", "--verbose")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("phase4: NOT MET") and "1,013 games" in lines[0]
    assert lines[1].startswith("by the old rule (95 % of dates fully covered)")
    assert sum("missing: shots has no rows of" in line for line in lines) == 1012
    assert "shots has 78 of the 107 field-goal attempts of 1610612756 in 0022100581" in result.stdout
    assert "0022100582" in result.stdout


def test_strict_tells_declared_holes_from_completeness(damaged_home: BuiltHome) -> None:
    assert call(damaged_home.home.path, "verify", "--for", "phase4").exit_code == 0
    strict = call(damaged_home.home.path, "verify", "--for", "phase4", "--strict")
    assert strict.exit_code == 4 and "1,013 games declared unavailable" in strict.stdout


def test_show_tells_a_players_day(undeclared_home: BuiltHome) -> None:
    told = call(undeclared_home.home.path, "show", "jalen brunson", "2024-04-05").stdout
    assert "player_game_summary (1 row)" in told and "upcoming_player_game_context (1 row)" in told
    assert "points_line_closing" in told and "28.5" in told


def test_export_writes_parquet(undeclared_home: BuiltHome, tmp_path: Path) -> None:
    import pyarrow.parquet

    out = tmp_path / "offense.parquet"
    assert call(undeclared_home.home.path, "export", "team_offense_game_summary", "--season", "2023-24", "--out", str(out)).exit_code == 0
    assert pyarrow.parquet.read_table(out).num_rows == 2638
    assert [file.name for file in tmp_path.iterdir()] == ["offense.parquet"]


def test_handoff_agrees_with_verify(undeclared_home: BuiltHome) -> None:
    text = call(undeclared_home.home.path, "handoff").stdout
    assert "J. Green' is no player, 4 quotes" in text
    assert "shots: 1,013 games missing" in text and "| team_box |" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["verify", "--for", "phase9"], "There is no gate 'phase9'"),
        (["plan", "--from", "yesterday"], "'yesterday' is not an ISO date"),
        (["plan", "--from", "2024-01-02", "--to", "2024-01-01"], "lies after --to"),
        (["plan", "--season", "2019-20"], "'2019-20' is not a loaded season"),
        (["plan", "--table", "nothing"], "There is no table 'nothing'"),
        (["plan", "--select", "state:good"], "There is no state 'good'"),
        (["run", "--phase", "7"], "Phase 7 has no tables"),
        (["run", "--rebuild"], "say why with --reason"),
        (["why", "shots", "1999-01-01"], "has no partition of 1999-01-01"),
        (["leaktest", "--date", "1990-01-01"], "1990-01-01 has no games, so there is nothing to prove"),
        (["show", "Nobody At All", "2024-04-05"], "Nobody is called"),
        (["status", "--format", "xml"], "--format 'xml' is unknown"),
    ],
)
def test_bad_usage_is_one_sentence(arguments: list[str], sentence: str, some_home: BuiltHome) -> None:
    from backcourt.engine.errors import BackcourtError

    result = call(some_home.home.path, *arguments)
    assert isinstance(result.exception, BackcourtError) and result.exception.exit_code == 2
    assert sentence in str(result.exception) and "\n" not in str(result.exception)


def test_a_home_without_data_says_what_to_do(tmp_path: Path) -> None:
    assert "next: backcourt init" in call(tmp_path).stdout
    assert call(tmp_path, "init").exit_code == 0
    assert "next: backcourt ingest" in call(tmp_path).stdout
    empty = call(tmp_path, "verify")
    assert empty.exit_code == 5 and "nothing is expected in this range" in empty.stdout
