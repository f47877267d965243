"""A file is whole under its name or keeps what it had; a cache file is what was kept or nothing."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import backcourt
from backcourt.engine import cache_file
from backcourt.engine.errors import BackcourtError
from backcourt.engine.files import read_json, read_object, sweep, whole, write_all, write_whole
from tests.engine.damage import DAMAGES

PACKAGE = Path(backcourt.__file__).parent
OWN_PROTOCOL = {"engine/files.py", "publishing/generation.py", "publishing/disk.py"}
"""A publication stops at any of its steps in a test, so it takes them itself."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def _python(arguments: list[str], before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    search = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    return subprocess.run([*before, sys.executable, *arguments], capture_output=True, text=True, check=False, env=search)


def test_a_file_gets_its_name_when_all_of_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    with whole(file) as unfinished:
        unfinished.write_bytes(b"all of it")
        assert not file.exists() and unfinished.parent == tmp_path
    assert file.read_bytes() == b"all of it" and _names(tmp_path) == ["kept.json"]
    write_whole(file, "Dončić")
    assert file.read_bytes() == "Dončić".encode() and _names(tmp_path) == ["kept.json"]


@pytest.mark.parametrize("stop", [ValueError("midway"), KeyboardInterrupt(), SystemExit(1)])
def test_a_writer_that_stops_midway_leaves_the_old_content(tmp_path: Path, stop: BaseException) -> None:
    file = tmp_path / "kept.json"
    write_whole(file, "old")
    with pytest.raises(type(stop)), whole(file) as unfinished:
        unfinished.write_text("ne")
        raise stop
    assert file.read_text() == "old" and _names(tmp_path) == ["kept.json"]


def test_a_writer_that_writes_nothing_leaves_the_old_content(tmp_path: Path) -> None:
    write_whole(tmp_path / "kept.json", "old")
    with pytest.raises(FileNotFoundError), whole(tmp_path / "kept.json"):
        pass
    assert (tmp_path / "kept.json").read_text() == "old"


def test_content_that_does_not_reach_the_disk_does_not_get_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "kept.json", "old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "kept.json", "new")
    assert (tmp_path / "kept.json").read_text() == "old" and _names(tmp_path) == ["kept.json"]


FULL_DISK = """
import errno, sys
from pathlib import Path
from backcourt.engine.files import write_whole
folder = Path(sys.argv[1])
write_whole(folder / "kept.json", "old")
try:
    write_whole(folder / "kept.json", bytes(1_000_000))
except OSError as error:
    assert error.errno == errno.ENOSPC, error
    print((folder / "kept.json").read_text(), *sorted(path.name for path in folder.iterdir()))
"""


