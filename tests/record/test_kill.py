"""Kill appends at any of their statements: what is there afterwards is whole batches, and the next append goes on from them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

from backcourt.record.chain import verify_chain
from tests.conftest import ROOT
from tests.faults.trials import KILLED, moments
from tests.plain_relations import CATALOG
from tests.record.evening import Evening

ROWS, BATCHES = 50, 2
KILLS = 3

_APPENDING = f"""
import signal, sys
from pathlib import Path
from tests.faults.stopper import ANYWHERE, Stopper
from tests.record.evening import Evening
folder, first, at = sys.argv[1:]
evening = Evening(Path(folder))
stopper = Stopper(int(at), signal.SIGKILL, ANYWHERE)
stopper.listen()
for number in range(int(first), int(first) + {BATCHES}):
    evening.forecast(*range(number * {ROWS}, (number + 1) * {ROWS}))
    print("batch", flush=True)
print(stopper.all)
"""


def appended(folder: Path, first: int, at: int) -> tuple[int, list[str]]:
    """Append batches from the number `first` on in a process that kills itself at an event; its exit code and what it reported."""
    done = subprocess.run(
        [sys.executable, "-c", _APPENDING, str(folder), str(first), str(at)],
        cwd=ROOT, env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, KILLED) and not done.stderr, done.stderr
    return done.returncode, done.stdout.split()


def test_a_killed_append_leaves_no_half_batch(tmp_path: Path) -> None:
    appended(tmp_path, 0, 0)
    code, said = appended(tmp_path, BATCHES, 0)
    assert code == 0 and said[:-1] == ["batch"] * BATCHES
    done = 2 * BATCHES
    for kill, at in enumerate(moments(Random(7), int(said[-1]), KILLS), start=1):
        code, said = appended(tmp_path, 1000 * kill, at)
        assert code == KILLED
        evening = Evening(tmp_path)
        counts = evening.warehouse.query("select batch_id, count(*) from forecasts group by 1 order by 1")
        # Everything that was reported is there; one more may have been committed before it could be reported.
        assert len(counts) - done in (len(said), len(said) + 1)
        assert [row for row in counts if row[1] != ROWS] == []
        assert evening.warehouse.query("select batch_id, rows from batches order by 1") == counts
        assert verify_chain(evening.warehouse, CATALOG) == []
        partition = evening.state("forecasts")
        assert partition is not None and partition.state != "altered", partition
        done = len(counts)
        evening.warehouse.close()
    assert done > 2 * BATCHES
