"""The budget table: ingest, build, verify, idle, one slate, date at a time, ten times the seasons, memory."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from backcourt.bench.process import Timing, time_verb
from backcourt.engine.build.chunk import Attempt, build_chunk
from backcourt.engine.judge import records
from backcourt.field import clock
from backcourt.home import Home

Say = Callable[[str], None]


@dataclass(frozen=True)
class BenchRow:
    """One line of the table. `unit` is s, MB or x; `budget` None means that the line only informs."""

    work: str
    measured: float
    unit: str
    budget: float | None
    note: str = ""
    at_least: bool = False

    @property
    def is_met(self) -> bool | None:
        """Is the budget met? None where there is none."""
        if self.budget is None:
            return None
        return self.measured >= self.budget if self.at_least else self.measured <= self.budget

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "is_met": self.is_met}


def run_bench(
    data: Path | None, *, repeats: int = 3, sample: int = 40, scale: int = 10, seasons: int = 2, say: Say = lambda text: None
) -> list[BenchRow]:
    """Measure everything on scratch homes: on the raw files in `data` (folders `nba` and `odds`) when given, else on a simulated league.

    `sample` dates are built one at a time and scaled to all dates; `seasons` and `scale * seasons` simulated seasons
    show the scaling (scale 0 leaves it out). Raises BackcourtError when a verb fails.
    """
    with tempfile.TemporaryDirectory(prefix="backcourt-bench-") as scratch:
        folder = Path(scratch)
        inputs = _inputs(data, folder, seasons, say)
        rows = _budgets(folder / "home", inputs, repeats, sample, say)
        if scale:
            rows += _scaling(folder, seasons, scale, say)
        return rows


def _inputs(data: Path | None, folder: Path, seasons: int, say: Say) -> list[Path]:
    if data is not None:
        return [path for path in (data / "nba", data / "odds") if path.is_dir()] or [data]
    say(f"simulating {seasons} seasons")
    return [_simulate(folder / "raw", seasons)]


def _simulate(out: Path, seasons: int, share_of_games_with_props: float = 1.0) -> Path:
    from backcourt.simulate import simulate

    # The last season has been played: dates still to come would not be built.
    simulate(
        out, seasons=seasons, seed=7, first_season=clock.today().year - 1 - seasons, share_of_games_with_props=share_of_games_with_props
    )
    return out


def _budgets(path: Path, inputs: list[Path], repeats: int, sample: int, say: Say) -> list[BenchRow]:
    home = Home(path)
    home.init(simulated=True)
    say("ingest")
    first = time_verb(path, "ingest", str(inputs[0]), allowed=(0, 1))
    rows = [BenchRow(f"ingest {inputs[0].name} into an empty warehouse", first.seconds, "s", 10.0)]
    peak = first.peak_mb
    for other in inputs[1:]:
        timing = time_verb(path, "ingest", str(other), allowed=(0, 1))
        rows.append(BenchRow(f"ingest {other.name}", timing.seconds, "s", None))
        peak = max(peak, timing.peak_mb)
    say("build phase by phase")
    in_turn = home.path.with_name("in_turn")
    shutil.copytree(home.path, in_turn)
    phases = {}
    for phase in (2, 3, 4):
        time_verb(in_turn, "run", "--phase", str(phase))
        phases[phase] = _last_run(Home(in_turn))["seconds"]
    shutil.rmtree(in_turn)
    say("build everything")
    build = time_verb(path, "run")
    summary = _last_run(home)
    partitions = summary["built"] + summary["unchanged"]
    rows.append(BenchRow("phase 3, all partitions", phases[3], "s", 3.0, "player_form included, which holds the windows"))
    rows.append(BenchRow("phase 4, all partitions", phases[4], "s", 7.0, "after phase 3"))
    rows.append(BenchRow("phase 2, all partitions", phases[2], "s", None, "ids, locks and quotes"))
    rows.append(BenchRow("phases 2 to 4 in one run", summary["seconds"], "s", None, f"{partitions:,} partitions"))
    rows.append(BenchRow("run, whole process, from raw tables to snapshot", build.seconds, "s", None, f"{summary['rows']:,} rows"))
    verify = _median(path, repeats, say, "verify", "--for", "predictions")
    rows.append(BenchRow("exact verification, whole process", verify.seconds, "s", 2.0, f"median of {repeats}"))
    idle = _median(path, repeats, say, "run")
    rows.append(BenchRow("run with nothing to do, whole process", idle.seconds, "s", 1.0, f"median of {repeats}"))
    slate = _slate(home, repeats, say)
    rows.append(BenchRow("one new slate, whole process", slate.seconds, "s", 3.0, f"median of {repeats}, after a first one"))
    peak = max(peak, build.peak_mb, verify.peak_mb, idle.peak_mb, slate.peak_mb)
    rows.append(BenchRow("peak memory of any of these", peak, "MB", 2048.0))
    rows += _date_at_a_time(home, summary, sample, say)
    return rows


def _median(path: Path, repeats: int, say: Say, *arguments: str) -> Timing:
    say(" ".join(arguments))
    timings = [time_verb(path, *arguments, allowed=(0, 1)) for _ in range(repeats)]
    return Timing(statistics.median(t.seconds for t in timings), max(t.peak_mb for t in timings), timings[-1].exit_code)


def _slate(home: Home, repeats: int, say: Say) -> Timing:
    """Take the newest slate out of every built table, then let `run` bring it back.

    The first one isn't counted: after a build of all seasons the read snapshot is copied whole once.
    """
    say("one new slate")
    timings = []
    for _ in range(repeats + 1):
        _forget_newest_slate(home)
        timings.append(time_verb(home.path, "run", allowed=(0, 1)))
    del timings[0]
    return Timing(statistics.median(t.seconds for t in timings), max(t.peak_mb for t in timings), timings[-1].exit_code)


def _forget_newest_slate(home: Home) -> date:
    # Rows and receipts go together, as if the slate had just been ingested.
    with home.writing("bench") as work, work.warehouse.transaction():
        warehouse = work.warehouse
        day: date = warehouse.query("select max(game_date) from player_game_summary")[0][0]
        for node in home.catalog.built:
            if not node.is_view:
                warehouse.query(f"delete from {node.name} where game_date = ?", [day])
            records.forget(warehouse, node.name, [day])
    return day


def _date_at_a_time(home: Home, summary: dict[str, Any], sample: int, say: Say) -> list[BenchRow]:
    """The same engine, warehouse and tables, one transaction per table and date, on evenly spaced dates."""
    say(f"date at a time, {sample} dates")
    seconds = 0.0
    with home.writing("bench") as work:
        warehouse, situation = work.warehouse, work.situation()
        situation.states(home.catalog.nodes.values())
        days = situation.calendar.dates
        chosen = days[:: max(1, len(days) // sample)][:sample]
        attempt = Attempt("bench", clock.now())
        for node in home.catalog.built:
            started = time.perf_counter()
            for day in chosen:
                build_chunk(warehouse, situation, node, [day], attempt)
            seconds += time.perf_counter() - started
    whole = seconds * len(days) / len(chosen)
    together = float(summary["seconds"])
    note = f"{len(chosen)} of {len(days)} dates measured ({seconds:.1f} s), scaled; all at once {together:.1f} s"
    return [
        BenchRow("the same tables one date at a time", whole, "s", None, note),
        BenchRow("ratio to all at once", whole / together, "x", 25.0, "same machine, warehouse and tables", at_least=True),
    ]


def _scaling(folder: Path, seasons: int, scale: int, say: Say) -> list[BenchRow]:
    builds, slates = [], []
    for count in (seasons, seasons * scale):
        say(f"simulated league, {count} seasons")
        # Real props cover a fraction of the games too; with all of them the league would be mostly quotes.
        raw = _simulate(folder / f"raw_{count}", count, share_of_games_with_props=0.05)
        home = Home(folder / f"home_{count}")
        home.init(simulated=True)
        time_verb(home.path, "ingest", str(raw), allowed=(0, 1))
        time_verb(home.path, "run")
        builds.append(float(_last_run(home)["seconds"]))
        slates.append(_slate(home, 3, say).seconds)
    few, many = seasons, seasons * scale
    return [
        BenchRow(
            f"{many} seasons against {few}, all partitions",
            builds[1] / builds[0],
            "x",
            scale * 1.1,
            f"{builds[0]:.2f} s, {builds[1]:.2f} s",
        ),
        BenchRow(
            f"a new slate beside {many} seasons against {few}", slates[1] / slates[0], "x", 1.5, f"{slates[0]:.2f} s, {slates[1]:.2f} s"
        ),
    ]


def _last_run(home: Home) -> dict[str, Any]:
    record = home.jobs.last("run")
    return record.summary if record else {}
