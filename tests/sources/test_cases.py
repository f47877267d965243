"""Inputs that failed in use, from `shared/cases`: each gives the right rows, or one sentence that is true and helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import DATA
from tests.sources.rows import load, warehouse

CASES = DATA.parent / "cases"
FOLDER, CUT, V3 = CASES / "07-folder-skips-files", CASES / "08-truncated-csv", CASES / "09-v3-listed-without-comment"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"this test needs the cases of {CASES}, and they aren't there")


@pytest.mark.parametrize("name", ["mixed", "only"])
def test_every_file_of_a_folder_is_loaded(name: str) -> None:
    connection = warehouse()
    report = load(connection, FOLDER / name)
    assert report.ok
    assert {file.file for file in report.files} == {file.name for file in (FOLDER / name).iterdir()}
    assert {(file.source, file.rows_in) for file in report.files} == {("stats.nba.com player log", 19)}
    assert connection.execute("select count(*), count(distinct load_id) from raw_player_box").fetchall() == [(19, 1)]


@pytest.mark.parametrize("file", sorted((FOLDER / "mixed").glob("*")), ids=lambda file: file.suffix)
def test_and_so_is_each_alone(file: Path) -> None:
    assert load(warehouse(), file).total("new") == 19


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("zf_truncated", "row 19 has 17 of 32 columns; the file is cut off, fetch it again"),
        ("zb_short_row", "row 5 has 20 of 32 columns; the file is cut off, fetch it again"),
        ("e_latin1", "it is not UTF-8 (line 2); save it as UTF-8"),
    ],
)
def test_a_csv_that_breaks_off_names_its_row(name: str, sentence: str) -> None:
    report = load(warehouse(), CUT / f"{name}.csv")
    assert [file.refused for file in report.files] == [f"{name}.csv: {sentence}."]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("v3_null", "boxScoreTraditional is null: the answer has no box, fetch it again"),
        ("v2_empty", "the answer has no players; use boxscoretraditionalv3"),
    ],
)
def test_an_answer_without_a_box_says_so(name: str, sentence: str) -> None:
    assert [file.refused for file in load(warehouse(), V3 / f"{name}.json").files] == [f"{name}.json: {sentence}."]


@pytest.mark.parametrize(("name", "appearance"), [("v3_nocomment", "dnp_other"), ("v3_inactive", "inactive")])
def test_who_is_listed_without_minutes_did_not_play(name: str, appearance: str) -> None:
    connection = warehouse()
    assert load(connection, V3 / f"{name}.json").ok
    found = "select count(*), count_if(roster_complete), count(minutes), count(points) from raw_player_box group by appearance = 'played'"
    assert connection.execute(f"{found} order by 1").fetchall() == [(2, 2, 0, 0), (19, 19, 19, 19)]
    assert connection.execute("select distinct appearance from raw_player_box order by 1").fetchall() == [(appearance,), ("played",)]
