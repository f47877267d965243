"""What is wrong with a file or a row is told in one sentence, kept apart, and never stops the rest."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.sources.payloads import read_log
from tests.sources.rows import (
    GAME,
    at,
    event,
    fantasy,
    load,
    native_shot,
    player,
    prop,
    scheduled,
    shot,
    team,
    warehouse,
    write_csv,
    write_parquet,
)  # fmt: skip


def test_a_bad_file_never_stops_the_others_and_leaves_nothing(tmp_path: Path) -> None:
    connection = warehouse()
    whole = write_parquet(tmp_path / "a.parquet", [player(number) for number in range(1, 201)])
    (tmp_path / "b.parquet").write_bytes(whole.read_bytes()[:-500])
    write_csv(tmp_path / "c.csv", [{"colour": "red", "size": 3}])
    (tmp_path / "d.json").write_text('{"resultSets": ')
    (tmp_path / "e.json.gz").write_bytes(gzip.compress(b"[]" * 500, mtime=0)[:-9])
    (tmp_path / "f.json").write_text('{"meta": 1}')
    (tmp_path / "g.csv").write_text("")
    write_csv(tmp_path / "h.csv", [{name: value for name, value in player(3).items() if name not in ("PTS", "AST")}])
    write_csv(tmp_path / "i.csv", [{"GAME_ID": GAME, "PLAYER_ID": 3}])
    good = write_csv(tmp_path / "z.csv", [team(1610612738)])
    report = load(connection, tmp_path)
    by_name = {file.file: file for file in report.files}
    assert not report.ok
    assert by_name["a.parquet"].new == 200
    assert by_name[good.name].new == 1
    refused = {name: file.refused for name, file in by_name.items() if file.refused}
    assert set(refused) == {"b.parquet", "c.csv", "d.json", "e.json.gz", "f.json", "g.csv", "h.csv", "i.csv"}
    for name, sentence in refused.items():
        assert sentence.startswith(f"{name}: ") and sentence.endswith(".") and "\n" not in sentence, sentence
    assert "no whole Parquet file" in refused["b.parquet"]
    assert "colour, size" in refused["c.csv"]
    assert "the nearest, 'stats.nba.com player log', also needs AST, PTS" in refused["h.csv"]
    assert "its columns (GAME_ID, PLAYER_ID) are no known format's" in refused["i.csv"]
    assert connection.execute("select count(*) from raw_loads").fetchall() == [(2,)]
    assert report.as_dict()["totals"]["refused"] == 8


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (player(12, GAME_ID="12345"), "game_id '12345' is not an NBA game id (10 digits, 00 first, then a season type 1 to 6)"),
        (player(12, PTS=26), "points 26 are not 2 x 6 + 3 x 3 + 4 (rule: points add up)"),
        (player(12, REB=8), "rebounds 8 are not 2 offensive + 5 defensive (rule: rebounds add up)"),
        (player(12, FTA=3), "more shots made than attempted (rule: makes within attempts)"),
        (player(12, team_id=99), "team 99 is not one of the 30 teams (rule: known team)"),
        (player(12, MIN="12:75"), "minutes '12:75 minutes' is not whole minutes or MM:SS"),
        (player(12, AST="eleven"), "assists 'eleven' is not a whole number"),
        (player(12, AST="1.5"), "assists '1.5' is not a whole number"),
        (player(12, STL=""), "steals is missing"),
        (player("", PLAYER_NAME="Nobody"), "player_id is missing"),
        (player(12, STL=-1), "steals -1 is not between 0 and 400 (rule: possible values)"),
    ],
)
def test_a_bad_row_of_a_box_is_kept_apart(tmp_path: Path, row: dict[str, Any], sentence: str) -> None:
    connection = warehouse()
    report = load(connection, write_csv(tmp_path / "box.csv", [player(11), row]))
    assert report.files[0].sentences == [f"box.csv, row 2: {sentence}."]
    assert (report.files[0].rows_in, report.files[0].new, report.files[0].rejected, report.ok) == (2, 1, 1, False)
    assert connection.execute("select player_id from raw_player_box").fetchall() == [(11,)]
    kept = connection.execute("select file, file_row, sentence, payload from raw_rejects").fetchall()
    assert kept[0][:3] == ("box.csv", 2, sentence)
    assert '"GAME_ID"' in kept[0][3]


def test_two_rows_of_a_player_in_a_game_are_both_kept_apart(tmp_path: Path) -> None:
    report = load(connection := warehouse(), write_csv(tmp_path / "box.csv", [player(11), player(12), player(12, AST=3)]))
    assert [sentence[:30] for sentence in report.files[0].sentences] == ["box.csv, row 2: one of several", "box.csv, row 3: one of several"]
    assert connection.execute("select player_id from raw_player_box").fetchall() == [(11,)]


def test_foreign_clubs_play_preseason_only(tmp_path: Path) -> None:
    report = load(warehouse(), write_csv(tmp_path / "teams.csv", [team(50009, "0012300001"), team(50009)]))
    assert report.files[0].sentences == ["teams.csv, row 2: team 50009 is not one of the 30 teams (rule: known team)."]


def test_a_stub_is_set_aside_without_blame(tmp_path: Path) -> None:
    stub = team(1610612752, "0012300036", MIN=3, WL="", PTS=2, FGM=1, FG3M=0, FTM=0)
    report = load(connection := warehouse(), write_csv(tmp_path / "teams.csv", [team(1610612752, "0012300036"), stub]))
    assert report.ok
    assert report.files[0].notes == ["teams.csv, row 2: a stub of 3 minutes without a result (rule: a full game)."]
    assert connection.execute("select points from raw_team_box").fetchall() == [(100,)]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([event(home_team="Seattle SuperSonics")], "home_team 'Seattle SuperSonics' is not the name of one of the 30 teams"),
        ([event(commence_time="soon")], "commence_time 'soon' is not a date and time"),
        ([event(home_team="New York Knicks")], "home and away team are the same (rule: two teams)"),
        ([prop("Over", outcomes_price=50)], "over_price 50 is no American price (rule: American price)"),
        ([prop("Over", 0)], "line 0.0 is not above 0 (rule: line)"),
        ([prop("Yes")], "neither side has a price (rule: a price)"),
        ([fantasy("Over", market="player_dunks")], "market 'player_dunks' is not one of the prop markets"),
        ([scheduled(etdate="24/10")], "game_date '24/10' is not a date"),
        ([scheduled(ettime="half past")], "ettime 'half past' is not an Eastern wall time like 19:30:00"),
        ([scheduled(st=7)], "st '7' is not 1, 2 or 3"),
        ([scheduled(**{"h.s": ""})], f"game {GAME} is final without a score (rule: a final game has a score)"),
        ([shot(BASIC_ZONE="Parking Lot")], "BASIC_ZONE 'Parking Lot' is not one of the league's areas"),
        ([shot(SHOT_TYPE="4PT")], "SHOT_TYPE '4PT' is not 2PT or 3PT Field Goal"),
        ([native_shot(1, SHOT_MADE_FLAG=2)], "SHOT_MADE_FLAG '2' is not 0 or 1"),
    ],
)
def test_other_feeds_say_what_is_wrong(tmp_path: Path, rows: list[dict[str, Any]], sentence: str) -> None:
    report = load(warehouse(), write_csv(tmp_path / "file.csv", rows))
    assert not report.ok
    assert report.files[0].sentences[0].startswith(f"file.csv, row 1: {sentence}")


def test_shots_of_one_player_or_only_made_ones_are_refused(tmp_path: Path) -> None:
    one = write_csv(tmp_path / "one.csv", [native_shot(number, PLAYER_ID=5) for number in range(60)])
    made = write_csv(tmp_path / "made.csv", [native_shot(number, SHOT_MADE_FLAG=1) for number in range(60)])
    report = load(warehouse(), one, made)
    assert "one player only" in (report.files[0].refused or "")
    assert "made shots only" in (report.files[1].refused or "")


def test_many_bad_rows_are_told_shortly_and_kept_all(tmp_path: Path) -> None:
    report = load(connection := warehouse(), write_csv(tmp_path / "box.csv", [player(number, PTS=0) for number in range(100)]))
    assert report.files[0].rejected == 100
    assert len(report.files[0].sentences) == 21
    assert report.files[0].sentences[-1] == "box.csv: 80 more rows were kept apart; see raw_rejects, load 1."
    assert connection.execute("select count(*) from raw_rejects").fetchall() == [(100,)]


def test_inputs_that_do_not_exist_and_a_bad_note_are_errors(tmp_path: Path) -> None:
    with pytest.raises(BackcourtError, match="doesn't exist"):
        load(warehouse(), tmp_path / "nothing")
    file = write_csv(tmp_path / "box.csv", [player(11)])
    (tmp_path / "box.csv.meta.json").write_text('{"when": "yesterday"}')
    assert "captured_at" in (load(warehouse(), file).files[0].refused or "")


def test_files_are_kept_byte_for_byte(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "box.csv", [player(11)])
    kept = tmp_path / "raw"
    connection = warehouse()
    load(connection, file, raw_folder=kept)
    hashed, copy = connection.execute("select file_hash, payload_ref from raw_loads").fetchall()[0]
    assert sorted(path.name for path in kept.iterdir()) == [f"{hashed}.csv", "loads.jsonl"]
    assert Path(copy).read_bytes() == file.read_bytes()
    (logged,) = read_log(kept)
    assert (logged.name, logged.payload, logged.source) == ("box.csv", f"{hashed}.csv", "stats.nba.com player log")


def test_a_torn_line_of_the_log_loses_nothing_else(tmp_path: Path) -> None:
    kept, connection = tmp_path / "raw", warehouse()
    load(connection, write_csv(tmp_path / "one.csv", [player(11)]), raw_folder=kept)
    log = kept / "loads.jsonl"
    log.write_bytes(log.read_bytes() + log.read_bytes()[:40])
    load(connection, write_csv(tmp_path / "two.csv", [player(12)]), raw_folder=kept)
    assert [payload.name for payload in read_log(kept)] == ["one.csv", "two.csv"]


def test_a_payload_that_was_damaged_is_kept_again(tmp_path: Path) -> None:
    file, kept = write_csv(tmp_path / "box.csv", [player(11)]), tmp_path / "raw"
    load(warehouse(), file, raw_folder=kept)
    (copy,) = kept.glob("*.csv")
    copy.write_bytes(copy.read_bytes()[:10])
    load(warehouse(), file, raw_folder=kept)
    assert copy.read_bytes() == file.read_bytes()


def test_a_raw_folder_that_cannot_be_written_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("a file")
    connection = warehouse()
    with pytest.raises(BackcourtError, match="can't be written"):
        load(connection, write_csv(tmp_path / "box.csv", [player(11)]), raw_folder=tmp_path / "raw")
    assert connection.execute("select count(*) from raw_player_box").fetchall() == [(0,)]


def test_a_source_can_be_named_for_a_frame() -> None:
    import pandas

    frame = pandas.DataFrame([player(11)])
    assert load(warehouse(), frame, source="leaguegamelog").ok
    assert "no source 'nonsense'" in (load(warehouse(), frame, source="nonsense").files[0].refused or "")
    assert "it has the column PLAYER_ID" in (load(warehouse(), frame, source="leaguegamefinder").files[0].refused or "")
    assert "it lacks the columns COMMENT" in (load(warehouse(), frame, source="boxscoretraditionalv2").files[0].refused or "")
    assert load(warehouse(), frame, captured_at=at("2023-10-25")).total("new") == 1


def test_a_column_that_a_feed_needs_beyond_those_that_tell_it_is_named() -> None:
    import pandas

    frame = pandas.DataFrame([player(11)]).drop(columns="FTA")
    (file,) = load(warehouse(), frame).files
    assert file.refused == "DataFrame: it lacks the column FTA of 'stats.nba.com player log'; compare it with a file that loads."


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("a.csv", b"", "it is empty; fetch it again"),
        ("a.csv", b"\xef\xbb\xbf \n", "it is empty; fetch it again"),
        ("a.json", b" \n", "it is empty; fetch it again"),
        ("a.csv", b"<!DOCTYPE html><p>Access denied", "it is a web page, not rows; the site may have refused"),
        ("a.json", b" <html>", "it is a web page, not rows"),
        ("a.csv", b"GAME_ID,MIN\n1,\x002\n", "it holds NULL bytes (line 2), so it is damaged or no text; fetch it again"),
        ("a.csv", "GAME_ID\n1\n".encode("utf-16"), "it is UTF-16; save it as UTF-8"),
        ("a.csv", b"PAR1xxxxPAR1", "it is Parquet; give its name the ending .parquet"),
        ("a.json", b'[{"PTS": 1, "PTS": 2}]', "a record says 'PTS' twice (1 and 2); fetch it again"),
        ("a.json", gzip.compress(b"[]", mtime=0), "it is packed with gzip; give its name the ending .gz too"),
        ("a.csv", b"A,b,a\n1,2,3\n", "its column 'a' stands there twice; leave one of them"),
        ("a.json", b'[{"PTS": 1, "pts": 2}]', "its column 'pts' stands there twice"),
        ("a.csv", b"a,b\n1,2\n3,4,5\n", "row 2 has 3 columns and the header 2; quote values that hold commas, or fetch it again"),
        ("a.csv", b'a,b\n1,2\n3,"4\n', "a quotation mark before line 3 is never closed; the file is cut off, fetch it again"),
        ("a.csv", b'a,b\n1,2\n3,"4"x\n', "line 3 has a quotation mark inside a value; write it twice there"),
        ("a.tsv", b"a\tb\n1\n", "row 1 has 1 of 2 columns; the file is cut off"),
        ("a.json", b'[{"a": 1}', "it is no whole JSON (line 1, column 10); fetch it again"),
        ("a.jsonl", b'{"a": 1}\n{"a": \n', "line 2 is no whole JSON (line 2, column 7); fetch it again"),
        ("a.json", b"[" * 100_000, "its JSON is nested too deeply for any format; fetch it again"),
        ("a.json", b"[" + b"1" * 5000 + b"]", "record 1 is text or a number, not an object; fetch it again"),
        ("a.json", b'[{"a": "\\ud800"}]', "it holds half a character"),
        ("a.json", b'[{"a": "\\u0000"}]', "it holds NULL characters"),
        ("a.json", b'{"resultSets": []}', "resultSets[0] is a list, not an object; fetch it again"),
        ("a.json", b'{"resultSets": [{"name": "X", "headers": ["a"], "rowSet": []}]}', "the answer's 'X' has no rows; fetch it again"),
        ("a.json", b'{"boxScoreTraditional": {"homeTeam": 3}}', "boxScoreTraditional.homeTeam is text or a number, not an object"),
        ("a.parquet", b"PAR1" + b"x" * 40 + b"PAR1", "it is a damaged Parquet file; fetch it again"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_one_true_sentence(tmp_path: Path, name: str, body: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(body)
    (file,) = load(warehouse(), tmp_path / name).files
    assert file.refused and file.refused.startswith(f"{name}: {sentence}"), file.refused


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"\n", b"\r\n"),
        lambda body: body.replace(b"\r\n", b"\r"),
        lambda body: body.replace(b"\r\n", b"\n", 1),
        lambda body: b"\n\n" + body,
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.replace(b",", b";"),
        lambda body: body.replace(b",", b"|"),
        lambda body: body.rstrip(),
        lambda body: body + b"\n\n\n",
        lambda body: body.replace(b"Player 11", b'"Player 11"'),
    ],
)
def test_a_csv_is_read_however_its_lines_and_values_are_set_apart(tmp_path: Path, change: Any) -> None:
    file = write_csv(tmp_path / "box.csv", [player(11), player(12)])
    file.write_bytes(change(file.read_bytes()))
    connection = warehouse()
    assert load(connection, file).ok
    found = connection.execute("select player_name, assists from raw_player_box order by 1").fetchall()
    assert found == [("Player 11", 11), ("Player 12", 11)]


@pytest.mark.parametrize("value", [[5], {"a": 5}, [{"a": [5]}]])
def test_what_is_nested_where_a_number_belongs_is_rejected_not_lost(value: object, tmp_path: Path) -> None:
    file = tmp_path / "box.json"
    file.write_text(json.dumps([player(11, PLUS_MINUS=value), player(12)]))
    report = load(warehouse(), file)
    assert report.total("rejected") == 1 and "is not a whole number" in report.files[0].sentences[0]
