"""The whole suite: planted leaks beside their honest twins, then the same guards on the run folders and the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backcourt.judgement.evaluated_run import LINE, MARKET_SYSTEMS, EvaluatedRun
from backcourt.judgement.leaks import canaries, impossible, structure
from backcourt.judgement.leaks.finding import Finding
from backcourt.judgement.leaks.planted import plants
from backcourt.judgement.leaks.real_rows import MARKET
from backcourt.judgement.leaks.remade import LeakMaterial, Remade, remake
from backcourt.judgement.leaks.slicing_lint import lint
from backcourt.judgement.populations import mask

_MINUTES, _REGULAR_MINUTES = "minutes_mean_last10", 20.0


@dataclass(frozen=True)
class PlantResult:
    """One planted leak: was it found, and was its honest twin left alone."""

    name: str
    guard: str
    found: bool
    twin_passed: bool
    sentence: str


@dataclass(frozen=True)
class SuiteResult:
    """Everything that the suite saw. `findings` are (what was looked at, finding) on real data, `remade` the leaks on real rows."""

    planted: tuple[PlantResult, ...]
    findings: tuple[tuple[str, Finding], ...]
    remade: tuple[Remade, ...] = ()

    @property
    def share_found(self) -> float:
        """Share of planted leaks that were found, those on real rows included."""
        leaks = [result.found for result in self.planted] + [bool(r.caught_by) for r in self.remade if r.version != "clean"]
        return sum(leaks) / len(leaks)

    @property
    def false_alarms(self) -> int:
        """Honest twins and real inputs that a guard accused."""
        twins = sum(not result.twin_passed for result in self.planted)
        clean = sum(bool(r.caught_by) for r in self.remade if r.version == "clean")
        return twins + clean + sum(not finding.passed for _, finding in self.findings)

    @property
    def is_green(self) -> bool:
        """All planted leaks found, no alarm elsewhere."""
        return self.share_found == 1 and self.false_alarms == 0


def run_suite(runs: Mapping[str, EvaluatedRun], store: LeakMaterial | None = None) -> SuiteResult:
    """The suite on these run folders, and on the store's rows; the latter fits models and takes a minute."""
    planted = []
    for plant in plants():
        leak, twin = plant.find(True), plant.find(False)
        planted.append(PlantResult(plant.name, leak.guard, not leak.passed, twin.passed, leak.sentence))
    findings = [("the package's source", lint(Path(__file__).parents[2]))]
    for run in runs.values():
        findings += _of_run(run)
    remade: tuple[Remade, ...] = ()
    if store is not None:
        findings += [("the feature store", finding) for finding in _of_store(store)]
        remade = tuple(remake(store)) if store.is_tested.any() else ()
    return SuiteResult(tuple(planted), tuple(findings), remade)


def _of_run(run: EvaluatedRun) -> Iterator[tuple[str, Finding]]:
    name = f"the run of {run.market.id}"
    yield name, structure.unique_keys({key: run.rows[key] for key in ("player_id", "game_id")})
    if len(run.lines["row"]):
        yield name, structure.unique_keys({key: run.lines[key] for key in ("row", "population")})
    if run.market.id != MARKET:
        # A half-point line is no median of a low count: an error below it proves nothing there.
        return
    for population in run.priced_populations:
        inside = mask(run, population)
        for system in run.systems:
            if system == LINE or system in MARKET_SYSTEMS:
                continue
            point, line = run.score(system, "point"), run.score(LINE, "point", population)
            rows = inside & ~np.isnan(point) & ~np.isnan(line)
            if rows.any():
                for guard in (impossible.beats_the_line, impossible.too_often_right):
                    yield f"{system} on {population}", guard(point[rows], line[rows], run.rows["actual"][rows])


def _of_store(rows: LeakMaterial) -> Iterator[Finding]:
    """Canaries on the store: fitted on everything before the last season that it holds, tried on that season."""
    results, last = rows.games.results, rows.games.season == np.unique(rows.games.season)[-1]
    yield structure.unique_keys({"player": rows.games.player, "day": rows.game_date})
    yield canaries.single_feature(rows.features, rows.names, results)
    if last.all():
        return
    forecast = canaries.ridge(rows.features[~last], results[~last])(rows.features[last])
    regular = rows.features[last][:, rows.names.index(_MINUTES)] >= _REGULAR_MINUTES
    yield canaries.explained(forecast[regular], results[last][regular])
    yield canaries.next_game(forecast, results[last], rows.games.player[last], rows.games.day[last])
    yield canaries.shuffled_target(rows.features, results, last)
