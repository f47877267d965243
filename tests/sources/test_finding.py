"""Every file of a folder is read or named with the reason; nothing but a plain file is opened, and no name changes what is read."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import zipfile
from pathlib import Path

import pytest

from backcourt.engine.errors import BackcourtError
from backcourt.parquet import read_parquet
from backcourt.sources.payloads import loads_of, read_log
from backcourt.sources.report import FileReport
from backcourt.warehouses.duckdb.warehouse import DuckDBWarehouse
from tests.sources.rows import at, load, player, team, warehouse, write_csv, write_parquet


def told(file: FileReport) -> str:
    return file.refused or file.skipped or ""


def test_each_file_that_is_not_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    for name in ("a.bz2", "b.xlsx", "README.md", "LICENSE", "d.tar", ".hidden"):
        (tmp_path / name).write_text("x")
    (tmp_path / "gone.csv.meta.json").write_text("{}")
    write_csv(tmp_path / "box.csv", [player(11)])
    (tmp_path / "box.csv.meta.json").write_text('{"captured_at": "2023-10-25T05:00:00Z"}')
    report = load(warehouse(), tmp_path)
    by_name = {file.file: file for file in report.files}
    assert set(by_name) == {"a.bz2", "b.xlsx", "README.md", "LICENSE", "d.tar", ".hidden", "box.csv", "gone.csv.meta.json"}
    assert by_name["a.bz2"].refused == "a.bz2: .bz2 is not read; unpack it and ingest what it holds."
    assert by_name["b.xlsx"].refused == "b.xlsx: .xlsx is not read; save it as CSV or Parquet."
    assert (by_name["README.md"].skipped or "").startswith("README.md: .md is not read; read are Parquet, CSV, TSV, JSON")
    assert by_name["gone.csv.meta.json"].skipped == "gone.csv.meta.json: it is a note on a file that isn't there."
    assert report.exit_code == 1
    assert "1 of 4 files" in report.sentence and report.sentence.endswith("4 not read")


def test_a_text_beside_the_files_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("what lies here")
    write_csv(tmp_path / "box.csv", [player(11)])
    report = load(warehouse(), tmp_path)
    assert (report.exit_code, [bool(file.skipped) for file in report.files]) == (0, [False, True])


@pytest.mark.parametrize("name", ["notes.md", "old.bz2"])
def test_a_folder_in_which_nothing_can_be_read_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    report = load(warehouse(), tmp_path)
    assert report.exit_code == 1
    assert {file.file for file in report.files} >= {name}


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BackcourtError, match="is an empty folder"):
        load(warehouse(), tmp_path)


@pytest.mark.parametrize("name", ["box.xlsx", "box", "box.txt"])
def test_a_file_given_alone_that_is_not_read_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    (file,) = load(warehouse(), tmp_path / name).files
    assert file.refused and "is not read; " in file.refused


@pytest.mark.parametrize("is_alone", [True, False])
def test_what_is_no_plain_file_is_named_and_never_opened(tmp_path: Path, is_alone: bool) -> None:
    write_csv(tmp_path / "z.csv", [player(11)])
    os.mkfifo(tmp_path / "fifo.csv")
    (tmp_path / "nowhere.json").symlink_to(tmp_path / "nothing")
    (tmp_path / "round.csv").symlink_to(tmp_path / "round.csv")
    (tmp_path / "device.csv").symlink_to("/dev/zero")
    (tmp_path / "folder.parquet").mkdir()
    write_csv(tmp_path / "folder.parquet" / "inside.csv", [team(1610612738)])
    (tmp_path / "linked.csv").symlink_to(tmp_path / "folder.parquet")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket.csv"))
        names = ("fifo.csv", "nowhere.json", "round.csv", "device.csv", "linked.csv", "socket.csv")
        given = [tmp_path / name for name in names if name != "linked.csv"] if is_alone else [tmp_path]
        report = load(warehouse(), *given)
    refused = {file.file: told(file).partition(": ")[2] for file in report.files if told(file)}
    assert refused["fifo.csv"] == "it is a FIFO, which is never opened; write its content to a file."
    assert refused["device.csv"].startswith("it is a device") and refused["socket.csv"].startswith("it is a socket")
    assert refused["nowhere.json"].startswith("it is a link that leads nowhere")
    assert refused["round.csv"].startswith("it is a link that leads nowhere")
    assert report.exit_code == 1
    if not is_alone:
        assert refused["linked.csv"].startswith("it is a link to a folder")
        assert {file.file: file.new for file in report.files if not told(file)} == {"z.csv": 1, "inside.csv": 1}


ODD = (
    "GAME_ID=0022100001", "a*b", "[ab]", "wh?t", "it's \"quoted\"", "two\nlines", "AST=99", "back\\slash", "nbsp\u00a0é", "-- drop; select",
    "100%", "{x}", "$HOME", "~", " blank ",
)  # fmt: skip


@pytest.mark.parametrize("is_folder", [True, False])
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".json"])
def test_no_name_changes_which_rows_are_read(tmp_path: Path, ending: str, is_folder: bool) -> None:
    plain = tmp_path / f"plain{ending}"
    if ending == ".parquet":
        write_parquet(plain, [player(11)])
    elif ending == ".csv":
        write_csv(plain, [player(11)])
    else:
        import json

        plain.write_text(json.dumps([player(11)]))
    odd = tmp_path / "odd"
    for number, name in enumerate(ODD):
        target = odd / name / f"box{number}{ending}" if is_folder else odd / f"{name}{ending}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(plain, target)
    connection = warehouse()
    report = load(connection, odd, again=True, raw_folder=tmp_path / "RAW=1*[x]" / "raw")
    assert [told(file) for file in report.files if told(file)] == []
    assert len(report.files) == len(ODD)
    assert connection.execute("select count(*), any_value(assists), count(distinct game_id) from raw_player_box").fetchall() == [(1, 11, 1)]
    assert all("\n" not in file.file for file in report.files)


@pytest.mark.parametrize("name", [*ODD, "run=3/x=1"])
def test_a_parquet_file_is_read_back_alone_and_with_its_own_columns(tmp_path: Path, name: str) -> None:
    for folder in (tmp_path / name, tmp_path / "aXb", tmp_path / "a", tmp_path / "whXt"):
        folder.mkdir(parents=True, exist_ok=True)
        write_parquet(folder / "a.parquet", [{"x": 1 if folder.name == Path(name).name else 2}])
    file = tmp_path / name / "a.parquet"
    assert {column: values.tolist() for column, values in read_parquet(file, "select * from rows").items()} == {"x": [1]}


def zipped(file: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def test_each_member_of_a_zip_is_a_file_of_its_own(tmp_path: Path) -> None:
    boxes = write_csv(tmp_path / "b.csv", [player(11)]).read_bytes()
    teams = write_csv(tmp_path / "t.csv", [team(1610612738)]).read_bytes()
    note = b'{"captured_at": "2023-10-25T05:00:00Z"}'
    members = {
        "day/b.CSV": boxes,
        "day/b.CSV.meta.json": note,
        "t.csv.gz": gzip.compress(teams),
        "x.txt": b"-",
        "in.zip": b"PK",
        "bad.csv": b"x",
    }
    archive = zipped(tmp_path / "all.ZIP", members)
    connection = warehouse()
    report = load(connection, archive, raw_folder=tmp_path / "raw")
    found = {file.file: (file.new, told(file).partition(": ")[2][:20]) for file in report.files}
    assert found == {
        "all.ZIP/day/b.CSV": (1, ""), "all.ZIP/t.csv.gz": (1, ""), "all.ZIP/bad.csv": (0, "its columns (x) are "),
        "all.ZIP/in.zip": (0, "it is an archive in "), "all.ZIP/x.txt": (0, ".txt is not read; re"),
    }  # fmt: skip
    assert connection.execute("select distinct captured_at from raw_groups where raw = 'raw_player_box'").fetchall() == [
        (at("2023-10-25 05:00"),)
    ]
    assert load(connection, archive).files[0].already_loaded
    alone = tmp_path / "b.csv"
    assert load(connection, alone).files[0].already_loaded


def test_a_kept_archive_gives_each_of_its_loads_again(tmp_path: Path) -> None:
    boxes = write_csv(tmp_path / "b.csv", [player(11)]).read_bytes()
    teams = write_csv(tmp_path / "t.csv", [team(1610612738)]).read_bytes()
    (tmp_path / "x.zip").mkdir()
    archive = zipped(tmp_path / "x.zip" / "all.zip", {"b.csv": boxes, "day/t.csv": teams})
    kept, first, second = tmp_path / "raw", warehouse(), warehouse()
    load(first, archive, raw_folder=kept)
    payloads = read_log(kept)
    assert [payload.name for payload in payloads] == ["all.zip/b.csv", "all.zip/day/t.csv"]
    assert loads_of(DuckDBWarehouse(first)) == payloads
    assert {file.name for file in kept.iterdir()} == {payloads[0].payload, "loads.jsonl"}
    for payload in payloads:
        file = kept / (payload.payload or "")
        assert [one.new for one in load(second, file, kept={file: payload.name}).files] == [1]
    for raw in ("raw_player_box", "raw_team_box"):
        assert second.execute(f"select * from {raw}").fetchall() == first.execute(f"select * from {raw}").fetchall() != []


def test_a_zip_that_is_damaged_encrypted_or_twice_the_same_is_named(tmp_path: Path) -> None:
    boxes = write_csv(tmp_path / "b.csv", [player(number) for number in range(50)]).read_bytes()
    whole = zipped(tmp_path / "whole.zip", {"b.csv": boxes}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-30])
    (tmp_path / "bent.zip").write_bytes(whole[:60] + b"\x55\x55\x55\x55" + whole[64:])
    locked = bytearray(whole)
    locked[6] |= 1
    locked[whole.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("b.csv", boxes)
        archive.writestr("b.csv", boxes)
    names = ("cut", "bent", "locked", "twice")
    found = {file.file: told(file) for name in names for file in load(warehouse(), tmp_path / f"{name}.zip").files}
    assert "cut off or damaged; fetch it again" in found["cut.zip"] and "cut off or damaged" in found["bent.zip/b.csv"]
    assert "encrypted; unpack it" in found["locked.zip/b.csv"]
    assert "2 files of this name" in found["twice.zip/b.csv"]
