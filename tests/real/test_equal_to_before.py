"""All rows of the real seasons, and every number of an evening, are those of the first version."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.earlier import FIRST, archive_of
from tests.real.both_versions import main


@pytest.mark.slow
def test_all_rows_equal_those_of_the_first_version(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("lightgbm", reason="forecasting needs the extra `ml`: pip install 'backcourt[ml]'")
    if archive_of(FIRST) is None:
        pytest.skip(f"the repository holds no commit {FIRST}, whose rows are to be equalled")
    assert main(tmp_path) == []