def test_a_full_disk_keeps_the_old_content(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine doesn't let a test mount a small disk")
    mount = f"mount -t tmpfs -o size=64k tmpfs '{tmp_path}' && exec \"$@\""
    done = _python(["-c", FULL_DISK, str(tmp_path)], ["unshare", "--mount", "sh", "-c", mount, "sh"])
    assert done.stdout.split() == ["old", "kept.json"], done.stderr


def test_two_writers_of_one_name_leave_one_whole_content(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    contents = [letter * 100_000 for letter in (b"a", b"b")]
    write_whole(file, contents[0])
    barrier, torn = Barrier(2), []

    def write(content: bytes) -> None:
        barrier.wait()
        for _ in range(50):
            write_whole(file, content)
            if file.read_bytes() not in contents:
                torn.append(content[:1])

    writers = [Thread(target=write, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not torn and file.read_bytes() in contents and _names(tmp_path) == ["kept.json"]


KILLED = """
import os, sys
from pathlib import Path
from backcourt.engine.files import whole
whole(Path(sys.argv[1]) / "kept.json").__enter__().write_text("ha")
print(os.getpid(), flush=True)
os._exit(9)
"""


def test_a_sweep_takes_the_unfinished_files_of_one_process(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    killed = _python(["-c", KILLED, str(below)])
    assert killed.returncode == 9, killed.stderr
    pid = int(killed.stdout)
    assert len(_names(below)) == 1
    others = [f".kept.json.{pid}1.1.part", f".kept.{pid}.json.7.1.part", f"kept.json.{pid}.1.part", f".kept.json.{pid}.json"]
    for name in others:
        (tmp_path / name).write_text("ha")
    sweep(tmp_path, pid)
    assert _names(tmp_path) == sorted(["below", *others])
    sweep(tmp_path / "nowhere", pid)


def test_nothing_else_writes_unfinished_files_of_its_own() -> None:
    by_hand = re.compile(r"""\.part["'}]""")
    files = {str(file.relative_to(PACKAGE)): file.read_text() for file in PACKAGE.rglob("*.py")}
    assert {name for name, text in files.items() if by_hand.search(text)} >= {"engine/files.py", "publishing/generation.py"}
    assert [name for name, text in sorted(files.items()) if by_hand.search(text) and name not in OWN_PROTOCOL] == []


@given(JSON)
def test_a_cache_file_gives_what_was_kept(body: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cache" / "kept.json"
        cache_file.keep(file, body)
        assert cache_file.recall(file) == body and _names(file.parent) == ["kept.json"]


@given(st.binary() | JSON.map(lambda body: json.dumps(body).encode()))
def test_nothing_else_is_believed(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kept.json"
        file.write_bytes(data)
        assert cache_file.recall(file) is None


@given(st.data(), JSON.filter(lambda body: body is not None))
def test_no_byte_of_a_cache_file_can_change(data: st.DataObject, body: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kept.json"
        cache_file.keep(file, body)
        kept = file.read_bytes()
        at = data.draw(st.integers(0, len(kept) - 1))
        changed = kept[:at] + data.draw(st.binary(max_size=3)) + kept[at + 1 :]
        for stored in (changed, kept[:at]):
            file.write_bytes(stored)
            assert stored == kept or cache_file.recall(file) is None


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_file_holds_nothing_and_is_kept_anew(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "kept.json"
    cache_file.keep(file, {"version": "1", "letters": "abc"})
    DAMAGES[damage](file)
    assert cache_file.recall(file) is None
    cache_file.keep(file, [1])
    assert cache_file.recall(file) == (None if damage == "a folder" else [1]) and _names(tmp_path) == ["kept.json"]


@pytest.mark.parametrize("text", [b"[" * 200_000 + b"]" * 200_000, b"\xff", b"", b"1" * 5000, b"[1"])
def test_a_digest_alone_makes_no_content(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "kept.json").write_bytes(cache_file._stored("kept.json", text))
    assert cache_file.recall(tmp_path / "kept.json") is None


def test_a_cache_that_cannot_be_read_or_written_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").write_text("a file")
    cache_file.keep(tmp_path / "cache" / "kept.json", [1])
    assert cache_file.recall(tmp_path / "cache" / "kept.json") is None and (tmp_path / "cache").read_text() == "a file"
    cache_file.keep(tmp_path / "kept.json", [1])

    def refused(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert cache_file.recall(tmp_path / "kept.json") is None


def test_what_the_system_writes_in_part_is_written_whole_or_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills in the middle of a block takes the first part and calls it a success."""
    file = os.open(tmp_path / "x", os.O_RDWR | os.O_CREAT)
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda number, data, start: real(number, bytes(data[:3]), start))
    write_all(file, b"0123456789", 2)
    assert os.pread(file, 20, 0) == b"\0\0" + b"0123456789"
    os.close(file)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 200_000, None])
def test_json_that_cannot_be_read_is_one_sentence_with_the_next_step(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    assert read_json(file, "write it again") is None
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(BackcourtError, match=r"kept\.json can't be read \(.+\); write it again\.$"):
        read_json(file, "write it again")


@pytest.mark.parametrize("content", ["[1]", "7", "null", '"text"', "{"])
def test_a_file_of_another_shape_is_no_object(content: str, tmp_path: Path) -> None:
    (file := tmp_path / "kept.json").write_text(content)
    if content == "null":
        assert read_object(file, "write it again") is None
        return
    with pytest.raises(BackcourtError, match=r"kept\.json (holds no object|can't be read \(.+\)); write it again\.$"):
        read_object(file, "write it again")
