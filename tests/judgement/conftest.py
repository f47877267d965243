"""One synthetic run folder for the tests of this folder."""

from __future__ import annotations

import pytest

from backcourt.judgement.evaluated_run import EvaluatedRun
from tests.judgement.run_folders import write_run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> EvaluatedRun:
    """Points of two synthetic seasons; don't write to its folder."""
    return EvaluatedRun(write_run(tmp_path_factory.mktemp("runs") / "points"))
