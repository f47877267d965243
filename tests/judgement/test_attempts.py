"""What was tried is recorded once, however it was interrupted and repeated."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from backcourt.forecasting.trials import Trial, read_trials, record


def attempt(seconds: float | None, snapshot: str = "s") -> Trial:
    return Trial("backtest", "points", snapshot, "c", {}, (), seconds)


@pytest.mark.parametrize("repeated", list(product((None, 3.0, 4.0), repeat=3)))
def test_a_known_attempt_is_recorded_again_only_when_it_states_seconds_at_last(repeated: tuple[float | None, ...], tmp_path: Path) -> None:
    for seconds in repeated:
        record(tmp_path, [attempt(seconds), attempt(None, "another")])
    stated = next((seconds for seconds in repeated if seconds is not None), None)
    expected = [None, stated] if repeated[0] is None and stated is not None else [repeated[0]]
    found = [trial.seconds for trial in read_trials(tmp_path) if trial.snapshot_id == "s"]
    assert found == expected
    assert sum(trial.snapshot_id == "another" for trial in read_trials(tmp_path)) == 1
