"""`publish` and `live` as a user meets them, on a home with the made-up fortnight."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import backcourt
from backcourt.cli.main import app
from backcourt.engine.errors import BackcourtError
from backcourt.publishing.generation import Publication
from backcourt.work.publish import publish
from tests.publishing import boxes
from tests.publishing.fortnight import LAST, Fortnight
from tests.publishing.test_guard import START, one_team_missing


def call(home: Path, *arguments: str) -> Result:
    """One verb."""
    return CliRunner().invoke(app, [*arguments, "--home", str(home)])


def home_with(folder: Path, fortnight: Fortnight) -> Path:
    """A home whose warehouse holds the rows."""
    folder.mkdir()
    fortnight.store(folder / "warehouse.duckdb").close()
    return folder


@pytest.fixture(autouse=True)
def fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", "2024-04-05T18:00:00")


@pytest.fixture(scope="module")
def unpublished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that nothing is published from; tests copy it."""
    return home_with(tmp_path_factory.mktemp("verbs") / "home", Fortnight(START))


@pytest.fixture
def home(unpublished: Path, tmp_path: Path) -> Path:
    return shutil.copytree(unpublished, tmp_path / "home")


def files_of(root: Path) -> dict[str, bytes]:
    """Every file's bytes by its path, but for the lock."""
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file() and file.name != "publish.lock"}


def test_publish_says_what_it_wrote_and_the_same_again_writes_nothing(home: Path) -> None:
    first = call(home, "publish", "--from", "2024-04-03", "--to", "2024-04-05")
    assert first.exit_code == 0 and first.stdout.startswith("Generation 1 in"), first.output
    before = files_of(home / "published")
    again = call(home, "publish", "--from", "2024-04-03", "--to", "2024-04-05", "--json")
    body = json.loads(again.stdout)
    assert (again.exit_code, body["is_new"], body["generation"], body["written"], body["is_open"]) == (0, False, 1, 0, True)
    assert files_of(home / "published") == before
    checked = call(home, "publish", "--check")
    assert checked.exit_code == 0 and not checked.stdout


def test_the_same_ledger_and_clock_make_the_same_bytes(home: Path, tmp_path: Path) -> None:
    other = shutil.copytree(home, tmp_path / "other")
    for place in (home, other):
        assert call(place, "publish", "--from", "2024-04-03", "--to", "2024-04-05").exit_code == 0
    mine, theirs = files_of(home / "published"), files_of(other / "published")
    assert mine == theirs and len(mine) > 40


def test_the_order_in_which_dates_are_published_does_not_change_their_files(home: Path, tmp_path: Path) -> None:
    other = shutil.copytree(home, tmp_path / "other")
    call(home, "publish", "--from", "2024-04-03", "--to", "2024-04-05")
    for day in ("2024-04-05", "2024-04-03", "2024-04-04"):
        assert call(other, "publish", "--date", day).exit_code == 0
    at_once, one_by_one = Publication(home / "published" / "v1"), Publication(other / "published" / "v1")
    # A pointer names the generation, and a player's form is that of the date published last.
    names = {
        name for name in at_once.names() if not name.endswith("latest.json") and not name.startswith("players/") and name != "status.json"
    }
    assert len(names) > 20 and {name for name in names if at_once.read(name) != one_by_one.read(name)} == set()
    assert at_once.names() == one_by_one.names()


def test_a_halted_publication_exits_1_and_says_why(home: Path, tmp_path: Path) -> None:
    fortnight = Fortnight(START)
    one_team_missing(fortnight)
    broken = home_with(tmp_path / "broken", fortnight)
    result = call(broken, "publish", "--date", "2024-04-05")
    assert result.exit_code == 1 and result.stdout.startswith(
        "Halted, the last good files stay: 2024-04-05: game 0022301401 has no forecast"
    )


def test_live_prints_states_and_writes_beside_the_slates_files(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKCOURT_NOW", "2024-04-06T01:31:00")
    folder = boxes.write(tmp_path / "boxes", boxes.box(), boxes.box("0022309998"))
    result = call(home, "live", "--date", "2024-04-05", "--box", str(folder), "--out", str(tmp_path / "out"))
    assert result.exit_code == 0 and "1 boxes" in result.stdout and "STALE" in result.stdout, result.output
    assert "0022309998" in result.stderr
    assert (tmp_path / "out" / "v1" / "live" / "manifest.json").is_file()
    as_json = call(home, "live", "--date", "2024-04-05", "--box", str(folder), "--out", str(tmp_path / "out"), "--json")
    assert json.loads(as_json.stdout)["boxes"] == 1


def test_check_names_a_file_that_was_changed(home: Path) -> None:
    assert call(home, "publish", "--date", "2024-04-05").exit_code == 0
    (picks,) = (home / "published").rglob("picks/2024-04-05.json")
    picks.write_bytes(picks.read_bytes().replace(b'"LEAN"', b'"BET" ', 1))
    result = call(home, "publish", "--check")
    assert result.exit_code == 1 and "picks/2024-04-05.json isn't what the manifest says" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "needs --date DATE, or --from DATE and --to DATE"),
        (("--from", "2024-04-05"), "needs --date DATE"),
        (("--date", "2024-04-05", "--to", "2024-04-06"), "needs --date DATE"),
        (("--from", "2024-04-05", "--to", "2024-04-03"), "2024-04-05 lies after 2024-04-03"),
        (("--date", "5 April"), "not an ISO date"),
    ],
)
def test_what_cannot_be_published_is_one_sentence(arguments: tuple[str, ...], sentence: str, unpublished: Path) -> None:
    result = call(unpublished, "publish", *arguments)
    assert isinstance(result.exception, BackcourtError) and sentence in str(result.exception)
    assert not (unpublished / "published").exists()


def test_a_home_without_a_ledger_says_the_next_step(tmp_path: Path) -> None:
    place = backcourt.open(tmp_path)
    place.init(simulated=True)
    with pytest.raises(BackcourtError, match="ledger is empty; run `backcourt predict"):
        publish(place, LAST, LAST)


def test_a_folder_that_cannot_be_written_is_one_sentence(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BackcourtError, match="can't be"):
        publish(backcourt.open(home), LAST, LAST, out=tmp_path / "file")
