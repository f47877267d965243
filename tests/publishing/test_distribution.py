"""Which distribution is published: the kept one where there is one, and nothing in place of a lost one."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backcourt.publishing.distribution import PublishedPmfs, chart
from backcourt.publishing.rows import Forecast
from backcourt.record.pmf_files import write_pmfs
from tests.publishing.fortnight import LAST


def forecast(**known: Any) -> Forecast:
    """A forecast of rebounds with mean 5, only what is given known beside it."""
    said = {"system": "market", "market": "rebounds", "player_id": 101, "mean": 5.0, "sd": 2.5, **known}
    return Forecast(**{field.name: said.get(field.name) for field in fields(Forecast)})  # type: ignore[arg-type]


def test_a_kept_distribution_is_used_and_a_changed_file_gives_none(tmp_path: Path) -> None:
    pmf = np.zeros(51)
    pmf[[4, 6]] = 0.25, 0.75
    file, digest = write_pmfs(tmp_path, LAST, "rebounds", ["market/101"], pmf[None, :])
    kept = PublishedPmfs(tmp_path)
    assert kept.p_over(forecast(pmf_file=file, pmf_sha256=digest), 5.5) == pytest.approx(0.75)
    assert chart(kept.pmf_of(forecast(pmf_file=file, pmf_sha256=digest))) == [0, 0, 0, 0, 0.25, 0, 0.75]  # type: ignore[arg-type]
    assert kept.pmf_of(forecast(pmf_file=file, pmf_sha256=digest, player_id=102)) is None
    (tmp_path / file).write_bytes(b"changed")
    assert PublishedPmfs(tmp_path).p_over(forecast(pmf_file=file, pmf_sha256=digest), 5.5) is None
    assert PublishedPmfs(tmp_path).p_over(forecast(), 5.5) == pytest.approx(0.365, abs=0.05), "without a file: by mean and sd"
    assert kept.pmf_of(forecast(mean=None)) is None
