"""Kill an append at random moments: what is there afterwards is whole batches, and the next append goes on from them."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from backcourt.ledger.chain import verify_chain
from tests.conftest import ROOT
from tests.ledger.evening import Evening
from tests.plain_relations import CATALOG

ROWS = 2000
KILLS = 4

_APPENDING = f"""
import sys
from pathlib import Path
from tests.ledger.evening import Evening
evening = Evening(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(int(sys.argv[2]), 10**6):
    evening.forecast(*range(number * {ROWS}, (number + 1) * {ROWS}))
    print(number, flush=True)
"""


def test_a_killed_append_leaves_no_half_batch(tmp_path: Path) -> None:
    chance = random.Random(7)
    done = 0
    for kill in range(KILLS):
        command = [sys.executable, "-c", _APPENDING, str(tmp_path), str(1000 * kill)]
        with subprocess.Popen(
            command, cwd=ROOT, env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.2, 1.2))
            process.send_signal(signal.SIGKILL)
            said = process.stdout.read().split()
        evening = Evening(tmp_path)
        assert evening.warehouse.columns("forecasts") or not said
        if evening.warehouse.columns("forecasts"):
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
    assert done > 0
