"""A system becomes champion only by its gates; the registry is replaced as a whole and says who was what."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import backcourt
from backcourt.cli.main import app
from backcourt.engine.errors import BackcourtError
from backcourt.judgement.champions import Registry, content_hash
from backcourt.judgement.evaluated_run import EvaluatedRun
from backcourt.judgement.leaks.suite import SuiteResult, run_suite
from backcourt.judgement.promotion import Gate, candidate, gates
from backcourt.work.promote import promote
from tests.judgement.run_folders import World, write_run

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> EvaluatedRun:
    """Enough rows and dates for the gates."""
    path = tmp_path_factory.mktemp("long") / "runs" / "backtest" / "points"
    return EvaluatedRun(write_run(path, "points", World(dates=50, players=80, seed=3)))


@pytest.fixture(scope="module")
def suite() -> SuiteResult:
    """The leak suite on its planted leaks and the source; simulated systems may know more than any real one."""
    return run_suite({})


def failed(listed: list[Gate]) -> set[str]:
    return {gate.name for gate in listed if not gate.passed}


def test_a_better_system_passes_the_gates_of_size_and_score(long_run: EvaluatedRun, suite: SuiteResult) -> None:
    listed = gates(candidate(long_run, "ensemble", None), suite)
    assert {"leak suite", "size", "not worse", "better on one", "coverage"} <= {gate.name for gate in listed if gate.passed}
    assert any(gate.name == "bias in lined playoffs" for gate in listed) and not any(gate.name == "P(over)" for gate in listed)


def test_a_worse_system_fails(long_run: EvaluatedRun, suite: SuiteResult) -> None:
    listed = gates(candidate(long_run, "base_l10", "ensemble"), suite)
    assert "not worse" in failed(listed)
    worse = next(gate for gate in listed if gate.name == "not worse")
    assert "CRPS less ensemble +" in worse.sentence


def test_too_few_rows_fail_whatever_the_scores(run: EvaluatedRun, suite: SuiteResult) -> None:
    assert "size" in failed(gates(candidate(run, "ensemble", None), suite))


def test_a_leak_suite_that_is_not_green_blocks(long_run: EvaluatedRun, suite: SuiteResult) -> None:
    blind = replace(suite, planted=(replace(suite.planted[0], found=False), *suite.planted[1:]))
    assert failed(gates(candidate(long_run, "ensemble", None), blind)) >= {"leak suite"}
    accusing = replace(suite, planted=(replace(suite.planted[0], twin_passed=False), *suite.planted[1:]))
    assert failed(gates(candidate(long_run, "ensemble", None), accusing)) >= {"leak suite"}


def test_a_biased_system_fails_by_name(long_run: EvaluatedRun, suite: SuiteResult) -> None:
    shifted = EvaluatedRun(long_run.folder)
    real = shifted.score

    def score(system: str, column: str, population: str | None = None) -> np.ndarray:
        return real(system, column, population) + (0.5 if column == "mean" else 0)

    shifted.score = score  # type: ignore[method-assign]
    assert "bias" in failed(gates(candidate(shifted, "ensemble", None), suite))


def test_the_blend_is_judged_on_priced_lines_and_by_its_probabilities(long_run: EvaluatedRun, suite: SuiteResult) -> None:
    found = candidate(long_run, "market_blend", "ensemble")
    assert found.population in long_run.priced_populations
    assert any(gate.name == "P(over)" for gate in gates(found, suite))


@pytest.mark.parametrize(
    ("system", "champion", "sentence"),
    [
        ("oracle", None, "has no system 'oracle' to promote"),
        ("line", None, "has no system 'line' to promote"),
        ("market", None, "The market is what systems are compared with"),
        ("ridge", "ridge", "ridge is already the champion of points"),
    ],
)
def test_who_can_t_be_promoted(run: EvaluatedRun, system: str, champion: str | None, sentence: str) -> None:
    with pytest.raises(BackcourtError, match=sentence):
        candidate(run, system, champion)


def test_a_champion_retires_when_another_passes(run: EvaluatedRun, tmp_path: Path) -> None:
    registry = Registry.of(tmp_path)
    assert registry.champion("points") is None
    passed, missed = Gate("a", True, "fine"), Gate("b", False, "too few")
    assert registry.enter(candidate(run, "ridge", None), [passed], NOW) == "champion"
    assert registry.enter(candidate(run, "gbm_dist", "ridge"), [passed, missed], NOW) == "candidate"
    assert registry.champion("points") == "ridge"
    assert registry.enter(candidate(run, "ensemble", "ridge"), [passed], NOW) == "champion"
    entries = registry.read()["points"]
    assert {system: entry["state"] for system, entry in entries.items()} == {
        "ridge": "retired", "gbm_dist": "candidate", "ensemble": "champion",
    }  # fmt: skip
    card = entries["ensemble"]["card"]
    assert card["snapshot_id"] == "synthetic" and card["seed"] == 11 and card["scores"]["crps"] > 0 and len(card["code_hash"]) == 16
    assert [file.name for file in (tmp_path / "models").iterdir()] == ["registry.json"]


def test_a_content_hash_names_the_forecasts(run: EvaluatedRun, long_run: EvaluatedRun) -> None:
    assert content_hash(run, "ridge", "A25s") == content_hash(EvaluatedRun(run.folder), "ridge", "A25s")
    assert len({content_hash(one, system, "A25s") for one in (run, long_run) for system in ("ridge", "ensemble")}) == 4


def test_a_damaged_registry_is_said(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "registry.json").write_text("{")
    with pytest.raises(BackcourtError, match=r"registry\.json can't be read"):
        Registry.of(tmp_path).champion("points")


def test_the_verb_lists_failed_gates_and_exits_1(tmp_path: Path) -> None:
    backcourt.open(tmp_path).init(simulated=True)
    write_run(tmp_path / "runs" / "backtest" / "points")
    result = CliRunner().invoke(app, ["promote", "ensemble", "--market", "points", "--home", str(tmp_path)])
    assert result.exit_code == 1 and "size: " in result.stdout and "stays a candidate for points" in result.stdout
    assert json.loads((tmp_path / "models" / "registry.json").read_text())["markets"]["points"]["ensemble"]["state"] == "candidate"
    with pytest.raises(BackcourtError, match="no finished backtest of threes"):
        promote(backcourt.open(tmp_path), "ensemble", "threes")
