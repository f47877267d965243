"""A verb on a home whose disk runs full: `unshare --mount python -m tests.faults.full_disk GIVEN TOLD`, JSON files both.

The home is copied to a file system of its own, which is made so small that `room` bytes are free. The verb meets that, `status` tells of
it, then there is room and the verb is given again. Without `room` it has all the room from the beginning.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.faults.trials import Ended, copy_of, everything, verb

PLENTY = 2 << 30


def resize(folder: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True, capture_output=True)


def used(folder: Path) -> int:
    state = os.statvfs(folder)
    return (state.f_blocks - state.f_bfree) * state.f_frsize


def main(given: Path, told: Path) -> None:
    """Do it, and write down how the verbs ended, what the home holds then and how much it has grown."""
    asked = json.loads(given.read_text())
    disk, arguments, now = Path(asked["disk"]), tuple(asked["arguments"]), asked["now"]
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={PLENTY}", "tmpfs", str(disk)], check=True)
    home = copy_of(Path(asked["home"]), disk / "home").path
    before = used(disk)
    ends: list[Ended] = []
    if asked["room"] is not None:
        resize(disk, before + asked["room"])
        ends.append(verb(home, *arguments, now=now))
        ends.append(verb(home, "status", "--json", now=now))
        resize(disk, PLENTY)
    ends.append(verb(home, *arguments, now=now))
    holds = sorted((list(key), value) for key, value in everything(home).items())
    body = {"ends": [asdict(end) for end in ends], "holds": holds, "grown": used(disk) - before}
    told.write_text(json.dumps(body, default=str))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
