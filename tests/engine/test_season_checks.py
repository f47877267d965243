"""Season checks are remembered for exactly the content and the declarations that they were run on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backcourt.engine import cache_file
from backcourt.engine.build.selection import Selection
from backcourt.engine.declare.checks import season_check
from backcourt.engine.prove import verify as gate
from backcourt.engine.prove.season_checks import RememberedChecks, content_key, run_season_checks
from backcourt.engine.prove.verify import Verdict
from tests.engine.damage import DAMAGES
from tests.engine.league import League

BUSY = season_check("busy", "select '2021-22' as season, min(game_date), count(*) from {rows} having count(*) > 1", severity="warn")


@pytest.fixture
def league(tmp_path: Path) -> League:
    league = League(tmp_path, dates=3, seasons=1)
    league.declared["summary"] = replace(league.declared["summary"], checks=[*league.declared["summary"].checks, BUSY])
    league.run()
    return league


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by a word whenever the checks really run."""
    found: list[str] = []

    def counted(warehouse: object, nodes: object) -> object:
        found.append("ran")
        return run_season_checks(warehouse, nodes)  # type: ignore[arg-type]

    monkeypatch.setattr(gate, "run_season_checks", counted)
    return found


def _verify(league: League) -> Verdict:
    remembered = RememberedChecks(league.path / "checks.json")
    return gate.verify(league.situation(exact=True), "phase4", 4, Selection(), remembered=remembered)


def test_the_same_content_is_not_scanned_again(league: League, runs: list[str]) -> None:
    first = _verify(league)
    assert [(f.check, f.row) for f in first.findings] == [("busy", ("2021-22", "2021-10-01", 12))]
    second = _verify(league)
    assert (second.findings, second.sentence, len(runs)) == (first.findings, first.sentence, 1)


def test_an_edited_value_is_checked_again(league: League, runs: list[str]) -> None:
    _verify(league)
    league.warehouse.query("update summary set points = points + 1 where team_id = 1")
    for known in (2, 3):
        assert {p.state for p in _verify(league).unmet} == {"altered", "thin"} and len(runs) == known, (
            "nothing is remembered of damaged tables"
        )


def test_another_check_or_other_rows_are_checked_again(league: League, runs: list[str]) -> None:
    _verify(league)
    quieter = replace(BUSY, sql=BUSY.sql.replace("> 1", "> 1000"))
    league.declared["summary"] = replace(league.declared["summary"], checks=[*league.declared["summary"].checks[:-1], quieter])
    league.run()
    assert _verify(league).findings == [] and len(runs) == 2
    league.warehouse.query("update raw_scores set points = points + 1 where team_id = 1")
    league.take_in("scores")
    league.run()
    assert _verify(league).unmet == [] and len(runs) == 3


def test_a_check_that_reads_what_the_gate_does_not_measure_is_never_remembered(league: League) -> None:
    situation = league.situation(exact=True)
    nodes = [node for node in league.catalog.nodes.values() if node.name != "context"]
    assert content_key(situation, nodes)
    stray = season_check("stray", "select count(*) from context having count(*) < 0")
    league.declared["form"] = replace(league.declared["form"], checks=[stray])
    situation = league.situation(exact=True)
    assert content_key(situation, [node for node in league.catalog.nodes.values() if node.name != "context"]) is None


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_file_is_forgotten(league: League, runs: list[str], damage: str) -> None:
    _verify(league)
    DAMAGES[damage](league.path / "checks.json")
    assert len(_verify(league).findings) == 1 and len(runs) == 2
    assert len(_verify(league).findings) == 1 and len(runs) == (3 if damage == "a folder" else 2)


@pytest.mark.parametrize("older", [{"version": "1", "found": {"x": [{"table": 1}]}}, {"version": "1"}, {"version": 2}, {"found": 5}])
def test_findings_of_another_version_or_shape_are_refused(league: League, runs: list[str], older: dict[str, object]) -> None:
    _verify(league)
    kept = cache_file.recall(league.path / "checks.json")
    cache_file.keep(league.path / "checks.json", {**kept, **older})
    assert len(_verify(league).findings) == 1 and len(runs) == 2
