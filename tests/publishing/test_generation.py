"""Generations replace each other whole: whenever a publisher stops, what was published before can be read, byte for byte."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backcourt.engine.errors import BackcourtError, LockedError
from backcourt.engine.lock import write_lock
from backcourt.publishing.documents import Document
from backcourt.publishing.generation import Publication
from tests.conftest import ROOT
from tests.publishing.broken_disk import NOW, BrokenDisk, documents, publish


def word_of(root: Path) -> str:
    """Which publication can be read: every file of the manifest is whole and all are of one word."""
    publication = Publication(root)
    assert publication.problems() == []
    words = {str(value) for name in ("picks/2024-04-05.json", "status.json") for value in publication.read_json(name).values()}  # type: ignore[union-attr]
    (word,) = words
    assert publication.read(f"results/{word}.json") and publication.read("ledger/2024-04-05.json") == b'{"rows":[1]}\n'
    assert publication.read("methodology.md") == b"how\n"
    return word


def steps_of_third_publication(root: Path) -> int:
    disk = BrokenDisk(0)
    publish(root, "third", disk)
    return disk.steps


@pytest.fixture
def published(tmp_path: Path) -> Path:
    root = tmp_path / "published"
    publish(root, "first")
    publish(root, "second")
    return root


def test_a_failure_at_any_step_leaves_a_whole_publication(published: Path, tmp_path: Path) -> None:
    count = steps_of_third_publication(shutil.copytree(published, tmp_path / "counted"))
    assert 20 < count < 100
    seen = set()
    for step in range(1, count + 1):
        root = shutil.copytree(published, tmp_path / f"broken{step}")
        with pytest.raises(BackcourtError, match="No space left on device"):
            publish(root, "third", BrokenDisk(step))
        seen.add(word_of(root))
        publish(root, "third")
        assert word_of(root) == "third"
        publish(root, "fourth")
        assert sorted(folder.name for folder in (root / "generations").iterdir()) == ["000003", "000004"], "leftovers are cleared"
    assert seen == {"second", "third"}, "some steps come before the swap of the manifest and some after"


def test_kill_minus_9_at_random_steps_leaves_a_whole_publication(published: Path, tmp_path: Path) -> None:
    count = steps_of_third_publication(shutil.copytree(published, tmp_path / "counted"))
    for step in sorted(random.Random(10).sample(range(1, count + 1), 8)):
        root = shutil.copytree(published, tmp_path / f"killed{step}")
        done = subprocess.run(
            [sys.executable, "-m", "tests.publishing.broken_disk", str(root), "third", str(step)],
            cwd=ROOT, env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}, check=False,
        )  # fmt: skip
        assert done.returncode == -signal.SIGKILL
        assert word_of(root) in ("second", "third")
        publish(root, "third")
        assert word_of(root) == "third"


def test_the_manifest_names_the_generation_before_and_every_file(published: Path) -> None:
    manifest = Publication(published).manifest()
    assert manifest is not None and (manifest.generation, manifest.previous) == (2, 1)
    assert list(manifest.by_name) == [
        "ledger/2024-04-05.json", "methodology.md", "picks/2024-04-05.json", "results/first.json", "results/second.json", "status.json",
    ]  # fmt: skip
    for entry in manifest.files:
        assert (published / entry.path).stat().st_size == entry.bytes
        if entry.path.startswith("immutable/"):
            assert entry.sha256 in entry.path


def test_immutable_files_are_never_written_again(published: Path) -> None:
    (ledger,) = (published / "immutable" / "ledger").iterdir()
    before = ledger.stat()
    publish(published, "third")
    after = ledger.stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)
    assert len(list((published / "immutable" / "results").iterdir())) == 3
    changed = Document("ledger/2024-04-05.json", b'{"rows":[1,2]}\n', "ledger.schema.json", is_immutable=True)
    Publication(published).publish([changed], NOW, is_simulated=False)
    assert ledger.read_bytes() == b'{"rows":[1]}\n', "a longer ledger is another file"
    assert Publication(published).read("ledger/2024-04-05.json") == b'{"rows":[1,2]}\n'


def test_a_damaged_immutable_file_is_refused_not_repaired(published: Path) -> None:
    (ledger,) = (published / "immutable" / "ledger").iterdir()
    ledger.write_bytes(b'{"rows":[2]}\n')
    assert len(Publication(published).problems()) == 1
    with pytest.raises(BackcourtError, match="isn't what the manifest says"):
        Publication(published).read("ledger/2024-04-05.json")
    with pytest.raises(BackcourtError, match="never rewritten"):
        publish(published, "third")
    assert ledger.read_bytes() == b'{"rows":[2]}\n'


def test_a_damaged_file_is_found_and_published_again(published: Path) -> None:
    file = published / "generations" / "000002" / "status.json"
    file.write_bytes(b"{}\n")
    with pytest.raises(BackcourtError, match="isn't what the manifest says"):
        Publication(published).read("status.json")
    publish(published, "second")
    assert word_of(published) == "second"


def test_the_same_files_again_write_nothing(published: Path) -> None:
    before = sorted((str(file), file.stat().st_mtime_ns) for file in published.rglob("*") if file.name != "publish.lock")
    publish(published, "second")
    assert before == sorted((str(file), file.stat().st_mtime_ns) for file in published.rglob("*") if file.name != "publish.lock")


def test_old_generations_go_and_what_was_carried_stays(tmp_path: Path) -> None:
    root = tmp_path / "published"
    for number in range(20):
        publication = Publication(root)
        carried = [Document("methodology.md", b"how\n", None)] if number == 0 else []
        publication.publish([*documents(f"w{number}"), *carried], NOW, is_simulated=False)
    kept = sorted(folder.name for folder in (root / "generations").iterdir())
    assert kept == [f"{number:06d}" for number in range(7, 21)]
    assert word_of(root) == "w19"


def test_two_publishers_at_once_are_one_too_many(published: Path) -> None:
    with write_lock(published / "publish.lock", "publish"), pytest.raises(LockedError, match="publish"):
        publish(published, "third")
    assert word_of(published) == "second"
