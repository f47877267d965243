"""The files of distributions: one per content, whole, and written again when damaged."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from backcourt.record.pmf_files import read_pmfs, write_pmfs

DAY = date(2024, 4, 5)
PMFS = np.array([[0.25, 0.75], [0.5, 0.5]])


def test_the_same_content_is_the_same_file_which_is_left_alone(tmp_path: Path) -> None:
    file, digest = write_pmfs(tmp_path, DAY, "points", ["market/1", "market/2"], PMFS)
    before = (tmp_path / file).stat()
    assert write_pmfs(tmp_path, DAY, "points", ["market/1", "market/2"], PMFS) == (file, digest)
    after = (tmp_path / file).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert read_pmfs(tmp_path, file, digest) == {"market/1": [0.25, 0.75], "market/2": [0.5, 0.5]}
    other, _ = write_pmfs(tmp_path, DAY, "points", ["market/1", "market/2"], PMFS[::-1])
    assert sorted(path.name for path in (tmp_path / file).parent.iterdir()) == sorted([Path(file).name, Path(other).name])


@pytest.mark.parametrize("damaged", [b"", b"changed"])
def test_a_damaged_file_is_written_again(tmp_path: Path, damaged: bytes) -> None:
    file, digest = write_pmfs(tmp_path, DAY, "points", ["market/1", "market/2"], PMFS)
    (tmp_path / file).write_bytes(damaged)
    assert read_pmfs(tmp_path, file, digest) is None
    assert write_pmfs(tmp_path, DAY, "points", ["market/1", "market/2"], PMFS) == (file, digest)
    assert read_pmfs(tmp_path, file, digest) == {"market/1": [0.25, 0.75], "market/2": [0.5, 0.5]}
